"""`compliance record`: read one record for a purpose, amend it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from compliance.cli.doors import At, By, Json, engine, say, stderr
from compliance.domain.vocabulary import FieldType, Role
from compliance.services.reading import Actor

app = typer.Typer(
    no_args_is_help=True, help="登记记录：按目的读取、补记离开。Records: read for a purpose, amend."
)


@app.command()
def read(
    record: str,
    purpose: Annotated[str, typer.Option(help="One of the pack's purposes.")],
    by: By,
    role: Annotated[Role, typer.Option(help="The role it reads in.")] = Role.OFFICER,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Only the fields that the policy gives this purpose and role; the reading itself is entered in the ledger."""
    with engine(at) as opened:
        reading = opened.reader.read(record, purpose, Actor(id=by, role=role))
    fields = {reading.labels[name]: value for name, value in reading.fields.items()}
    say(
        {"record": reading.record, "category": reading.category, "fields": dict(reading.fields)},
        as_json=as_json,
        sentence="\n".join(f"{label}: {value}" for label, value in fields.items()),
    )


@app.command()
def find(
    kind: Annotated[FieldType, typer.Option(help="plate or mobile.")],
    purpose: Annotated[str, typer.Option(help="One of the pack's purposes.")],
    by: By,
    document: Annotated[str, typer.Option(help="The document or case number that it is looked up for.")] = "",
    role: Annotated[Role, typer.Option(help="The role it looks in.")] = Role.OFFICER,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Ids of the records of a plate or number, which is typed or piped in and never an argument: a guard finds who is
    here now, the officer more with a document.
    """
    value = (
        typer.prompt("号码 / number", hide_input=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.readline()
    )
    with engine(at) as opened:
        actor = Actor(id=by, role=role)
        found = opened.lookup.find(kind, value, purpose=purpose, actor=actor, document=document)
    for one in found:
        say(
            {"record": one.record, "category": one.category},
            as_json=as_json,
            sentence=f"{one.record}  {one.category}",
        )
    stderr.print(f"{len(found)} 条，已记入账本。/ {len(found)} records; it is in the ledger.", markup=False)


@app.command()
def amend(
    record: str,
    fact: Annotated[
        list[str], typer.Option("--set", help="field=value, for example exit_time=2026-03-01T18:00:00+08:00")
    ],
    at: At = None,
) -> None:
    """Add a trigger fact such as the exit time; the record's due moments move with it."""
    pairs = [one.partition("=") for one in fact]
    with engine(at) as opened:
        opened.gate.amend(record, {name: value for name, _, value in pairs})

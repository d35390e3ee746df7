"""`compliance disclose`: records for an authority; scoped, documented, signed by two, given once, kept in a register."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from compliance.cli.doors import At, By, Json, engine, moment, say, stderr
from compliance.domain.disclosure import Authority, RefusalGround, Scope, Wanted
from compliance.domain.vocabulary import Role
from compliance.notices.disclosure import register_html, register_json, register_lines
from compliance.ports import DisclosureRow
from compliance.services.disclosing import Package
from compliance.services.reading import Actor

app = typer.Typer(no_args_is_help=True, help="依法提供：申请、签字、取出、拒绝、登记表。Disclosures.")


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a day is written as 2026-12-31 · 日期请写成 2026-12-31") from None


def _scope(category: str, fields: list[str], first: str, last: str, records: list[str] | None) -> Scope:
    days = (_day(first), _day(last))
    return Scope(
        category=category, fields=tuple(fields), first=days[0], last=days[1], records=tuple(records or ())
    )


AsRole = Annotated[Role, typer.Option("--role", help="The role it is done in.")]
From = Annotated[Authority, typer.Option("--authority", help="Who asks.")]
Unit = Annotated[str, typer.Option(help="Its unit, in words.")]
Document = Annotated[str, typer.Option(help="The document's number.")]
Ground = Annotated[str, typer.Option(help="The article it rests on, such as “PIPL 34”.")]
Service = Annotated[list[str], typer.Option("--officer", help="A service number; once for each person.")]
Field = Annotated[list[str], typer.Option("--field", help="A field; once for each.")]
Category = Annotated[str, typer.Option(help="The category.")]
First = Annotated[str, typer.Option("--from", help="The first day.")]
Last = Annotated[str, typer.Option("--to", help="The last day.")]
Records = Annotated[list[str] | None, typer.Option("--record", help="A record's id; once for each.")]
Hold = Annotated[str, typer.Option("--hold-until", help="Hold what is given until this day.")]
Out = Annotated[Path, typer.Option("--out", help="The package: a new file, for its owner alone.")]


@app.command()
def ask(
    authority: From,
    unit: Unit,
    document: Document,
    ground: Ground,
    officer: Service,
    category: Category,
    field: Field,
    by: By,
    first: First = "",
    last: Last = "",
    record: Records = None,
    hold_until: Hold = "",
    approval: Annotated[
        str, typer.Option(help="The competent authority's approval, for a foreign one.")
    ] = "",
    abroad: Annotated[
        bool, typer.Option("--abroad", help="It would leave China: refused by default.")
    ] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only count what the scope means.")] = False,
    role: AsRole = Role.OFFICER,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Put an authority's request before the second person; says how many records it means and shows none."""
    scope = _scope(category, field, first, last, record)
    wanted = Wanted(
        authority=authority,
        unit=unit,
        document=document,
        ground=ground,
        officers=tuple(officer),
        scope=scope,
        hold_until=_day(hold_until),
        approval=approval,
        abroad=abroad,
    )
    actor = Actor(id=by, role=role)
    with engine(at) as opened:
        if preview:
            count = opened.disclosures.preview(wanted, actor)
            say({"records": count}, as_json=as_json, sentence=f"范围内{count}条。/ {count} records.")
            return
        row = opened.disclosures.ask(wanted, actor)
    say(
        {"disclosure": row.id, "records": row.n},
        as_json=as_json,
        sentence=f"{row.id}：{row.n}条，请另一位负责人签字。/ {row.id}: {row.n} records; another officer signs.",
    )


@app.command()
def sign(disclosure: str, by: By, role: AsRole = Role.OFFICER, at: At = None) -> None:
    """The second signature, by another person; also afterwards, where a life was in danger."""
    with engine(at) as opened:
        row = opened.disclosures.sign(disclosure, Actor(id=by, role=role))
    stderr.print(f"{row.id} 已签字。/ {row.id} is signed.", markup=False)


@app.command()
def give(
    disclosure: str, by: By, out: Out, role: AsRole = Role.OFFICER, at: At = None, as_json: Json = False
) -> None:
    """Hand over what both have signed: once, into a new file."""
    with engine(at) as opened, _new_file(out) as file:
        package = opened.disclosures.give(disclosure, Actor(id=by, role=role))
        file.write(package.content)
    _handed(package, out, as_json=as_json)


@app.command()
def urgent(
    unit: Unit,
    document: Document,
    officer: Service,
    category: Category,
    field: Field,
    by: By,
    seen: Annotated[str, typer.Option(help="The service number that was seen.")],
    called_back: Annotated[str, typer.Option(help="When the unit was called back and confirmed it.")],
    out: Out,
    authority: From = Authority.POLICE,
    first: First = "",
    last: Last = "",
    record: Records = None,
    role: AsRole = Role.GUARD,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Danger to life: one person gives at once; the second signature is due within 24 hours."""
    wanted = Wanted(
        authority=authority,
        unit=unit,
        document=document,
        ground="PIPL 13(1)(4)",
        officers=tuple(officer),
        scope=_scope(category, field, first, last, record),
        urgent=True,
        seen=seen,
        called_back=moment(called_back),
    )
    with engine(at) as opened, _new_file(out) as file:
        package = opened.disclosures.give_urgently(wanted, Actor(id=by, role=role))
        file.write(package.content)
    _handed(package, out, as_json=as_json)


@app.command()
def refuse(
    disclosure: str,
    ground: Annotated[RefusalGround, typer.Option(help="Why, from the closed list.")],
    by: By,
    role: AsRole = Role.OFFICER,
    at: At = None,
) -> None:
    """Say no to a request, or take back what was signed and not yet given."""
    with engine(at) as opened:
        row = opened.disclosures.refuse(disclosure, ground, Actor(id=by, role=role))
    stderr.print(f"{row.id} 已拒绝，已登记。/ {row.id} is refused and registered.", markup=False)


@app.command()
def decline(
    authority: From,
    unit: Unit,
    ground: Annotated[RefusalGround, typer.Option(help="Why, from the closed list.")],
    by: By,
    document: Document = "",
    role: AsRole = Role.OFFICER,
    at: At = None,
) -> None:
    """Register a refusal at the door, where there was nothing that could be taken as a request."""
    with engine(at) as opened:
        row = opened.disclosures.decline(authority, unit, document, ground, Actor(id=by, role=role))
    stderr.print(f"{row.id} 已拒绝，已登记。/ {row.id} is refused and registered.", markup=False)


@app.command()
def register(
    form: Annotated[str, typer.Option("--format", help="text, html or json.")] = "text",
    out: Annotated[Path | None, typer.Option(help="Write to a file; default: standard output.")] = None,
    at: At = None,
) -> None:
    """Who was given what kind of fields of how many records, on which ground and document; nobody's data."""
    if form not in ("text", "html", "json"):
        raise typer.BadParameter("text, html or json")
    with engine(at) as opened:
        rows = opened.disclosures.register()
        pack = opened.active_pack()
        day = pack.site.day_of(opened.clock.now()).isoformat()
    if form == "text":
        content = "".join(
            _sentence(row, line) for row, line in zip(rows, register_lines(rows, pack), strict=True)
        )
        drawn = content.encode()
    else:
        drawn = register_html(rows, pack, day) if form == "html" else register_json(rows, pack)
    if out is None:
        sys.stdout.buffer.write(drawn)
    else:
        out.write_bytes(drawn)


@app.command()
def watch(at: At = None, as_json: Json = False) -> None:
    """Alarm where a second signature is late, let lapse what nobody signed, forget what is three years old."""
    with engine(at) as opened:
        found = opened.disclosures.watch()
    say(found, as_json=as_json, sentence="  ".join(f"{name} {n}" for name, n in found.items()))


def _sentence(row: DisclosureRow, line: dict[str, object]) -> str:
    given = f"{line['authority']} {row.unit}  {row.document or '—'}  {row.ground or '—'}"
    return f"{row.id}  {line['state_zh']}  {given}  {line['category'] or '—'}  {row.n}\n"


@contextmanager
def _new_file(out: Path) -> Iterator[BinaryIO]:
    """A file where nothing was, for its owner alone, made before anything is given; gone where nothing was."""
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            yield file
        except BaseException:
            out.unlink()
            raise


def _handed(package: Package, out: Path, *, as_json: bool) -> None:
    say(
        {"disclosure": package.id, "records": package.count, "sha256": package.digest},
        as_json=as_json,
        sentence=f"已提供{package.count}条：{out}，摘要 {package.digest}。只提供这一次。/ "
        f"{package.count} records are in {out}, SHA-256 {package.digest}. This was the only time.",
    )

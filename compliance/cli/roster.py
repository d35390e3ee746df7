"""`compliance roster`: who is inside now, for the fire brigade. Break-glass: a reason, a trace, and the officer is told."""

from __future__ import annotations

from typing import Annotated

import typer

from compliance.cli.doors import At, By, Json, engine, say, stderr
from compliance.domain.vocabulary import Role
from compliance.services.reading import Actor


def roster(
    by: By,
    reason: Annotated[str, typer.Option(help="Why; without anybody's name or numbers.")],
    role: Annotated[Role, typer.Option(help="The role it is called in.")] = Role.GUARD,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Everybody who came and has not left, by building. Sealed as break-glass; the officer is told at once."""
    with engine(at) as opened:
        called = opened.roster.call(reason=reason, actor=Actor(id=by, role=role))
    for line in called.lines:
        shown = "  ".join(f"{label}: {value}" for label, value in line.shown.items())
        say(
            {
                "record": line.record,
                "category": line.category,
                "place": line.place,
                "came": line.came,
                "persons": line.persons,
                "shown": dict(line.shown),
            },
            as_json=as_json,
            sentence=f"{line.place or '—'}  {line.label}  {line.came[11:]}  {shown}",
        )
    stderr.print(
        f"在场{called.persons}人（登记{len(called.lines)}条），另有{called.unreadable}条读不出。已记入账本并通知负责人。 / "
        f"{called.persons} people inside ({len(called.lines)} records), {called.unreadable} could not be opened. "
        "It is in the ledger, and the officer is told.",
        markup=False,
    )

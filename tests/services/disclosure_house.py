"""What the tests of disclosures share: a house with visits, an authority with a document, and two who sign."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from compliance.bootstrap import Engine
from compliance.domain.disclosure import URGENT_GROUND, Authority, Scope, Wanted
from compliance.domain.ledger import Entry, parse
from compliance.domain.vocabulary import Role
from compliance.services.disclosing import Package
from compliance.services.reading import Actor
from tests.builders import SHANGHAI

TODAY = date(2026, 3, 2)
ONE = Actor(id="staff-9", role=Role.OFFICER)
OTHER = Actor(id="staff-1", role=Role.DIRECTOR)
SCOPE = Scope(category="visitor", fields=("visitor_name", "entry_time"), first=TODAY, last=TODAY)
WANTED = Wanted(
    authority=Authority.POLICE,
    unit="示例分局刑侦大队",
    document="示公调〔2026〕12号",
    ground="PIPL 34",
    officers=("012345", "023456"),
    scope=SCOPE,
)
URGENT = replace(
    WANTED,
    ground=URGENT_GROUND,
    urgent=True,
    seen="012345",
    called_back=datetime(2026, 3, 2, 9, 50, tzinfo=SHANGHAI),
)


def wanted(**scope: Any) -> Wanted:
    return replace(WANTED, scope=replace(SCOPE, **scope))


def given(engine: Engine, request: Wanted = WANTED) -> Package:
    row = engine.disclosures.ask(request, ONE)
    engine.disclosures.sign(row.id, OTHER)
    return engine.disclosures.give(row.id, ONE)


def opened(package: Package) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        assert archive.namelist() == ["disclosure.json", "disclosure.html"]
        found: dict[str, Any] = json.loads(archive.read("disclosure.json"))
        return found


def entries(engine: Engine, act: str) -> list[Entry]:
    engine.sealing.seal()
    with engine.books.reading() as books:
        return [entry for row in books.ledger.entries(0, 5000) if (entry := parse(row[2])).act == act]


def messages(engine: Engine) -> list[str]:
    """What waits to be sent: kinds only, for the rest is sealed."""
    with engine.books.reading() as books:
        waiting = books.outbox.waiting(100)
        return [row.kind for one in waiting if (row := books.outbox.claim(one))]

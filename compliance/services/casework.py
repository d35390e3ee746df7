"""What every step of a request does alike: move by the table, seal the move, know whose request it is, find records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from compliance.domain.disposition import StandingHold
from compliance.domain.errors import RequestRefused
from compliance.domain.ledger import Act, Entry
from compliance.domain.plan import HeldPart, HeldRecord
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.request import (
    OUTER_DAYS,
    Deadlines,
    RequestKind,
    RequestState,
    deadlines,
    may_move,
)
from compliance.domain.vocabulary import PartState
from compliance.domain.workdays import Calendar
from compliance.ports import (
    Books,
    Clock,
    HoldingRow,
    Ids,
    Keyring,
    PolicySource,
    RequestRow,
    RequestStepRow,
)
from compliance.services.sealing import Sealing
from compliance.services.tokens import living_digests

ENGINE: Final = "engine"
SUBJECT: Final = "subject"
_ACCESS_KEY: Final = "request-access"
TOKEN_LENGTH: Final = 26  # 130 bits


def request_key(number: str) -> str:
    return f"request/{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Casework:
    """The tools of a case. Nothing here decides anything."""

    keyring: Keyring
    ids: Ids
    clock: Clock
    policies: PolicySource
    sealing: Sealing
    workdays: Calendar

    # -- the row -------------------------------------------------------------------------------------------------

    def receive(self, books: Books, kind: RequestKind, site: str, way: str, value: str) -> RequestRow:
        """Enter a new request, sealed under a key of its own, and the first step of its life."""
        now = self.clock.now()
        day = self.today(books)
        due = deadlines(day, self.workdays)
        number = f"{day:%y%m%d}-{self.ids.secret(8)}"
        row = RequestRow(
            number=number,
            kind=kind.value,
            site=site,
            way=way,
            received_at=int(now.timestamp()),
            received_on=day.isoformat(),
            state=RequestState.RECEIVED.value,
            moved_at=int(now.timestamp()),
            house_due=due.house.isoformat(),
            legal_due=due.legal.isoformat(),
            provisional=due.provisional,
            sealed=self._sealed(number, value=value),
            access=None,
            code=None,
            code_until=0,
            tries=0,
            codes=0,
            letter="",
        )
        books.requests.add(row)
        self._step(books, row, Act.REQUESTED, SUBJECT)
        return row

    def move(
        self, books: Books, row: RequestRow, state: RequestState, by: str = ENGINE, *, letter: str = ""
    ) -> RequestRow:
        """Move a request as the table allows, in the caller's transaction: row, step and ledger entry together.

        Raises RequestRefused where the table knows no such move.
        """
        if not may_move(RequestState(row.state), state):
            raise RequestRefused
        moved = row._replace(
            state=state.value, moved_at=int(self.clock.now().timestamp()), letter=letter or row.letter
        )
        if state.final:
            # The proof goes with the case: what stays is a kind, days and states (requirements 5.2).
            moved = moved._replace(sealed=None, code=None, code_until=0)
        books.requests.save(moved)
        self._step(books, moved, Act.REQUEST_CLOSED if state.final else Act.REQUEST_MOVED, by)
        return moved

    def _step(self, books: Books, row: RequestRow, act: Act, by: str) -> None:
        facts = (("kind", row.kind), ("state", row.state))
        day = self.today(books).isoformat()
        entry = Entry(act=act, site=row.site, category="", day=day, count=1, facts=facts)
        act_id = self.sealing.write(books, entry)
        done = len(books.requests.steps(row.number))
        books.requests.add_step(
            RequestStepRow(
                number=row.number, no=done + 1, state=row.state, at=row.moved_at, by=by, act_id=act_id
            )
        )

    # -- whose it is ---------------------------------------------------------------------------------------------

    def value_of(self, row: RequestRow) -> str:
        """The subject value the request was made under; raises KeyLost where its key is gone."""
        return str(self._opened(row)["value"])

    def note(self, books: Books, row: RequestRow, records: Iterable[str]) -> RequestRow:
        """Remember which records a withdrawal reached: whoever erases them first, the letter tells of all of them."""
        row = row._replace(sealed=self._sealed(row.number, value=self.value_of(row), records=sorted(records)))
        books.requests.save(row)
        return row

    def noted(self, row: RequestRow) -> list[str]:
        """The records that were noted; raises KeyLost where the request's key is gone."""
        return [str(record) for record in self._opened(row).get("records", ())]

    def _sealed(self, number: str, **content: object) -> bytes:
        return self.keyring.sealer(request_key(number))(json.dumps(content).encode(), _bound(number))

    def _opened(self, row: RequestRow) -> dict[str, Any]:
        clear = self.keyring.unseal(request_key(row.number), row.sealed or b"", _bound(row.number))
        content: dict[str, Any] = json.loads(clear)
        return content

    def give_token(self, books: Books, row: RequestRow) -> tuple[RequestRow, str]:
        """A fresh access token, of which only a keyed digest is kept."""
        token = self.ids.secret(TOKEN_LENGTH)
        row = row._replace(access=self._digest(token))
        books.requests.save(row)
        return row, token

    def holds_token(self, row: RequestRow | None, token: str) -> bool:
        digest = self._digest(token.strip().upper().replace("-", ""))
        return row is not None and row.access is not None and compare_digest(row.access, digest)

    def _digest(self, token: str) -> bytes:
        return self.keyring.mac(_ACCESS_KEY)(token.encode("utf-8", "replace"))

    # -- what is held --------------------------------------------------------------------------------------------

    def holdings(self, books: Books, value: str, site: str) -> list[HoldingRow]:
        """Every living record of a subject value, over all living epochs at once."""
        found = books.holdings.by_tokens(living_digests(self.keyring, value))
        return [holding for holding in found if holding.site == site]

    def records(self, books: Books, holdings: list[HoldingRow]) -> tuple[HeldRecord, ...]:
        zone = self.pack(books).site.timezone
        return tuple(
            HeldRecord(
                holding_id=holding.id,
                site=holding.site,
                category=holding.category,
                policy_version=holding.policy_version,
                parts=tuple(
                    HeldPart(
                        part_no=part.part_no,
                        retention_class=part.retention_class,
                        readable_until=datetime.fromtimestamp(part.readable_until, zone),
                        erase_at=datetime.fromtimestamp(part.erase_at, zone),
                        state=PartState(part.state),
                    )
                    for part in books.holdings.parts(holding.no)
                ),
            )
            for holding in holdings
        )

    def holds(self, books: Books) -> tuple[StandingHold, ...]:
        return tuple(row.standing() for row in books.holds.standing())

    # -- surroundings --------------------------------------------------------------------------------------------

    def pack(self, books: Books) -> Pack:
        return self.policies.active(books, self.clock.now())

    def policy_of(self, books: Books, category: str, version: int) -> CategoryPolicy:
        return self.policies.version(books, version).categories[category]

    def today(self, books: Books) -> date:
        return self.pack(books).site.day_of(self.clock.now())


def deadlines_of(row: RequestRow) -> Deadlines:
    """The deadlines as they were told: a calendar that is published later does not move a promise."""
    return Deadlines(
        house=date.fromisoformat(row.house_due),
        outer=date.fromisoformat(row.legal_due),
        calendar=date.fromisoformat(row.received_on) + timedelta(days=OUTER_DAYS),
        provisional=row.provisional,
    )


def _bound(number: str) -> bytes:
    return f"request/{number}".encode()

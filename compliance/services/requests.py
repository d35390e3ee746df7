"""Subjects' requests, from receipt to letter, as doors and tasks see them.

The state of a request is its row and nothing else: tasks and messages are wake-up calls, `resume` finds again what is
not finished, and every step looks at the row under a claim before it does anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from compliance.domain.errors import ComplianceError, KeyLost, RequestRefused
from compliance.domain.formats import Instruments
from compliance.domain.plan import Plan
from compliance.domain.request import (
    Deadlines,
    Ground,
    Refusal,
    RequestKind,
    RequestState,
    Stated,
)
from compliance.ports import (
    Books,
    Dispose,
    Journal,
    Outbox,
    Reads,
    RequestRow,
    RequestStepRow,
    UnitOfWork,
)
from compliance.services.casework import SUBJECT, Casework, deadlines_of, request_key
from compliance.services.fulfilment import Fulfilment
from compliance.services.intake import NO_PROOF, UNPROVEN, Intake, RequestReceipt, clean
from compliance.services.letters import Language, letter_slots, receipt_slots, withdrawn_facts
from compliance.services.outbox import ORPHANED_AFTER, made_before
from compliance.services.packages import Packages, package_key
from compliance.services.proofs import Proofs
from compliance.services.withdrawing import Withdrawing

#: Whoever has not shown by then who they are is told so, with reasons (R4), and may ask again at any time.
UNPROVEN_AFTER: Final = timedelta(days=1)
#: What is left of a finished case is kept this long, without any identifier (requirements 4.3, an engine choice).
KEPT_FOR: Final = timedelta(days=3 * 365)
_OPEN: Final = tuple(state for state in RequestState if not state.final)
_FINAL: Final = tuple(state for state in RequestState if state.final)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """One request as the officer sees it. `plan` is the dry run while it waits; nothing here says whose it is."""

    number: str
    kind: RequestKind
    state: RequestState
    site: str
    way: str
    received_on: str
    deadlines: Deadlines
    overdue: bool
    waits_for_officer: bool
    steps: tuple[RequestStepRow, ...] = ()
    plan: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """How many unfinished requests were looked at, and how many of them could not be taken further now."""

    seen: int
    failed: int


class Requests:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        casework: Casework,
        tools: Instruments,
        reads: Mapping[str, Reads],
        outbox: Outbox,
        disposal: Dispose,
        journal: Journal,
    ) -> None:
        self._books, self._case = books, casework
        self._packages = Packages(casework=casework, reads=reads, tools=tools)
        self._proofs = Proofs(casework=casework, outbox=outbox)
        self._intake = Intake(
            books=books,
            casework=casework,
            proofs=self._proofs,
            packages=self._packages,
            withdrawing=Withdrawing(casework=casework, disposal=disposal, journal=journal),
        )
        self._work = Fulfilment(
            books=books,
            casework=casework,
            packages=self._packages,
            outbox=outbox,
            disposal=disposal,
            stores={name: store.capabilities for name, store in reads.items()},
        )

    # -- asking --------------------------------------------------------------------------------------------------

    def open(
        self,
        kind: RequestKind,
        *,
        pass_code: str | None = None,
        mobile: str | None = None,
        site: str | None = None,
    ) -> RequestReceipt:
        """Receive a request. A pass code is itself the proof; for a mobile number `match` has to follow, in a task.

        Raises:
            RequestRefused: the right is not built, the site is not ours, neither or both identifiers were given, the
                mobile number is none, or nothing living has this pass code (wrong and unknown are one answer).
        """
        return self._intake.open(kind, pass_code=pass_code, mobile=mobile, site=site)

    def match(self, number: str) -> None:
        """Make the one-time code, and send it if the typed number is on record. Idempotent; for a task."""
        self._intake.match(number)

    def new_code(self, number: str) -> None:
        """Ask for another code; `match` has to follow. Raises RequestRefused where it is not due or none is left."""
        self._intake.new_code(number)

    def verify(self, number: str, code: str) -> str:
        """Show the one-time code; returns the access token. Raises RequestRefused, the same for every wrong code."""
        return self._intake.verify(number, code)

    def fulfil(self, number: str) -> RequestState | None:
        """Take a verified request as far as it goes without anybody; returns its state, None where there is none."""
        return self._work.fulfil(number)

    def withdraw_consent(self, pass_code: str) -> RequestReceipt:
        """Withdraw consent by pass code: what was collected on it is erased at once (PIPL 15, 47(1)(3))."""
        receipt = self.open(RequestKind.WITHDRAWAL, pass_code=pass_code)
        self.fulfil(receipt.number)
        return receipt

    # -- the officer and the requester ---------------------------------------------------------------------------

    def decide(self, number: str, *, by: str, accept: bool, reasons: Sequence[Stated] = ()) -> None:
        """The officer's decision where one is due. Raises RequestRefused for a wrong state or a refusal without grounds."""
        with self._books.writing() as books:
            row = books.requests.claim(number)
            if row is None or row.state != RequestState.DECIDING or (accept and reasons):
                raise RequestRefused
            if accept:
                self._case.move(books, row, RequestState.EXECUTING, by)
            else:
                row = self._work.refuse(books, row, _refusal(reasons), by)
        if accept:
            self.fulfil(number)
        else:
            self._work.destroy_keys(row)
            self._case.sealing.nudge()

    def withdraw(self, number: str, token: str) -> None:
        """The requester takes the request back, while nothing has been done on it yet."""
        with self._books.writing() as books:
            row = books.requests.claim(clean(number))
            if row is None or not self._case.holds_token(row, token):
                raise RequestRefused(NO_PROOF)
            books.requests.drop_package(row.number)
            facts = withdrawn_facts(self._case.today(books))
            row = self._case.move(books, row, RequestState.WITHDRAWN_BY_REQUESTER, SUBJECT, letter=facts)
        self._work.destroy_keys(row)
        self._case.sealing.nudge()

    def status(self, number: str) -> RequestView:
        """State and deadlines, for whoever has the number; the same for a number on record and for any other."""
        with self._books.reading() as books:
            row = books.requests.find(clean(number))
            if row is None:
                raise RequestRefused("There is no such request.")
            return self._view(books, row)

    def receipt(self, number: str, lang: Language = "zh") -> dict[str, Any]:
        """The receipt's slots once more, in either language. Raises RequestRefused where there is no such request."""
        with self._books.reading() as books:
            row = books.requests.find(clean(number))
        if row is None:
            raise RequestRefused("There is no such request.")
        return receipt_slots(row, lang)

    def letter(self, number: str, token: str, lang: Language = "zh") -> dict[str, Any]:
        """The outcome as the slots of a letter; empty while there is none. Needs the access token."""
        with self._books.reading() as books:
            row = self._of_token(books, number, token)
            return letter_slots(row, self._case.pack(books), lang)

    def package(self, number: str, token: str) -> dict[str, Any]:
        """The copy that an access request is answered with. Needs the access token, within its seven days."""
        with self._books.reading() as books:
            return self._packages.open(books, self._of_token(books, number, token).number)

    def _of_token(self, books: Books, number: str, token: str) -> RequestRow:
        row = books.requests.find(clean(number))
        if row is None or not self._case.holds_token(row, token):
            raise RequestRefused(NO_PROOF)
        return row

    def acts(self, number: str) -> tuple[str, ...]:
        """The acts that disposed of something for this request, for its certificates; none where none did."""
        with self._books.reading() as books:
            row = books.requests.find(clean(number))
        letter = json.loads(row.letter) if row is not None and row.letter else {}
        return tuple(letter.get("acts", ()))

    def list_open(self) -> list[RequestView]:
        """Unfinished requests, oldest first."""
        with self._books.reading() as books:
            return [self._view(books, row) for row in books.requests.in_states(_OPEN)]

    def show(self, number: str) -> RequestView:
        """One request with its steps and, while it waits, the plan as sentences. Raises RequestRefused where unknown."""
        with self._books.reading() as books:
            row = books.requests.find(number)
            if row is None:
                raise RequestRefused("There is no such request.")
            lines = self._plan_lines(books, row)
            return self._view(books, row, tuple(books.requests.steps(number)), lines)

    def _plan_lines(self, books: Books, row: RequestRow) -> tuple[str, ...]:
        if row.state not in (RequestState.SEARCHING, RequestState.DECIDING):
            return ()
        try:
            plan = self._work.plan(books, row)
        except KeyLost:
            return (
                "申请的密钥已失，无法查找，请负责人处理。",
                "The request's key is lost: it needs the officer.",
            )
        return tuple(plan.lines()) if isinstance(plan, Plan) else ()

    def _waits(self, books: Books, row: RequestRow) -> bool:
        try:
            return row.state == RequestState.DECIDING and self._work.waits(books, row)
        except KeyLost:
            return True  # nobody else can take it further, and one such case must not hide the queue

    def _view(
        self,
        books: Books,
        row: RequestRow,
        steps: tuple[RequestStepRow, ...] = (),
        plan: tuple[str, ...] = (),
    ) -> RequestView:
        state, due = RequestState(row.state), deadlines_of(row)
        return RequestView(
            number=row.number,
            kind=RequestKind(row.kind),
            state=state,
            site=row.site,
            way=row.way,
            received_on=row.received_on,
            deadlines=due,
            overdue=not state.final and self._case.today(books) > due.legal,
            waits_for_officer=self._waits(books, row),
            steps=steps,
            plan=plan,
        )

    # -- what beat calls -----------------------------------------------------------------------------------------

    def resume(self) -> Resumed:
        """Find again whatever is not finished and take it further; also what time itself ends."""
        with self._books.reading() as books:
            rows = books.requests.in_states(_OPEN)
        failed = 0
        for row in rows:
            try:
                self._resume(row)
            except ComplianceError:
                failed += 1  # one case whose key is lost, or a paused disposal, must not stop the others
        with self._books.writing() as books:
            self._proofs.forget(books)
            books.requests.forget(_FINAL, int((self._case.clock.now() - KEPT_FOR).timestamp()))
        self.expire_packages()
        self._sweep_keys()
        return Resumed(seen=len(rows), failed=failed)

    def _resume(self, row: RequestRow) -> None:
        if row.state not in UNPROVEN:
            self.fulfil(row.number)
        elif self._case.clock.now().timestamp() - row.received_at >= UNPROVEN_AFTER.total_seconds():
            self._give_up(row.number)
        elif row.code is None and row.state != RequestState.NEED_INFO:
            self.match(row.number)

    def _give_up(self, number: str) -> None:
        with self._books.writing() as books:
            row = books.requests.claim(number)
            if row is None or row.state not in UNPROVEN:
                return
            row = self._work.refuse(books, row, Refusal(reasons=(Stated(ground=Ground.IDENTITY_NOT_PROVEN),)))
        self._work.destroy_keys(row)

    def expire_packages(self) -> int:
        """Drop the copies whose days are over, with their keys; returns how many."""
        now = int(self._case.clock.now().timestamp())
        with self._books.writing() as books:
            over = [number for number, ends_at in books.requests.packages() if 0 < ends_at <= now]
            for number in over:
                books.requests.drop_package(number)
        for number in over:
            self._case.keyring.destroy(package_key(number))
        return len(over)

    def _sweep_keys(self) -> None:
        """Destroy the keys that a crash left behind: of finished cases, and of cases that never were."""
        before = self._case.clock.now() - ORPHANED_AFTER
        keyring = self._case.keyring
        names = [name for prefix in ("request/", "package/") for name in keyring.names(prefix)]
        with self._books.reading() as books:
            for name in names:
                number = name.partition("/")[2]
                row = books.requests.find(number)
                if row is None:
                    if made_before(number, before):
                        keyring.destroy(name)
                elif RequestState(row.state).final and (
                    name == request_key(number) or books.requests.package(number) is None
                ):
                    keyring.destroy(name)


def _refusal(reasons: Sequence[Stated]) -> Refusal:
    try:
        return Refusal(reasons=tuple(reasons))
    except ValueError as wrong:
        raise RequestRefused(str(wrong)) from None


__all__ = ["RequestReceipt", "RequestView", "Requests", "Resumed"]

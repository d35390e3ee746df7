"""How a request comes in: by the pass code on a receipt, or by a mobile number that has to be shown to be one's own.

Whether anything is held under a mobile number is told to nobody before the code has been shown: receiving and matching
are two acts, and the second happens in a task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from compliance.domain.errors import RequestRefused
from compliance.domain.request import Deadlines, RequestKind, RequestState
from compliance.domain.vocabulary import FieldType
from compliance.ports import Books, HoldingRow, RequestRow, UnitOfWork
from compliance.rights import right_for
from compliance.services.casework import SUBJECT, Casework, deadlines_of
from compliance.services.letters import receipt_slots
from compliance.services.packages import COPIES, Packages
from compliance.services.proofs import Proofs
from compliance.services.tokens import pass_subject
from compliance.services.withdrawing import Withdrawing

UNPROVEN: Final = (RequestState.RECEIVED, RequestState.VERIFYING, RequestState.NEED_INFO)
NO_PROOF: Final = "The code does not fit, or it is no longer good. Check it, or ask for a new one."


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReceipt:
    """What a requester gets. By mobile number it is the same whether or not anything is held under that number."""

    number: str
    deadlines: Deadlines
    access_token: str | None = field(default=None, repr=False)
    text: Mapping[str, Any]


class Intake:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        casework: Casework,
        proofs: Proofs,
        packages: Packages,
        withdrawing: Withdrawing,
    ) -> None:
        self._books, self._case, self._proofs = books, casework, proofs
        self._packages, self._withdrawing = packages, withdrawing

    def open(
        self,
        kind: RequestKind,
        *,
        pass_code: str | None = None,
        mobile: str | None = None,
        site: str | None = None,
    ) -> RequestReceipt:
        """As `Requests.open` says."""
        if right_for(kind) is None or (pass_code is None) == (mobile is None):
            raise RequestRefused("This kind of request, or this way of asking, is not taken here.")
        with self._books.writing() as books:
            named = site or self._case.pack(books).site.name
            if named != self._case.pack(books).site.name:
                raise RequestRefused("site: unknown")
            if pass_code is not None:
                row, token = self._open_by_pass(books, kind, named, pass_code)
            else:
                row, token = self._open_by_mobile(books, kind, named, mobile or ""), None
        self._case.sealing.nudge()
        return RequestReceipt(
            number=row.number, deadlines=deadlines_of(row), access_token=token, text=receipt_slots(row)
        )

    def _open_by_pass(
        self, books: Books, kind: RequestKind, site: str, pass_code: str
    ) -> tuple[RequestRow, str]:
        value = pass_subject(pass_code)
        holdings = self._case.holdings(books, value, site)
        if not holdings:
            raise RequestRefused("No living record has this pass code.")
        row = self._case.receive(books, kind, site, "pass", value)
        row = self._case.move(books, row, RequestState.VERIFYING)
        return self._verified(books, row, holdings)

    def _open_by_mobile(self, books: Books, kind: RequestKind, site: str, mobile: str) -> RequestRow:
        number = self._packages.tools.mobile(mobile.strip()[:32])
        if number is None:
            raise RequestRefused("mobile: bad format")
        return self._case.receive(books, kind, site, "mobile", f"{FieldType.MOBILE}:{number}")

    def match(self, number: str) -> None:
        """Make the one-time code, and send it if the typed number is on record. Told nothing, it does nothing twice."""
        with self._books.writing() as books:
            row = books.requests.claim(number)
            if row is None or row.code is not None or row.way != "mobile":
                return
            if row.state == RequestState.RECEIVED:
                row = self._case.move(books, row, RequestState.VERIFYING)
            if row.state == RequestState.VERIFYING:
                self._proofs.issue(books, row, self._case.value_of(row))
        self._case.sealing.nudge()

    def new_code(self, number: str) -> None:
        """Ask for another code; `match` has to follow. Raises RequestRefused where it is not due or the hour's are spent."""
        with self._books.writing() as books:
            row = books.requests.claim(clean(number))
            if row is None or row.way != "mobile" or row.state not in UNPROVEN[1:]:
                raise RequestRefused
            if self._proofs.spent(books, self._case.value_of(row)):
                raise RequestRefused("Three codes an hour: please try again later, or ask at the front desk.")
            row = row._replace(code=None, code_until=0)
            books.requests.save(row)
            if row.state == RequestState.NEED_INFO:
                self._case.move(books, row, RequestState.VERIFYING, SUBJECT)

    def verify(self, number: str, code: str) -> str:
        """Show the one-time code; returns the access token. Raises RequestRefused, the same for every wrong code."""
        with self._books.writing() as books:
            row = books.requests.claim(clean(number))
            fits = (
                row is not None
                and row.state == RequestState.VERIFYING
                and self._proofs.check(books, row, code)
            )
            token = ""
            if row is not None and fits:
                value = self._case.value_of(row)
                row = row._replace(code=None, code_until=0)
                _, token = self._verified(books, row, self._case.holdings(books, value, row.site))
        # Raised outside the transaction: the wrong try is counted, and a rollback would forget it.
        if not token:
            raise RequestRefused(NO_PROOF)
        self._case.sealing.nudge()
        return token

    def _verified(self, books: Books, row: RequestRow, holdings: list[HoldingRow]) -> tuple[RequestRow, str]:
        """Identity is shown: what an access is to contain is fixed now, and a withdrawal takes effect now."""
        row = self._case.move(books, row, RequestState.SEARCHING, SUBJECT)
        if row.kind in COPIES:
            self._packages.snapshot(books, row, holdings)
        if row.kind == RequestKind.WITHDRAWAL:
            row = self._withdrawing.withdraw(books, row)
        return self._case.give_token(books, row)


def clean(number: str) -> str:
    """A request's number as people type it."""
    return number.strip().upper()[:32]

"""Proof of identity by a one-time code, such that nobody learns from it whether a number is on record.

A code is made for every number, known or not; only for a known one it is also sent. So the answer, the row, the count
of tries and the limit are the same for both, and for an unknown number there is simply nothing that fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Final

from compliance.domain.request import RequestState
from compliance.ports import Books, Outbox, RequestRow
from compliance.services.casework import SUBJECT, Casework, request_key

CODE_DIGITS: Final = 6
GOOD_FOR: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
MOST_CODES: Final = 3
WITHIN: Final = timedelta(hours=1)
_LIMIT_KEY: Final = "request-codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    casework: Casework
    outbox: Outbox

    def issue(self, books: Books, row: RequestRow, value: str) -> RequestRow:
        """Make a code for the number that was typed in; send it where a living record has that number."""
        if self.spent(books, value):
            return self.casework.move(books, row, RequestState.NEED_INFO)
        keyring, now = self.casework.keyring, self.casework.clock.now()
        known = bool(self.casework.holdings(books, value, row.site))
        code = self.casework.ids.digits(CODE_DIGITS)
        books.requests.note_code(self._token(value), int(now.timestamp()))
        digest = keyring.mac(request_key(row.number))(_said(code))
        row = row._replace(
            # An unknown number gets a digest that no code has: it looks the same and nothing fits it.
            code=digest if known else self.casework.ids.octets(len(digest)),
            code_until=int((now + GOOD_FOR).timestamp()),
            tries=0,
            codes=row.codes + 1,
        )
        books.requests.save(row)
        if known:
            site = self.casework.pack(books).site
            self.outbox.post(
                books,
                key=f"code/{row.number}/{row.codes}",
                kind="code",
                destination=value.partition(":")[2],
                body=_code_message(site.controller.name, site.controller.contact, code),
                useful_for=GOOD_FOR,
            )
        return row

    def spent(self, books: Books, value: str) -> bool:
        """Whether a number has had its codes for this hour, over all requests made with it."""
        since = int((self.casework.clock.now() - WITHIN).timestamp())
        return books.requests.codes_since(self._token(value), since) >= MOST_CODES

    def check(self, books: Books, row: RequestRow, code: str) -> bool:
        """Whether the code fits; a wrong one is counted, and the fifth ends this code."""
        now = int(self.casework.clock.now().timestamp())
        digest = self.casework.keyring.mac(request_key(row.number))(_said(code.strip()))
        if row.code is None or now >= row.code_until or row.tries >= MOST_TRIES:
            return False
        if compare_digest(row.code, digest):
            return True
        row = row._replace(tries=row.tries + 1)
        if row.tries >= MOST_TRIES:
            row = row._replace(code=None, code_until=0)
            books.requests.save(row)
            self.casework.move(books, row, RequestState.NEED_INFO, SUBJECT)
        else:
            books.requests.save(row)
        return False

    def forget(self, books: Books) -> None:
        """Drop the counts that the limit no longer looks at."""
        books.requests.forget_codes(int((self.casework.clock.now() - WITHIN).timestamp()))

    def _token(self, value: str) -> bytes:
        # Under a key of its own: equal to no subject token, so that it leads from no request to a record.
        return self.casework.keyring.mac(_LIMIT_KEY)(value.encode())


def _said(code: str) -> bytes:
    return b"code\x00" + code.encode("utf-8", "replace")


def _code_message(controller: str, contact: str, code: str) -> str:
    minutes = int(GOOD_FOR.total_seconds() // 60)
    return (
        f"【{controller}】验证码{code}，{minutes}分钟内有效，用于办理您的个人信息申请。"
        f"请勿告诉他人；不是您本人操作的，请忽略或致电{contact}。"
    )

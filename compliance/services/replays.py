"""Idempotency keys: the same submission under the same key is answered with the first receipt, never written twice.

A key is kept as a keyed digest, scoped to who wrote, site and category, until its epoch ends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from compliance.domain.policy import Pack
from compliance.domain.reasons import reason
from compliance.domain.submission import Submission
from compliance.domain.vocabulary import ReasonCode
from compliance.ports import Books, Caller, HoldingRow, Outcome, PartRow, Receipt
from compliance.services.forecast import due_day
from compliance.services.keys_in_hand import KeysInHand
from compliance.services.tokens import derived_pass_code, epoch_key

_MARK, _CONTENT = b"mark\x00", b"content\x00"


class Replays:
    """The marks of one writing transaction: those that are known, and those that it adds."""

    def __init__(
        self,
        books: Books,
        keyring: KeysInHand,
        pack: Pack,
        caller: Caller,
        epoch: int,
        submissions: Sequence[Submission],
    ) -> None:
        self._books, self._keyring, self._pack = books, keyring, pack
        self._caller, self._epoch = caller, epoch
        self._fresh: dict[bytes, HoldingRow] = {}
        self._known = books.marks.known([mark for one in submissions for mark in self._marks_of(one)])

    def pass_code(self, submission: Submission) -> str:
        """The pass code of a keyed submission; a replay derives the same again."""
        return derived_pass_code(self._keyring, self._epoch, self._scope(submission))

    def content(self, submission: Submission) -> bytes:
        """A keyed digest of what was said under the key, which dies with the record."""
        return self._content(self._epoch, submission)

    def remember(self, submission: Submission, holding: HoldingRow) -> None:
        self._fresh[self._mark(self._epoch, submission)] = holding

    def rows(self) -> list[tuple[int, bytes, str]]:
        return [(self._epoch, digest, row.id) for digest, row in self._fresh.items()]

    def answer(self, submission: Submission, parts: Sequence[Sequence[Any]]) -> Outcome | None:
        """What a replay is answered; None for a first try. `parts` has the rows that this transaction will write."""
        for epoch, digest in self._marks_of(submission):
            first = self._fresh.get(digest)
            if first is None and digest in self._known:
                first = self._books.holdings.find(self._known[digest])
                if first is None:
                    return Outcome(erased=True)
            if first is None:
                continue
            if first.content != self._content(epoch, submission):
                return Outcome(reasons=(reason(ReasonCode.KEY_REUSED, "key"),))
            return Outcome(receipt=self._receipt(submission, first, epoch, parts))
        return None

    def _receipt(
        self, submission: Submission, first: HoldingRow, epoch: int, parts: Sequence[Sequence[Any]]
    ) -> Receipt:
        own = self._books.holdings.parts(first.no) or [PartRow(*row) for row in parts if row[0] == first.no]
        return Receipt(
            record=first.id,
            category=first.category,
            site=first.site,
            policy_version=first.policy_version,
            pass_code=derived_pass_code(self._keyring, epoch, self._scope(submission)),
            erase_on=due_day(max(row.erase_at for row in own), self._pack),
            replayed=True,
        )

    def _scope(self, submission: Submission) -> str:
        return json.dumps([self._caller.id, submission.site, submission.category, submission.key])

    def _mark(self, epoch: int, submission: Submission) -> bytes:
        return self._keyring.mac(epoch_key(epoch))(_MARK + self._scope(submission).encode())

    def _marks_of(self, submission: Submission) -> list[tuple[int, bytes]]:
        # A retry ten seconds into a new month must find its first try in the old one.
        marks = [(self._epoch, self._mark(self._epoch, submission))]
        # Asking must not make last month's key anew: it may have been destroyed, and nothing would ever need it.
        before = self._keyring.living_mac(epoch_key(self._epoch - 1))
        if before is not None:
            marks.append((self._epoch - 1, before(_MARK + self._scope(submission).encode())))
        return marks

    def _content(self, epoch: int, submission: Submission) -> bytes:
        said = [submission.category, submission.channel, submission.fields, submission.declined]
        # What was stripped is part of what was said, and need not even be JSON where the caller is a library.
        canonical = json.dumps(said, sort_keys=True, default=str).encode()
        return self._keyring.mac(epoch_key(epoch))(_CONTENT + canonical)

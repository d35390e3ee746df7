"""Idempotency keys: the same submission under the same key is answered with the first receipt, never written twice.

A key is kept as a keyed digest, scoped to who wrote, site and category, until its epoch ends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from compliance.domain.policy import Pack
from compliance.domain.reasons import reason
from compliance.domain.submission import Submission
from compliance.domain.vocabulary import ReasonCode
from compliance.ports import Books, Caller, HoldingRow, Outcome, PartRow, Receipt
from compliance.services.forecast import due_day
from compliance.services.keys_in_hand import KeysInHand
from compliance.services.tokens import derived_pass_code, epoch_key

_MARK, _CONTENT = b"mark\x00", b"content\x00"
_CANONICAL = msgspec.json.Encoder(order="deterministic")


class _Keyed(NamedTuple):
    """A submission's key as this caller's, and the marks that it may have left, this epoch's first."""

    scope: str
    marks: list[tuple[int, bytes]]


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
        # By identity: a submission holds what somebody sent, and cannot be a key itself.
        self._keyed = {id(one): self._key_of(one) for one in submissions}
        marks = [mark for keyed in self._keyed.values() for mark in keyed.marks]
        self._known = books.marks.known(marks) if marks else {}

    def pass_code(self, submission: Submission) -> str:
        """The pass code of a keyed submission; a replay derives the same again."""
        return derived_pass_code(self._keyring, self._epoch, self._keyed[id(submission)].scope)

    def content(self, submission: Submission) -> bytes:
        """A keyed digest of what was said under the key, which dies with the record."""
        return self._content(self._epoch, submission)

    def remember(self, submission: Submission, holding: HoldingRow) -> None:
        _, digest = self._keyed[id(submission)].marks[0]
        self._fresh[digest] = holding

    def rows(self) -> list[tuple[int, bytes, str]]:
        return [(self._epoch, digest, row.id) for digest, row in self._fresh.items()]

    def answer(self, submission: Submission, parts: Sequence[Sequence[Any]]) -> Outcome | None:
        """What a replay is answered; None for a first try. `parts` has the rows that this transaction will write."""
        scope, marks = self._keyed[id(submission)]
        for epoch, digest in marks:
            first = self._fresh.get(digest)
            if first is None and digest in self._known:
                first = self._books.holdings.find(self._known[digest])
                if first is None:
                    return Outcome(erased=True)
            if first is None:
                continue
            if first.content != self._content(epoch, submission):
                return Outcome(reasons=(reason(ReasonCode.KEY_REUSED, "key"),))
            pass_code = derived_pass_code(self._keyring, epoch, scope)
            return Outcome(receipt=self._receipt(first, pass_code, parts))
        return None

    def _receipt(self, first: HoldingRow, pass_code: str, parts: Sequence[Sequence[Any]]) -> Receipt:
        own = self._books.holdings.parts(first.no) or [PartRow(*row) for row in parts if row[0] == first.no]
        return Receipt(
            record=first.id,
            category=first.category,
            site=first.site,
            policy_version=first.policy_version,
            pass_code=pass_code,
            erase_on=due_day(max(row.erase_at for row in own), self._pack),
            replayed=True,
        )

    def _key_of(self, submission: Submission) -> _Keyed:
        scope = json.dumps([self._caller.id, submission.site, submission.category, submission.key])
        said = _MARK + scope.encode()
        marks = [(self._epoch, self._keyring.mac(epoch_key(self._epoch))(said))]
        # A retry ten seconds into a new month must find its first try in the old one. Asking must not make last month's
        # key anew: it may have been destroyed, and nothing would ever need it.
        before = self._keyring.living_mac(epoch_key(self._epoch - 1))
        if before is not None:
            marks.append((self._epoch - 1, before(said)))
        return _Keyed(scope, marks)

    def _content(self, epoch: int, submission: Submission) -> bytes:
        said = [submission.category, submission.channel, submission.fields, submission.declined]
        return self._keyring.mac(epoch_key(epoch))(_CONTENT + _canonical(said))


def _canonical(said: list[Any]) -> bytes:
    try:
        return _CANONICAL.encode(said)
    except (TypeError, ValueError, msgspec.MsgspecError):
        # What was stripped is part of what was said, and need not even be JSON where the caller is a library.
        return json.dumps(said, sort_keys=True, default=str).encode()

"""Deletion certificates from the ledger: what a subject keeps, and can check without us.

Everything in a certificate is opaque: which record it is about only its holder knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from compliance.domain.certificate import CERTIFIABLE, Certificate
from compliance.domain.ledger import Act, member_path
from compliance.domain.merkle import inclusion_at
from compliance.ports import Books, HeadRow, TombstoneRow, UnitOfWork
from compliance.services.sealing import Sealing

Document = dict[str, Any]


class Certificates:
    def __init__(self, *, books: UnitOfWork, sealing: Sealing) -> None:
        self._books, self._sealing = books, sealing

    def of_record(self, holding_id: str) -> list[Document]:
        """A certificate for each deletion of this record's parts, in the order of their days; none where none is."""
        self._sealing.seal()  # what was written a moment ago is to be under the head that the certificate carries
        with self._books.reading() as books:
            rows = books.ledger.tombstones_of(holding_id)
            return list(_documents(books, rows, only=holding_id))

    def of_acts(self, act_ids: Iterable[str]) -> list[Document]:
        """A certificate for every record that these acts disposed of; acts that dispose of nothing have none."""
        self._sealing.seal()
        with self._books.reading() as books:
            found = (books.ledger.tombstone(act_id) for act_id in act_ids)
            return list(_documents(books, [row for row in found if row is not None]))


def _documents(books: Books, rows: Iterable[TombstoneRow], only: str = "") -> Iterator[Document]:
    head = books.ledger.head()
    for row in rows:
        seq = books.ledger.seq_of(row.act_id)
        if head is None or seq is None or seq >= head.size or Act(row.act) not in CERTIFIABLE:
            continue  # not yet under a head: nothing that could be proven
        yield from _of_batch(books, row, head, seq, only)


def _of_batch(books: Books, row: TombstoneRow, head: HeadRow, seq: int, only: str) -> Iterator[Document]:
    members = [_member(line) for line in row.members.splitlines()]
    (_, _, sealed), *_ = books.ledger.entries(seq, 1)
    path = inclusion_at(seq, head.size, books.ledger.tile)
    for holding, parts in members:
        if only and holding != only:
            continue
        index, inner = member_path(Act(row.act), members, (holding, parts))
        yield Certificate(
            holding=holding,
            parts=parts,
            member_index=index,
            member_path=inner,
            entry=sealed,
            entry_index=seq,
            entry_path=path,
            head=head.note,
        ).document()


def _member(line: str) -> tuple[str, str]:
    holding, _, parts = line.partition("/")
    return holding, parts

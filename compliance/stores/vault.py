"""The vault: sealed parts in our own database, in the transaction of the act itself. The default store.

It keeps the least that works: number, part, envelope. Who it was, what kind and until when is in the books; so a part
dies by its primary key, and nothing here needs to be read for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, update

from compliance.db.bulk import delete_rows, insert_rows
from compliance.db.tables import vault
from compliance.db.unit_of_work import SqlBooks
from compliance.domain.errors import RecordErased
from compliance.ports import Books, Capabilities, PartRef, StoredPart

# SQLite takes 32,766 variables a statement; this many keys are far from it and few statements all the same.
_KEYS_A_STATEMENT = 2000


class Vault:
    """Sealing and ours. `residue` is what the operator's backups keep, declared and not guessed."""

    name = "vault"

    def __init__(self, *, residue: Mapping[str, str] | None = None) -> None:
        self.capabilities = Capabilities(sealing=True, ours=True, residue=dict(residue or {}))

    def append(self, books: Books, category: str, parts: Sequence[StoredPart]) -> dict[str, str]:
        """Write all or none: a failure leaves the transaction to be rolled back. The vault has no refs of its own."""
        rows = [(part.ref.holding_no, part.ref.part_no, part.envelope) for part in parts]
        insert_rows(_connection(books), vault, rows)
        return {}

    def replace(self, books: Books, parts: Sequence[StoredPart]) -> None:
        """Put envelopes in the place of others; raises RecordErased where there is nothing to replace."""
        for part in parts:
            self.reseal(books, part.ref, part.envelope)

    def fetch(self, books: Books, parts: Sequence[PartRef]) -> dict[int, bytes | Mapping[str, object]]:
        query = select(vault.c.part_no, vault.c.envelope)
        found: dict[int, bytes | Mapping[str, object]] = {}
        for chosen in _chosen(query, parts):
            found |= {int(number): bytes(envelope) for number, envelope in _connection(books).execute(chosen)}
        return found

    def erase(self, books: Books, category: str, parts: Sequence[PartRef]) -> None:
        """Delete rows by primary key; what is already gone is no error. Never decrypts."""
        keys = [(part.holding_no, part.part_no) for part in parts]
        delete_rows(_connection(books), vault, ("holding_no", "part_no"), keys)

    def left(self, books: Books, category: str, parts: Sequence[PartRef]) -> int:
        query: Select[Any] = select(func.count()).select_from(vault)
        return sum(_connection(books).scalar(chosen) or 0 for chosen in _chosen(query, parts))

    def reseal(self, books: Books, ref: PartRef, envelope: bytes) -> None:
        """Put one envelope in the place of another; raises RecordErased where there is none."""
        at = (vault.c.holding_no == ref.holding_no) & (vault.c.part_no == ref.part_no)
        if not _connection(books).execute(update(vault).where(at).values(envelope=envelope)).rowcount:
            raise RecordErased

    def sealed(self, books: Books, ref: PartRef) -> bytes | None:
        at = (vault.c.holding_no == ref.holding_no) & (vault.c.part_no == ref.part_no)
        envelope = _connection(books).scalar(select(vault.c.envelope).where(at))
        return None if envelope is None else bytes(envelope)


def _connection(books: Books) -> Connection:
    if not isinstance(books, SqlBooks):
        raise TypeError("the vault lives on the connection of SqlBooks")
    return books.connection


def _chosen(query: Select[Any], parts: Sequence[PartRef]) -> list[Select[Any]]:
    """The query narrowed to these parts, by primary key: one statement for each few thousand of one part number."""
    by_number: dict[int, list[int]] = {}
    for part in parts:
        by_number.setdefault(part.part_no, []).append(part.holding_no)
    groups = [
        and_(vault.c.part_no == number, vault.c.holding_no.in_(holdings[at : at + _KEYS_A_STATEMENT]))
        for number, holdings in by_number.items()
        for at in range(0, len(holdings), _KEYS_A_STATEMENT)
    ]
    # A record's few parts are one question; a batch's many holdings are one question for each group.
    return (
        [query.where(or_(*groups))]
        if len(parts) <= _KEYS_A_STATEMENT and groups
        else [query.where(group) for group in groups]
    )

"""A store that forgets with its process: for tests and scratch homes. It keeps the whole contract, so that what is
green on it says something about the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock

from compliance.domain.errors import RecordErased
from compliance.ports import Books, Capabilities, PartRef, StoredPart


class Memory:
    """Sealing, and not ours: it has no part in our transaction, so everything may be repeated."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.capabilities = Capabilities(sealing=True, ours=False)
        self._envelopes: dict[tuple[int, int], bytes] = {}
        self._lock = Lock()

    def append(self, books: Books, category: str, parts: Sequence[StoredPart]) -> dict[str, str]:
        """Write all or none; a repeated append is the same append."""
        # Everything is read before anything is written: a part that has no envelope stops the whole batch.
        rows = {_key(part.ref): bytes(memoryview(part.envelope)) for part in parts}
        with self._lock:
            self._envelopes.update(rows)
        return {}

    def replace(self, books: Books, parts: Sequence[StoredPart]) -> None:
        """Put envelopes in the place of others, all or none; raises RecordErased where there is nothing."""
        rows = {_key(part.ref): bytes(memoryview(part.envelope)) for part in parts}
        with self._lock:
            if not rows.keys() <= self._envelopes.keys():
                raise RecordErased
            self._envelopes.update(rows)

    def fetch(self, books: Books, parts: Sequence[PartRef]) -> dict[int, bytes | Mapping[str, object]]:
        with self._lock:
            return {
                part.part_no: self._envelopes[_key(part)] for part in parts if _key(part) in self._envelopes
            }

    def erase(self, books: Books, category: str, parts: Sequence[PartRef]) -> None:
        with self._lock:
            for part in parts:
                self._envelopes.pop(_key(part), None)

    def left(self, books: Books, category: str, parts: Sequence[PartRef]) -> int:
        with self._lock:
            return sum(_key(part) in self._envelopes for part in parts)

    def reseal(self, books: Books, ref: PartRef, envelope: bytes) -> None:
        self.replace(books, [StoredPart(ref=ref, envelope=envelope, values={})])

    def sealed(self, books: Books, ref: PartRef) -> bytes | None:
        with self._lock:
            return self._envelopes.get(_key(ref))


def _key(part: PartRef) -> tuple[int, int]:
    return part.holding_no, part.part_no

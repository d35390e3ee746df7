"""The keys of one batch's parts in stores that cannot erase: each part has its own, and loses it when it is erased.

There the bytes go first and the keys after them, with duty and ledger entry in one transaction: until that commits, the
keys are in this process alone. So what a crash leaves in the store is noise, and no intent is needed to find it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from compliance.domain.errors import GateClosed
from compliance.ports import Lays, PartSeal, StoredPart, Writes

_NONE = (None, None)
Stored = Iterable[tuple[tuple[str, str], Sequence[StoredPart]]]  # (store, category), its parts


class OwnKeys:
    """Lives within one writing transaction, like its batch."""

    __slots__ = ("_key_of", "_sealer", "_windows", "_wrapped")

    def __init__(self, key_of: Callable[[str], str], sealer: Callable[[str], PartSeal]) -> None:
        self._key_of, self._sealer = key_of, sealer
        self._windows: dict[str, tuple[str, PartSeal]] = {}
        self._wrapped: dict[tuple[int, int], bytes] = {}

    def seal(self, window: str, at: tuple[int, int], clear: bytes, bound: bytes) -> tuple[str, bytes]:
        """Seal a part under a fresh key, remembered until `laid`: the window key's name, and the envelope."""
        found = self._windows.get(window)
        if found is None:
            key = self._key_of(window)
            found = self._windows[window] = key, self._sealer(key)
        envelope, self._wrapped[at] = found[1](clear, bound)
        return found[0], envelope

    def laid(self, stored: Stored, writes: Mapping[str, Writes], rows: Sequence[Any]) -> Sequence[Any]:
        """Put the parts into their stores; the rows of all parts, those of these with key and place.

        Raises GateClosed where a store does not take them.
        """
        if not self._wrapped:
            return rows
        laid: dict[tuple[int, int], tuple[bytes, str]] = {}
        for (name, _), parts in stored:
            store = writes[name]
            if store.capabilities.erases or not parts:
                continue
            if not isinstance(store, Lays):
                raise not_taken(name)
            try:
                refs = store.lay(parts)
            except Exception as failure:
                raise not_taken(name) from failure
            for part, ref in zip(parts, refs, strict=True):
                at = part[0][:2]
                laid[at] = self._wrapped[at], ref
        return [(*row, *laid.get(row[:2], _NONE)) for row in rows]


def not_taken(store: str) -> GateClosed:
    return GateClosed(f"The store {store} did not take the records; nothing was kept.")

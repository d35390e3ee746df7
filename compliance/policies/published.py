"""Published packs by version. A version never changes, so what was read once is kept."""

from __future__ import annotations

import json
from datetime import datetime

from compliance.domain.emergency import Opening, whole, widened
from compliance.domain.errors import GateClosed
from compliance.domain.policy import Pack
from compliance.policies.loader import load_text
from compliance.ports import Books


class PublishedPacks:
    """Implements `PolicySource` over the books."""

    def __init__(self) -> None:
        self._read: dict[int, Pack] = {}
        self._whole: dict[int, Pack] = {}
        self._widened: tuple[int, tuple[Opening, ...], Pack] | None = None

    def active(self, books: Books, now: datetime) -> Pack:
        """The pack in force, with the fields of what emergency is open; raises `GateClosed` where none was published.

        The same value for as long as nothing changes: who asks again may compare by identity.
        """
        number = books.packs.active_version(int(now.timestamp()))
        if number is None:
            raise GateClosed("No policy is in force. Publish one first: compliance policy publish PACK")
        pack = self._of(books, number)
        if not pack.emergencies:
            return pack
        openings = tuple(row.opening() for row in books.emergencies.open_at(int(now.timestamp())))
        if not openings:
            return pack
        last = self._widened
        if last is None or last[:2] != (number, openings):
            last = self._widened = (number, openings, widened(pack, openings, now))
        return last[2]

    def version(self, books: Books, number: int) -> Pack:
        """A version with every field that an emergency may have brought: to read and erase by, never to admit."""
        pack = self._whole.get(number)
        if pack is None:
            pack = self._whole[number] = whole(self._of(books, number))
        return pack

    def _of(self, books: Books, number: int) -> Pack:
        pack = self._read.get(number)
        if pack is None:
            files = books.packs.version(number)
            if files is None:
                raise GateClosed("A record's policy version is missing from the books.")
            pack = self._read[number] = load_text(json.loads(files), version=number, name="published")
        return pack

"""Published packs by version. A version never changes, so what was read once is kept."""

from __future__ import annotations

import json
from datetime import datetime

from compliance.domain.errors import GateClosed
from compliance.domain.policy import Pack
from compliance.policies.loader import load_text
from compliance.ports import Books


class PublishedPacks:
    """Implements `PolicySource` over the books."""

    def __init__(self) -> None:
        self._read: dict[int, Pack] = {}

    def active(self, books: Books, now: datetime) -> Pack:
        """The pack in force; raises `GateClosed` where none has been published."""
        number = books.packs.active_version(int(now.timestamp()))
        if number is None:
            raise GateClosed("No policy is in force. Publish one first: compliance policy publish PACK")
        return self.version(books, number)

    def version(self, books: Books, number: int) -> Pack:
        pack = self._read.get(number)
        if pack is None:
            files = books.packs.version(number)
            if files is None:
                raise GateClosed("A record's policy version is missing from the books.")
            pack = self._read[number] = load_text(json.loads(files), version=number, name="published")
        return pack

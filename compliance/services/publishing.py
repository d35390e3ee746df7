"""Publishing a pack: from then on it decides. Versions are immutable, and each publication is sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from compliance.domain.ledger import Act, Entry
from compliance.domain.policy import Pack
from compliance.ports import Clock, UnitOfWork
from compliance.services.sealing import Sealing


class Publishing:
    def __init__(self, *, books: UnitOfWork, clock: Clock, sealing: Sealing) -> None:
        self._books, self._clock, self._sealing = books, clock, sealing

    def publish(
        self, pack: Pack, files: Mapping[str, str], by: str, effective_from: datetime | None = None
    ) -> int | None:
        """Publish a checked pack; returns its version, or None where the newest version is already the same.

        Records keep the version they were collected under.
        """
        effective_from = effective_from or self._clock.now()
        with self._books.writing() as books:
            if books.packs.latest_digest() == pack.digest:
                return None
            text = json.dumps(dict(files), ensure_ascii=False, sort_keys=True)
            number = books.packs.publish(pack.name, pack.digest, text, int(effective_from.timestamp()), by)
            day = self._clock.now().astimezone(pack.site.timezone).date().isoformat()
            facts = (("version", number), ("digest", pack.digest), ("by", by))
            entry = Entry(
                act=Act.POLICY_PUBLISHED, site=pack.site.name, category="", day=day, count=1, facts=facts
            )
            self._sealing.write(books, entry)
        self._sealing.nudge()
        return number

"""What records were promised, and what later versions have shortened it to by a sealed act."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from compliance.domain.redating import Stages, Stay, shortest, target
from compliance.domain.schedule import Due
from compliance.ports import Books, PolicySource


def switch_of(version: int) -> str:
    """The durable fact that records were (or are being) re-dated to a version: how far, and what was done."""
    return f"redate.{version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a re-dating has come: the last holding number done, and the sums until there."""

    after: int = 0
    parts: int = 0
    records: int = 0
    done: bool = False

    def text(self) -> str:
        return json.dumps([self.after, self.parts, self.records, self.done])

    @classmethod
    def read(cls, text: str | None) -> Progress:
        if text is None:
            return cls()
        after, parts, records, done = json.loads(text)
        return cls(after=after, parts=parts, records=records, done=done)


class Shortenings:
    def __init__(self, policies: PolicySource) -> None:
        self._policies = policies

    def stages(self, books: Books, version: int, category: str, klass: int, until: int) -> Stages:
        """The promise of `version` to a class of fields, and what versions before `until` made of it since."""
        policy = self._policies.version(books, version).categories[category]
        stages: Stages = ((policy.retentions[klass],),)
        for later in range(version + 1, until):
            if books.switches.get(switch_of(later)) is None:
                continue
            pack = self._policies.version(books, later)
            said = target(policy, klass, stages, pack.categories.get(category), pack.site.timezone)
            if not isinstance(said, Stay):
                stages = (*stages, said)
        return stages

    def hold_to(
        self,
        books: Books,
        due: Due,
        *,
        version: int,
        category: str,
        klass: int,
        facts: dict[str, datetime],
        now: datetime,
    ) -> Due:
        """A due moment that a later fact gives, never later than what the record has been shortened to since."""
        active = books.packs.active_version(int(now.timestamp())) or version
        if active <= version:
            return due
        zone = self._policies.version(books, version).site.timezone
        return shortest(due, self.stages(books, version, category, klass, active + 1), facts, zone)

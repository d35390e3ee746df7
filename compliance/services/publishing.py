"""Publishing a policy: from then on it decides. Versions are immutable, and each publication is sealed.

What widens, or keeps anything longer, needs a second named person. What shortens reaches the records that exist by an
act of its own, `redate`: planned beforehand, sealed batch by batch, and harmless to repeat.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from compliance.domain.difference import Difference, compare
from compliance.domain.errors import PublicationRefused
from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import Pack
from compliance.domain.redating import Stages, Stay
from compliance.domain.schedule import Retention
from compliance.ports import Assessed, Books, Clock, DuePart, Expectation, PartRow, PolicySource, UnitOfWork
from compliance.ports.planning import PartGroup, Redatable
from compliance.ports.policies import ModeChanges
from compliance.services.forecast import due_day
from compliance.services.planning import Planning, moments_after
from compliance.services.sealing import Sealing
from compliance.services.shortenings import Progress, switch_of

BATCH = 1000
# A clock that is a little behind must not refuse a publication that says "now".
_JUST_NOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redated:
    """What re-dating has moved so far: parts, and the records they are of."""

    version: int
    parts: int
    records: int


class Publishing:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        clock: Clock,
        policies: PolicySource,
        planning: Planning,
        redatable: Redatable,
        sealing: Sealing,
        assessed: Assessed,
        modes: ModeChanges,
    ) -> None:
        self._books, self._clock, self._policies = books, clock, policies
        self._planning, self._redatable, self._sealing = planning, redatable, sealing
        self._assessed, self._modes = assessed, modes

    def publish(
        self,
        pack: Pack,
        files: Mapping[str, str],
        by: str,
        effective_from: datetime | None = None,
        second: str = "",
    ) -> int | None:
        """Publish a checked pack; returns its version, or None where the newest version is already the same.

        Records keep the version they were collected under. Raises `PublicationRefused` for a pack that widens without
        a second person, for one that may not observe, and for one that would have been in force already; `AssessmentMissing` for one that needs an
        impact assessment and has none of exactly its scope.
        """
        now = self._clock.now()
        effective_from = effective_from or now
        if effective_from < now - _JUST_NOW:
            raise PublicationRefused("A policy cannot take effect in the past. 生效时间不能早于现在。")
        with self._books.writing() as books:
            if books.packs.latest_digest() == pack.digest:
                return None
            difference = self._difference(books, pack, now)
            if difference.widens and second in ("", by):
                raise PublicationRefused(
                    "This policy widens what is collected, kept, seen or passed on: a second named person has to agree. "
                    "此规则放宽了收集、保存、查看或者提供的范围，须由另一名具名人员共同确认。"
                )
            signed_by = tuple(one for one in (by, second) if one)
            self._modes.require(pack, signed_by, effective_from)
            assessment = self._assessed.require(books, pack)
            active = books.packs.active_version(int(now.timestamp()))
            was = self._policies.version(books, active) if active is not None else None
            text = json.dumps(dict(files), ensure_ascii=False, sort_keys=True)
            number = books.packs.publish(pack.name, pack.digest, text, int(effective_from.timestamp()), by)
            self._enter(books, pack, number, difference, by, second, effective_from, assessment)
            self._modes.enter(books, was, pack, number, signed_by)
        self._sealing.nudge()
        return number

    def redate(self, version: int, by: str, *, batch: int = BATCH) -> Redated:
        """Apply a version's shorter periods to the records of earlier versions, each batch in one transaction.

        What was interrupted goes on where it stopped, and what is done does nothing more. Raises `PublicationRefused`
        for a version that is not in force.
        """
        while True:
            with self._books.writing() as books:
                if (books.packs.active_version(int(self._clock.now().timestamp())) or 0) < version:
                    raise PublicationRefused("This version is not in force. 此版本尚未生效。")
                progress = self._redate_batch(books, version, by, batch)
                books.switches.set(switch_of(version), progress.text())
            self._sealing.nudge()
            if progress.done:
                return Redated(version=version, parts=progress.parts, records=progress.records)

    # -- inside --------------------------------------------------------------------------------------------------

    def _difference(self, books: Books, pack: Pack, now: datetime) -> Difference:
        """Against what is in force, and against what is to come: neither may be widened by one person alone."""
        active = books.packs.active_version(int(now.timestamp()))
        latest = active
        while books.packs.version((latest or 0) + 1) is not None:
            latest = (latest or 0) + 1
        known = [number for number in dict.fromkeys((active, latest)) if number is not None]
        found = [compare(self._policies.version(books, number), pack) for number in known]
        return Difference(changes=tuple(dict.fromkeys(one for each in found for one in each.changes)))

    def _enter(
        self,
        books: Books,
        pack: Pack,
        number: int,
        difference: Difference,
        by: str,
        second: str,
        effective_from: datetime,
        assessment: str,
    ) -> None:
        facts: tuple[tuple[str, str | int], ...] = (
            ("version", number),
            ("digest", pack.digest),
            ("by", by),
            ("direction", difference.direction.value),
            ("effective", pack.site.day_of(effective_from).isoformat()),
        )
        facts += (("second", second),) if second else ()
        facts += (("assessment", assessment),) if assessment else ()
        day = pack.site.day_of(self._clock.now()).isoformat()
        entry = Entry(
            act=Act.POLICY_PUBLISHED, site=pack.site.name, category="", day=day, count=1, facts=facts
        )
        self._sealing.write(books, entry)

    def _redate_batch(self, books: Books, version: int, by: str, batch: int) -> Progress:
        progress = Progress.read(books.switches.get(switch_of(version)))
        numbers = self._redatable.page(books, version, progress.after, batch)
        if not numbers:
            return replace(progress, done=True)
        pack = self._policies.version(books, version)
        now = self._clock.now()
        # What a class of fields was promised and is promised now is the same for every part of it.
        said_of = cache(lambda was, category, klass: self._planning.said(books, was, category, klass, pack))
        moved: list[tuple[DuePart, PartRow]] = []
        for due in books.holdings.claim(numbers):
            holding = due.holding
            promised = said_of(holding.policy_version, holding.category, due.part.retention_class)
            row = _moved(due, promised, pack, now)
            if row is not None:
                moved.append((due, row))
        self._redatable.redate(books, [row for _, row in moved])
        self._expect(books, moved, pack)
        self._enter_batch(books, moved, pack, by, now)
        return Progress(
            after=numbers[-1],
            parts=progress.parts + len(moved),
            records=progress.records + len({due.holding.no for due, _ in moved}),
        )

    def _expect(self, books: Books, moved: list[tuple[DuePart, PartRow]], pack: Pack) -> None:
        """What the plan moved is foreseen on its new day: the next sweep does not take it for excess."""
        counted: dict[tuple[str, str, str], int] = defaultdict(int)
        for due, row in moved:
            at = due.holding.site, due.holding.category
            counted[*at, due_day(due.part.erase_at, pack)] -= 1
            counted[*at, due_day(row.erase_at, pack)] += 1
        books.counts.expect([Expectation(*bucket, n) for bucket, n in counted.items() if n])

    def _enter_batch(
        self, books: Books, moved: list[tuple[DuePart, PartRow]], pack: Pack, by: str, now: datetime
    ) -> None:
        groups: dict[tuple[str, str, int], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for due, row in moved:
            key = due.holding.site, due.holding.category, due.holding.policy_version
            groups[key][due.holding.id].append(str(row.part_no))
        day = pack.site.day_of(now).isoformat()
        for (site, category, was), members in groups.items():
            facts = (("why", "policy"), ("policy", pack.version), ("was", was), ("by", by))
            leaves = [(holding, ",".join(parts)) for holding, parts in members.items()]
            entry = Entry(
                act=Act.AMENDED,
                site=site,
                category=category,
                day=day,
                count=len(leaves),
                facts=facts,
                members=members_root(Act.AMENDED, leaves),
            )
            self._sealing.write(books, entry)


def _moved(
    due: DuePart, promised: tuple[Stages, tuple[Retention, ...] | Stay], pack: Pack, now: datetime
) -> PartRow | None:
    """The part with its earlier moments; None where it keeps those that it has."""
    holding, part = due.holding, due.part
    if part.erase_at <= now.timestamp():
        return None  # due under its own promise
    group = PartGroup(
        site=holding.site,
        category=holding.category,
        policy_version=holding.policy_version,
        retention_class=part.retention_class,
        readable_until=part.readable_until,
        erase_at=part.erase_at,
        state=part.state,
        parts=1,
    )
    after = moments_after(group, *promised, now, pack)
    return None if isinstance(after, Stay) else part._replace(readable_until=after[0], erase_at=after[1])

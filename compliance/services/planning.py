"""What a new pack would do to the records that exist: counted, in sentences, and without touching anything.

How a new due moment is found, and why it is never later than the old one, is said in `compliance.domain.redating`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from compliance.domain.difference import Difference, Direction, compare
from compliance.domain.policy import Pack
from compliance.domain.redating import Moments, Stages, Stay, redated, target
from compliance.domain.schedule import Retention
from compliance.domain.vocabulary import PartState
from compliance.ports import Books, Clock, PolicySource, UnitOfWork
from compliance.ports.planning import ConsentGroup, PartGroup, Redatable
from compliance.services.forecast import due_day
from compliance.services.shortenings import Shortenings

#: What is on its way into somebody else's store is as good as there.
MOVABLE = frozenset({PartState.ACTIVE.value, PartState.INTENDED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class SoonerLine:
    """Parts whose day moves forward; `to_day` is today for those that would be over already."""

    site: str
    category: str
    from_day: str
    to_day: str
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StayLine:
    """Parts that keep the promise they were collected under, and why."""

    site: str
    category: str
    policy_version: int
    why: Stay
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentLine:
    """Standing consents to a register that widens: they do not cover what is new (PIPL 14(2))."""

    site: str
    category: str
    kind: str
    consents: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A category whose notice says something else from then on (PIPL 17(2))."""

    category: str
    direction: Direction
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """`due_now` falls due at once, `sooner` on an earlier day than promised, `stays` keeps its promise."""

    at: datetime
    base_version: int | None
    digest: str
    difference: Difference
    due_now: tuple[SoonerLine, ...] = ()
    sooner: tuple[SoonerLine, ...] = ()
    stays: tuple[StayLine, ...] = ()
    consents: tuple[ConsentLine, ...] = ()
    notices: tuple[NoticeLine, ...] = ()

    @property
    def moved_parts(self) -> int:
        return sum(line.parts for line in (*self.due_now, *self.sooner))

    @property
    def needs_second(self) -> bool:
        return self.difference.widens and self.base_version is not None

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "base_version": self.base_version,
            "digest": self.digest,
            "needs_second": self.needs_second,
            "difference": self.difference.as_json(),
            "due_now": [asdict(line) for line in self.due_now],
            "sooner": [asdict(line) for line in self.sooner],
            "stays": [{**asdict(one), "zh": one.why.zh, "en": one.why.en} for one in self.stays],
            "consents": [asdict(line) for line in self.consents],
            "notices": [asdict(line) for line in self.notices],
        }


class Planning:
    def __init__(
        self, *, books: UnitOfWork, clock: Clock, policies: PolicySource, redatable: Redatable
    ) -> None:
        self._books, self._clock = books, clock
        self._policies, self._redatable = policies, redatable
        self._shortenings = Shortenings(policies)

    def plan(self, pack: Pack, at: datetime | None = None) -> ChangePlan:
        """The counted effect of a checked pack, were it in force at `at` (now). Reads only."""
        now = at or self._clock.now()
        with self._books.reading() as books:
            base = books.packs.active_version(int(now.timestamp()))
            # Against a version that is published already, only what was promised before it can move.
            published = pack.version or None
            groups = self._redatable.groups(books, published)
            consents = self._redatable.consents(books, published)
            difference = self._difference(books, base, pack)
            moved, stays = self._sorted(books, groups, pack, now)
        return ChangePlan(
            at=now,
            base_version=base,
            digest=pack.digest,
            difference=difference,
            due_now=_lines((key, n) for key, n in moved.items() if key[4]),
            sooner=_lines((key, n) for key, n in moved.items() if not key[4]),
            stays=tuple(
                StayLine(site=site, category=category, policy_version=version, why=why, parts=n)
                for (site, category, version, why), n in sorted(stays.items())
            ),
            consents=_asked_again(consents, difference),
            notices=_notices(pack, difference),
        )

    def _difference(self, books: Books, base: int | None, pack: Pack) -> Difference:
        return compare(self._policies.version(books, base), pack) if base is not None else Difference()

    def _sorted(
        self, books: Books, groups: Sequence[PartGroup], pack: Pack, now: datetime
    ) -> tuple[Counter[tuple[str, str, str, str, bool]], Counter[tuple[str, str, int, Stay]]]:
        moved: Counter[tuple[str, str, str, str, bool]] = Counter()
        stays: Counter[tuple[str, str, int, Stay]] = Counter()
        said_of = cache(lambda version, category, klass: self.said(books, version, category, klass, pack))
        moment = now.timestamp()
        for group in groups:
            if group.state in MOVABLE and group.erase_at <= moment:
                continue  # due under its own promise, whatever the new policy says
            stages, said = said_of(group.policy_version, group.category, group.retention_class)
            after = moments_after(group, stages, said, now, pack)
            if isinstance(after, Stay):
                stays[group.site, group.category, group.policy_version, after] += group.parts
                continue
            days = due_day(group.erase_at, pack), due_day(after[1], pack)
            moved[group.site, group.category, *days, after[1] <= moment] += group.parts
        return moved, stays

    def said(
        self, books: Books, version: int, category: str, klass: int, pack: Pack
    ) -> tuple[Stages, tuple[Retention, ...] | Stay]:
        """What a class of fields was promised, and what the pack says of it."""
        newest = books.packs.active_version(int(self._clock.now().timestamp())) or version
        stages = self._shortenings.stages(books, version, category, klass, pack.version or newest + 1)
        was = self._policies.version(books, version).categories[category]
        return stages, target(was, klass, stages, pack.categories.get(category), pack.site.timezone)


def moments_after(
    part: PartGroup, stages: Stages, said: tuple[Retention, ...] | Stay, now: datetime, pack: Pack
) -> tuple[int, int] | Stay:
    """(readable until, erased at) as epoch seconds where the pack moves them forward, else why they stay."""
    if part.state not in MOVABLE:
        return Stay.BOUND
    if isinstance(said, Stay):
        return said
    before = Moments(
        readable_until=datetime.fromtimestamp(part.readable_until, UTC),
        erase_at=datetime.fromtimestamp(part.erase_at, UTC),
    )
    after = redated(before, stages, said, now, pack.site.timezone)
    found = int(after.readable_until.timestamp()), int(after.erase_at.timestamp())
    return Stay.LONGER if found == (part.readable_until, part.erase_at) else found


def _lines(counted: Iterable[tuple[tuple[str, str, str, str, bool], int]]) -> tuple[SoonerLine, ...]:
    return tuple(
        SoonerLine(site=site, category=category, from_day=from_day, to_day=to_day, parts=n)
        for (site, category, from_day, to_day, _), n in sorted(counted, key=lambda one: (one[0][3], one[0]))
    )


def _asked_again(consents: Sequence[ConsentGroup], difference: Difference) -> tuple[ConsentLine, ...]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for group in consents:
        counted[group.site, group.category, group.kind] += group.consents
    widened = {
        category: tuple(
            dict.fromkeys(
                one.field
                for one in difference.of(category)
                if one.direction is Direction.WIDENS and one.field
            )
        )
        for category in {key[1] for key in counted}
        if any(one.direction is Direction.WIDENS for one in difference.of(category))
    }
    return tuple(
        ConsentLine(site=site, category=category, kind=kind, consents=n, fields=widened[category])
        for (site, category, kind), n in sorted(counted.items())
        if category in widened
    )


def _notices(pack: Pack, difference: Difference) -> tuple[NoticeLine, ...]:
    lines = []
    for category in pack.categories:
        changes = difference.of(category)
        if changes:
            whole = Difference(changes=changes)
            lines.append(NoticeLine(category=category, direction=whole.direction, changes=len(changes)))
    return tuple(lines)

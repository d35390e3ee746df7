"""When what ends: the plan that can be read beforehand, and the sweep that carries it out.

A beat only wakes this up. The obligation is the part's row; a sweep that was lost is found again by the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compliance.domain.errors import DisposalPaused
from compliance.domain.ledger import Act, Entry
from compliance.domain.schedule import window_end
from compliance.domain.vocabulary import PartState
from compliance.ports import (
    Books,
    Clock,
    Disposed,
    DuePart,
    Expectation,
    Keyring,
    PolicySource,
    Sweep,
    UnitOfWork,
)
from compliance.services.clock_guard import ClockGuard
from compliance.services.forecast import due_day
from compliance.services.sealing import Sealing
from compliance.services.tokens import epoch_of

BATCH = 1000
PAUSED = "disposal.paused"
FORECAST = "forecast.day"
OWN_KEYS = "own_keys.day"
_EVIDENCE_KEY_YEARS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """Parts of one category under one policy version that fall due on one day."""

    site: str
    category: str
    policy_version: int
    day: str
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPlan:
    """What a sweep at `at` would do, and what falls due after it. Nothing is touched by looking.

    `due` is what would be erased; `waiting` and `held` are what there would be of either after it.
    """

    at: datetime
    due: tuple[DueLine, ...]
    later: tuple[DueLine, ...]
    waiting: int
    held: int

    @property
    def due_parts(self) -> int:
        return sum(line.parts for line in self.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one run did. `left` is what re-reading still found of it: it must be none."""

    disposed: Disposed
    left: int
    keys_destroyed: int
    paused: str | None = None


class Retention:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        disposal: Sweep,
        keyring: Keyring,
        clock: Clock,
        guard: ClockGuard,
        sealing: Sealing,
        settled: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._books, self._policies, self._disposal = books, policies, disposal
        self._keyring, self._clock, self._guard, self._sealing = keyring, clock, guard, sealing
        self._settled = (
            settled  # what ends by itself: it is told before what is due is swept, and looked at after
        )

    def plan(self, at: datetime | None = None, *, days: int = 30) -> RetentionPlan:
        """What is due at `at` and in the days after it, counted by category, version and day."""
        at = at or self._clock.now()
        until = int((at + timedelta(days=days)).timestamp())
        with self._books.reading() as books:
            pack = self._policies.active(books, at)
            today = pack.site.day_of(at).isoformat()
            scopes = [hold for hold in books.holds.standing() if hold.until >= today]
            bound = {
                part: where
                for hold in scopes
                for part, where in books.holdings.due_in_scope(
                    until, hold.site, hold.category, hold.holding_id
                ).items()
            }
            lines = books.holdings.due_summary(until)
            expected = books.counts.expected(today)
            waiting = books.holdings.count_in(PartState.WAITING.value)
        held = Counter(bound.values())
        due: Counter[tuple[str, str, int, str]] = Counter()
        later: Counter[tuple[str, str, int, str]] = Counter()
        for site, category, erase_at, version, parts in lines:
            day = due_day(erase_at, pack)
            free = parts - held[site, category, erase_at, version]
            if erase_at > at.timestamp():
                later[site, category, version, day] += free
                continue
            # The disposal's own bound, so that the plan is what the sweep does.
            known = min(free, max(0, expected.get((site, category, day), 0)))
            expected[site, category, day] = expected.get((site, category, day), 0) - known
            due[site, category, version, day] += known
            waiting += free - known
        held_now = sum(n for (_, _, erase_at, _), n in held.items() if erase_at <= at.timestamp())
        return RetentionPlan(at=at, due=_lines(due), later=_lines(later), waiting=waiting, held=held_now)

    def sweep(self, *, batch: int = BATCH) -> Swept:
        """Erase what is due, until nothing is; then read it again, and destroy the windows' keys.

        Each batch is one transaction: a kill in between leaves every record wholly there or wholly gone.
        """
        paused = self._pause_if_in_doubt()
        if paused is not None:
            return Swept(disposed=Disposed(), left=0, keys_destroyed=0, paused=paused)
        self._release_ended_holds()
        for settle in self._settled:
            settle()
        total, left = Disposed(), 0
        while True:
            with self._books.writing() as books:
                disposed, erased = self._disposal.sweep_batch(books, self._clock.now(), batch)
            left += self._read_again(erased)
            total += disposed
            if not erased and not disposed.restricted_parts and not disposed.waiting_parts:
                break
            self._sealing.nudge()
        for settle in self._settled:
            settle()
        destroyed = self._destroy_keys()
        if total.erased_parts or destroyed:
            self._books.settle()
        self._sealing.seal()
        return Swept(disposed=total, left=left, keys_destroyed=destroyed)

    def forecast(self) -> int:
        """Seal what is known to fall due, once a day: the next day's sweeps are measured against it."""
        with self._books.writing() as books:
            today = self._today(books)
            # The rows alone would not tell that a forecast of nothing was made.
            if today in (books.counts.forecast_day(), books.switches.get(FORECAST)):
                return 0
            books.switches.set(FORECAST, today)
            rows = books.counts.fold_forecast(today)
            digest = hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()
            entry = Entry(
                act=Act.FORECAST,
                site="",
                category="",
                day=today,
                count=sum(r.n for r in rows),
                facts=(("digest", digest),),
            )
            self._sealing.write(books, entry)
        return len(rows)

    def pause(self, by: str, why: str) -> None:
        """Stop erasing until `resume`; nothing is lost by it, and the report says so."""
        with self._books.writing() as books:
            self._pause(books, by, why)

    def resume(self, by: str) -> None:
        """Go on; the officer vouches for the clock where that was the doubt."""
        with self._books.writing() as books:
            self._guard.believe(books)
            books.switches.set(PAUSED, None)
            entry = Entry(
                act=Act.RESUMED, site="", category="", day=self._today(books), count=1, facts=(("by", by),)
            )
            self._sealing.write(books, entry)

    def release_excess(self, by: str, why: str) -> int:
        """Let what waited as unforeseen go with the next sweep, on a named person's word; returns the parts."""
        with self._books.writing() as books:
            parts = books.holdings.release_waiting()
            pack = self._policies.active(books, self._clock.now())
            counted: dict[tuple[str, str, str], int] = defaultdict(int)
            for site, category, erase_at in parts:
                counted[site, category, due_day(erase_at, pack)] += 1
            books.counts.expect([Expectation(*bucket, n) for bucket, n in counted.items()])
            facts = (("by", by), ("why", why))
            entry = Entry(
                act=Act.EXCESS_RELEASED,
                site="",
                category="",
                day=self._today(books),
                count=len(parts),
                facts=facts,
            )
            self._sealing.write(books, entry)
        return len(parts)

    # -- inside --------------------------------------------------------------------------------------------------

    def _today(self, books: Books) -> str:
        pack = self._policies.active(books, self._clock.now())
        return pack.site.day_of(self._clock.now()).isoformat()

    def _pause(self, books: Books, by: str, why: str) -> None:
        books.switches.set(PAUSED, json.dumps({"by": by, "why": why}))
        facts = (("by", by), ("why", why))
        entry = Entry(act=Act.PAUSED, site="", category="", day=self._today(books), count=1, facts=facts)
        self._sealing.write(books, entry)

    def _pause_if_in_doubt(self) -> str | None:
        with self._books.writing() as books:
            standing = books.switches.get(PAUSED)
            doubt = self._guard.doubt(books)
            if standing is not None:
                paused = json.loads(standing)
                if paused["by"] != "clock" or doubt is not None:
                    return str(paused["why"])
                # The sources agree again: what they paused, they resume.
                books.switches.set(PAUSED, None)
                facts = (("by", "clock"),)
                entry = Entry(
                    act=Act.RESUMED, site="", category="", day=self._today(books), count=1, facts=facts
                )
                self._sealing.write(books, entry)
                return None
            if doubt is not None:
                self._pause(books, "clock", doubt)
            return doubt

    def _release_ended_holds(self) -> None:
        with self._books.writing() as books:
            today = self._today(books)
            for hold in books.holds.standing():
                if hold.until < today:
                    books.holds.release(hold.id, "end", today)
                    self._disposal.release(
                        books, books.holdings.in_scope(hold.site, hold.category, hold.holding_id)
                    )
                    facts = (("hold", hold.id), ("by", "end"))
                    entry = Entry(
                        act=Act.HOLD_RELEASED,
                        site=hold.site,
                        category=hold.category,
                        day=today,
                        count=1,
                        facts=facts,
                    )
                    self._sealing.write(books, entry)

    def _read_again(self, erased: Sequence[DuePart]) -> int:
        if not erased:
            return 0
        with self._books.writing() as books:
            left = self._disposal.left(books, erased)
            facts = (("left", left),)
            today = self._today(books)
            entry = Entry(act=Act.ZERO_LEFT, site="", category="", day=today, count=len(erased), facts=facts)
            self._sealing.write(books, entry)
        return left

    def _destroy_keys(self) -> int:
        """Destroy every window key whose window is over and that no part refers to, and what epochs left behind."""
        now = self._clock.now()
        with self._books.writing() as books:
            books.window_lock(exclusive=True)
            site = self._policies.active(books, now).site
            gone = [
                name
                for name in self._keyring.names("window/")
                if window_end(name.rsplit("/", 1)[1], site.timezone) <= now
                and not books.holdings.key_in_use(name)
            ]
            this_epoch = epoch_of(now)
            books.marks.drop_epochs(this_epoch - 1)
            for name in self._keyring.names("epoch/"):
                epoch = int(name.removeprefix("epoch/"))
                if epoch < this_epoch - 1 and not books.holdings.epoch_in_use(epoch):
                    gone.append(name)
            today = site.day_of(now)
            first_today = books.switches.get(OWN_KEYS) != today.isoformat()
            if first_today:
                books.switches.set(OWN_KEYS, today.isoformat())
                gone += self._left_by_a_crash(books)
            books.consents.drop_expired(today.isoformat())
            gone += [
                n for n in self._keyring.names("consent/") if int(n[8:]) < today.year - _EVIDENCE_KEY_YEARS
            ]
            for name in gone:
                self._keyring.destroy(name)
            # What is held keeps its window standing; looking whether it still does is for once a day as well.
            cleared = self._disposal.clear_windows(books, now) if gone or first_today else 0
            if gone or cleared:
                self._enter_keys(books, today, len(gone), cleared)
        return len(gone)

    def _left_by_a_crash(self, books: Books) -> list[str]:
        """Own keys of parts that were about to be restricted when the process ended. They may be many: once a day."""
        return [name for name in self._keyring.names("own/") if not books.holdings.key_in_use(name)]

    def _enter_keys(self, books: Books, today: date, count: int, cleared: int) -> None:
        facts = (("cleared", cleared),) if cleared else ()
        entry = Entry(
            act=Act.KEY_DESTROYED, site="", category="", day=today.isoformat(), count=count, facts=facts
        )
        self._sealing.write(books, entry)


def require_running(books: Books) -> None:
    """Raise `DisposalPaused` where disposal stands still: a request that would erase waits too."""
    if books.switches.get(PAUSED) is not None:
        raise DisposalPaused


def _lines(counted: Mapping[tuple[str, str, int, str], int]) -> tuple[DueLine, ...]:
    return tuple(
        DueLine(site=site, category=category, policy_version=version, day=day, parts=parts)
        for (site, category, version, day), parts in sorted(
            counted.items(), key=lambda item: (item[0][3], item[0])
        )
        if parts
    )

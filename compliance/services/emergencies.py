"""Emergencies: opened by a named person on an authority's document, over at their end, and destroyed with it.

While one is open the pack in force has its fields (`compliance.domain.emergency`). When it ends, by an act or by its
time, everything collected only because of it falls due at that moment: the ordinary sweep destroys it, leaving tombstones
and a ledger entry, and zero left is sealed. The people are then told, which is a duty with a day (PIPL 18(2)).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from compliance.domain.emergency import classes
from compliance.domain.errors import EmergencyRefused, GateClosed
from compliance.domain.formats import Instruments
from compliance.domain.ledger import Act, Entry
from compliance.domain.policy import Pack
from compliance.domain.submission import is_staff_id
from compliance.ports import (
    Books,
    Clock,
    EmergencyRow,
    Expectation,
    Ids,
    Journal,
    PartClass,
    PolicySource,
    UnitOfWork,
)
from compliance.services.forecast import due_day
from compliance.services.sealing import Sealing

LONGEST_TEXT = 200
BY_TIME = "end"


class Emergencies:
    """`tell_by` gives the last day on which people are told afterwards, from the day on which it ended."""

    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        clock: Clock,
        sealing: Sealing,
        journal: Journal,
        ids: Ids,
        tools: Instruments,
        tell_by: Callable[[date, int], date],
    ) -> None:
        self._books, self._policies, self._clock = books, policies, clock
        self._sealing, self._journal, self._ids = sealing, journal, ids
        self._tools, self._tell_by = tools, tell_by

    def open(self, *, profile: str, document: str, authority: str, until: datetime, by: str) -> EmergencyRow:
        """Open a profile of the pack in force until a moment. Raises `EmergencyRefused`."""
        now = self._clock.now()
        for text in (document, authority):
            self._check_text(text)
        if not is_staff_id(by):
            raise EmergencyRefused(
                "由谁启动须写工号，如 staff-9。 / Who opens it is a staff id, such as staff-9."
            )
        with self._books.writing() as books:
            books.window_lock(exclusive=True)
            pack = self._policies.active(books, now)
            self._check_bounds(books, pack, profile, until, now)
            row = EmergencyRow(
                id=self._ids.secret(12),
                site=pack.site.name,
                profile=profile,
                document=document.strip(),
                authority=authority.strip(),
                opened_by=by,
                opened_at=int(now.timestamp()),
                ends_at=int(until.timestamp()),
            )
            books.emergencies.put(row)
            facts = (("document", row.document), ("authority", row.authority), ("by", by))
            ends = until.astimezone(pack.site.timezone).isoformat(timespec="seconds")
            self._enter(books, pack, Act.EMERGENCY_OPENED, row, (*facts, ("until", ends)))
        self._sealing.nudge()
        return row

    def close(self, emergency_id: str, by: str) -> EmergencyRow:
        """End it now; what it brought falls due at once. Raises `EmergencyRefused` where it is not open."""
        if not is_staff_id(by):
            raise EmergencyRefused(
                "由谁结束须写工号，如 staff-9。 / Who closes it is a staff id, such as staff-9."
            )
        now = int(self._clock.now().timestamp())
        with self._books.writing() as books:
            # Whoever writes under it holds this lock shared: once it is ours, nothing more comes.
            books.window_lock(exclusive=True)
            row = books.emergencies.find(emergency_id)
            if row is None or row.closed_by is not None:
                raise EmergencyRefused(
                    "没有这项应急，或者已经结束。 / There is no such emergency, or it is over."
                )
            ended = self._end(books, row, min(now, row.ends_at), by)
        self._sealing.nudge()
        return ended

    def tell(self, emergency_id: str, by: str) -> EmergencyRow:
        """Record that the people were told afterwards (PIPL 18(2)). Raises `EmergencyRefused` before its end."""
        with self._books.writing() as books:
            row = books.emergencies.find(emergency_id)
            if row is None or row.closed_by is None or row.told_on is not None or not is_staff_id(by):
                raise EmergencyRefused(
                    "应急结束后才补告知，且只记一次。 / People are told once it is over, and that is recorded once."
                )
            pack = self._policies.active(books, self._clock.now())
            told = row._replace(told_by=by, told_on=self._today(pack).isoformat())
            books.emergencies.put(told)
            self._enter(books, pack, Act.EMERGENCY_TOLD, told, (("by", by),))
        self._sealing.nudge()
        return told

    def listed(self) -> list[EmergencyRow]:
        """Every emergency, newest first."""
        with self._books.reading() as books:
            return books.emergencies.listed()

    def find(self, emergency_id: str) -> EmergencyRow:
        """Raises `EmergencyRefused` where there is none."""
        with self._books.reading() as books:
            row = books.emergencies.find(emergency_id)
        if row is None:
            raise EmergencyRefused("没有这项应急。 / There is no such emergency.")
        return row

    def declared_in(self, row: EmergencyRow) -> Pack:
        """The newest version that declares the profile: what a notice says is said by it."""
        with self._books.reading() as books:
            for one in books.policies.versions():
                pack = self._policies.version(books, one.version)
                if row.profile in pack.emergencies:
                    return pack
        raise EmergencyRefused("规则里没有这类应急。 / The policy has no such emergency.")

    def settle(self) -> bool:
        """End what is over by its time, and seal once that nothing is left of what has ended; whether any was done."""
        with self._books.reading() as books:
            waiting = [row for row in books.emergencies.listed() if row.destroyed_on is None]
        done = [self._settle(row.id) for row in waiting]
        return any(done)

    # -- inside --------------------------------------------------------------------------------------------------

    def _settle(self, emergency_id: str) -> bool:
        now = self._clock.now()
        with self._books.writing() as books:
            books.window_lock(exclusive=True)
            row = books.emergencies.find(emergency_id)
            if row is None or row.destroyed_on is not None or row.ends_at > now.timestamp():
                return False
            if row.closed_by is None:
                self._end(books, row, row.ends_at, BY_TIME)
                return True
            try:
                pack = self._policies.active(books, now)
            except GateClosed:
                return False
            # A hold that ended since has put parts back: they are due as the others were.
            brought = self._classes(books, row)
            self._bring_forward(books, pack, brought, row.ends_at)
            left, _ = books.emergencies.left(brought)
            if left:
                return False
            books.emergencies.put(row._replace(destroyed_on=self._today(pack).isoformat()))
            self._enter(books, pack, Act.ZERO_LEFT, row, (("left", 0),))
        return True

    def _end(self, books: Books, row: EmergencyRow, moment: int, by: str) -> EmergencyRow:
        pack = self._policies.active(books, self._clock.now())
        brought = self._classes(books, row)
        affected = books.emergencies.records(brought)
        line = {"act": Act.EMERGENCY_CLOSED.value, "to": moment, "ids": [row.id, by]}
        self._journal.append([line])
        self._bring_forward(books, pack, brought, moment)
        ended_on = datetime.fromtimestamp(moment, pack.site.timezone).date()
        ended = row._replace(
            ends_at=moment,
            closed_by=by,
            affected=json.dumps(affected),
            tell_by=self._tell_by(ended_on, pack.site.duties.working_days).isoformat(),
        )
        books.emergencies.put(ended)
        facts = (("by", by), ("records", sum(affected.values())), ("tell_by", ended.tell_by or ""))
        self._enter(books, pack, Act.EMERGENCY_CLOSED, ended, facts)
        return ended

    def _bring_forward(self, books: Books, pack: Pack, brought: list[PartClass], moment: int) -> None:
        """Foreseen on its new day, so that the sweep does not take the destruction for excess."""
        counted: Counter[tuple[str, str]] = Counter()
        for category, erase_at, n in books.emergencies.end(brought, moment):
            counted[category, due_day(erase_at, pack)] -= n
            counted[category, due_day(moment, pack)] += n
        site = pack.site.name
        books.counts.expect(
            [Expectation(site, category, day, n) for (category, day), n in counted.items() if n]
        )

    def _classes(self, books: Books, row: EmergencyRow) -> list[PartClass]:
        """The profile's classes under every version: a policy may have been published while it was open."""
        found = []
        for version in range(1, 1 + max((one.version for one in books.policies.versions()), default=0)):
            for name, policy in self._policies.version(books, version).categories.items():
                found += [PartClass(row.site, name, version, klass) for klass in classes(policy, row.profile)]
        return found

    def _check_text(self, text: str) -> None:
        if not text.strip() or len(text) > LONGEST_TEXT or not text.isprintable() or self._tools.scan(text):
            raise EmergencyRefused(
                "须写明依据文件和发布机关（200字以内），不要写证件号、手机号。 / "
                "Name the document and the authority, in 200 characters and without anybody's numbers."
            )

    def _check_bounds(self, books: Books, pack: Pack, profile: str, until: datetime, now: datetime) -> None:
        declared = pack.emergencies.get(profile)
        if declared is None:
            known = "、".join(pack.emergencies) or "—"
            raise EmergencyRefused(
                f"规则里没有这类应急，可用：{known}。 / The policy has no such emergency: {known}."
            )
        if any(row.profile == profile for row in books.emergencies.open_at(int(now.timestamp()))):
            raise EmergencyRefused("这类应急已经启动，先结束再启动。 / It is open already: close it first.")
        if not now < until <= declared.longest.end(now, pack.site.timezone):
            raise EmergencyRefused(
                f"结束时间须在今后{declared.longest.zh}以内。 / It ends within {declared.longest.en} from now."
            )

    def _today(self, pack: Pack) -> date:
        return pack.site.day_of(self._clock.now())

    def _enter(
        self, books: Books, pack: Pack, act: Act, row: EmergencyRow, facts: tuple[tuple[str, str | int], ...]
    ) -> None:
        named = (("emergency", row.id), ("profile", row.profile))
        day = self._today(pack).isoformat()
        entry = Entry(act=act, site=row.site, category="", day=day, count=1, facts=(*named, *facts))
        self._sealing.write(books, entry)

"""Break-glass: who is inside now, for the fire brigade.

It opens without a second person and without a document, because there is no time for either; so it demands a reason,
is sealed as what it is, and tells the officer at once. It reads first and writes one short entry last: nothing that a
busy database is slow at stands between a fire and the list, and it works while the gate is closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from compliance.domain.errors import ComplianceError, ReadRefused
from compliance.domain.formats import Instruments
from compliance.domain.ledger import Act
from compliance.domain.policy import Pack
from compliance.domain.presence import FAR_OFF, due_while_inside, entry_of, is_inside
from compliance.domain.reading import WhyNot, granted
from compliance.domain.vocabulary import FieldType
from compliance.ports import Books, HoldingRow, Outbox, PolicySource, UnitOfWork
from compliance.services.opening import Around, Opened, Opening, shown_rules
from compliance.services.reading import show
from compliance.services.traces import Actor, Traces
from compliance.services.written import names_nobody, one_line

PURPOSE: Final = "emergency_rollcall"
LONGEST_REASON: Final = 200
#: An alarm that nobody could be sent for a day is on the page and in the report.
USEFUL_FOR: Final = timedelta(days=1)
#: A sweep, a zone or a publication at midnight may differ by less than this from the end that is counted here.
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of the roster, shown as the policy grants it for the roll-call."""

    record: str
    category: str
    label: str
    place: str = field(repr=False)  # what is granted of the room: a building, a room, or nothing
    came: str = field(repr=False)
    shown: Mapping[str, object] = field(repr=False)  # by the field's label, without place and time
    persons: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody who is inside, by place. `unreadable`: records that could not be opened and may be somebody."""

    act_id: str
    at: datetime
    lines: tuple[Line, ...]
    unreadable: int = 0

    @property
    def persons(self) -> int:
        return sum(line.persons for line in self.lines)


class RosterCall:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        opening: Opening,
        traces: Traces,
        outbox: Outbox,
        tools: Instruments,
    ) -> None:
        self._books, self._policies, self._opening = books, policies, opening
        self._traces, self._outbox, self._tools = traces, outbox, tools
        self._clock = opening.clock

    def call(self, *, reason: str, actor: Actor) -> Roster:
        """Everybody who came, has not left and may be shown for the roll-call.

        Raises ReadRefused: no reason, one with somebody's numbers in it, or a role that the policy does not grant.
        """
        why = one_line(reason, LONGEST_REASON)
        if not why or not names_nobody(why, self._tools.scan):
            raise self._refused(actor, WhyNot.NO_REASON)
        with self._books.reading() as books:
            pack = self._policies.active(books, self._clock.now())
            if not any(granted(policy, PURPOSE, actor.role) for policy in pack.categories.values()):
                raise self._refused(actor, WhyNot.NOT_GRANTED)
            found, lost = self._inside(books, pack)
        lines = [line for one in found if (line := _line(one, actor))]
        with self._books.writing() as books:
            act_id = self._enter(books, actor, why, found, lost)
            self._alarm(books, pack, actor, act_id, len(lines))
        ordered = sorted(lines, key=lambda line: (line.place, line.came, line.record))
        return Roster(act_id=act_id, at=self._clock.now(), lines=tuple(ordered), unreadable=lost)

    def _refused(self, actor: Actor, why: WhyNot) -> ReadRefused:
        with self._books.writing() as books:
            self._traces.refused(books, actor, PURPOSE, why)
        return ReadRefused(why)

    # -- who is inside -------------------------------------------------------------------------------------------

    def _inside(self, books: Books, pack: Pack) -> tuple[list[Opened], int]:
        """Everybody who is inside, held or not: a hold is no reason to leave somebody in a fire."""
        now = self._clock.now()
        candidates = list(self._candidates(books, pack))
        around = self._opening.around(books, candidates)
        found: list[Opened] = []
        lost = 0
        for holding in candidates:
            opened = self._opened(books, holding, around)
            if opened is None:
                lost += 1
            elif is_inside(opened.policy, opened.facts, opened.zone, now):
                found.append(opened)
        return found, lost

    def _opened(self, books: Books, holding: HoldingRow, around: Around) -> Opened | None:
        try:
            return self._opening.open(books, holding, around)
        except ComplianceError:
            return None

    def _candidates(self, books: Books, pack: Pack) -> Iterator[HoldingRow]:
        """Everybody who may be inside, by the moments at which their records fall due: an index finds them among
        millions, and nothing of the others is opened.
        """
        now = self._clock.now()
        bounds: dict[str, tuple[datetime, datetime]] = {}
        for number in range(1, max(pack.version, 1) + 1):
            version = self._policies.version(books, number)
            for category, policy in version.categories.items():
                for first, last in due_while_inside(policy, now, version.site.timezone):
                    earliest, latest = bounds.get(category, (first, last))
                    bounds[category] = (min(first, earliest), max(last, latest))
        for category, (first, last) in bounds.items():
            seconds = int((first - A_DAY).timestamp()), int(min(last, FAR_OFF).timestamp())
            yield from books.holdings.lasting(pack.site.name, category, *seconds)

    # -- traces --------------------------------------------------------------------------------------------------

    def _enter(self, books: Books, actor: Actor, why: str, found: Sequence[Opened], lost: int) -> str:
        members = [(one.holding.id, one.parts) for one in found]
        facts = (("reason", why), ("unreadable", lost))
        categories = [one.holding.category for one in found]
        return self._traces.listed(books, Act.BREAK_GLASS, actor, PURPOSE, categories, members, facts)

    def _alarm(self, books: Books, pack: Pack, actor: Actor, act_id: str, records: int) -> None:
        at = self._clock.now().astimezone(pack.site.timezone)
        body = (
            f"【应急点名】{at:%m-%d %H:%M}，{actor.id} 调取了在场人员名册，共{records}条。原因见账本；请核实。 / "
            f"Break-glass: {actor.id} called the roster, {records} records. The reason is in the ledger; please check."
        )
        self._outbox.post(
            books,
            key=f"roster/{act_id}",
            kind="alarm",
            destination=pack.site.officer.contact,
            body=body,
            useful_for=USEFUL_FOR,
        )


def _line(opened: Opened, actor: Actor) -> Line | None:
    """What this role may see of one record for the roll-call; None where its category grants nothing."""
    rules = granted(opened.policy, PURPOSE, actor.role)
    if not rules:
        return None
    shown = [
        (rule, show(rule, opened.values[rule.name], actor.role, opened.zone))
        for rule in shown_rules(rules, opened)
    ]
    entry = entry_of(opened.policy)
    companions = sum(
        value for rule, value in shown if rule.type is FieldType.COUNT and isinstance(value, int)
    )
    apart = (FieldType.ROOM, FieldType.TIME)
    return Line(
        record=opened.holding.id,
        category=opened.holding.category,
        label=opened.policy.label.zh,
        place="、".join(str(value) for rule, value in shown if rule.type is FieldType.ROOM),
        came=next((str(value)[:16] for rule, value in shown if entry and rule.name == entry.name), ""),
        shown={rule.label.zh: value for rule, value in shown if rule.type not in apart},
        persons=1 + max(0, companions),
    )

"""The source of one lane's two functions, `fits` and `admit`, written from its policy. `admit` begins as `fits` does.

In it `v3` is field 3 as it was sent, `d3` its moment where it is a time, `s3` the text that is kept of that moment. The
source holds indexes, and names of fields that have the loader's form; every other word of a policy reaches it as a value
in its namespace, so that no policy can write code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from compliance.domain.collection import Admitted, Cell, PartDraft, SubjectKey
from compliance.domain.formats import FURTHEST, UTC_ZONE, Instruments
from compliance.domain.plain_forms import SEPARATOR
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.schedule import Period
from compliance.domain.submission import CLOCK_SKEW
from compliance.domain.terms import QUARTER, terms
from compliance.domain.vocabulary import FieldType, StoreForm

_INSTANT = timedelta(microseconds=1)
_MOST = 10_000


class LaneSource:
    """`text` is the source, `names` the values that it speaks of."""

    def __init__(
        self,
        policy: CategoryPolicy,
        pack: Pack,
        tools: Instruments,
        rules: Mapping[str, FieldRule],
        forms: Mapping[str, str],
    ) -> None:
        self._policy, self._zone = policy, pack.site.timezone
        self._rules = tuple(rules.values())
        self._at = {rule.name: at for at, rule in enumerate(self._rules)}
        self._counts = self._of(FieldType.COUNT)
        self._times = self._of(FieldType.TIME)
        self._texts = [at for at in range(len(self._rules)) if at not in self._counts]
        pieces = (
            f"(?:{forms[rule.name]})" + ("" if rule.required else "?")
            for rule in (self._rules[at] for at in self._texts)
        )
        self.names: dict[str, Any] = {
            "NAMES": frozenset(rules),
            "MATCH": re.compile(SEPARATOR.join(pieces)).fullmatch,
            "JOIN": SEPARATOR.join,
            "ISO": datetime.fromisoformat,
            "UTC": UTC,
            "MAY_HOLD": tools.may_hold,
            "MAY_BE_SURE": tools.may_be_sure,
            "MASK": tools.mask,
            "LOCAL": _local_day(pack, tools),
            "POLICY": policy,
            "CATEGORY": policy.category,
            "SITE": pack.site.name,
            "NEW": tuple.__new__,  # what a NamedTuple's own constructor calls, without the call in between
            "Admitted": Admitted,
            "Cell": Cell,
            "Part": PartDraft,
            "Key": SubjectKey,
        }
        self.text = "\n".join((*self._fits(), "", *self._admit(), ""))

    def _of(self, type_: FieldType) -> list[int]:
        return [at for at, rule in enumerate(self._rules) if rule.type is type_]

    # -- form ------------------------------------------------------------------------------------------------------

    def _fits(self) -> Iterator[str]:
        yield "def fits(fields, earliest, latest):"
        yield from self._form()
        yield f"    return ({_listed('v', range(len(self._rules)))}{_listed('d', self._times)})"

    def _form(self) -> Iterator[str]:
        yield "    if not fields.keys() <= NAMES: return None"
        yield "    get = fields.get"
        for at, rule in enumerate(self._rules):
            yield f"    v{at} = get({rule.name!r}, {None if at in self._counts else ''!r})"
        yield "    try:"
        yield f"        if MATCH(JOIN(({_listed('v', self._texts)}))) is None: return None"
        for at in self._times:
            yield f"        d{at} = ISO(v{at}) if v{at} else None"
        yield "    except (TypeError, ValueError): return None"
        for at in self._times:
            yield f"    if d{at} is not None and not earliest < d{at} <= {self._latest(at)}: return None"
        for at in self._counts:
            absent = "" if self._rules[at].required else f"v{at} is not None and "
            yield f"    if {absent}not (type(v{at}) is int and 0 <= v{at} <= {self._rules[at].most:d}): return None"
        yield from self._order(filled_in=False)

    def _latest(self, at: int) -> str:
        furthest = self._rules[at].furthest
        if furthest is None:
            return "latest"
        self.names[f"LATEST{at}"] = _how_far_ahead(furthest)
        return f"LATEST{at}(latest)"

    def _order(self, *, filled_in: bool) -> Iterator[str]:
        """Times in their order; those that the gate fills in are compared once it has."""
        for pair in self._policy.order:
            one, two = (self._at.get(name, -1) for name in pair)
            if one in self._times and two in self._times:
                auto = self._rules[one].auto or self._rules[two].auto
                if auto or not filled_in:
                    yield f"    if d{one} is not None and d{two} is not None and d{two} < d{one}: return None"

    # -- admission ---------------------------------------------------------------------------------------------------

    def _admit(self) -> Iterator[str]:
        yield "def admit(fields, collected_at, earliest, latest, now):"
        yield from self._form()
        for at in self._texts:
            # In these something may hide that has letters only. What is only possible counts in free text alone.
            search = {FieldType.PERSON_NAME: "MAY_BE_SURE", FieldType.TEXT: "MAY_HOLD"}.get(
                self._rules[at].type
            )
            if search is not None:
                yield f"    if {search}(v{at}): return None"
        yield from self._filled_in()
        yield "    parts, last = [], 0"
        for number in range(len(self._policy.retentions)):
            yield from self._part(number)
        yield "    if not parts: return None"
        yield f"    return NEW(Admitted, (POLICY, tuple(parts), ({self._subjects()}), {self._cell()}, False, (), (), None, (), (), ()))"

    def _filled_in(self) -> Iterator[str]:
        for at in self._times:
            if self._rules[at].auto:
                yield f"    if d{at} is None: d{at}, v{at} = collected_at, ''"
            # A time that came in UTC is kept as it came; any other as the same moment in UTC.
            written = f"v{at} if v{at}[19:] == '+00:00' else d{at}.astimezone(UTC).isoformat()"
            yield f"    s{at} = None if d{at} is None else {written}"
        yield from self._order(filled_in=True)

    def _part(self, number: int) -> Iterator[str]:
        members = [at for at, rule in enumerate(self._rules) if rule.retention_class == number]
        if not members:
            return
        indent = "    "
        if not any(self._always(at) for at in members):
            yield f"    if {' or '.join(self._given(at) for at in members)}:"
            indent = "        "
        yield from (indent + line for line in self._part_of(number, members))

    def _part_of(self, number: int, members: list[int]) -> Iterator[str]:
        yield f"term = {self._term(number)}"
        yield "if term is None or term[4] <= now: return None"
        kept = [at for at in members if self._rules[at].store is not StoreForm.MATCH]
        pairs = (f"{self._rules[at].name!r}: {self._kept(at)}" for at in kept if self._always(at))
        yield f"kept = {{{', '.join(pairs)}}}"
        for at in kept:
            if not self._always(at):
                yield f"if {self._given(at)}: kept[{self._rules[at].name!r}] = {self._kept(at)}"
        yield f"parts.append(NEW(Part, ({number}, term, kept)))"
        if self._policy.tallies:
            yield "if term[4] > last: last = term[4]"

    def _term(self, number: int) -> str:
        retention, chosen = self._policy.retentions[number], "None"
        for word, start in (("ELSE", retention.or_else), ("START", retention.starts)):
            moment = "collected_at" if start.field == "collected_at" else f"d{self._at.get(start.field, '')}"
            if moment == "collected_at" or self._at.get(start.field) in self._times:
                self.names[f"{word}{number}"] = terms(retention, start, self._zone)
                chosen = f"{word}{number}({moment}) if {moment} is not None else {chosen}"
        return chosen

    def _always(self, at: int) -> bool:
        return self._rules[at].required or self._rules[at].auto

    def _given(self, at: int) -> str:
        if at in self._times:
            return f"d{at} is not None"
        return f"v{at} is not None" if at in self._counts else f"v{at}"

    def _kept(self, at: int) -> str:
        rule, value = self._rules[at], f"s{at}" if at in self._times else f"v{at}"
        return f"MASK({rule.type.value!r}, str({value}))" if rule.store is StoreForm.MASKED else value

    def _subjects(self) -> str:
        keys = []
        for name in self._policy.subject:
            at = self._at.get(name)
            if at is None:
                continue
            rule = self._rules[at]
            value = f"str(d{at}.astimezone(UTC))" if at in self._times else f"str(v{at})"
            key = f"NEW(Key, ({rule.retention_class}, {rule.type.value + ':'!r} + {value}))"
            keys.append(key if self._always(at) else f"*(({key},) if {self._given(at)} else ())")
        return "".join(f"{key}, " for key in keys)

    def _cell(self) -> str:
        if not self._policy.tallies:
            return "None"
        came = next((f"d{at}" for at in self._times if self._rules[at].auto), "collected_at")
        gate = self._at.get("gate")
        listed = gate is not None and self._rules[gate].type is FieldType.CODE
        where = f"v{gate}" if listed else "''"
        return f"NEW(Cell, (SITE, *LOCAL({came}), CATEGORY, {where}, last))"


def _listed(mark: str, places: range | list[int]) -> str:
    return "".join(f"{mark}{at}, " for at in places)


def _how_far_ahead(furthest: Period) -> Callable[[datetime], datetime]:
    """The last moment at which a time may lie, from the last at which any may."""

    def ends(latest: datetime) -> datetime:
        now = latest - CLOCK_SKEW
        return min(furthest.end(now, UTC_ZONE), now + FURTHEST - _INSTANT)

    return ends


def _local_day(pack: Pack, tools: Instruments) -> Callable[[datetime], tuple[str, int]]:
    """Day and daypart of a moment at the site, remembered by quarters of an hour as terms are."""
    zone = pack.site.timezone
    known: dict[int, tuple[str, int]] = {}

    def local(moment: datetime) -> tuple[str, int]:
        quarter = int(moment.timestamp()) // QUARTER
        found = known.get(quarter)
        if found is None:
            if len(known) >= _MOST:
                known.clear()
            there = moment.astimezone(zone)
            found = known[quarter] = there.date().isoformat(), tools.daypart(there)
        return found

    return local

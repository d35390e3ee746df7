"""How a month is counted for the report: each figure from the one place that can vouch for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from compliance.anonymisers import tally
from compliance.detectors import DETECTORS
from compliance.domain.disposition import reason_of
from compliance.domain.ledger import Act, parse
from compliance.domain.policy import Pack, Text
from compliance.domain.report import (
    FLOWS,
    Bound,
    CategoryFigures,
    DayFigures,
    DetectorFigures,
    LeniencyCount,
    ReasonCount,
    RequestFigures,
    Tallies,
    TallyRow,
)
from compliance.domain.request import RequestKind, RequestState
from compliance.domain.vocabulary import PartState, RestrictionReason
from compliance.ports import Books, BoundRow, HoldRow, RequestCount

Place = tuple[str, str]  # site and category
_FINAL = tuple(state.value for state in RequestState if state.final)
_BY_ACT = {
    Act.ADMITTED: "admitted",
    Act.AMENDED: "amended",
    Act.READ: "read",
    Act.ERASED: "erased",
    Act.ANONYMISED: "anonymised",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The month that is counted, the one before it, and now. Days are ISO; moments are epoch seconds of midnights."""

    books: Books
    pack: Pack
    now: int
    today: str
    before: str  # first day of the month before
    first: str
    end: str  # first day of the next month
    before_from: int
    first_from: int
    end_at: int


def count_categories(
    month: Month, version: Callable[[int], Pack], signed: Mapping[Place, Mapping[str, int]]
) -> tuple[CategoryFigures, ...]:
    """Every category of the policy in force, and every other that still has anything to show.

    `signed` are last month's standing numbers; `version` finds the pack that a restricted part was collected under.
    """
    site = month.pack.site.name
    flows = _flows(month, month.first, month.end)
    earlier = _flows(month, month.before, month.first)
    reasons, lenient = _reasons(month), _lenient(month)
    standing = _standing(month)
    restricted = _restricted(month, version)
    places = [(site, name) for name in month.pack.categories]
    places += sorted({*flows, *standing, *restricted, *reasons, *lenient} - set(places))
    holds = _holds(month, places)
    figures = []
    for place in places:
        label = _label(month.pack, place[1])
        stands, counts = standing[place], flows[place]
        figures.append(
            CategoryFigures(
                site=place[0],
                category=place[1],
                label_zh=label.zh,
                label_en=label.en or label.zh,
                held_records=stands.numbers["held_records"],
                held_parts=stands.numbers["held_parts"],
                admitted=counts["admitted"],
                amended=counts["amended"],
                read=counts["read"],
                refused=reasons.get(place, ()),
                lenient=lenient.get(place, ()),
                erased=counts["erased"],
                erased_parts=counts["erased_parts"],
                late=counts["late"],
                anonymised=counts["anonymised"],
                overdue=stands.numbers["overdue"],
                oldest_due=stands.oldest_due,
                restricted=restricted.get(place, ()),
                waiting=stands.numbers["waiting"],
                key_lost=stands.numbers["key_lost"],
                holds=holds[place],
                before=dict.fromkeys(FLOWS, 0) | earlier[place] | dict(signed.get(place, {})),
            )
        )
    return tuple(figures)


def _label(pack: Pack, category: str) -> Text:
    """The category's name; one that the policy no longer has keeps its own word.

    What belongs to no one category (a look at a list, a refusal of an unknown kind) is a row, and no total.
    """
    if not category:
        return Text(zh="不分类别", en="of no one category")
    return pack.categories[category].label if category in pack.categories else Text(zh=category, en=category)


def _flows(month: Month, first: str, end: str) -> defaultdict[Place, Counter[str]]:
    flows: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for act, site, category, _, count in month.books.ledger.sums(first, end):
        if Act(act) in _BY_ACT:
            flows[site, category][_BY_ACT[Act(act)]] += count
    for site, category, _, _, n in month.books.reports.refused(first, end):
        flows[site, category]["refused"] += n
    # How many parts went, and how many of them late, only the entries themselves say.
    for sealed in month.books.reports.disposals(first, end):
        entry = parse(sealed)
        counts = flows[entry.site, entry.category]
        counts["erased_parts"] += _number(entry.fact("parts"), entry.count)
        counts["late"] += _number(entry.fact("late"), 0)
    return flows


def _number(fact: str | int | None, otherwise: int) -> int:
    return fact if isinstance(fact, int) else otherwise


def _lenient(month: Month) -> dict[Place, tuple[LeniencyCount, ...]]:
    counts: defaultdict[Place, list[LeniencyCount]] = defaultdict(list)
    for site, category, verdict, code, name, n in month.books.reports.lenient(month.first, month.end):
        counts[site, category].append(LeniencyCount(verdict=verdict, code=code, field=name, n=n))
    return {
        place: tuple(sorted(found, key=lambda one: (-one.n, one.code))) for place, found in counts.items()
    }


def _reasons(month: Month) -> dict[Place, tuple[ReasonCount, ...]]:
    counts: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for site, category, _, code, n in month.books.reports.refused(month.first, month.end):
        counts[site, category][code] += n
    return {
        place: tuple(
            ReasonCount(code=code, n=n)
            for code, n in sorted(codes.items(), key=lambda one: (-one[1], one[0]))
        )
        for place, codes in counts.items()
    }


@dataclass(slots=True)
class _Standing:
    numbers: Counter[str]
    oldest_due: str = ""


def _standing(month: Month) -> defaultdict[Place, _Standing]:
    standing: defaultdict[Place, _Standing] = defaultdict(lambda: _Standing(Counter()))
    reports = month.books.reports
    for site, category, records, parts in reports.held():
        standing[site, category].numbers |= Counter(held_records=records, held_parts=parts)
    for site, category, state, n in reports.in_state():
        if state in (PartState.WAITING.value, PartState.KEY_LOST.value):
            standing[site, category].numbers[state] += n
    for site, category, n, oldest in reports.overdue(month.now):
        standing[site, category].numbers["overdue"] = n
        last_instant = datetime.fromtimestamp(oldest, UTC).astimezone(month.pack.site.timezone)
        # Midnight belongs to the day that ended there: that is the day the record was promised to.
        standing[site, category].oldest_due = (last_instant - timedelta(microseconds=1)).date().isoformat()
    return standing


def _restricted(month: Month, version: Callable[[int], Pack]) -> dict[Place, tuple[Bound, ...]]:
    holds = {hold.id: hold for hold in month.books.holds.standing()}
    sums: defaultdict[Place, Counter[tuple[str, str, str]]] = defaultdict(Counter)
    for row in month.books.reports.bound(month.now):
        sums[row.site, row.category][_why(row, holds.get(row.hold_id), version)] += row.n
    return {
        place: tuple(
            Bound(reason=reason, law_ref=law_ref, until=until, n=n)
            for (reason, law_ref, until), n in sorted(counts.items())
        )
        for place, counts in sums.items()
    }


def _why(row: BoundRow, hold: HoldRow | None, version: Callable[[int], Pack]) -> tuple[str, str, str]:
    """Reason, law and end of one restriction (PIPL 47(2))."""
    if row.state == PartState.RESTRICTED.value and hold is not None:
        return reason_of(hold.ground).value, hold.law_ref, hold.until
    policy = version(row.policy_version).categories.get(row.category)
    floor = policy.retentions[row.retention_class].floor if policy else None
    if floor is not None:
        return RestrictionReason.STATUTORY_MINIMUM.value, floor.law_ref, ""
    return RestrictionReason.TECHNICAL.value, "", ""


def _holds(month: Month, places: list[Place]) -> Counter[Place]:
    """Standing holds by the category that they are on; one on a single record is counted where the record is."""
    counts: Counter[Place] = Counter()
    for hold in month.books.holds.standing():
        if hold.category:
            covered = [(hold.site, hold.category)]
        elif hold.holding_id and (row := month.books.holdings.find(hold.holding_id)):
            covered = [(row.site, row.category)]
        else:
            covered = [place for place in places if place[0] == hold.site]
        counts.update(covered)
    return counts


def count_days(month: Month) -> tuple[DayFigures, ...]:
    """Every day of the month, also the empty ones."""
    acts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for act, _, _, day, count in month.books.ledger.sums(month.first, month.end):
        acts[day][act] += count
    for _, _, day, _, n in month.books.reports.refused(month.first, month.end):
        acts[day]["refused"] += n
    first = date.fromisoformat(month.first)
    length = (date.fromisoformat(month.end) - first).days
    days = ((first + timedelta(days=at)).isoformat() for at in range(length))
    return tuple(
        DayFigures(
            day=day,
            admitted=acts[day][Act.ADMITTED],
            refused=acts[day]["refused"],
            erased=acts[day][Act.ERASED],
        )
        for day in days
    )


def count_detections(month: Month) -> tuple[DetectorFigures, ...]:
    """Every detector, also those that have never spoken: they are what the officer should wonder about."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind, certainty, outcome, n in month.books.reports.detected(month.first, month.end):
        counts[kind] += Counter({certainty: n, outcome: n})
    last = month.books.reports.last_detected()
    return tuple(
        DetectorFigures(
            kind=detector.kind,
            label_zh=detector.label[0],
            label_en=detector.label[1],
            last=last.get(detector.kind, ""),
            **counts[detector.kind],
        )
        for detector in DETECTORS
    )


def count_tallies(month: Month) -> Tallies:
    """The month's statistics, once it is over and every record that was counted is due (requirements 6)."""
    cells = month.books.reports.tallies(month.first, month.end)
    k = month.pack.site.tally_floor
    if month.today < month.end or any(cell.show_after > month.now for cell in cells):
        return Tallies(k=k)
    released = tally.release(
        (
            tally.Cell(
                site=cell.site,
                day=date.fromisoformat(cell.day),
                daypart=cell.daypart,
                category=cell.category,
                gate=cell.gate,
                n=cell.n,
            )
            for cell in cells
        ),
        k,
    )
    rows = tuple(
        TallyRow(
            period=row.period,
            start=row.start.isoformat(),
            daypart=row.daypart,
            category=row.category,
            gate=row.gate,
            n=row.n,
        )
        for row in released.rows
    )
    totals = [total.n for total in released.totals]
    return Tallies(k=k, released=True, total=totals[0] if len(totals) == 1 else None, rows=rows)


def count_requests(month: Month) -> tuple[RequestFigures, ...]:
    """One row for each kind of request that there is anything to say about."""
    rows = month.books.reports.requests(month.before, month.before_from, _FINAL)
    by_kind: defaultdict[str, list[RequestCount]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    return tuple(
        _requests(RequestKind(kind), by_kind[kind], month) for kind in RequestKind if kind in by_kind
    )


def _requests(kind: RequestKind, rows: list[RequestCount], month: Month) -> RequestFigures:
    living = [row for row in rows if row.state not in _FINAL]
    over = [row.moved_at for row in rows if row.state in _FINAL]
    return RequestFigures(
        kind=kind.value,
        label_zh=kind.label.zh,
        label_en=kind.label.en,
        received=sum(month.first <= row.received_on < month.end for row in rows),
        closed=sum(month.first_from <= at < month.end_at for at in over),
        open=len(living),
        nearest_due=min((row.house_due for row in living), default=""),
        nearest_wall=min((row.legal_due for row in living), default=""),
        overdue=sum(row.house_due < month.today for row in living),
        past_wall=sum(row.legal_due < month.today for row in living),
        before={
            "received": sum(month.before <= row.received_on < month.first for row in rows),
            "closed": sum(month.before_from <= at < month.first_from for at in over),
        },
    )

"""What an existing row is under a policy: its trigger facts, its due moments, and what it holds too much of. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from compliance.domain.collection import trigger_facts
from compliance.domain.formats import UTC_ZONE, Instruments, Unfit, read_value
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.schedule import Due, Retention, Start
from compliance.domain.submission import CLOCK_SKEW
from compliance.domain.vocabulary import FieldType, ReasonCode
from compliance.ports import Adoptable, ExistingRow, HoldingRow, PartRow, TokenRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionReport:
    """What adopting a table found and did, counted. `over_collection` and `stripped` are by field or column,
    `unreadable` names times that give no date, `unfit` counts as ``code:field`` what the gate would refuse."""

    store: str
    rows: int
    adopted: int
    already: int
    past_period: int
    undated: int
    unknown_category: int
    unfinished: int
    over_collection: Mapping[str, int]
    stripped: Mapping[str, int]
    unreadable: Mapping[str, int]
    unfit: Mapping[str, int]

    def in_words(self) -> str:
        """What an operator reads, Chinese first."""
        lines = [
            (
                f"{self.store}：共 {self.rows} 行，纳管 {self.adopted} 行，已在管 {self.already} 行；"
                f"{self.past_period} 行已过保存期限，下次执行时删除"
            ),
            (
                f"{self.store}: {self.rows} rows, {self.adopted} adopted, {self.already} known already; "
                f"{self.past_period} are past their period and go with the next run"
            ),
        ]
        told = (
            (self.undated, "行没有可用的日期，从今天起算", "rows have no usable date and count from today"),
            (self.unknown_category, "行类别不明，未纳管", "rows of an unknown category were not adopted"),
            (self.unfinished, "行正在写入，待对账", "rows are being written; reconcile settles them"),
        )
        lines += [f"  {n} {zh} / {n} {en}" for n, zh, en in told if n]
        for title, counts in (
            ("规则不收 / not in the policy", self.over_collection),
            ("已清空 / emptied", self.stripped),
            ("时间无法使用 / unusable time", self.unreadable),
            ("格式不符 / does not fit", self.unfit),
        ):
            lines += [f"  {title}: {name} {n}" for name, n in counts.items()]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileReport:
    """How table and books differed. `waiting` counts vanished rows that were too many to be believed at once."""

    adoption: AdoptionReport
    checked: int
    vanished: int
    closed: int
    held: int
    waiting: int
    finished: int
    withdrawn: int

    def in_words(self) -> str:
        """What an operator reads, Chinese first."""
        lines = [
            (
                f"核对 {self.checked} 条，{self.vanished} 条在表中已不存在，结案 {self.closed} 条"
                f" / {self.checked} checked, {self.vanished} no longer in the table, {self.closed} closed"
            )
        ]
        told = (
            (
                self.waiting,
                "条消失过多，请先确认表和备份",
                "vanished, too many at once: look at the table first",
            ),
            (self.held, "条被保全或依法保存，未结案", "are held or kept by statute, and were not closed"),
            (self.finished, "条中断的写入已补全", "writes that were cut off were finished"),
            (self.withdrawn, "条中断的写入已撤回", "writes that were cut off were withdrawn"),
        )
        lines += [f"  {n} {zh} / {n} {en}" for n, zh, en in told if n]
        return "\n".join([*lines, self.adoption.in_words()])


@dataclass(slots=True, kw_only=True)
class Tally:
    """The report while it grows."""

    counts: Counter[str] = field(default_factory=Counter)
    over_collection: Counter[str] = field(default_factory=Counter)
    stripped: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    unfit: Counter[str] = field(default_factory=Counter)

    def report(self, store: str) -> AdoptionReport:
        names = ("rows", "adopted", "already", "past_period", "undated", "unknown_category", "unfinished")
        return AdoptionReport(
            store=store,
            **{name: self.counts[name] for name in names},
            over_collection=dict(sorted(self.over_collection.items())),
            stripped=dict(sorted(self.stripped.items())),
            unreadable=dict(sorted(self.unreadable.items())),
            unfit=dict(sorted(self.unfit.items())),
        )


@dataclass(slots=True, kw_only=True)
class Page:
    """One transaction's worth of adopted rows."""

    holdings: list[HoldingRow] = field(default_factory=list)
    parts: list[PartRow] = field(default_factory=list)
    tokens: list[TokenRow] = field(default_factory=list)
    expected: Counter[tuple[str, str]] = field(default_factory=Counter)
    marks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """What is to be emptied on one page: rows by the fields to empty in them, columns for all; values by category."""

    refs: Mapping[frozenset[str], list[str]]
    columns: set[str]
    stripped: Mapping[str, int]


def forbidden_on(
    rows: Sequence[ExistingRow],
    pack: Pack,
    theirs: Adoptable,
    tally: Tally,
    tools: Instruments,
    now: datetime,
    *,
    strip: bool,
) -> Forbidden:
    """Judge every row of a page as the gate would in `strip` mode: what no policy names, and optional values that do
    not fit. Times stay where they are: the period was counted from them."""
    refs: dict[frozenset[str], list[str]] = defaultdict(list)
    columns: set[str] = set()
    stripped: Counter[str] = Counter()
    for row in rows:
        policy = pack.categories.get(row.category or "")
        if policy is None:
            continue
        excess = set(row.values) - set(policy.fields)
        unfit = _unfit(row, policy, tools, now)
        removable = row.extra - theirs.fixed
        tally.over_collection.update([*excess, *row.extra])
        tally.unfit.update(f"{code}:{name}" for name, code in unfit.items())
        emptied = frozenset(excess | {name for name in unfit if not policy.fields[name].required})
        if strip and (emptied or removable):
            refs[emptied].append(row.ref)
            columns |= removable
            tally.stripped.update([*emptied, *removable])
            stripped[policy.category] += len(emptied) + len(removable)
    return Forbidden(refs=refs, columns=columns, stripped=stripped)


def _unfit(
    row: ExistingRow, policy: CategoryPolicy, tools: Instruments, now: datetime
) -> dict[str, ReasonCode]:
    faults: dict[str, ReasonCode] = {}
    for name, value in row.values.items():
        rule = policy.fields.get(name)
        if rule is None or rule.type is FieldType.TIME:
            continue
        try:
            read_value(rule, value, now, tools)
        except Unfit as fault:
            faults[name] = fault.code
    return faults


def class_of(policy: CategoryPolicy, name: str) -> int | None:
    rule = policy.fields.get(name)
    return rule.retention_class if rule else None


def facts_of(row: ExistingRow, policy: CategoryPolicy, now: datetime, tally: Tally) -> dict[str, datetime]:
    """The row's trigger facts. A moment that cannot have been yet would postpone the period, so it is none."""
    tally.unreadable.update(row.unreadable)
    moments: dict[str, object] = {}
    for name, value in row.values.items():
        rule = policy.fields.get(name)
        if rule is None or not isinstance(value, datetime):
            continue
        if value > (rule.furthest.end(now, UTC_ZONE) if rule.furthest else now + CLOCK_SKEW):
            tally.unreadable[name] += 1
        else:
            moments[name] = value
    collected = row.collected_at if row.collected_at and row.collected_at <= now + CLOCK_SKEW else None
    if collected is None:
        return {name: value for name, value in moments.items() if isinstance(value, datetime)}
    for name, rule in policy.fields.items():
        if rule.auto and rule.type is FieldType.TIME:
            moments.setdefault(name, collected)
    return trigger_facts(moments, collected)


def due_of(
    retention: Retention, facts: dict[str, datetime], row: ExistingRow, pack: Pack, now: datetime
) -> tuple[Due, bool]:
    """The due moments, and whether the row dates itself. One that does not is counted from when it was collected,
    and where even that is unknown from now: a period that never starts would never end."""
    zone = pack.site.timezone
    due = retention.due(facts, zone)
    if due is not None:
        return due, True
    from_collection = replace(retention, or_else=Start(field="collected_at"))
    fallback = from_collection.due({"collected_at": now, **facts}, zone)
    if fallback is None:
        raise AssertionError("a period that starts now has an end")
    return fallback, "collected_at" in facts

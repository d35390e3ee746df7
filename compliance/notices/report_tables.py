"""The report's figures as tables, once: the page, the sheet and the workbook all draw these.

Every label is Chinese first and English second.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from compliance.domain.report import CategoryFigures, MonthFigures, RequestFigures, Review
from compliance.notices.detection_table import detections
from compliance.notices.report_cells import NONE_KNOWN, Cell, Column, Table, word
from compliance.notices.report_looks import looks_table
from compliance.notices.report_statistics import statistics
from compliance.notices.report_words import LENIENCY, MODE, REASON, RESTRICTION, Label


def facts(figures: MonthFigures) -> list[tuple[Label, str]]:
    """What the report is about and what vouches for it."""
    mode = MODE.get(figures.mode, (figures.mode, figures.mode))
    head = figures.ledger
    return [
        (("个人信息处理者", "Controller"), figures.controller),
        (("场所", "Site"), f"{figures.site_zh} {figures.site_en} ({figures.site})".replace("  ", " ")),
        (("统计时点", "As of"), figures.as_of + ("" if figures.complete else "（本月未完 month running）")),
        (("登记模式", "Mode"), f"{mode[0]} {mode[1]}{_until(figures)}"),
        (("到期删除", "Disposal"), "已暂停 PAUSED" if figures.paused else "运行中 running"),
        (("规则版本", "Policy version"), f"{figures.policy_version}（{figures.policy_digest[:12]}）"),
        (("账本", "Ledger"), f"{head.size} + {head.pending}　{_here(head.time, figures.as_of)}"),
        (("账本根", "Ledger root"), head.root or NONE_KNOWN),
    ]


def _here(time: str, as_of: str) -> str:
    """A moment in the site's own time: one report does not have two clocks."""
    zone = datetime.fromisoformat(as_of).tzinfo
    return datetime.fromisoformat(time).astimezone(zone).isoformat() if time else NONE_KNOWN


def _until(figures: MonthFigures) -> str:
    if not figures.mode_until:
        return ""
    return f"（至{figures.mode_until}，批准人{figures.mode_by} until {figures.mode_until}, approved by {figures.mode_by}）"


def tiles(figures: MonthFigures) -> list[tuple[Label, Cell]]:
    """The six numbers that an officer looks at first."""
    opened = sum(one.open for one in figures.requests)
    late = sum(one.overdue for one in figures.requests)
    return [
        (("现存记录", "Records held"), _total(figures, "held_records")),
        (("登记", "Admitted"), _total(figures, "admitted")),
        (("拒收", "Refused"), _total(figures, "refused")),
        (("已删除", "Records erased"), _total(figures, "erased")),
        (("到期未删", "Overdue now"), _total(figures, "overdue", alarm=True)),
        (("在办申请", "Open requests"), Cell(value=opened, alarm=late > 0)),
    ]


def _total(figures: MonthFigures, name: str, *, alarm: bool = False) -> Cell:
    value = figures.total(name)
    return Cell(value=value, change=figures.total_change(name), alarm=alarm and value > 0)


def tables(figures: MonthFigures, reviews: Sequence[Review] = ()) -> list[Table]:
    """Every table of the report, in reading order."""
    return [
        _register(figures),
        _refusals(figures),
        _leniency(figures),
        detections(figures.detectors),
        _disposal(figures),
        _standing(figures),
        _restrictions(figures),
        _requests(figures),
        looks_table(figures),
        *statistics(figures),
        _findings(reviews),
    ]


_CATEGORY = Column(label=("类别", "Category"), number=False)


def _compared(zh: str, en: str) -> Column:
    return Column(label=(zh, en), compared=True)


def _named(category: CategoryFigures) -> Cell:
    same = category.label_en == category.label_zh
    return Cell(value=category.label_zh if same else f"{category.label_zh} {category.label_en}")


def _cells(
    category: CategoryFigures, names: Sequence[str], alarms: frozenset[str] = frozenset()
) -> list[Cell]:
    numbers = category.numbers()
    return [
        Cell(value=numbers[name], change=category.change(name), alarm=name in alarms and numbers[name] > 0)
        for name in names
    ]


def _register(figures: MonthFigures) -> Table:
    names = ("admitted", "refused", "amended", "read")
    return Table(
        name="登记",
        title=("登记、拒收和查看", "Admitted, refused and read"),
        columns=(
            _CATEGORY,
            _compared("登记", "admitted"),
            _compared("拒收", "refused"),
            _compared("补记离开等", "amended"),
            _compared("查看", "read"),
        ),
        rows=tuple((_named(one), *_cells(one, names)) for one in figures.categories),
    )


def _refusals(figures: MonthFigures) -> Table:
    return Table(
        name="拒收原因",
        title=("拒收原因", "Refused, by reason"),
        columns=(
            _CATEGORY,
            Column(label=("原因", "reason"), number=False),
            Column(label=("代码", "code"), number=False),
            Column(label=("次数", "times")),
        ),
        rows=tuple(
            (_named(one), word(" ".join(REASON.get(r.code, (r.code, "")))), word(r.code), Cell(value=r.n))
            for one in figures.categories
            for r in one.refused
        ),
        note=(
            "一次提交可有多个原因；只记次数，不记内容。",
            "One submission may have several reasons; only counted, never kept.",
        ),
    )


def _leniency(figures: MonthFigures) -> Table:
    return Table(
        name="略去和观察",
        title=("按登记模式略去或只观察的", "Dropped, or only observed, by the site's mode"),
        columns=(
            _CATEGORY,
            Column(label=("做法", "what was done"), number=False),
            Column(label=("原因", "reason"), number=False),
            Column(label=("项目", "field"), number=False),
            Column(label=("次数", "times")),
        ),
        rows=tuple(
            (
                _named(one),
                word(" ".join(LENIENCY.get(r.verdict, (r.verdict, "")))),
                word(" ".join(REASON.get(r.code, (r.code, "")))),
                word(r.field),
                Cell(value=r.n),
            )
            for one in figures.categories
            for r in one.lenient
        ),
        note=(
            "观察期内照收的留在原系统，我们只记次数；略去的没有保存。",
            "What was only observed stays in the existing system; we count it. What was dropped was not kept.",
        ),
    )


def _disposal(figures: MonthFigures) -> Table:
    names = ("erased", "erased_parts", "late", "anonymised")
    rows = []
    for one in figures.categories:
        records, parts, late, anonymised = _cells(one, names, frozenset({"late"}))
        on_time = Cell(value=int(parts.value) - int(late.value))
        rows.append((_named(one), records, parts, on_time, late, anonymised))
    return Table(
        name="删除",
        title=("删除", "Erased"),
        columns=(
            _CATEGORY,
            _compared("记录", "records"),
            _compared("部分", "parts"),
            Column(label=("按时", "on time")),
            _compared("逾期", "late"),
            _compared("匿名化", "anonymised"),
        ),
        rows=tuple(rows),
        note=(
            "一条记录按期限分成若干部分，一并到期的一并删除；到期24小时后才删除的算逾期。",
            "A record has one part for each period; parts erased more than 24 hours after their time are late.",
        ),
    )


def _standing(figures: MonthFigures) -> Table:
    names = ("held_records", "held_parts", "overdue", "waiting", "key_lost", "holds")
    rows = []
    for one in figures.categories:
        records, parts, overdue, waiting, lost, holds = _cells(one, names, frozenset({"overdue", "key_lost"}))
        rows.append((_named(one), records, parts, overdue, word(one.oldest_due), waiting, lost, holds))
    return Table(
        name="现存",
        title=("现存和待办", "Held, and still to be done"),
        columns=(
            _CATEGORY,
            _compared("记录", "records"),
            _compared("部分", "parts"),
            _compared("到期未删", "overdue"),
            Column(label=("最早到期", "oldest due"), number=False),
            _compared("待确认", "waiting"),
            _compared("密钥丢失", "key lost"),
            _compared("保全", "holds"),
        ),
        rows=tuple(rows),
        note=(
            "待确认：到期数超出预计，等负责人确认后删除。上月数以上月签字的报告为准，没有签字的不比较。",
            "Waiting: more is due than was forecast; the officer decides. Compared with last month's signed report only.",
        ),
    )


def _restrictions(figures: MonthFigures) -> Table:
    return Table(
        name="受限",
        title=("只存储和保护的（第四十七条第二款）", "Only stored and protected (PIPL 47(2))"),
        columns=(
            _CATEGORY,
            Column(label=("原因", "reason"), number=False),
            Column(label=("依据", "law or document"), number=False),
            Column(label=("至", "until"), number=False),
            Column(label=("部分", "parts")),
        ),
        rows=tuple(
            (
                _named(one),
                word(" ".join(RESTRICTION.get(b.reason, (b.reason, "")))),
                word(b.law_ref),
                word(b.until),
                Cell(value=b.n),
            )
            for one in figures.categories
            for b in one.restricted
        ),
    )


def _requests(figures: MonthFigures) -> Table:
    return Table(
        name="申请",
        title=("个人信息权利申请", "Subjects' requests"),
        columns=(
            Column(label=("种类", "kind"), number=False),
            _compared("收到", "received"),
            _compared("办结", "closed"),
            Column(label=("在办", "open")),
            Column(label=("最近期限", "nearest due"), number=False),
            Column(label=("最晚期限", "outer wall"), number=False),
            Column(label=("超自定期限", "past our target")),
            Column(label=("超最晚期限", "past the wall")),
        ),
        rows=tuple(_request(one) for one in figures.requests),
        note=(
            "法律要求及时办理；自定期限和最晚期限是本单位的承诺和规定。",
            "The law says promptly; the target and the wall are the house's own rule.",
        ),
    )


def _request(one: RequestFigures) -> tuple[Cell, ...]:
    return (
        Cell(value=f"{one.label_zh} {one.label_en}"),
        Cell(value=one.received, change=one.change("received")),
        Cell(value=one.closed, change=one.change("closed")),
        Cell(value=one.open),
        word(one.nearest_due),
        word(one.nearest_wall),
        Cell(value=one.overdue, alarm=one.overdue > 0),
        Cell(value=one.past_wall, alarm=one.past_wall > 0),
    )


def _findings(reviews: Sequence[Review]) -> Table:
    words = (
        ("签字", "signed"),
        ("问题", "finding"),
        ("负责人", "owner"),
        ("期限", "due"),
        ("关闭", "closed"),
    )
    rows = []
    for review in reviews:
        signed = word(f"{review.by} {review.on}")
        if not review.findings:
            rows.append((signed, word("没有发现问题 no findings"), word(""), word(""), word("")))
        for one in review.findings:
            closed = word(f"{one.closed_by} {one.closed_on}".strip())
            rows.append((signed, word(one.text), word(one.owner), word(one.due_on), closed))
    return Table(
        name="复核",
        title=("复核和整改", "Review and findings"),
        columns=tuple(Column(label=label, number=False) for label in words),
        rows=tuple(rows),
        empty=("本月报告尚未签字", "this month's report is not signed yet"),
    )


__all__ = ["Cell", "Column", "Table", "facts", "tables", "tiles"]

"""The counts that nobody can be told from, as a table of the month: what is too small is rolled up, or says that it is."""

from __future__ import annotations

from compliance.domain.report import MonthFigures
from compliance.notices.report_cells import Cell, Column, Table, word
from compliance.notices.report_words import DAYPART, PERIOD


def statistics(figures: MonthFigures) -> list[Table]:
    """A table for each anonymised count that the policy draws; what it may show, and when, the figures know."""
    found = []
    for tallies in figures.tallies:
        total = f"≥{tallies.k}" if tallies.total is None else str(tallies.total)
        said = (
            (
                f"不足{tallies.k}的合并或不显示。本月合计：{total}。",
                f"Nothing under {tallies.k} is shown. Month: {total}.",
            )
            if tallies.released and tallies.rows
            else ("", "")
        )
        waiting = (
            "待本月结束且有关记录全部到期后显示",
            "shown when the month is over and its last record is due",
        )
        nothing = (f"没有达到{tallies.k}的计数", f"no count reaches {tallies.k}")
        rows = tuple(
            (
                word(" ".join(PERIOD.get(row.period, (row.period, "")))),
                word(row.start),
                word(DAYPART[row.daypart]),
                word(row.category),
                word(row.gate),
                Cell(value=row.n),
            )
            for row in tallies.rows
        )
        words = (
            ("期间", "period"),
            ("起", "from"),
            ("时段", "hours"),
            ("类别", "category"),
            ("入口", "gate"),
        )
        columns = (*(Column(label=label, number=False) for label in words), Column(label=("人次", "entries")))
        found.append(
            Table(
                name="统计",
                title=("可公开的统计", "Statistics that may be published"),
                columns=columns,
                rows=rows,
                note=said,
                empty=nothing if tallies.released else waiting,
            )
        )
    return found

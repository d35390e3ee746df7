"""The officer's report as a page, an A4 sheet, a workbook and JSON. All four show the same figures."""

from __future__ import annotations

import io
from collections.abc import Sequence

from compliance.domain.report import MonthFigures, Review, canonical_json, digest
from compliance.notices import sheet
from compliance.notices.blocks import clean
from compliance.notices.chart import chart_svg, chart_words
from compliance.notices.forms import page
from compliance.notices.report_cells import Cell, Table
from compliance.notices.report_tables import facts, tables, tiles
from compliance.notices.workbook import write_workbook

TITLE = ("个人信息留存月报", "Monthly retention report")


def report_json(figures: MonthFigures) -> bytes:
    """The canonical JSON: what is hashed and signed."""
    return canonical_json(figures)


def report_html(figures: MonthFigures, reviews: Sequence[Review] = ()) -> bytes:
    """A standalone page with the chart in it, for the screen and for printing."""
    return page(
        "report.html",
        title=_title(figures),
        facts=facts(figures),
        tiles=tiles(figures),
        chart=chart_svg(figures),
        chart_words=chart_words(figures),
        tables=tables(figures, reviews),
        signed=signatures(figures, reviews),
        digest=digest(figures),
    )


def report_pdf(figures: MonthFigures, reviews: Sequence[Review] = ()) -> bytes:
    """A4, PDF/A, the same bytes for the same figures and reviews."""
    values = {
        "title": _title(figures),
        "day": figures.as_of[:10],
        "controller": clean(figures.controller),
        "facts": [[" ".join(label), clean(value)] for label, value in facts(figures)],
        "tiles": [[*label, _printed(cell), cell.alarm] for label, cell in tiles(figures)],
        "chart": chart_words(figures),
        "tables": [_drawn(table) for table in tables(figures, reviews)],
        "signed": signatures(figures, reviews),
        "digest": digest(figures),
    }
    return sheet.draw("report", values, {"chart.svg": chart_svg(figures)}, figures.as_of[:10])


def report_xlsx(figures: MonthFigures, reviews: Sequence[Review] = ()) -> bytes:
    """A sheet for each table. Numbers are numbers; whatever looks like a formula is text."""
    about = [(" ".join(label), value) for label, value in facts(figures)]
    about += [("SHA-256", digest(figures)), *(("签字 Signed", line) for line in signatures(figures, reviews))]
    out = io.BytesIO()
    write_workbook(out, _title(figures), about, tables(figures, reviews), figures.as_of[:10])
    return out.getvalue()


def signatures(figures: MonthFigures, reviews: Sequence[Review]) -> list[str]:
    """Who signed when, and whether what is shown here is what was signed."""
    shown = digest(figures)
    lines = []
    for review in reviews:
        same = (
            "即本报告 this report" if review.digest == shown else "签字时的报告另存 the report as it was then"
        )
        running = "" if review.figures.complete else "（当月未完 month running）"
        lines.append(f"{clean(review.by)} {review.on}{running}　SHA-256 {review.digest[:16]}…　{same}")
    return lines


def _title(figures: MonthFigures) -> str:
    return f"{TITLE[0]} {TITLE[1]} {figures.month}"


def _printed(cell: Cell) -> list[str]:
    changed = cell.changed if cell.change is not None else ""
    return [clean(str(cell.value)), changed]


def _drawn(table: Table) -> dict[str, object]:
    return {
        "title": list(table.title),
        "columns": [[*column.label, column.number] for column in table.columns],
        "rows": [[[*_printed(cell), cell.alarm] for cell in row] for row in table.rows],
        "note": list(table.note),
        "empty": list(table.empty),
    }

"""The report in its four forms: the same figures, nothing that comes alive, the same bytes on repeat."""

import inspect
import io
import json
import re
from dataclasses import replace

import openpyxl
import pytest
from pypdf import PdfReader

from compliance.domain import disclosure
from compliance.domain.reading import WhyNot
from compliance.domain.report import (
    Bound,
    CategoryFigures,
    DayFigures,
    DetectorFigures,
    Finding,
    LedgerFigures,
    MonthFigures,
    ReasonCount,
    RequestFigures,
    Review,
    Tallies,
    TallyRow,
    digest,
)
from compliance.domain.vocabulary import Mode, ReasonCode, RestrictionReason
from compliance.notices import report_words
from compliance.notices.chart import chart_svg
from compliance.notices.report import report_html, report_json, report_pdf, report_xlsx
from compliance.notices.report_looks import NOT_GIVEN, WHY

HOSTILE = "=1+1 #import <script>alert(1)</script> {{ 7*7 }} $x$"


def some_figures() -> MonthFigures:
    visitor = CategoryFigures(
        site="main",
        category="visitor",
        label_zh="访客",
        label_en="Visitor",
        held_records=4321,
        held_parts=5432,
        admitted=987,
        refused=(ReasonCount(code="over_collection", n=12),),
        erased=765,
        erased_parts=876,
        late=2,
        overdue=3,
        oldest_due="2026-10-28",
        restricted=(Bound(reason="legal_hold", law_ref="刑诉法 54", until="2027-01-31", n=4),),
        holds=1,
        before={"admitted": 900, "refused": 12, "erased": 800},
    )
    return MonthFigures(
        month="2026-10",
        as_of="2026-11-02T09:00:00+08:00",
        complete=True,
        site="main",
        site_zh="云山小区",
        site_en="Yunshan",
        controller="示例物业服务有限公司",
        mode="enforce",
        policy_version=3,
        policy_digest="aa4a1e0f0500daed",
        categories=(visitor,),
        requests=(
            RequestFigures(
                kind="deletion",
                label_zh="删除",
                label_en="deletion",
                received=6,
                closed=5,
                open=1,
                nearest_due="2026-11-05",
                nearest_wall="2026-11-20",
            ),
        ),
        tallies=(
            Tallies(
                k=20,
                released=True,
                total=654,
                rows=(
                    TallyRow(
                        period="day", start="2026-10-01", daypart=2, category="visitor", gate="east", n=23
                    ),
                ),
            ),
        ),
        days=tuple(DayFigures(day=f"2026-10-{day:02d}", admitted=day) for day in range(1, 32)),
        detectors=(
            DetectorFigures(kind="mobile", label_zh="手机号", label_en="mobile number", certain=6, refused=6),
            DetectorFigures(kind="vin", label_zh="车架号", label_en="VIN"),
        ),
        ledger=LedgerFigures(size=20852, root="ab" * 32, time="2026-11-02T01:00:00+00:00", pending=1),
    )


def a_review(figures: MonthFigures, text: str = "道闸设备副本未清", owner: str = "staff-7") -> Review:
    finding = Finding(id="F1", text=text, owner=owner, due_on="2026-11-30")
    return Review(
        id="R1",
        month=figures.month,
        by="officer-1",
        on="2026-11-02",
        digest=digest(figures),
        figures=figures,
        findings=(finding,),
    )


def text_of(document: bytes) -> str:
    pages = PdfReader(io.BytesIO(document)).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages).replace("\u200b", ""))


FIGURES = (
    "4321",
    "5432",
    "987",
    "+87",
    "765",
    "876",
    "2026-10-28",
    "刑诉法54",
    "2027-01-31",
    "654",
    "2026-11-05",
)


def test_the_page_and_the_sheet_show_every_figure() -> None:
    figures = some_figures()
    page = re.sub(r"\s+", "", re.sub(r"<[^>]+>", " ", report_html(figures, [a_review(figures)]).decode()))
    sheet = text_of(report_pdf(figures, [a_review(figures)]))
    for shown in (*FIGURES, "从未命中", "超范围收集", "道闸设备副本未清", "staff-7", digest(figures)):
        assert shown in page, shown
        assert shown in sheet, shown


def test_the_workbook_holds_numbers_as_numbers() -> None:
    book = openpyxl.load_workbook(io.BytesIO(report_xlsx(some_figures())))
    assert [[cell.value for cell in row] for row in book["登记"].iter_rows(min_row=2, max_row=2)] == [
        ["访客 Visitor", 987, 87, 12, 0, 0, None, 0, None]
    ]
    assert book.sheetnames == [
        "报告",
        "登记",
        "拒收原因",
        "略去和观察",
        "检测",
        "删除",
        "现存",
        "受限",
        "申请",
        "查看与提供",
        "统计",
        "复核",
    ]


def test_a_workbook_cell_that_looks_like_a_formula_stays_text() -> None:
    figures = some_figures()
    for text in ("=1+1", "+1", "@SUM(A1)", "-1", "http://x.example"):
        book = openpyxl.load_workbook(io.BytesIO(report_xlsx(figures, [a_review(figures, text, text)])))
        row = book["复核"][2]
        assert [(cell.value, cell.data_type) for cell in row[1:3]] == [(text, "s")] * 2
        assert row[1].hyperlink is None


def test_hostile_words_stay_text_on_the_page_and_the_sheet() -> None:
    figures = replace(some_figures(), controller=HOSTILE, site_zh=HOSTILE)
    review = a_review(figures, HOSTILE, HOSTILE)
    page = report_html(figures, [review]).decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page
    assert re.sub(r"\s+", "", HOSTILE) in text_of(report_pdf(figures, [review]))


@pytest.mark.parametrize("form", [report_html, report_pdf, report_json, chart_svg])
def test_the_same_figures_give_the_same_bytes(form: object) -> None:
    assert callable(form)
    assert form(some_figures()) == form(some_figures())


def test_the_json_is_what_the_digest_is_over() -> None:
    written = json.loads(report_json(some_figures()))
    assert written["form"] == "report/1"
    assert list(written) == sorted(written)
    assert written["categories"][0]["late"] == 2


def test_an_empty_month_renders_in_every_form() -> None:
    empty = replace(
        some_figures(), categories=(), requests=(), tallies=(Tallies(k=20),), days=(), ledger=LedgerFigures()
    )
    assert "没有" in report_html(empty).decode()
    assert "没有" in text_of(report_pdf(empty))
    assert report_xlsx(empty)


def test_a_total_under_k_is_never_printed() -> None:
    figures = replace(some_figures(), tallies=(Tallies(k=20, released=True, total=None),))
    assert "没有达到20的计数" in text_of(report_pdf(figures))


def test_a_page_asks_no_other_host_for_anything_and_its_chart_needs_no_font() -> None:
    page = report_html(some_figures()).decode()
    addresses = set(re.findall(r"https?://[^\s\"'<&]+", page))
    assert {address for address in addresses if "www.w3.org" not in address} == set()
    assert "<text" not in chart_svg(some_figures())
    assert "<path" in chart_svg(some_figures())


def test_a_signature_without_findings_and_one_of_other_figures_are_told_as_such() -> None:
    figures = some_figures()
    signed = replace(a_review(figures), findings=())
    assert "没有发现问题" in text_of(report_pdf(figures, [signed]))
    assert "即本报告" in text_of(report_pdf(figures, [signed]))
    later = replace(figures, as_of="2026-11-03T09:00:00+08:00")
    assert "签字时的报告另存" in text_of(report_pdf(later, [signed]))


def test_every_code_has_a_word_for_the_officer() -> None:
    assert set(report_words.REASON) == set(ReasonCode)
    assert set(report_words.RESTRICTION) == set(RestrictionReason)
    assert set(report_words.MODE) == set(Mode)


def test_a_report_has_one_clock() -> None:
    shown = report_html(some_figures()).decode()

    assert "2026-11-02T09:00:00+08:00" in shown
    assert "+00:00" not in shown


def test_every_reason_for_giving_nothing_is_said_in_words() -> None:
    source = inspect.getsource(disclosure)
    codes = {
        *re.findall(r'_fault\(\s*"(\w+)"', source),
        *(ground.value for ground in disclosure.RefusalGround),
    }

    assert {"no_fields", "not_urgent", "no_power"} <= codes
    assert codes | {"lapsed"} == set(NOT_GIVEN)
    assert set(WHY) == set(WhyNot)

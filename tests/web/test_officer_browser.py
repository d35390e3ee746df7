"""The officer at a desk and with a phone: the month is read and signed, a request decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from compliance.bootstrap import Engine
from compliance.domain.request import RequestKind
from tests.web.conftest import PASSWORD, SteppingClock, a_submission

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PAGES = (
    "",
    "/requests",
    "/holds",
    "/consents",
    "/policies/history",
    "/emergencies",
    "/retention",
    "/ledger",
    "/policies",
    "/policies/visitor",
    "/disclosures",
    "/disclosures/new?category=visitor",
)


@pytest.fixture
def officer(page: Page, address: str) -> Iterator[Page]:
    """The officer's browser, after the login; it may complain about nothing."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/login")
    page.fill("[name=id]", "staff-9")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/officer")
    yield page
    assert complaints == []


def a_visit(engine: Engine) -> str:
    return engine.gate.write({**a_submission(), "category": "visitor"}).pass_code


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_fits(officer: Page, address: str, engine: Engine, size: dict[str, int]) -> None:
    a_visit(engine)
    officer.set_viewport_size({"width": size["width"], "height": size["height"]})

    for path in PAGES:
        officer.goto(f"{address}/officer{path}")
        assert officer.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        # Every page is one tap away: no entry of the menu lies beyond the edge.
        for entry in officer.locator(".menu a").all():
            box = entry.bounding_box()
            assert box
            assert 0 <= box["x"] <= box["x"] + box["width"] <= size["width"], entry.text_content()


def test_the_officer_signs_the_month_with_a_finding_and_closes_it(officer: Page, engine: Engine) -> None:
    a_visit(engine)
    chart = officer.locator(".chart img")
    assert chart.evaluate("image => image.complete && image.naturalWidth > 0")

    officer.locator("[name=text]").first.fill("访客类有部分到期未删")
    officer.locator("[name=owner]").first.fill("staff-2")
    officer.locator("[name=due_on]").first.fill("2099-01-01")
    officer.click("text=以 staff-9 签字")
    officer.wait_for_selector("text=已签字，摘要已封入账本")

    review = engine.reports.reviews(engine.reports.this_month())[-1]
    assert (review.by, review.findings[0].owner) == ("staff-9", "staff-2")
    assert review.digest[:16] in officer.content()
    officer.click("button:text-is('办结')")
    officer.wait_for_selector("text=这一项已办结")


def test_the_officer_decides_a_request_from_a_phone(
    officer: Page, address: str, engine: Engine, clock: SteppingClock
) -> None:
    code = a_visit(engine)
    until = (clock.now() + timedelta(days=20)).date()
    hold = engine.holds.place(
        ground="R8", document="示例〔2026〕1号", law_ref="刑事诉讼法 54", until=until, by="staff-9"
    )
    number = engine.requests.open(RequestKind.DELETION, pass_code=code).number
    engine.requests.fulfil(number)

    officer.goto(f"{address}/officer/requests")
    officer.click(f"text={number}")
    officer.wait_for_selector("text=如果受理，将要做的")
    officer.wait_for_load_state("load")
    yes, no = (officer.locator(f".pair button >> nth={at}").bounding_box() for at in (0, 1))
    officer.click("text=受理并办理")
    officer.wait_for_selector("text=决定已作出")

    assert yes
    assert no
    assert round(yes["width"]) == round(no["width"])
    assert engine.requests.show(number).state == "partial"
    engine.holds.release(hold, "staff-9")

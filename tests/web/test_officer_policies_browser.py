"""The officer changes a policy in a browser, is told in Chinese what is unlawful, and publishes with a colleague."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from compliance.bootstrap import Engine
from tests.web.conftest import PASSWORD, a_submission

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def log_in(page: Page, address: str, staff: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=id]", staff)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/officer")


@pytest.fixture
def officer(page: Page, address: str) -> Iterator[Page]:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    log_in(page, address, "staff-9")
    yield page
    assert complaints == []


def test_a_field_is_added_refused_mended_weighed_and_published_with_a_colleague(
    officer: Page, address: str, engine: Engine
) -> None:
    engine.gate.write({**a_submission(), "category": "visitor"})
    officer.goto(f"{address}/officer/policies")
    officer.click("text=改规则")
    officer.wait_for_url("**/drafts/*")
    officer.click("a:text-is('访客')")
    officer.locator("form[action$='/add'] [name=name]").fill("id_number")
    officer.locator("form[action$='/add'] [name=label]").fill("身份证号")
    officer.click("form[action$='/add'] button")

    beside = officer.locator("#found-id_number")
    beside.wait_for()
    told = beside.inner_text()
    assert "身份证号" in told
    assert "PIPL 6(2)" in told
    assert "怎么改" in told

    officer.click("text=不再收集“身份证号”")
    officer.wait_for_selector("text=草稿已保存")
    assert officer.locator("#found-id_number").count() == 0

    officer.locator("form[action$='/add'] [name=name]").fill("badge_no")
    officer.locator("form[action$='/add'] [name=label]").fill("访客牌号")
    officer.click("form[action$='/add'] button")
    beside = officer.locator("#found-badge_no")
    beside.wait_for()
    assert "必要性" in beside.inner_text()
    officer.wait_for_load_state("load")  # what is typed before the page's script runs, nobody hears
    # The lint speaks while it is typed, before anything is saved.
    officer.locator("#field-badge_no [name=necessity]").fill("离开时收回访客牌，避免遗失后被人冒用")
    officer.wait_for_selector("#found-badge_no >> text=没有问题")
    officer.click("#field-badge_no form:first-of-type > button")
    officer.wait_for_selector("text=草稿已保存")

    officer.click("text=3 影响和发布")
    officer.wait_for_selector("text=影响到谁")
    shown = officer.content()
    assert "访客牌号" in shown
    assert "放宽" in shown
    officer.click("text=以 staff-9 签字")
    officer.fill("[name=second]", "director-1")
    officer.click("text=生成链接")
    link = officer.locator("#link").input_value()
    assert re.fullmatch(rf"{address}/sign/\S+", link)

    colleague = officer.context.browser.new_context() if officer.context.browser else None
    assert colleague
    signing = colleague.new_page()
    signing.goto(link)
    assert "访客牌号" in signing.content()
    signing.click("text=以 director-1 确认并发布")
    signing.wait_for_selector("text=已发布为第 2 版")
    colleague.close()
    assert "badge_no" in engine.active_pack().categories["visitor"].fields


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_a_draft_fits(officer: Page, address: str, size: dict[str, int]) -> None:
    officer.set_viewport_size({"width": size["width"], "height": size["height"]})
    officer.goto(f"{address}/officer/policies")
    officer.click("text=改规则")
    officer.wait_for_url("**/drafts/*")
    draft = officer.url.partition("?")[0]
    for path in ("", "/vehicle.yaml?open=plate_no", "/vehicle.yaml/text", "/plan", "/assessment"):
        officer.goto(draft + path)
        assert officer.evaluate("document.documentElement.scrollWidth") <= size["width"], path

"""A pass holder with a phone: from the slip's QR code to what they agreed to, and one tap that takes it back."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from compliance.bootstrap import Engine
from tests.web.conftest import a_submission
from tests.web.test_portal_browser import Watched, phone

__all__ = ["phone"]


def test_from_the_slip_to_the_withdrawal(
    phone: Watched, address: str, engine: Engine, tmp_path: Path
) -> None:
    code = engine.gate.write({**a_submission(), "category": "visitor"}).pass_code
    page: Page = phone.page

    page.goto(f"{address}/me#pass={code}")
    page.wait_for_url("**/me/ask")
    page.click("a[data-pass]")
    page.wait_for_url("**/me/consents*")
    assert page.locator("#code").input_value() == code
    page.click("button:text-is('查看')")
    page.wait_for_selector("text=当面口头表示")
    page.wait_for_load_state()  # what is measured has its style sheet by then
    assert phone.fits()
    yes, no = (
        page.locator("button:text-is('撤回同意')").bounding_box(),
        page.locator("a:text-is('继续同意')").bounding_box(),
    )
    assert yes is not None
    assert no is not None
    assert (round(yes["width"]), round(yes["height"])) == (round(no["width"]), round(no["height"]))
    page.screenshot(path=str(tmp_path / "agreed.png"), full_page=True)

    page.click("button:text-is('撤回同意')")
    page.wait_for_url("**/me/request")
    assert page.locator("text=已办结").count()
    assert not [address for address in phone.addresses if code in address.partition("#")[0]]

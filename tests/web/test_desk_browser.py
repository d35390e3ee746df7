"""A guard with a tablet in a real browser: nothing is asked of another host, nothing is complained about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

from compliance.bootstrap import Engine
from tests.web.conftest import PASSWORD

SIZES = {"tablet": (820, 1180), "phone": (390, 844), "desktop": (1280, 900), "lying": (1024, 768)}
SMALLEST_TARGET = 44
DESK = (
    "/desk/new/visitor",
    "/desk/new/service",
    "/desk/inside",
    "/desk/slips",
    "/desk/roster",
    "/desk/urgent",
    "/desk/urgent?category=visitor",
)


@contextmanager
def a_page(browser: Browser, address: str, size: str, *, scripts: bool = True) -> Iterator[Page]:
    strangers: list[str] = []
    complaints: list[str] = []
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=address,
        locale="zh-CN",
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
    )

    def let_through(route: Route) -> None:
        if not route.request.url.startswith((address, "data:")):
            strangers.append(route.request.url)
        route.continue_()

    def note(message: ConsoleMessage) -> None:
        # The browser itself reports every answer of 422, which is how a form says that something is wrong with it,
        # and every request that found no network where a test took it away.
        usual = ("status of 422", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
        if message.type in ("error", "warning") and not any(one in message.text for one in usual):
            complaints.append(message.text)

    context.route("**/*", let_through)
    context.set_default_timeout(8000)
    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert strangers == []
    assert complaints == []


def log_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("工号").fill("staff-7")
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto("/desk/new/visitor")


@pytest.mark.parametrize("size", ["tablet", "phone", "desktop"])
@pytest.mark.browser
def test_a_guard_registers_a_visitor_and_marks_that_they_left(
    browser: Browser, address: str, size: str
) -> None:
    with a_page(browser, address, size) as page:
        log_in(page)
        page.locator("[name=visitor_name]").fill("张三丰")
        page.locator("[name=host_room]").fill("3-1-1201")
        page.locator("label.pick", has_text="探亲访友").click()
        page.get_by_role("button", name="本人已口头同意").click()
        expect(page.get_by_role("status")).to_contain_text("已登记，可以放行")
        assert len(page.locator(".code").inner_text()) == 14
        expect(page.get_by_role("button", name="打印小票")).to_be_visible()

        page.get_by_role("link", name="在访名单").click()
        line = page.locator(".visits li", has_text="张**").first
        line.get_by_role("button", name="离开").click()

        expect(page.get_by_role("status").filter(has_text="已离开")).to_be_visible()


@pytest.mark.browser
def test_a_crafted_id_number_is_refused_in_words(browser: Browser, address: str) -> None:
    with a_page(browser, address, "tablet") as page:
        log_in(page)
        page.locator("[name=visitor_name]").fill("张三")
        page.locator("[name=host_room]").fill("3-1-1201")
        page.evaluate(
            """() => { const extra = document.createElement("input"); extra.name = "id_number";
            extra.value = "100000199001010011"; document.querySelector("form.register").append(extra); }"""
        )
        page.get_by_role("button", name="本人已口头同意").click()
        expect(page.get_by_role("alert")).to_contain_text("我们不登记身份证号，请删去这一项，其他照常登记。")
        assert "100000199001010011" not in page.content()

        page.get_by_role("button", name="本人已口头同意").click()

        expect(page.get_by_role("status")).to_contain_text("已登记")


@pytest.mark.browser
def test_a_visitor_taps_yes_or_no_on_buttons_of_one_size(browser: Browser, address: str) -> None:
    with a_page(browser, address, "tablet") as page:
        log_in(page)
        page.locator("[name=visitor_name]").fill("张三")
        page.locator("label.instead", has_text="由前台直接联系住户").click()
        page.get_by_role("button", name="请访客自己看").click()
        page.wait_for_load_state()
        expect(page.get_by_role("heading", name="登记告知")).to_be_visible()
        yes, no = (page.get_by_role("button", name=name, exact=True) for name in ("同意", "不同意"))
        sizes = [button.bounding_box() for button in (yes, no)]
        assert sizes[0] is not None
        assert sizes[1] is not None
        assert (sizes[0]["width"], sizes[0]["height"]) == (sizes[1]["width"], sizes[1]["height"])
        assert page.locator(":checked").count() == 0

        yes.click()

        expect(page.get_by_role("status")).to_contain_text("已登记")


@pytest.mark.browser
def test_everything_works_without_a_script(browser: Browser, address: str) -> None:
    with a_page(browser, address, "phone", scripts=False) as page:
        log_in(page)
        page.locator("[name=visitor_name]").fill("张三丰")
        page.locator("[name=host_room]").fill("3-1-1201")
        page.get_by_role("button", name="本人已口头同意").click()
        expect(page.get_by_role("status")).to_contain_text("已登记")
        page.get_by_role("link", name="在访名单").click()
        before = page.locator(".visits li").count()

        page.locator(".visits li").first.get_by_role("button", name="离开").click()

        expect(page.get_by_role("status").filter(has_text="已离开")).to_be_visible()
        expect(page.locator(".visits li")).to_have_count(before - 1)


@pytest.mark.parametrize("size", ["tablet", "phone", "desktop"])
@pytest.mark.browser
def test_whatever_is_tapped_is_large_and_nothing_runs_out_of_the_page(
    browser: Browser, address: str, engine: Engine, size: str
) -> None:
    engine.slips.issue("visitor", 2, "staff-7")
    with a_page(browser, address, size) as page:
        log_in(page)
        for path in DESK:
            page.goto(path)
            small = page.evaluate(
                """smallest => [...document.querySelectorAll("a, button, summary, label.pick, label.instead, input:not([type=hidden]):not([type=radio]):not([type=checkbox])")]
                .filter(one => one.offsetParent && one.getBoundingClientRect().height < smallest).map(one => one.outerHTML)""",
                SMALLEST_TARGET,
            )
            wide = page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )

            assert small == [], path
            assert wide is False, path


@pytest.mark.parametrize("size", ["lying", "tablet", "phone"])
@pytest.mark.browser
def test_a_no_is_as_large_and_as_near_to_the_thumb_as_a_yes(
    browser: Browser, address: str, size: str
) -> None:
    with a_page(browser, address, size) as page:
        log_in(page)
        no, yes = (page.locator(f"[name=_act][value={act}]").bounding_box() for act in ("no", "spoken"))
        assert no
        assert yes
        assert (no["width"], no["height"]) == pytest.approx((yes["width"], yes["height"]), abs=1)
        assert no["y"] == yes["y"]
        assert yes["y"] > SIZES[size][1] * 0.8
        assert page.locator("[name=visitor_phone]").get_attribute("type") == "tel"
        assert page.locator("[name=party_size]").get_attribute("inputmode") == "numeric"
        read, first = (page.locator(one).first.bounding_box() for one in (".read", ".field input"))
        assert read
        assert first
        assert (read["y"], read["x"]) < (first["y"], first["x"])

        page.get_by_role("button", name="本人不同意").click()

        expect(page.get_by_role("heading", name="没有登记，也没有保存任何内容")).to_be_visible()


@pytest.mark.browser
def test_a_pass_code_brings_its_own_button_and_needs_no_script(browser: Browser, address: str) -> None:
    with a_page(browser, address, "phone", scripts=False) as page:
        log_in(page)
        page.locator("summary", has_text="有通行码").click()
        button = page.get_by_role("button", name="凭通行码登记")
        expect(button).to_be_hidden()
        page.locator("[name=visitor_name]").fill("李女士")
        page.get_by_label("访问房号").fill("3-1-1201")
        page.get_by_label("通行码").fill("ABCD-EFGH-JKMN")

        button.click()

        expect(page.get_by_role("alert")).to_contain_text("没有有效的同意")
        expect(page.get_by_label("通行码")).to_have_value("ABCD-EFGH-JKMN")


@pytest.mark.browser
def test_the_api_page_asks_nobody_else(browser: Browser, address: str) -> None:
    with a_page(browser, address, "desktop") as page:
        page.goto("/v1/docs")

        expect(page.get_by_text("/v1/records/{category}")).to_be_visible()


@pytest.mark.browser
def test_on_a_phone_the_menu_stays_one_row_though_something_waits(browser: Browser, address: str) -> None:
    with a_page(browser, address, "phone") as page:
        log_in(page)
        page.evaluate(
            "const one = document.querySelector('#waiting'); one.textContent = '待发 12'; one.hidden = false"
        )

        entries = page.locator("header.bar #waiting, header.bar .links a, header.bar .out button")
        middles = page.evaluate(
            "() => [...document.querySelectorAll('header.bar #waiting, header.bar .links a, header.bar .out button')]"
            ".map(one => { const box = one.getBoundingClientRect(); return box.top + box.height / 2; })"
        )

        assert entries.count() == len(middles) == 6
        assert max(middles) - min(middles) < 2


@pytest.mark.browser
def test_what_may_be_ticked_together_does_not_look_like_a_choice_of_one(
    browser: Browser, address: str
) -> None:
    with a_page(browser, address, "phone") as page:
        log_in(page)
        page.goto("/desk/urgent?category=visitor")

        tick = page.locator("[name=field]").first
        line = page.locator(".ticks label").first.bounding_box()

        assert float(tick.evaluate("one => parseFloat(getComputedStyle(one).borderRadius)")) < 6
        assert line
        assert line["height"] >= SMALLEST_TARGET
        expect(page.locator("header.bar .links [aria-current]")).to_have_text("应急")

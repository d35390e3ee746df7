"""A tablet that loses its network: what waits is sealed, counted, sent once, corrected where refused, and never old."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from compliance.bootstrap import Engine
from compliance.domain.vocabulary import Channel, Role
from compliance.policies.drafts import CaseDraft
from compliance.policies.loader import LoadedPack, load, shipped
from compliance.policies.schema import CollectionCase
from compliance.services.reading import Actor
from compliance.web import desk_rules
from compliance.web.desk_form import shown_at_desk
from tests.web.conftest import PASSWORD
from tests.web.test_desk_browser import a_page, log_in

OFFICER = Actor(id="staff-9", role=Role.OFFICER)
CANARY, PHONE = "欧阳示例", "19400001234"
pytestmark = pytest.mark.browser
READY, KEPT = "html[data-desk=ready]", "html[data-kept=true]"
# Everything that this origin keeps on the device, as text: buffers as Latin-1 and as UTF-8, keys as they show themselves.
EVERYTHING = """async () => {
  const plain = value => {
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    if (value instanceof Uint8Array) return String.fromCharCode(...value) + new TextDecoder().decode(value);
    if (value instanceof CryptoKey) return {extractable: value.extractable, name: value.algorithm.name};
    if (Array.isArray(value)) return value.map(plain);
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
    return value;
  };
  const found = {local: {...localStorage}, session: {...sessionStorage}, rows: {}, caches: {}};
  for (const {name, version} of await indexedDB.databases()) {
    const base = await new Promise((yes, no) => {
      const asked = indexedDB.open(name, version); asked.onsuccess = () => yes(asked.result); asked.onerror = no; });
    for (const store of base.objectStoreNames) {
      found.rows[store] = plain(await new Promise(yes => {
        const asked = base.transaction(store).objectStore(store).getAll(); asked.onsuccess = () => yes(asked.result); }));
    }
  }
  for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys()) {
    found.caches[one.url] = await (await caches.match(one, {ignoreVary: true})).text();
  }
  return found;
}"""

CLOCK_PUT_BACK = """async () => {
  const now = Date.now(); Date.now = () => now; await DeskSealed.seal({}, "staff-7");
  const before = await DeskSealed.sweep(); Date.now = () => now - 3600e3;
  return [before.length, (await DeskSealed.sweep()).length]; }"""
CHECKER = Path(desk_rules.__file__).parent / "assets" / "desk_rules.js"


@contextmanager
def at_the_desk(browser: Browser, address: str) -> Iterator[Page]:
    """A guard logged in at a tablet that has kept what it needs."""
    with a_page(browser, address, "tablet") as page:
        log_in(page)
        page.wait_for_selector(READY)
        page.wait_for_selector(KEPT)
        yield page


def register_without_network(page: Page, name: str, phone: str = "") -> None:
    page.context.set_offline(True)
    page.goto("/desk/new/visitor")
    page.wait_for_selector(READY)
    expect(page.locator("#line")).to_contain_text("没有网络，照常登记")
    page.locator("[name=visitor_name]").fill(name)
    page.locator("[name=visitor_phone]").fill(phone)
    page.locator("[name=host_room]").fill("3-1-1201")
    page.get_by_role("button", name="本人已口头同意").click()


def stored(engine: Engine) -> list[str]:
    with engine.books.reading() as books:
        return [row.id for row in books.holdings.recent("main", 50, ["visitor"])]


def test_what_waits_is_sealed_survives_a_reload_and_is_stored_exactly_once(
    browser: Browser, address: str, engine: Engine
) -> None:
    before = stored(engine)
    with at_the_desk(browser, address) as page:
        register_without_network(page, CANARY, PHONE)
        expect(page.get_by_text("已记下，可以放行")).to_be_visible()
        page.reload()
        page.wait_for_selector(READY)
        expect(page.locator("#line")).to_contain_text("1 条等待登记")
        expect(page.locator("#waiting")).to_have_text("待发 1")
        expect(page.locator("[name=visitor_name]")).to_have_value("")

        kept = page.evaluate(EVERYTHING)
        (row,) = kept["rows"]["waiting"]
        opened = page.evaluate("id => DeskSealed.open(id)", row["id"])
        assert CANARY in json.dumps(opened, ensure_ascii=False)
        assert PHONE in json.dumps(opened)
        text = json.dumps(kept, ensure_ascii=False)
        assert any(url.endswith("/desk/shell/visitor") for url in kept["caches"])
        assert not [one for one in (CANARY, PHONE, "3-1-1201", PASSWORD) if one in text]
        assert row["key"] == {"extractable": False, "name": "AES-GCM"}
        assert not [url for url, body in kept["caches"].items() if "staff-7" in body]
        assert stored(engine) == before

        lost: list[int] = []

        def lose_the_answer(route: Route) -> None:
            if route.request.method == "POST" and not lost:
                lost.append(route.fetch().status)
                route.abort()
            else:
                route.fallback()

        page.route("**/desk/new/visitor", lose_the_answer)
        page.context.set_offline(False)
        while not lost:
            page.wait_for_timeout(20)
        expect(page.locator("#line.offline")).to_be_visible()
        page.reload()

        expect(page.locator("#line")).to_contain_text("已补登记 1 条")
        assert lost == [201]
        code = page.locator(".line-code").inner_text()
        page.reload()
        expect(page.locator(".line-code")).to_have_text(code)
        (row,) = page.evaluate(EVERYTHING)["rows"]["waiting"]
        assert CANARY not in json.dumps(
            page.evaluate("id => DeskSealed.open(id)", row["id"]), ensure_ascii=False
        )
        page.get_by_role("button", name="都交给本人了").click()
        expect(page.locator("#line")).to_be_hidden()
        assert page.evaluate(EVERYTHING)["rows"]["waiting"] == []
    (record,) = set(stored(engine)) - set(before)
    assert engine.reader.read(record, "entry_security", OFFICER).fields["visitor_name"] == CANARY
    with engine.books.reading() as books:
        (evidence,) = books.consents.of_holding(record)
    assert (evidence.act, evidence.notice) == ("spoken", "oral:staff-7")


def test_what_waited_for_a_day_is_gone_though_the_network_never_came_back(
    browser: Browser, address: str, engine: Engine
) -> None:
    before = stored(engine)
    with at_the_desk(browser, address) as page:
        page.clock.install()
        register_without_network(page, CANARY)
        expect(page.get_by_text("已记下，可以放行")).to_be_visible()
        page.clock.fast_forward("23:45:00")
        expect(page.locator("#line")).to_contain_text("1 条等待登记")
        assert len(page.evaluate(EVERYTHING)["rows"]["waiting"]) == 1
        expect(page.locator("#line")).to_contain_text(
            "没有人在班"
        )  # a login lasts twelve hours, also without network

        page.clock.fast_forward("15:00")

        expect(page.locator("#line")).to_contain_text("1 条超过 24 小时没有送达，已删除。")
        assert page.evaluate(EVERYTHING)["rows"]["waiting"] == []
        page.get_by_role("button", name="知道了").click()
        expect(page.locator("#line")).not_to_contain_text("超过 24 小时")
        # Nor does anything live longer by putting the clock back.
        assert page.evaluate(CLOCK_PUT_BACK) == [1, 0]
    assert stored(engine) == before


def test_a_refusal_on_sending_comes_back_to_its_guard_for_correction(
    browser: Browser, address: str, engine: Engine
) -> None:
    before = stored(engine)
    with at_the_desk(browser, address) as page:
        register_without_network(page, CANARY + "99")
        expect(page.get_by_text("已记下，可以放行")).to_be_visible()
        page.context.set_offline(False)
        page.goto("/desk/new/delivery")
        page.wait_for_selector(READY)
        expect(page.locator("#line")).to_contain_text("有 1 条没有登记成功：“姓名”格式不对，请核对后再填。")
        assert CANARY not in json.dumps(page.evaluate(EVERYTHING), ensure_ascii=False)

        page.get_by_role("button", name="更正").click()
        page.wait_for_url("**/desk/new/visitor*")
        name = page.locator("[name=visitor_name]")
        expect(name).to_have_value(CANARY + "99")
        expect(name).to_be_focused()
        expect(page.locator("[name=host_room]")).to_have_value("3-1-1201")
        name.fill(CANARY)
        page.get_by_role("button", name="本人已口头同意").click()

        expect(page.locator("#line")).to_contain_text("已补登记 1 条")
        expect(page.get_by_text("已更正，已登记")).to_be_visible()
    assert len(set(stored(engine)) - set(before)) == 1


def test_a_queue_outlives_its_guards_logout_and_goes_with_the_next_login(
    browser: Browser, address: str, engine: Engine
) -> None:
    engine.access.add_staff("staff-8", Role.GUARD, PASSWORD)
    before = stored(engine)
    with at_the_desk(browser, address) as page:
        register_without_network(page, CANARY)
        expect(page.get_by_text("已记下，可以放行")).to_be_visible()
        page.get_by_role("button", name="退出").click()
        expect(page.locator("#line")).to_contain_text("没有人在班")
        page.reload()
        page.wait_for_selector(READY)
        expect(page.locator("#line")).to_contain_text("没有人在班")
        expect(page.locator("form.register > .act")).to_be_hidden()
        expect(page.locator("#line")).to_contain_text("1 条等待登记")
        page.context.set_offline(False)
        page.wait_for_url("**/login")
        page.get_by_label("工号").fill("staff-8")
        page.get_by_label("口令").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()

        expect(page.locator("#line")).to_contain_text("已补登记 1 条")
    (record,) = set(stored(engine)) - set(before)
    with engine.books.reading() as books:
        (evidence,) = books.consents.of_holding(record)
    assert evidence.notice == "oral:staff-7"


def test_the_tablet_keeps_the_rules_without_network_and_seals_nothing_that_breaks_them(
    browser: Browser, address: str
) -> None:
    with at_the_desk(browser, address) as page:
        page.context.set_offline(True)
        page.goto("/desk/new/visitor")
        page.wait_for_selector(READY)
        page.locator("[name=visitor_name]").fill("张三")
        said = page.get_by_role("button", name="本人已口头同意")
        said.click()
        expect(page.get_by_role("alert")).to_contain_text("还缺房号；不便提供的，请前台直接联系住户。")
        expect(page.locator("[name=host_room]")).to_be_focused()
        page.locator("[name=host_room]").fill("１００００019900101 0011")
        said.click()
        expect(page.get_by_role("alert")).to_contain_text("像是有证件号或手机号")
        page.locator("[name=host_room]").fill("3-1-1201")
        page.evaluate(
            """() => { const extra = document.createElement("input"); extra.name = "id_number";
            extra.value = "100000199001010011"; document.querySelector("form.register").append(extra); }"""
        )
        said.click()
        expect(page.get_by_role("alert")).to_contain_text("我们不登记身份证号，请删去这一项，其他照常登记。")
        assert page.evaluate(EVERYTHING)["rows"]["waiting"] == []

        said.click()

        expect(page.get_by_text("已记下，可以放行")).to_be_visible()


def as_typed(draft: CaseDraft, pack: LoadedPack) -> list[list[str]] | None:
    """What a guard would have typed for this case of a policy; None where it is not the desk's, or was refused."""
    policy, case = pack.categories[draft.category], draft.case
    if (
        not isinstance(case, CollectionCase)
        or case.expect != "admitted"
        or Channel.DESK not in policy.channels
    ):
        return None
    here = {rule.name for rule in shown_at_desk(policy)}
    typed: list[list[str]] = []
    for name, value in case.submit.items():
        if name not in here:
            return None
        if isinstance(value, dict):
            typed += [[f"{name}.{part}", str(value[part])] for part in ("type", "result")]
        else:
            typed.append([name, str(value)])
    return typed


def test_what_the_gate_admits_a_tablet_refuses_nothing_of(page: Page) -> None:
    pack = load(shipped("residential"))
    tried = [(draft, typed) for draft in pack.cases if (typed := as_typed(draft, pack))]
    assert len(tried) > 20
    page.add_script_tag(path=CHECKER)
    said = page.evaluate(
        "all => all.map(([rules, pairs]) => DeskRules.check(rules, pairs))",
        [[desk_rules.rules(pack.categories[draft.category], pack), typed] for draft, typed in tried],
    )
    for (draft, typed), reasons in zip(tried, said, strict=True):
        given = {name.partition(".")[0] for name, _ in typed}
        separate = {
            rule.name
            for rule in pack.categories[draft.category].fields.values()
            if rule.needs_separate_consent
        }
        assert not [one for one in reasons if one["field"] in given - separate], draft.title

"""The officer's page of emergencies: open one on a document, end it, and tell the people afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from compliance.bootstrap import Engine
from tests.web.conftest import SteppingClock, a_submission, logged_in
from tests.web.officer_house import sent

PAGE = "/officer/emergencies"


@pytest.fixture
def officer(officer: httpx.Client, engine: Engine) -> Iterator[httpx.Client]:
    yield officer
    for row in engine.emergencies.listed():
        if row.closed_by is None:
            engine.emergencies.close(row.id, "staff-9")


def opening(clock: SteppingClock, **changes: str) -> dict[str, str]:
    until = (clock.now() + timedelta(days=3, hours=8)).strftime("%Y-%m-%dT%H:%M")
    said = {
        "profile": "epidemic",
        "authority": "示例市人民政府",
        "document": "示例政府〔2026〕1号",
        "until": until,
    }
    return {**said, **changes}


def newest(engine: Engine) -> str:
    listed = engine.emergencies.listed()
    # Several are opened within one second here: the one that is open is the last.
    return next((row for row in listed if row.closed_by is None), listed[0]).id


def test_an_emergency_is_opened_and_seen_with_its_document_and_its_end(
    officer: httpx.Client, engine: Engine, clock: SteppingClock
) -> None:
    page = sent(officer, PAGE, **opening(clock)).text

    for said in ("应急已启动", "示例政府〔2026〕1号", "由 staff-9 启动", "自动结束", "访客：体温检测结果"):
        assert said in page
    assert engine.emergencies.listed()[0].closed_by is None


@pytest.mark.parametrize(
    "changes",
    [
        {"until": "soon"},
        {"until": ""},
        {"until": "1999-01-01T00:00"},
        {"until": "2199-01-01T00:00"},
        {"profile": "flood"},
        {"profile": "<script>"},
        {"document": ""},
        {"document": "联系 19400000001"},
        {"authority": ""},
    ],
)
def test_what_lacks_something_is_not_opened(
    officer: httpx.Client, engine: Engine, clock: SteppingClock, changes: dict[str, str]
) -> None:
    before = engine.emergencies.listed()
    answer = sent(officer, PAGE, **opening(clock, **changes))

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "<script>" not in answer.text
    assert engine.emergencies.listed() == before


def test_the_form_at_the_desk_has_the_field_only_while_it_is_open(
    officer: httpx.Client, engine: Engine, clock: SteppingClock
) -> None:
    assert "体温检测结果" not in officer.get("/desk/new/visitor").text
    sent(officer, PAGE, **opening(clock))
    assert "体温检测结果" in officer.get("/desk/new/visitor").text
    sent(officer, f"{PAGE}/{newest(engine)}/close")

    assert "体温检测结果" not in officer.get("/desk/new/visitor").text


def test_when_it_is_over_the_page_says_by_when_the_people_are_told(
    officer: httpx.Client, engine: Engine, clock: SteppingClock
) -> None:
    sent(officer, PAGE, **opening(clock))
    raw = a_submission()
    fields = {**raw["fields"], "temperature_check": "正常"}
    engine.gate.write({**raw, "category": "visitor", "fields": fields})
    emergency = newest(engine)
    assert officer.get(f"{PAGE}/{emergency}/notice.zh.pdf").status_code == 404
    page = sent(officer, f"{PAGE}/{emergency}/close").text

    row = engine.emergencies.find(emergency)
    for said in ("访客 1 条", f"应在 {row.tell_by} 前办理", "正在进行"):
        assert said in page
    for lang in ("zh", "en"):
        printed = officer.get(f"{PAGE}/{emergency}/notice.{lang}.pdf")
        assert printed.content.startswith(b"%PDF")
    assert f"应在 {row.tell_by} 前办理" in officer.get("/officer").text
    assert "补告知已记录" in sent(officer, f"{PAGE}/{emergency}/told").text
    assert sent(officer, f"{PAGE}/{emergency}/told").status_code == 422
    assert sent(officer, f"{PAGE}/{emergency}/close").status_code == 422


def test_a_guard_opens_nothing(address: str, engine: Engine, clock: SteppingClock) -> None:
    before = engine.emergencies.listed()
    with logged_in(address, "staff-7") as guard:
        assert guard.get(PAGE).status_code == 403
        assert sent(guard, PAGE, **opening(clock)).status_code == 403

    assert engine.emergencies.listed() == before


def test_nothing_is_opened_without_the_token_of_the_form(officer: httpx.Client, clock: SteppingClock) -> None:
    assert officer.post(PAGE, data=opening(clock)).status_code == 403


@pytest.mark.parametrize("path", ["nobody/close", "nobody/told", "%2e%2e/close"])
def test_an_emergency_that_never_was_cannot_be_ended(officer: httpx.Client, path: str) -> None:
    assert sent(officer, f"{PAGE}/{path}").status_code in (400, 404, 422)


def test_the_counts_for_prometheus_say_mode_and_emergency(
    officer: httpx.Client, engine: Engine, clock: SteppingClock
) -> None:
    sent(officer, PAGE, **opening(clock))
    counts = officer.get("/metrics").text

    assert 'compliance_mode{mode="enforce"} 1.0' in counts
    assert 'compliance_mode{mode="observe"} 0.0' in counts
    assert "compliance_emergency_open 1.0" in counts
    assert officer.get("/v1/health").json()["mode"] == "enforce"

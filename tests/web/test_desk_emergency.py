"""What a guard may open alone: the roster in a fire, and records where a life is in danger. The officer sees both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from compliance.bootstrap import Engine
from tests.builders import SHANGHAI
from tests.web.conftest import SteppingClock, logged_in
from tests.web.officer_house import a_visit, sent


@pytest.fixture
def danger(engine: Engine, clock: SteppingClock) -> dict[str, Any]:
    a_visit(engine)
    day = clock.now().astimezone(SHANGHAI).date().isoformat()
    return {
        "category": "visitor",
        "authority": "police",
        "unit": "示例派出所",
        "document": "警情2026-1",
        "officers": "012345",
        "seen": "012345",
        "called_back": f"{day}T00:10",
        "field": ["visitor_name", "entry_time"],
        "first": day,
        "last": day,
    }


def test_the_roster_asks_why_and_then_shows_who_is_inside(
    guard: httpx.Client, officer: httpx.Client, engine: Engine
) -> None:
    a_visit(engine)
    assert "李女士" not in guard.get("/desk/roster").text

    page = sent(guard, "/desk/roster", reason="3栋火警，消防已到")

    assert "李女士" in page.text
    assert "在场" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "次应急点名，请逐次核实" in officer.get("/officer").text
    assert "应急点名" in officer.get("/officer/disclosures").text


def test_the_roster_says_the_day_of_those_who_did_not_come_today(
    address: str, engine: Engine, clock: SteppingClock
) -> None:
    before = clock.ahead
    noon = clock.now().astimezone(SHANGHAI).replace(hour=12, minute=0, second=0) + timedelta(days=1)
    seen = []
    try:
        for later in (timedelta(0), timedelta(hours=20)):
            clock.ahead += noon + later - clock.now()
            if not later:
                a_visit(engine)
            with logged_in(address, "staff-7") as guard:
                seen.append(sent(guard, "/desk/roster", reason="演练").text)
    finally:
        clock.ahead = before

    assert f'<span class="came">{noon:%m-%d}<br>12:00' not in seen[0]
    assert f'<span class="came">{noon:%m-%d}<br>12:00' in seen[1]


@pytest.mark.parametrize("reason", ["", "   ", "找19400000001", "x" * 201])
def test_the_roster_opens_for_no_reason_to_nobody(guard: httpx.Client, engine: Engine, reason: str) -> None:
    a_visit(engine)

    page = sent(guard, "/desk/roster", reason=reason)

    assert page.status_code == 422
    assert "请写明原因" in page.text
    assert "李女士" not in page.text


def test_a_guard_gives_where_a_life_is_in_danger_and_the_officer_signs_afterwards(
    guard: httpx.Client, officer: httpx.Client, danger: dict[str, Any]
) -> None:
    assert "有人有生命危险" in guard.get("/desk/urgent?category=visitor").text

    package = sent(guard, "/desk/urgent", **danger)

    assert package.headers["content-type"] == "application/zip"
    number = package.headers["content-disposition"].split("disclosure-")[1].split(".")[0]
    assert number in officer.get("/officer").text
    assert "待补签" in officer.get(f"/officer/disclosures/{number}").text
    assert "已签字" in sent(officer, f"/officer/disclosures/{number}/sign").text
    assert number not in officer.get("/officer").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"called_back": ""}, "回拨单位电话核实"),
        ({"called_back": "just now"}, "请写明日期"),
        ({"seen": "999999"}, "看过证件号"),
        ({"authority": "court"}, "这个机关不能凭这一条调取"),
        ({"field": []}, "请列出需要的项目"),
        ({"ground": "PIPL 34", "seen": ""}, "看过证件号"),
    ],
)
def test_less_than_danger_to_life_goes_to_the_officer(
    guard: httpx.Client, danger: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    answer = sent(guard, "/desk/urgent", **{**danger, **changes})

    assert answer.status_code == 422
    assert said in answer.text


def test_a_list_of_many_is_one_entry(guard: httpx.Client, engine: Engine) -> None:
    for _ in range(5):
        a_visit(engine)
    engine.sealing.seal()
    with engine.books.reading() as books:
        before = len(books.ledger.entries(0, 5000))

    assert guard.get("/desk/inside").text.count("李女士") >= 5

    engine.sealing.seal()
    with engine.books.reading() as books:
        assert len(books.ledger.entries(0, 5000)) == before + 1


def test_the_officer_reads_in_words_why_nothing_was_given(
    guard: httpx.Client, officer: httpx.Client, danger: dict[str, Any]
) -> None:
    assert sent(guard, "/desk/urgent", **{**danger, "field": [], "seen": "999999"}).status_code == 422

    for page in (officer.get("/officer/disclosures").text, officer.get("/officer").text):
        assert "没有列明项目" in page
        assert "未核实危及生命" in page
        assert "no_fields" not in page

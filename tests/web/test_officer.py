"""The officer's pages: who may open them, and what each of them does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from compliance.bootstrap import Engine
from compliance.domain.request import RequestKind
from compliance.web.app import create_app
from compliance.web.rates import Rates
from tests.web.conftest import PASSWORD, SteppingClock, a_submission, logged_in

PAGES = (
    "/officer",
    "/officer/requests",
    "/officer/holds",
    "/officer/retention",
    "/officer/ledger",
    "/officer/policies",
    "/officer/policies/visitor",
)


@pytest.fixture(scope="module")
def app(engine: Engine) -> FastAPI:
    """The tests log in from one address, and faster than people."""
    return create_app(engine, rates=Rates(login="10000/minute", subject="10000/minute"))


@pytest.fixture
def officer(address: str) -> Iterator[httpx.Client]:
    with logged_in(address, "staff-9") as client:
        client.follow_redirects = True
        yield client


def sent(client: httpx.Client, path: str, **fields: str | list[str]) -> httpx.Response:
    return client.post(path, data={"csrftoken": client.cookies["csrftoken"], **fields})


def a_visit(engine: Engine) -> str:
    return engine.gate.write({**a_submission(), "category": "visitor"}).pass_code


def a_hold(engine: Engine, clock: SteppingClock) -> str:
    until = (clock.now() + timedelta(days=20)).date()
    return engine.holds.place(
        ground="R8", document="示例〔2026〕1号", law_ref="刑事诉讼法 54", until=until, by="staff-9"
    )


class TestWhoMayOpenThem:
    @pytest.mark.parametrize("path", PAGES)
    def test_the_officer_may_a_guard_and_a_stranger_may_not(
        self, officer: httpx.Client, guard: httpx.Client, anybody: httpx.Client, path: str
    ) -> None:
        assert officer.get(path).status_code == 200
        assert guard.get(path).status_code == 403
        assert anybody.get(path).headers["location"] == "/login"

    def test_a_director_may(self, address: str) -> None:
        with logged_in(address, "staff-1") as director:
            assert all(director.get(path).status_code == 200 for path in PAGES)

    def test_a_guard_cannot_act_by_sending_the_form(self, guard: httpx.Client, engine: Engine) -> None:
        guard.get("/officer/retention")

        assert sent(guard, "/officer/retention/pause", why="x").status_code == 403
        assert engine.reports.month(engine.reports.this_month()).paused is False


class TestTheMonth:
    @pytest.mark.parametrize(
        ("form", "begins"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"{")], ids=["pdf", "xlsx", "json"]
    )
    def test_the_report_can_be_taken_along(
        self, officer: httpx.Client, engine: Engine, form: str, begins: bytes
    ) -> None:
        answer = officer.get(f"/officer/report/{engine.reports.this_month()}.{form}")

        assert answer.content.startswith(begins)
        assert "attachment" in answer.headers["content-disposition"]

    def test_the_chart_is_an_image(self, officer: httpx.Client, engine: Engine) -> None:
        answer = officer.get(f"/officer/report/{engine.reports.this_month()}/chart.svg")

        assert answer.headers["content-type"].startswith("image/svg+xml")

    @pytest.mark.parametrize("path", ["?month=2099-01", "?month=soon", "/report/2026-01.doc"])
    def test_a_month_or_a_form_that_is_none_is_not_found(self, officer: httpx.Client, path: str) -> None:
        assert officer.get(f"/officer{path}").status_code == 404

    def test_a_signed_month_keeps_its_findings_until_they_are_closed(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        month = engine.reports.this_month()
        found = {"text": ["访客类有部分到期未删", ""], "owner": ["staff-2", ""], "due_on": ["2099-01-01", ""]}

        page = sent(officer, f"/officer/report/{month}/review", **found).text

        assert "已签字" in page
        assert "访客类有部分到期未删" in page
        review = engine.reports.reviews(month)[-1]
        assert (review.by, len(review.findings)) == ("staff-9", 1)
        page = sent(officer, f"/officer/report/{month}/findings/{review.findings[0].id}/close").text
        assert "staff-9" in page
        assert engine.reports.reviews(month)[-1].findings[0].closed_by == "staff-9"
        again = sent(officer, f"/officer/report/{month}/findings/{review.findings[0].id}/close")
        assert again.status_code == 422

    def test_a_finding_with_somebodys_number_is_not_signed(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        month = engine.reports.this_month()
        before = len(engine.reports.reviews(month))

        answer = sent(
            officer,
            f"/officer/report/{month}/review",
            text="请删除19400000001",
            owner="staff-2",
            due_on="2099-01-01",
        )

        assert answer.status_code == 422
        assert "没有签成" in answer.text
        assert "19400000001" not in answer.text
        assert len(engine.reports.reviews(month)) == before

    def test_what_is_overdue_stands_in_red_with_the_oldest_first(
        self, address: str, engine: Engine, clock: SteppingClock
    ) -> None:
        a_visit(engine)
        clock.ahead += timedelta(days=60)
        try:
            with logged_in(address, "staff-9") as officer:
                page = officer.get("/officer").text
                due = officer.get("/officer/retention").text
        finally:
            clock.ahead -= timedelta(days=60)

        assert re.search(
            r'class="error" role="alert"><p>到期未删 \d+ 项，最早的应在 \d{4}-\d\d-\d\d 删除', page
        )
        assert "访客" in due


class TestRequests:
    def test_the_queue_is_sorted_as_asked_and_says_nobodys_name(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        numbers = {
            engine.requests.open(kind, mobile="19400000006").number
            for kind in (RequestKind.DELETION, RequestKind.ACCESS)
        }

        for order in ("due", "received", "kind", "state", "nonsense"):
            page = officer.get("/officer/requests", params={"order": order}).text
            assert all(number in page for number in numbers)
            assert "19400000006" not in page
        kinds = re.findall(r'data-head="种类">(..)<', officer.get("/officer/requests?order=kind").text)
        assert kinds == sorted(kinds, key=["查阅", "删除"].index)

    def test_the_officer_reads_the_plan_and_accepts(
        self, officer: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        code, hold = a_visit(engine), a_hold(engine, clock)
        number = engine.requests.open(RequestKind.DELETION, pass_code=code).number
        engine.requests.fulfil(number)
        try:
            page = officer.get(f"/officer/requests/{number}").text
            assert "其间只存储和保护" in page
            assert "R7" not in page
            done = sent(officer, f"/officer/requests/{number}/decide", decision="accept")
            assert "决定已作出" in done.text
            assert engine.requests.show(number).state == "partial"
            again = sent(officer, f"/officer/requests/{number}/decide", decision="accept")
            assert again.status_code == 422
        finally:
            engine.holds.release(hold, "staff-9")

    @pytest.mark.parametrize(
        ("fields", "state"),
        [
            ({}, "deciding"),
            ({"ground": "R99"}, "deciding"),
            ({"ground": "R1"}, "deciding"),
            ({"ground": "R5"}, "refused"),
            ({"ground": ["R1", "R5"], "law_ref": "保守国家秘密法 2"}, "refused"),
        ],
        ids=["no ground", "unknown ground", "no law", "one ground", "two grounds"],
    )
    def test_a_refusal_needs_a_ground_of_the_closed_list(
        self,
        officer: httpx.Client,
        engine: Engine,
        clock: SteppingClock,
        fields: dict[str, str | list[str]],
        state: str,
    ) -> None:
        code, hold = a_visit(engine), a_hold(engine, clock)
        number = engine.requests.open(RequestKind.DELETION, pass_code=code).number
        engine.requests.fulfil(number)
        try:
            answer = sent(officer, f"/officer/requests/{number}/decide", decision="refuse", **fields)
        finally:
            engine.holds.release(hold, "staff-9")

        assert answer.status_code == (200 if state == "refused" else 422)
        assert engine.requests.show(number).state == state

    def test_an_unknown_request_is_not_found(self, officer: httpx.Client) -> None:
        assert officer.get("/officer/requests/261123-00000000").status_code == 404
        assert officer.get("/officer/requests/%00").status_code == 404


class TestHolds:
    def test_a_hold_is_placed_seen_and_released(self, officer: httpx.Client, engine: Engine) -> None:
        fields = {
            "ground": "R8",
            "document": "示例〔2026〕9号",
            "law_ref": "刑事诉讼法 54",
            "until": "2099-01-01",
        }

        page = sent(officer, "/officer/holds", category="visitor", **fields).text

        assert "示例〔2026〕9号" in page
        (hold,) = engine.holds.standing()
        assert "已解除" in sent(officer, f"/officer/holds/{hold.id}/release").text
        assert engine.holds.standing() == []
        assert sent(officer, f"/officer/holds/{hold.id}/release").status_code == 422

    @pytest.mark.parametrize(
        "fields",
        [
            {"ground": "R8", "document": "", "law_ref": "x", "until": "2099-01-01"},
            {"ground": "R8", "document": "x", "law_ref": "x", "until": "2020-01-01"},
            {"ground": "R8", "document": "x", "law_ref": "x", "until": "tomorrow"},
            {
                "ground": "R8b",
                "document": "x",
                "until": "2099-01-01",
                "second": "staff-1",
                "second_password": "no",
            },
            {
                "ground": "R8b",
                "document": "x",
                "until": "2099-01-01",
                "second": "staff-9",
                "second_password": PASSWORD,
            },
        ],
        ids=["no document", "past", "no date", "wrong password", "the same person"],
    )
    def test_a_hold_that_lacks_something_is_not_placed(
        self, officer: httpx.Client, engine: Engine, fields: dict[str, str]
    ) -> None:
        assert sent(officer, "/officer/holds", **fields).status_code == 422
        assert engine.holds.standing() == []

    def test_a_dispute_of_our_own_takes_two_persons(
        self, officer: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        until = (clock.now() + timedelta(days=30)).date().isoformat()
        fields = {"ground": "R8b", "document": "示例纠纷", "until": until}

        answer = sent(officer, "/officer/holds", second="staff-1", second_password=PASSWORD, **fields)

        assert answer.status_code == 200
        (hold,) = engine.holds.standing()
        assert (hold.placed_by, hold.second_by) == ("staff-9", "staff-1")
        engine.holds.release(hold.id, "staff-9")


class TestRetentionAndLedger:
    def test_disposal_is_paused_with_a_reason_and_resumed(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        assert sent(officer, "/officer/retention/pause", why=" \x00").status_code == 422
        assert sent(officer, "/officer/retention/pause", why="等19400000001来电").status_code == 422

        assert "删除已暂停：演练" in sent(officer, "/officer/retention/pause", why="演练").text
        assert engine.retention.sweep().paused == "演练"
        assert "删除已恢复" in sent(officer, "/officer/retention/resume").text
        assert engine.retention.sweep().paused is None

    def test_an_excess_is_released_on_a_word(self, officer: httpx.Client) -> None:
        assert sent(officer, "/officer/retention/excess", why="").status_code == 422
        assert "已放行" in sent(officer, "/officer/retention/excess", why="核对过").text

    def test_the_ledger_is_verified_against_a_head_kept_outside(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        head = engine.sealing.current_head()
        assert head is not None
        a_visit(engine)

        alone = sent(officer, "/officer/ledger/verify")
        compared = sent(officer, "/officer/ledger/verify", outside=head.note.replace("\n", "\r\n"))
        altered = sent(officer, "/officer/ledger/verify", outside=head.note.replace("time 2", "time 3"))

        assert "只说明账本自身一致" in alone.text
        assert "与您保存在外的签名头一致" in compared.text
        assert altered.status_code == 409
        assert "核验没有通过" in altered.text


class TestPolicies:
    def test_every_category_can_be_read_and_an_unknown_one_is_not_found(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        with engine.books.reading() as books:
            pack = engine.policies.active(books, engine.clock.now())

        page = officer.get("/officer/policies").text
        assert "我们不登记身份证号" in page
        for category, policy in pack.categories.items():
            assert f"/officer/policies/{category}" in page
            own = officer.get(f"/officer/policies/{category}").text
            assert all(rule.label.zh in own for rule in policy.fields.values())
        assert officer.get("/officer/policies/nobody").status_code == 404

"""The officer's pages: who may open them, the month and its signature, the decision on a request."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from compliance.bootstrap import Engine
from compliance.db.tables import part
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.domain.request import RequestKind
from tests.web.conftest import SteppingClock, logged_in
from tests.web.officer_house import a_hold, a_visit, alter, sent

PAGES = (
    "/officer",
    "/officer/requests",
    "/officer/holds",
    "/officer/retention",
    "/officer/ledger",
    "/officer/policies",
    "/officer/policies/visitor",
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

    def test_a_kept_report_that_was_altered_is_not_shown_as_signed(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        month = engine.reports.this_month()
        engine.reports.review(month, "staff-9")
        assert "与签名不符" not in officer.get("/officer").text
        alter(engine, '"mode":"enforce"', '"mode":"strip"')
        try:
            page = officer.get("/officer").text
            taken = officer.get(f"/officer/report/{month}.pdf")
        finally:
            alter(engine, '"mode":"strip"', '"mode":"enforce"')

        assert "与签名不符" in page
        assert "以 staff-9 签字" not in page
        assert taken.status_code == 200

    def test_no_month_before_the_ledger_s_first_stands_as_unsigned(
        self, address: str, engine: Engine, clock: SteppingClock
    ) -> None:
        engine.sealing.seal()
        first = engine.reports.this_month()
        clock.ahead += timedelta(days=62)
        try:
            with logged_in(address, "staff-9") as officer:
                page = officer.get("/officer").text
        finally:
            clock.ahead -= timedelta(days=62)

        shown = re.findall(r'href="/officer\?month=(\d{4}-\d\d)"', page)
        assert len(shown) in (3, 4)
        assert (shown, shown[-1]) == (sorted(shown, reverse=True), first)

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

    def test_what_fell_due_a_moment_ago_is_not_an_alarm(
        self, address: str, engine: Engine, clock: SteppingClock
    ) -> None:
        a_visit(engine)
        assert isinstance(engine.books, SqlUnitOfWork)
        with engine.books.engine.connect() as connection:
            due = connection.scalar(select(func.min(part.c.erase_at)))
        before = clock.ahead
        clock.ahead += timedelta(seconds=due - int(clock.now().timestamp()) + 60)
        try:
            with logged_in(address, "staff-9") as officer:
                page = officer.get("/officer").text
        finally:
            clock.ahead = before

        assert re.search(r'class="fine">\d+ 项刚刚到期，下一次清理时删除', page)
        assert "查明原因" not in page


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
            assert 'value="R5"' in page
            assert 'value="R7"' not in page
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

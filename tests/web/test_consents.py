"""Consent on the pages and over HTTP: seen by the person it is of, taken back in one tap, and evidence for the officer."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from compliance.bootstrap import Engine
from compliance.ports import Receipt
from tests.web.conftest import a_submission, logged_in


@pytest.fixture(scope="module")
def kiosk(engine: Engine) -> dict[str, str]:
    return {"authorization": f"Bearer {engine.access.issue_api_key('main').secret}"}


def a_visit(engine: Engine, **changes: Any) -> Receipt:
    return engine.gate.write({**a_submission(**changes), "category": "visitor"})


def sent(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """A form, sent as the page would send it."""
    client.get("/me/consents")
    return client.post(path, data={"csrftoken": client.cookies["csrftoken"], **fields})


class TestThePersonItIsOf:
    def test_sees_what_was_agreed_to_and_takes_it_back_in_one_tap(
        self, phone: httpx.Client, engine: Engine
    ) -> None:
        visit = a_visit(engine)

        page = sent(phone, "/me/consents", code=visit.pass_code)
        assert page.url.path == "/me/consents"
        assert [word for word in ("访客", "姓名", "访问房号", "当面口头表示") if word not in page.text] == []

        done = sent(phone, "/me/consents/withdraw")
        assert done.url.path == "/me/request"
        assert "已办结" in done.text
        with engine.books.reading() as books:
            assert books.holdings.find(visit.record) is None

    def test_no_page_and_no_address_repeats_the_code(self, phone: httpx.Client, engine: Engine) -> None:
        visit = a_visit(engine)
        code = visit.pass_code.replace("-", "")

        page = sent(phone, "/me/consents", code=visit.pass_code)

        assert any(code in value for value in phone.cookies.values())  # it is known, and only there
        assert visit.pass_code not in page.text
        assert code not in page.text
        assert all(code not in str(one.url) for one in (page, *page.history))

    @pytest.mark.parametrize("code", ["", "0000-0000-0000", "<script>", "零" * 12, "A" * 500])
    def test_a_code_that_nobody_has_says_what_to_do_next(self, phone: httpx.Client, code: str) -> None:
        answer = sent(phone, "/me/consents", code=code)

        assert answer.status_code == 422
        assert "没有找到这个通行码" in answer.text
        assert not code or code not in answer.text

    def test_nobody_withdraws_without_a_code(self, phone: httpx.Client, engine: Engine) -> None:
        before = len(engine.requests.list_open())

        assert sent(phone, "/me/consents/withdraw").url.path == "/me/consents"
        assert len(engine.requests.list_open()) == before

    def test_a_form_of_another_site_withdraws_nothing(self, phone: httpx.Client, engine: Engine) -> None:
        visit = a_visit(engine)
        sent(phone, "/me/consents", code=visit.pass_code)

        assert phone.post("/me/consents/withdraw", data={}).status_code == 400
        with engine.books.reading() as books:
            assert books.holdings.find(visit.record) is not None

    def test_leaving_forgets_the_code(self, phone: httpx.Client, engine: Engine) -> None:
        sent(phone, "/me/consents", code=a_visit(engine).pass_code)

        sent(phone, "/me/consents/forget")

        assert "查看" in phone.get("/me/consents").text
        assert "me_pass" not in phone.cookies

    def test_a_second_tap_finds_it_done(self, phone: httpx.Client, engine: Engine) -> None:
        visit = a_visit(engine)
        sent(phone, "/me/consents", code=visit.pass_code)
        engine.requests.withdraw_consent(visit.pass_code)

        answer = sent(phone, "/me/consents/withdraw")

        assert answer.status_code in (200, 404, 422)
        assert "撤回同意</button>" not in answer.text

    def test_yes_and_no_are_the_same_size_and_nothing_is_ticked(
        self, phone: httpx.Client, engine: Engine
    ) -> None:
        page = sent(phone, "/me/consents", code=a_visit(engine).pass_code).text

        assert re.search(r'<div class="pair"><button type="submit">撤回同意</button><a class="button', page)
        assert "checked" not in page

    def test_it_is_said_in_english_as_well(self, phone: httpx.Client, engine: Engine) -> None:
        phone.get("/me?lang=en")

        page = sent(phone, "/me/consents", code=a_visit(engine).pass_code).text

        assert "Take it back" in page
        assert "Visitor" in page


class TestTheOfficer:
    def test_sees_the_evidence_of_a_record_and_nobodys_name(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        visit = a_visit(engine)

        page = officer.get("/officer/consents", params={"record": visit.record}).text

        assert [
            word for word in ("姓名", "由 staff-7 当面读出", "有效", "记录还在") if word not in page
        ] == []
        assert [word for word in ("李女士", "3-1-1201", visit.pass_code) if word in page] == []

    def test_the_evidence_outlives_the_record(self, officer: httpx.Client, engine: Engine) -> None:
        visit = a_visit(engine)
        engine.requests.withdraw_consent(visit.pass_code)

        page = officer.get("/officer/consents", params={"record": visit.record}).text

        assert "记录已删除" in page
        assert re.search(r"已于 \d{4}-\d\d-\d\d 撤回", page)

    @pytest.mark.parametrize("record", ["2603-nothing", "x"])
    def test_an_unknown_id_is_said_to_be_unknown(self, officer: httpx.Client, record: str) -> None:
        answer = officer.get("/officer/consents", params={"record": record})

        assert answer.status_code == 404
        assert "没有这个编号" in answer.text

    def test_what_never_was_an_id_does_not_reach_the_books(self, officer: httpx.Client) -> None:
        assert officer.get("/officer/consents", params={"record": "张三'; --"}).status_code in (400, 404, 422)

    def test_a_guard_has_no_such_page(self, address: str) -> None:
        with logged_in(address, "staff-7") as guard:
            assert guard.get("/officer/consents").status_code == 403


class TestAnotherSystem:
    def test_asks_a_pass_holder_only_what_may_be_asked(
        self, address: str, engine: Engine, kiosk: dict[str, str]
    ) -> None:
        visit = a_visit(engine, declined={"visitor_phone": "refused"})

        answer = httpx.post(
            f"{address}/v1/consents/ask",
            json={"pass": visit.pass_code, "category": "visitor"},
            headers=kiosk,
            trust_env=False,
        )

        said = answer.json()
        assert answer.status_code == 200
        assert "visitor_name" in said["covered"]
        assert "visitor_phone" in said["not_again_before_end_of"]
        assert not {"visitor_name", "visitor_phone"} & set(said["ask"])

    @pytest.mark.parametrize(
        "sent",
        [
            {"pass": "0000-0000-0000", "category": "nobody"},
            {"pass": 7, "category": "visitor"},
            {"pass": "0000-0000-0000", "category": "visitor", "channel": "door"},
            {"pass": "0000-0000-0000", "category": "visitor", "extra": "x"},
            {"category": ["visitor"]},
        ],
    )
    def test_what_cannot_be_read_is_a_reason(
        self, address: str, kiosk: dict[str, str], sent: dict[str, object]
    ) -> None:
        answer = httpx.post(f"{address}/v1/consents/ask", json=sent, headers=kiosk, trust_env=False)

        assert answer.status_code == 422
        assert answer.json()["reasons"]

    def test_nobody_asks_without_a_key(self, address: str) -> None:
        sent = {"pass": "0000-0000-0000", "category": "visitor"}

        assert httpx.post(f"{address}/v1/consents/ask", json=sent, trust_env=False).status_code == 401

    def test_a_machine_without_a_person_refers_to_a_pass(
        self, address: str, engine: Engine, kiosk: dict[str, str]
    ) -> None:
        visit = a_visit(engine)
        line = a_submission(consent=[], notice={"mode": "posted"}, collected_at="2026-03-01T10:00:00+08:00")
        line["collected_at"] = engine.clock.now().isoformat()
        lines = [{**line, "category": "visitor", "pass": visit.pass_code}, {**line, "category": "visitor"}]

        answer = httpx.post(
            f"{address}/v1/records",
            content="\n".join(json.dumps(one) for one in lines),
            headers={**kiosk, "content-type": "application/x-ndjson"},
            trust_env=False,
        )

        told = [json.loads(one) for one in answer.text.splitlines()]
        assert [one["verdict"] for one in told[:2]] == ["admitted", "refused"]
        assert visit.pass_code not in answer.text.splitlines()[1]

"""What stands around every route: headers, limits, errors, the description, health and counts."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.web.app import create_app
from compliance.web.rates import Rates
from tests.waiting import in_the_end
from tests.web.conftest import PASSWORD, SteppingClock, a_submission, an_engine, logged_in, served


@pytest.mark.parametrize("path", ["/login", "/v1/health", "/nosuch", "/static/htmx.min.js", "/v1/records/x"])
def test_every_answer_lets_nothing_in_from_elsewhere(anybody: httpx.Client, path: str) -> None:
    headers = anybody.get(path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert ("no-store" in headers["cache-control"]) is not path.startswith("/static")


def test_an_unknown_page_is_said_in_two_languages(anybody: httpx.Client) -> None:
    answer = anybody.get("/nosuch")

    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert "no such page" in answer.text


def test_a_program_reads_errors_as_json(system: httpx.Client) -> None:
    assert system.get("/v1/nosuch").json()["error"] == "not_found"
    assert system.delete("/v1/health").json()["error"] == "method"


def routes_answered(logs: Sequence[MutableMapping[str, Any]]) -> list[str]:
    """A line is written when its answer has gone out, which is when the client may have it already."""
    return [line["route"] for line in logs if line["event"] == "answered"]


def test_a_crash_shows_and_logs_neither_value_nor_stack(
    system: httpx.Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("张三 19400000001")

    monkeypatch.setattr(type(engine.gate), "write", crash)
    with capture_logs() as logs:
        answer = system.post("/v1/records/visitor?phone=19400000009", json=a_submission())
        assert in_the_end(lambda: routes_answered(logs))

    assert answer.status_code == 500
    assert answer.json()["error"] == "internal"
    said = answer.text + repr(logs)
    assert "RuntimeError" in repr(logs)
    assert not re.search("张三|19400000001|19400000009|Traceback", said)


def test_a_log_line_names_the_route_and_not_the_address(system: httpx.Client) -> None:
    with capture_logs() as logs:
        system.get("/v1/records/2611-canary?purpose=canary")
        assert in_the_end(lambda: routes_answered(logs)) == ["/v1/records/{record}"]

    assert "canary" not in repr(logs)


class TestAFormIsOurs:
    def test_a_form_without_its_token_is_refused(self, guard: httpx.Client) -> None:
        answer = guard.post("/logout", data={"x": "y"})

        assert answer.status_code == 403
        assert "页面已过期" in answer.text

    def test_nobody_is_logged_in_by_a_form_from_elsewhere(self, anybody: httpx.Client) -> None:
        assert anybody.post("/login", data={"id": "staff-7", "password": PASSWORD}).status_code == 403

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/x-www-form-urlencoded", b"csrftoken=%ff%fe"),
            ("application/x-www-form-urlencoded", b"csrftoken=%E4%B8%AD"),
            ("application/x-www-form-urlencoded", "中=文".encode()),
            ("application/x-www-form-urlencoded", b"&".join(b"a=b" for _ in range(1000))),
            ("multipart/form-data", b"--x"),
            (
                "multipart/form-data; boundary=x",
                b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nx',
            ),
            ("application/json", b"{}"),
            ("", b"x"),
        ],
    )
    @pytest.mark.parametrize("cookie", ["", "a(b=1; session=x; csrftoken=y", "\u00e9=\u00e9"])
    def test_what_no_browser_sends_is_refused_and_never_crashes(
        self, anybody: httpx.Client, kind: str, body: bytes, cookie: str
    ) -> None:
        headers = {b"content-type": kind.encode(), b"cookie": cookie.encode("latin-1")}

        assert anybody.post("/login", content=body, headers=headers).status_code in (400, 403)

    def test_a_form_that_is_too_large_is_not_read(self, anybody: httpx.Client) -> None:
        assert anybody.post("/login", content=b"a=" + b"x" * 100_000).status_code == 413


class TestAShift:
    def test_a_guard_logs_in_and_out(self, address: str) -> None:
        with logged_in(address, "staff-7") as client:
            assert client.get("/desk", follow_redirects=True).status_code == 200
            client.post("/logout", data={"csrftoken": client.cookies["csrftoken"]})
            assert client.get("/desk").headers["location"] == "/login"

    def test_a_comfortable_page_that_was_logged_out_goes_to_the_login(self, anybody: httpx.Client) -> None:
        anybody.get("/login")
        sent = {"csrftoken": anybody.cookies["csrftoken"]}

        answer = anybody.post("/desk/inside/x/left", data=sent, headers={"hx-request": "true"})

        assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/login")

    def test_twelve_hours_are_a_shift(self, tmp_path: Path) -> None:
        clock = SteppingClock()
        with (
            an_engine(tmp_path, clock) as engine,
            served(create_app(engine)) as address,
            logged_in(address, "staff-7") as client,
        ):
            clock.ahead = timedelta(hours=11, minutes=59)
            assert client.get("/desk/new/visitor").status_code == 200
            clock.ahead = timedelta(hours=12, seconds=1)
            assert client.get("/desk/new/visitor").headers["location"] == "/login"

    def test_the_cookie_cannot_be_read_by_a_script_and_holds_no_name(self, address: str) -> None:
        with httpx.Client(base_url=address, trust_env=False) as client:
            client.get("/login")
            sent = {"id": "staff-7", "password": PASSWORD, "csrftoken": client.cookies["csrftoken"]}
            cookie = client.post("/login", data=sent).headers["set-cookie"]

        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()

    def test_a_new_password_ends_the_old_sessions(self, engine: Engine, address: str) -> None:
        from compliance.domain.vocabulary import Role

        engine.access.add_staff("staff-30", Role.GUARD, PASSWORD)
        with logged_in(address, "staff-30") as client:
            assert client.get("/desk", follow_redirects=True).status_code == 200
            engine.access.add_staff("staff-30", Role.GUARD, PASSWORD)
            assert client.get("/desk").headers["location"] == "/login"

    def test_a_director_does_not_register_people(self, address: str) -> None:
        with logged_in(address, "staff-1") as client:
            assert client.get("/desk/new/visitor").status_code == 403

    def test_a_changed_cookie_is_no_login(self, guard: httpx.Client) -> None:
        held = guard.cookies["session"]
        guard.cookies.clear()
        guard.cookies.set("session", held[:-2] + "xx")

        assert guard.get("/desk").headers["location"] == "/login"


class TestWhoeverTriesTooOften:
    def test_a_guesser_of_passwords_waits(self, engine: Engine) -> None:
        with (
            served(create_app(engine, rates=Rates(login="3/minute"))) as address,
            httpx.Client(base_url=address, trust_env=False) as client,
        ):
            client.get("/login")
            sent = {"id": "staff-99", "password": "wrong", "csrftoken": client.cookies["csrftoken"]}
            answers = [client.post("/login", data=sent).status_code for _ in range(4)]

        assert answers == [401, 401, 401, 429]

    def test_a_guesser_of_keys_waits(self, engine: Engine) -> None:
        headers = {"authorization": "Bearer ck_NOSUCHKEY"}
        with (
            served(create_app(engine, rates=Rates(failed_keys="2/minute"))) as address,
            httpx.Client(base_url=address, trust_env=False, headers=headers) as client,
        ):
            answers = [client.get("/v1/policies/visitor").status_code for _ in range(3)]

        assert answers == [401, 401, 429]

    def test_a_key_has_its_own_limit(self, engine: Engine, secret: str) -> None:
        headers = {"authorization": f"Bearer {secret}"}
        with (
            served(create_app(engine, rates=Rates(per_key="2/minute"))) as address,
            httpx.Client(base_url=address, trust_env=False, headers=headers) as client,
        ):
            answers = [client.get("/v1/policies/visitor").status_code for _ in range(3)]

        assert answers == [200, 200, 429]

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1/records/visitor"),
            ("POST", "/v1/records"),
            ("PATCH", "/v1/records/2603-nosuch"),
            ("POST", "/v1/requests"),
            ("POST", "/v1/requests/R-1/verify"),
            ("POST", "/v1/consents/withdraw"),
            ("POST", "/v1/consents/ask"),
        ],
    )
    def test_every_door_that_writes_is_limited_and_says_when_to_come_again(
        self, method: str, path: str, engine: Engine, secret: str
    ) -> None:
        headers = {"authorization": f"Bearer {secret}"}
        with (
            served(create_app(engine, rates=Rates(per_key="1/minute"))) as address,
            httpx.Client(base_url=address, trust_env=False, headers=headers) as client,
        ):
            first, second = (client.request(method, path, content=b"{}") for _ in range(2))

        assert first.status_code != 429
        assert (second.status_code, second.headers["retry-after"]) == (429, "60")

    def test_a_batch_has_a_limit_of_its_own(self, engine: Engine, secret: str) -> None:
        headers = {"authorization": f"Bearer {secret}"}
        with (
            served(create_app(engine, rates=Rates(batches="1/minute"))) as address,
            httpx.Client(base_url=address, trust_env=False, headers=headers) as client,
        ):
            answers = [client.post("/v1/records", content=b"{}\n") for _ in range(2)]

        assert [one.status_code for one in answers] == [200, 429]
        assert answers[1].headers["retry-after"] == "60"

    def test_a_closed_gate_says_when_to_come_again(self, tmp_path: Path) -> None:
        with bootstrap(Settings(home=tmp_path / "empty"), kind=SCRATCH) as empty:
            headers = {"authorization": f"Bearer {empty.access.issue_api_key('main').secret}"}
            with (
                served(create_app(empty)) as address,
                httpx.Client(base_url=address, trust_env=False, headers=headers) as client,
            ):
                answer = client.post("/v1/records/visitor", json={})

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


class TestSomebodyWatches:
    def test_health_is_good_while_records_can_be_written(self, anybody: httpx.Client) -> None:
        said = anybody.get("/v1/health")

        assert said.status_code == 200
        assert said.json()["ok"] is True
        assert said.json()["overdue"] == 0

    def test_without_a_policy_the_gate_is_closed_and_health_says_so(self, tmp_path: Path) -> None:
        with bootstrap(Settings(home=tmp_path), kind=SCRATCH) as empty:
            headers = {"authorization": f"Bearer {empty.access.issue_api_key('main').secret}"}
            with (
                served(create_app(empty)) as address,
                httpx.Client(base_url=address, trust_env=False, headers=headers) as client,
            ):
                assert client.get("/v1/health").status_code == 503
                assert (
                    client.post("/v1/records/visitor", json=a_submission()).json()["error"] == "gate_closed"
                )
                assert client.post("/v1/records", content=b"{}\n").headers["retry-after"] == "5"
                assert client.get("/login").status_code == 200

    def test_counts_name_codes_and_categories_and_nobody(self, system: httpx.Client) -> None:
        system.post("/v1/records/visitor", json=a_submission())
        system.post("/v1/records/visitor", json=a_submission(fields={"id_number": "canary"}))

        text = system.get("/metrics").text

        assert re.search(r'compliance_admitted_total\{category="visitor"\} \d', text)
        assert re.search(r'compliance_refused_total\{code="over_collection"\} \d', text)
        assert "compliance_ledger_lag_seconds" in text
        assert "compliance_oldest_overdue_seconds 0.0" in text
        assert "compliance_held_parts" in text
        assert 'compliance_detections{certainty="certain",kind="vin"} 0.0' in text
        assert "canary" not in text

    def test_the_description_names_every_route_and_no_page(self, anybody: httpx.Client) -> None:
        described = anybody.get("/v1/openapi.json").json()

        assert set(described["paths"]) == {
            "/v1/records", "/v1/records/{category}", "/v1/records/{record}", "/v1/notices/{category}",
            "/v1/notices/{category}/page", "/v1/policies/{category}", "/v1/requests", "/v1/requests/{number}",
            "/v1/requests/{number}/verify", "/v1/consents/ask", "/v1/consents/withdraw", "/v1/health"}  # fmt: skip
        assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
        assert anybody.get("/v1/docs").status_code == 200

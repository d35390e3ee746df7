"""What an attack on the API once told, let through, or broke: scopes, addresses, waits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.vocabulary import Channel
from compliance.policies.loader import load, read_files, shipped
from compliance.web.app import create_app
from compliance.web.rates import Rates
from tests.web.conftest import SteppingClock, a_submission, served

CANARY = "100000197304041270"


def with_key(engine: Engine, **scope: object) -> dict[str, str]:
    key = engine.access.issue_api_key(str(scope.pop("site", "main")), **scope)  # type: ignore[arg-type]
    return {"authorization": f"Bearer {key.secret}"}


@pytest.fixture
def cars(engine: Engine) -> dict[str, str]:
    return with_key(engine, categories=["vehicle"])


@pytest.fixture
def cameras(engine: Engine) -> dict[str, str]:
    return with_key(engine, channels=[Channel.LPR])


@pytest.fixture
def elsewhere(engine: Engine) -> dict[str, str]:
    return with_key(engine, site="elsewhere")


class TestAScopeHoldsOnEveryDoor:
    def test_another_categorys_erased_record_looks_like_none(
        self, anybody: httpx.Client, system: httpx.Client, cars: dict[str, str]
    ) -> None:
        receipt = system.post("/v1/records/visitor", json=a_submission()).json()
        system.post("/v1/consents/withdraw", json={"pass_code": receipt["pass_code"]})
        path = f"/v1/records/{receipt['record']}"
        assert system.get(f"{path}?purpose=entry_security").status_code == 410

        for record in (path, "/v1/records/2611-x"):
            read = anybody.get(f"{record}?purpose=entry_security", headers=cars)
            late = anybody.patch(record, json={"exit_time": "2026-03-01T18:00:00+08:00"}, headers=cars)
            assert (read.status_code, late.status_code) == (404, 404)
            assert read.text == late.text

    def test_a_record_that_no_camera_brings_is_not_a_cameras_to_read(
        self, anybody: httpx.Client, system: httpx.Client, cameras: dict[str, str]
    ) -> None:
        record = system.post("/v1/records/visitor", json=a_submission()).json()["record"]

        assert anybody.get(f"/v1/records/{record}?purpose=entry_security", headers=cameras).status_code == 404

    @pytest.mark.parametrize("path", ["/v1/notices/visitor", "/v1/policies/visitor"])
    def test_a_camera_and_another_site_are_told_nothing_about_visitors(
        self, anybody: httpx.Client, cameras: dict[str, str], elsewhere: dict[str, str], path: str
    ) -> None:
        for headers in (cameras, elsewhere):
            answer = anybody.get(path, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (403, "out_of_scope")

    def test_a_form_shows_a_camera_what_a_camera_may_bring(
        self, anybody: httpx.Client, system: httpx.Client, cameras: dict[str, str]
    ) -> None:
        form = anybody.get("/v1/policies/vehicle", headers=cameras).json()

        assert form["fields"] == system.get("/v1/policies/vehicle?channel=lpr").json()["fields"]
        assert anybody.get("/v1/policies/vehicle?channel=desk", headers=cameras).status_code == 403

    def test_another_site_writes_and_asks_nothing_here(
        self, anybody: httpx.Client, system: httpx.Client, elsewhere: dict[str, str], clock: SteppingClock
    ) -> None:
        receipt = system.post("/v1/records/visitor", json=a_submission()).json()
        code = receipt["pass_code"]
        number = system.post("/v1/requests", json={"kind": "access", "pass_code": code}).json()["number"]
        line: dict[str, Any] = {"category": "vehicle", "channel": "lpr"}
        line |= {
            "collected_at": clock.now().isoformat(),
            "fields": {"plate_no": "京A00001"},
            "notice": {"mode": "posted"},
            "site": "main",
        }

        assert anybody.post("/v1/records/visitor", json=a_submission(), headers=elsewhere).status_code == 422
        batch = anybody.post("/v1/records", content=json.dumps(line), headers=elsewhere).json()
        assert [one["field"] for one in batch["reasons"]] == ["site"]
        assert anybody.get(f"/v1/requests/{number}", headers=elsewhere).status_code == 404
        asked = anybody.post("/v1/requests", json={"kind": "access", "pass_code": code}, headers=elsewhere)
        assert asked.status_code == 422


class TestNothingSaidComesBack:
    def test_an_address_with_a_slash_too_many_is_no_redirect_to_whatever_was_said(
        self, system: httpx.Client
    ) -> None:
        for path in (f"/v1/requests/{CANARY}/", "/v1/records/visitor/", "/login/"):
            answer = system.get(path, headers={"host": "evil.example"})
            assert answer.status_code == 404
            assert not re.search(f"{CANARY}|evil", str(answer.headers) + answer.text)

    def test_a_page_that_is_not_there_repeats_no_address(self, anybody: httpx.Client) -> None:
        for path in (f"/me/notices/{CANARY}", f"/me/{CANARY}", f"/{CANARY}", f"/desk/{CANARY}"):
            answer = anybody.get(path, headers={"accept-language": CANARY})
            assert answer.status_code in (303, 404)
            assert CANARY not in answer.text + str(answer.headers)

    def test_a_wrong_code_and_an_unknown_number_are_one_answer(self, system: httpx.Client) -> None:
        known = system.post("/v1/requests", json={"kind": "access", "mobile": "19400000004"}).json()
        answers = [
            system.post(f"/v1/requests/{number}/verify", json={"code": "000000"})
            for number in (known["number"], "NOSUCH", CANARY)
        ]

        assert len({(answer.status_code, answer.text) for answer in answers}) == 1

    def test_an_unknown_and_an_impossible_pass_code_are_one_answer(self, system: httpx.Client) -> None:
        answers = [
            system.post("/v1/consents/withdraw", json={"pass_code": code})
            for code in ("AAAA-AAAA-AAAA", "7777-7777-7777", "x", "\x00", "张三", "0000-0000-0000")
        ]

        assert len({(answer.status_code, answer.text) for answer in answers}) == 1

    def test_an_unknown_a_revoked_and_a_mangled_key_are_one_answer(
        self, anybody: httpx.Client, engine: Engine
    ) -> None:
        key = engine.access.issue_api_key("main")
        engine.access.revoke_api_key(key.id)
        said = set()
        for secret in (key.secret, "ck_NOSUCH", "ck_" + "A" * 500, "nokey", "ck_é"):
            headers = {b"authorization": f"Bearer {secret}".encode("latin-1")}
            answer = anybody.get("/v1/policies/visitor", headers=headers)
            said.add((answer.status_code, answer.text))

        assert len(said) == 1


class TestWhoeverIsTooOftenHere:
    def test_is_told_how_long_to_wait(self, engine: Engine, secret: str) -> None:
        with (
            served(create_app(engine, rates=Rates(per_key="1/minute", failed_keys="1/minute"))) as address,
            httpx.Client(base_url=address, trust_env=False) as client,
        ):
            for headers in ({"authorization": f"Bearer {secret}"}, {"authorization": "Bearer ck_NOSUCH"}):
                client.get("/v1/policies/visitor", headers=headers)
                answer = client.get("/v1/policies/visitor", headers=headers)
                assert answer.status_code == 429
                assert 1 <= int(answer.headers["retry-after"]) <= 60


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_an_address_with_nothing_in_it_breaks_no_database(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue("postgres_database")) if database == "postgres" else ""
    with bootstrap(Settings(home=tmp_path, database=url), kind=SCRATCH) as engine:
        folder = shipped("residential")
        engine.publishing.publish(load(folder), read_files(folder), "staff-1")
        headers = with_key(engine)
        with (
            served(create_app(engine)) as address,
            httpx.Client(base_url=address, trust_env=False, headers=headers) as client,
        ):
            for method, path in (
                ("GET", "/v1/records/%00?purpose=x"), ("PATCH", "/v1/records/%00"), ("GET", "/v1/requests/a%00"),
                ("POST", "/v1/requests/%00/verify"), ("GET", "/static/%00"), ("GET", "/%00"),
            ):  # fmt: skip
                assert client.request(method, path, json={"code": "1"}).status_code == 404, path
            client.get("/login")
            form = {"csrftoken": client.cookies["csrftoken"], "id": "staff-7\x00", "password": "x"}
            assert client.post("/login", data=form).status_code == 400

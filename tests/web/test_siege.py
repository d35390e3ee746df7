"""The web server besieged: hostile bodies, headers and addresses, and whatever schemathesis makes of our description."""

from __future__ import annotations

import gzip
import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case
from schemathesis.core.result import Ok
from sqlalchemy import make_url
from structlog.testing import capture_logs

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.policies.loader import load, read_files, shipped
from compliance.web.app import create_app
from compliance.web.rates import Rates
from tests.at_once import at_once
from tests.besieged import (
    check_what_is_kept,
    check_what_is_said,
    check_what_lies_in_the_open,
    resident_megabytes,
)
from tests.hostile import ID_NUMBER, WORD, hostile_bytes, number
from tests.servers.postgres import _maintain
from tests.web.conftest import a_submission, served

LONG = pytest.mark.long
FREELY = Rates(
    **dict.fromkeys(("per_key", "batches", "login", "subject", "ask", "failed_keys"), "1000000/minute")
)
ROUTES = ("/v1/records/visitor", "/v1/records/vehicle", "/v1/records/{}", "/v1/requests", "/v1/requests/{}",
          "/v1/requests/{}/verify", "/v1/consents/withdraw", "/v1/notices/{}", "/v1/notices/{}/page", "/v1/policies/{}",
          "/v1/health", "/metrics", "/v1/openapi.json", "/me/notices/{}", "/me/request/certificates/{}.json", "/static/{}",
          "/assets/{}", "/login", "/desk/new/{}", "/officer/report/{}", "/officer/policies/{}", "/{}")  # fmt: skip
PIECES = (ID_NUMBER, WORD, "%00", "%ff%fe", "..%2f..%2f", "%0d%0ax:y", "//", "visitor", "%e4%b8%ad", "x" * 3000, ";a=b", "%", "?",
          "2611-" + WORD, "~", "%2e%2e", "visitor/", "{}", "*")  # fmt: skip


@schemathesis.serializer("application/x-ndjson")
def as_lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Whatever schemathesis thinks of for a batch, as it goes over the wire."""
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class Siege:
    """A server under siege, and all that it said: answers, headers and log lines."""

    engine: Engine
    address: str
    secret: str
    heard: Counter[str]

    def client(self) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.secret}"}
        return httpx.Client(base_url=self.address, headers=headers, trust_env=False, timeout=60)

    def note(self, answer: httpx.Response) -> None:
        """No crash, and nothing of what was sent; what a field is called may come back in a list of reasons."""
        self.heard[str(answer.status_code)] += 1
        assert answer.status_code < 500, (answer.request.method, answer.status_code, answer.text[:200])
        assert "Traceback" not in answer.text
        check_what_is_said("a header", [repr(answer.headers.raw)])
        listed = answer.headers.get("content-type") == "application/x-ndjson" or answer.text.startswith(
            '{"reasons"'
        )
        if not listed:
            check_what_is_said("an answer", [answer.text])
            return
        for line in answer.text.splitlines():
            said = json.loads(line)
            for reason in said["reasons"]:
                reason["field"] = None
            check_what_is_said("a reason", [json.dumps(said, ensure_ascii=False)])


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def siege(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    with ExitStack() as afterwards:
        database = ""
        if request.param == "postgres":
            url = str(request.getfixturevalue("postgres_url"))
            _maintain(url, 'CREATE DATABASE "siege" TEMPLATE template0')
            afterwards.callback(_maintain, url, 'DROP DATABASE "siege" WITH (FORCE)')
            database = make_url(url).set(database="siege").render_as_string(hide_password=False)
        home = tmp_path_factory.mktemp("siege")
        engine = afterwards.enter_context(bootstrap(Settings(home=home, database=database), kind=SCRATCH))
        folder = shipped("residential")
        engine.publishing.publish(load(folder), read_files(folder), "staff-1")
        address = afterwards.enter_context(served(create_app(engine, rates=FREELY)))
        yield Siege(engine, address, engine.access.issue_api_key("main").secret, Counter())


@pytest.fixture
def overheard(siege: Siege, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever the server logs meanwhile, by our own logger or another: no canary is in it, and nothing crashed."""
    with caplog.at_level(logging.WARNING), capture_logs() as logs:
        yield
    assert logs
    assert [one for one in logs if one["event"] == "crashed"] == []
    check_what_is_said("a log line", [repr(one) for one in logs])
    check_what_is_said("a log line", [caplog.text])
    with siege.client() as client:
        check_what_is_said("a metric", [client.get("/metrics").text])


def dressed(dice: Random, body: bytes) -> tuple[dict[bytes, bytes], Any]:
    """Headers that nobody sends in earnest, and the body as it goes with them."""
    tricks: tuple[tuple[bytes, bytes], ...] = (
        (b"content-type", b"text/plain; charset=utf-16"), (b"content-type", b"multipart/form-data"), (b"content-type", b"\xff"),
        (b"content-type", b"application/x-www-form-urlencoded"), (b"content-encoding", b"gzip"), (b"content-encoding", b"br"),
        (b"expect", b"100-continue"), (b"host", ID_NUMBER.encode()), (b"host", b"[" + WORD.encode()), (b"cookie", b"session=\xff;;="),
        (b"x-forwarded-for", ID_NUMBER.encode()), (b"x-forwarded-proto", WORD.encode()), (b"x-http-method-override", b"DELETE"),
        (b"accept", WORD.encode()), (b"accept-language", b"\xff, *;q=-1"), (b"range", b"bytes=-1-"), (b"if-none-match", b"*"),
        (b"idempotency-key", ID_NUMBER.encode()), (b"referer", WORD.encode()), (b"user-agent", ID_NUMBER.encode()),
        (b"upgrade", b"websocket"), (b"connection", b"close"), (b"origin", b"null"), (b"x" * 3000, b"y" * 3000),
    )  # fmt: skip
    headers = dict(dice.choice(tricks) for _ in range(dice.choice((0, 1, 2))))
    if headers.get(b"content-encoding") == b"gzip":
        return headers, gzip.compress(body)
    if dice.random() < 0.2:
        return headers, iter([body[:7], b"", body[7:]])
    return headers, body


def assault(siege: Siege, seed: int, times: int) -> None:
    """One attacker: single submissions for the most part, everything else in between."""
    dice, now = Random(seed), siege.engine.clock.now()
    with siege.client() as client:
        record = client.post("/v1/records/visitor", json=a_submission()).json()["record"]
        for turn in range(times):
            headers, body = dressed(dice, hostile_bytes(dice, now))
            path, method = "/v1/records/visitor", "POST"
            if turn % 4 == 3:
                path, method = (
                    dice.choice(ROUTES).format(dice.choice(PIECES)),
                    dice.choice(("GET", "POST", "PATCH", "PUT", "HEAD")),
                )
            elif turn % 8 == 2:
                path, method = f"/v1/records/{record}", "PATCH"
            elif dice.random() < 0.4:
                path = "/v1/records/" + dice.choice(("vehicle", "service", "delivery", "nosuch", WORD))
            query = dice.choice(("", "", f"?purpose={ID_NUMBER}", f"?lang={WORD}&channel=%00", "?%ff=%fe&"))
            siege.note(client.request(method, path + query, content=body, headers=headers))


@pytest.mark.usefixtures("overheard")
@pytest.mark.parametrize("each", [40, pytest.param(2500, marks=LONG)])
def test_no_attacker_breaks_it_or_hears_what_was_sent(siege: Siege, each: int) -> None:
    before = resident_megabytes()
    at_once(*[partial(assault, siege, seed, each) for seed in range(4)])

    assert siege.heard["201"] > 4
    assert siege.heard["422"] > each
    assert check_what_is_kept(siege.engine)
    check_what_lies_in_the_open(siege.engine)
    assert resident_megabytes() - before < 400


@pytest.mark.usefixtures("overheard")
@pytest.mark.parametrize("lines", [600, pytest.param(20_000, marks=LONG)])
def test_a_batch_of_attacks_has_a_verdict_for_every_line(siege: Siege, lines: int) -> None:
    dice, now = Random(lines), siege.engine.clock.now()
    whole = [hostile_bytes(dice, now) for _ in range(lines)]
    ends = (b"\n", b"\r\n", b"\n\n\n", b" \n")
    body = b"".join(line + dice.choice(ends) for line in whole)
    body = body[: -dice.randrange(1, 40)]  # the last line is cut off

    with siege.client() as client:
        answer = client.post(
            "/v1/records", content=iter([body[at : at + 65_521] for at in range(0, len(body), 65_521)])
        )

    siege.note(answer)
    said = [json.loads(line) for line in answer.text.splitlines()]
    assert len(said) == sum(bool(line.strip()) for line in body.split(b"\n")) > lines * 0.9
    assert {one["verdict"] for one in said} == {"admitted", "refused"}
    assert check_what_is_kept(siege.engine)
    check_what_lies_in_the_open(siege.engine)


@pytest.mark.usefixtures("overheard")
@pytest.mark.parametrize(("most", "examples"), [(2, 3), pytest.param(99, 100, marks=LONG)])
def test_schemathesis_finds_no_crash_in_what_the_description_says(
    siege: Siege, most: int, examples: int
) -> None:
    schema = schemathesis.openapi.from_url(f"{siege.address}/v1/openapi.json")
    operations: list[APIOperation[Any, Any, Any, Any]] = [
        found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)
    ]
    assert len(operations) >= 11
    for operation in operations[:most]:
        for mode in schemathesis.GenerationMode:
            _besiege(siege, operation, mode, examples)


def _besiege(
    siege: Siege,
    operation: APIOperation[Any, Any, Any, Any],
    mode: schemathesis.GenerationMode,
    examples: int,
) -> None:
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def attack(case: Case[Any]) -> None:
        answer = case.call(headers={"authorization": f"Bearer {siege.secret}"})
        assert answer.status_code < 500
        documented = set(operation.definition.raw["responses"]) | {"404", "405", "413", "422"}
        assert str(answer.status_code) in documented
        check_what_is_said("a header", [repr(answer.headers)])

    with suppress(Unsatisfiable):  # there is no wrong way to ask for what takes nothing
        attack()


@pytest.mark.parametrize("connections", [20])
def test_one_key_on_twenty_connections_is_one_record(siege: Siege, connections: int) -> None:
    sent = a_submission(key=f"once-{number(Random(1))}")

    def write() -> httpx.Response:
        with siege.client() as client:
            return client.post("/v1/records/visitor", json=sent)

    said: list[httpx.Response] = at_once(*[write] * connections)

    assert [one.status_code for one in said] == [201] * connections
    receipts = [one.json() for one in said]
    assert sum(not one.pop("replayed") for one in receipts) == 1
    assert len({json.dumps(one) for one in receipts}) == 1

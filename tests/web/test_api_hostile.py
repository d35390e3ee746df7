"""Bodies that nobody sends in earnest: never a crash, never anything kept that the policy forbids."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.bootstrap import Engine
from compliance.ports import HoldingRow
from compliance.web.app import create_app
from compliance.web.rates import Rates
from tests.web.conftest import a_submission, an_engine, served

CANARY = "100000197304041270"  # well formed, of a region that does not exist, and in no shipped policy
FORBIDDEN = (
    "id_number",
    "id_photo",
    "face",
    "health_code",
    "companion_names",
    "身份证号",
    "host_name",
    "nosuch",
)
WRONG: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**30, "", " ", "\u0000", "a\u0000b", "\u202e", "\uffff", "🙂" * 9, "x" * 5000,
    CANARY, "１０００００１９７３０４０４１２７０", [], [[]], {}, {"": ""}, {"type": "resident_id", "number": CANARY},
    [CANARY], "'; DROP TABLE holding; --", "{{7*7}}", "${jndi:x}", "../../etc/passwd", "一" * 1000,
)  # fmt: skip


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, httpx.Client]]:
    """A server that nobody slows down, so that every body reaches the gate."""
    with an_engine(tmp_path_factory.mktemp("siege")) as engine:
        secret = engine.access.issue_api_key("main").secret
        app = create_app(engine, rates=Rates(per_key="1000000/minute", batches="1000000/minute"))
        headers = {"authorization": f"Bearer {secret}"}
        with (
            served(app) as address,
            httpx.Client(base_url=address, headers=headers, trust_env=False) as client,
        ):
            yield engine, client


def holdings(engine: Engine) -> list[HoldingRow]:
    with engine.books.reading() as books:
        return books.holdings.recent("main", 100_000)


def kept(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def crafted() -> list[bytes]:
    """Some three hundred bodies, each wrong in one way."""
    bodies: list[Any] = list(WRONG)
    good = a_submission()
    for value in WRONG:
        bodies += [
            {**good, name: value}
            for name in (
                "fields",
                "notice",
                "consent",
                "declined",
                "site",
                "category",
                "channel",
                "collected_at",
            )
        ]
        bodies += [
            a_submission(fields={**good["fields"], name: value})
            for name in ("visitor_phone", "party_size", "exit_time")
        ]
    bodies += [a_submission(fields={**good["fields"], name: CANARY}) for name in FORBIDDEN]
    bodies += [a_submission(fields={CANARY: "x"}), a_submission(fields={f"f{n}": n for n in range(500)})]
    raw = [json.dumps(body).encode() for body in bodies]
    raw += [
        b"",
        b"\x00",
        b"\xff\xfe",
        b"null",
        b"{",
        b"}",
        b'{"a":1,"a":2}',
        b'{"fields":{"visitor_name":"\\udc00"}}',
    ]
    raw += [b"[" * n + b"]" * n for n in (10, 1000, 30_000)] + [b'{"fields":' * 900 + b"1" + b"}" * 900]
    raw += [
        b'{"fields":{"party_size":1e999}}',
        b'{"fields":{"party_size":-0}}',
        b'{"fields":{"party_size":' + b"9" * 5000 + b"}}",
    ]
    raw += [
        json.dumps(good).encode("utf-16"),
        json.dumps(good).encode("utf-32"),
        b"\xef\xbb\xbf" + json.dumps(good).encode(),
    ]
    return raw


def test_no_crafted_body_crashes_a_route(besieged: tuple[Engine, httpx.Client]) -> None:
    _, client = besieged
    bodies = crafted()
    assert len(bodies) >= 300
    record = client.post("/v1/records/visitor", json=a_submission()).json()["record"]
    routes = [("POST", "/v1/records/visitor"), ("PATCH", f"/v1/records/{record}"), ("POST", "/v1/requests"),
              ("POST", "/v1/consents/withdraw"), ("POST", "/v1/requests/X/verify")]  # fmt: skip

    for number, body in enumerate(bodies):
        for method, path in routes[:1] if number % 4 else routes:
            answer = client.request(method, path, content=body)
            assert answer.status_code < 500, (path, body[:200])
            assert "Traceback" not in answer.text


def test_one_batch_of_all_of_them_has_a_verdict_per_line(besieged: tuple[Engine, httpx.Client]) -> None:
    _, client = besieged
    bodies = [body for body in crafted() if b"\n" not in body and body.strip()]

    answer = client.post("/v1/records", content=b"\n".join(bodies))

    said = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["line"] for one in said] == list(range(1, len(bodies) + 1))
    assert {one["verdict"] for one in said} == {"refused"}


def test_a_forbidden_value_is_nowhere_afterwards(besieged: tuple[Engine, httpx.Client]) -> None:
    engine, client = besieged
    record = client.post("/v1/records/visitor", json=a_submission()).json()["record"]
    before = len(holdings(engine))

    for name in FORBIDDEN:
        client.post(
            "/v1/records/visitor", json=a_submission(fields={**a_submission()["fields"], name: CANARY})
        )
    for text in (CANARY, f"找 {CANARY}", "１０００００１９７３０４０４１２７０"):
        client.post("/v1/records/visitor", json=a_submission(fields={"visitor_name": text, "host_room": "1"}))
    engine.books.settle()

    assert len(holdings(engine)) == before
    home = kept(engine.settings.home)
    assert record.encode() in home  # what is kept is found, so what is not found is not kept
    assert CANARY.encode() not in home


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WRONG),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["visitor_name", "visitor_phone", "host_room", "party_size", "entry_time", *FORBIDDEN]
) | st.text(max_size=12)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    fields=st.dictionaries(NAMES, JSON, max_size=5),
    around=st.dictionaries(
        st.sampled_from(["notice", "consent", "declined", "key", "collected_at", "site"]), JSON, max_size=2
    ),
)
def test_whatever_is_sent_is_admitted_by_the_policy_or_refused_with_reasons(
    besieged: tuple[Engine, httpx.Client], fields: dict[str, Any], around: dict[str, Any]
) -> None:
    engine, client = besieged
    known = engine.active_pack().categories["visitor"].fields

    answer = client.post("/v1/records/visitor", content=json.dumps({**a_submission(fields=fields), **around}))

    assert answer.status_code in (201, 413, 422)
    if answer.status_code == 201:
        assert set(fields) <= set(known)
    else:
        assert answer.json()["reasons"]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=st.binary(max_size=400))
def test_bytes_of_no_kind_are_refused(besieged: tuple[Engine, httpx.Client], body: bytes) -> None:
    _, client = besieged

    assert client.post("/v1/records/visitor", content=body).status_code == 422


def test_a_form_of_noise_never_crashes_the_desk(besieged: tuple[Engine, httpx.Client]) -> None:
    _, client = besieged
    dice = random.Random(7)
    client.headers.pop("authorization")
    client.get("/login")
    token = client.cookies["csrftoken"]
    client.post("/login", data={"id": "staff-7", "password": "correct horse battery", "csrftoken": token})
    names = ["visitor_name", "host_room", "party_size", "entry_time", "_act", "_key", "_notice", "_decline.visitor_name",
             "_separate.x", "id_check.type", "", "\ud800", "id_number", ".", "visitor_name."]  # fmt: skip
    words = [
        "",
        "x",
        "spoken",
        "tap",
        "screen",
        "no",
        "\ud800",
        "\x00",
        "9" * 400,
        "2026-99-99T00:00",
        "0001-01-01T00:00",
        CANARY,
    ]

    for _ in range(150):
        pairs = [(dice.choice(names), dice.choice(words)) for _ in range(dice.randrange(8))]
        body = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in [("csrftoken", token), *pairs])
        category = dice.choice(["visitor", "service", "delivery", "long_term_tenant"])
        answer = client.post(
            f"/desk/new/{category}",
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code in (200, 201, 400, 422), pairs


def _quoted(text: str) -> str:
    return "".join(f"%{octet:02x}" for octet in text.encode("utf-8", "surrogatepass"))

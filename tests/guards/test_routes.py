"""A route of somebody else's application behind the gate: nothing that the policy forbids reaches the application."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ConfigurationInvalid
from compliance.guards import asgi, wsgi
from compliance.guards.judging import LARGEST_BODY
from compliance.policies.loader import read_files, shipped
from tests.builders import GUARD, MOBILE, MovedClock, a_submission, an_engine, published, sql
from tests.guards.routes import GOOD, Client, Shop, a_route, reasons
from tests.strategies import ID_NUMBER


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path / "home", MovedClock()) as engine:
        yield engine


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One house for all that is refused: nothing is ever written in it."""
    with an_engine(tmp_path_factory.mktemp("untouched") / "home", MovedClock()) as engine:
        yield engine


@pytest.fixture(params=["asgi", "wsgi"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(kind: str, engine: Engine) -> Client:
    return Client(kind, Shop(), engine, [a_route()])


def bare(kind: str, engine: Engine) -> Client:
    """The same application with no route guarded: what it would see without us."""
    return Client(kind, Shop(), engine, [])


def kept(engine: Engine) -> int:
    return int(sql(engine, "SELECT count(*) FROM holding")[0][0])


class TestWhenTheGateKeepsTheRecord:
    def test_the_application_gets_the_receipt_and_nothing_of_the_person(
        self, client: Client, kind: str, engine: Engine
    ) -> None:
        without = bare(kind, engine)
        without.post(json=GOOD)
        assert "张三" in json.loads(without.shop.bodies[0]).values()

        answer = client.post(json=GOOD)

        assert answer.status_code == 201
        assert client.shop.bodies == ["{}"]
        shown = engine.reader.read(client.shop.receipts[0].record, "entry_security", GUARD)
        assert shown.fields["host_room"] == "3-***"

    def test_a_form_is_read_like_json(self, client: Client, engine: Engine) -> None:
        answer = client.post(data={**GOOD, "people": "3", "came": "2026-03-02T09:59", "phone": ""})

        assert answer.status_code == 201
        assert client.shop.bodies == [""]
        assert kept(engine) == 1

    def test_a_form_in_parts_is_read_like_a_form(self, client: Client, engine: Engine) -> None:
        answer = client.post(files={name: (None, value) for name, value in GOOD.items()})

        assert answer.status_code == 201
        assert kept(engine) == 1

    def test_an_application_that_crashes_afterwards_gets_the_same_receipt_when_asked_again(
        self, client: Client, engine: Engine
    ) -> None:
        again: dict[str, Any] = {"json": GOOD, "headers": {"idempotency-key": "desk-1/17"}}
        client.shop.crashes = True
        with pytest.raises(RuntimeError):
            client.post(**again)
        client.shop.crashes = False

        assert client.post(**again).status_code == 201
        first, second = client.shop.receipts
        assert (first.record, second.replayed) == (second.record, True)
        assert kept(engine) == 1

    def test_a_form_carries_its_key_in_a_hidden_control(self, client: Client, engine: Engine) -> None:
        for _ in range(2):
            assert client.post(data={**GOOD, "key": "form-7"}).status_code == 201

        assert [one.replayed for one in client.shop.receipts] == [False, True]
        assert kept(engine) == 1

    def test_a_pass_stands_for_what_its_holder_agreed_to(self, client: Client, engine: Engine) -> None:
        client.post(json=GOOD)
        again = {name: value for name, value in GOOD.items() if name != "consent"}
        assert reasons(client.post(data={**again, "pass": ""})) == {"no_consent:*"}  # an empty control

        answer = client.post(data={**again, "pass": client.shop.receipts[0].pass_code})

        assert answer.status_code == 201
        (row,) = engine.consents.of_record(client.shop.receipts[-1].record)
        assert row.act == "pass"
        assert reasons(client.post(data={**again, "pass": "ABCD-EFGH-JKMN"})) == {"no_consent:pass"}

    def test_a_key_used_for_other_content_is_refused(self, client: Client) -> None:
        key = {"idempotency-key": "desk-1/18"}
        client.post(json=GOOD, headers=key)

        assert client.post(json={**GOOD, "room": "2-101"}, headers=key).status_code == 409
        assert len(client.shop.bodies) == 1

    def test_a_closed_gate_lets_nothing_through(self, kind: str, tmp_path: Path) -> None:
        with an_engine(tmp_path / "empty", MovedClock(), publish=False) as engine:
            client = Client(kind, Shop(), engine, [a_route()])

            answer = client.post(json=GOOD)

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["zh"].startswith("登记暂停")
        assert client.shop.bodies == []


class TestWhenTheApplicationKeepsTheRecord:
    @pytest.fixture
    def client(self, kind: str, engine: Engine) -> Client:
        return Client(kind, Shop(), engine, [a_route(keep="app", passed=("ticket",))])

    def test_it_gets_what_was_admitted_in_the_form_that_may_be_kept(
        self, client: Client, engine: Engine
    ) -> None:
        answer = client.post(json={**GOOD, "phone": "+86 194-0000-0001", "ticket": {"no": 7}})

        assert answer.status_code == 201
        assert json.loads(client.shop.bodies[0]) == {
            "name": "张三",
            "room": "3-1-1201",
            "phone": MOBILE,
            "ticket": {"no": 7},
        }
        assert kept(engine) == 0

    def test_a_form_stays_a_form(self, client: Client, kind: str) -> None:
        client.post(files={name: (None, value) for name, value in {**GOOD, "people": "3"}.items()})

        assert parse_qs(client.shop.bodies[0]) == {"name": ["张三"], "room": ["3-1-1201"], "people": ["3"]}
        if kind == "asgi":
            assert client.shop.form == {"name": "张三", "room": "3-1-1201", "people": "3"}

    def test_a_pass_is_not_taken_where_a_withdrawal_would_not_reach(
        self, client: Client, engine: Engine
    ) -> None:
        first = engine.gate.write(a_submission())

        refused = client.post(json={**GOOD, "pass": first.pass_code})

        assert reasons(refused) == {"no_consent:pass"}
        assert client.shop.bodies == []
        assert client.post(json=GOOD).status_code == 201

    def test_notice_and_consent_are_asked_for_unless_the_route_says_that_they_are_shown_elsewhere(
        self, client: Client, kind: str, engine: Engine
    ) -> None:
        silent = {"name": "张三", "room": "3-1-1201"}

        assert reasons(client.post(json=silent)) >= {"no_notice:*"}
        taken = Client(kind, Shop(), engine, [a_route(keep="app", take_as_given=True)])
        assert taken.post(json=silent).status_code == 201

    @pytest.mark.parametrize(
        "value", [MOBILE, {"of": [MOBILE]}, int(MOBILE)], ids=["text", "nested", "number"]
    )
    def test_what_is_passed_on_is_no_way_round(self, client: Client, value: object) -> None:
        assert client.post(json={**GOOD, "ticket": 7}).status_code == 201
        assert reasons(client.post(json={**GOOD, "ticket": value})) == {"identifier_in_text:ticket"}
        assert len(client.shop.bodies) == 1


def test_members_inside_objects_are_mapped_by_their_path(kind: str, engine: Engine) -> None:
    route = a_route(keep="app", fields={"visitor.name": "visitor_name", "visitor.to.room": "host_room"})
    client = Client(kind, Shop(), engine, [route])
    visit = {"name": "张三", "to": {"room": "3-1-1201"}}
    evidence = {
        "notice": {"mode": "oral", "by": "staff-7"},
        "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
    }

    assert client.post(json={"visitor": visit, **evidence}).status_code == 201
    assert json.loads(client.shop.bodies[0]) == {"visitor": visit}
    refused = client.post(json={"visitor": {**visit, "id_number": ID_NUMBER}, **evidence})
    assert reasons(refused) == {"over_collection:visitor.id_number"}


def test_a_refusal_says_what_to_leave_out_and_reaches_nobody(client: Client, caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client.post(json={**GOOD, "id_number": ID_NUMBER, "reason": ID_NUMBER})

    assert answer.status_code == 422
    assert reasons(answer) == {"over_collection:id_number", "bad_format:reason"}
    assert "我们不登记身份证号，请删去这一项，其他照常登记。" in [
        one["zh"] for one in answer.json()["reasons"]
    ]
    assert ID_NUMBER not in answer.text
    assert ID_NUMBER not in caplog.text
    assert client.shop.bodies == []


def test_a_person_reads_the_refusal_as_a_fragment_chinese_first(client: Client) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = client.post(data={**GOOD, "id_number": ID_NUMBER, "<script>": "1"}, headers=browser)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.index("我们不登记身份证号") < answer.text.index('lang="en"')
    assert "script" not in answer.text
    assert ID_NUMBER not in answer.text


def test_where_the_site_strips_the_application_is_told_what_was_left_out(kind: str, engine: Engine) -> None:
    text = read_files(shipped("residential"))["site.yaml"].replace("mode: enforce", "mode: strip")
    published(engine, **{"site.yaml": text})
    for keep in ("app", "gate"):
        client = Client(kind, Shop(), engine, [a_route(keep=keep)])

        answer = client.post(json={**GOOD, "id_number": ID_NUMBER, "reason": ID_NUMBER})

        assert answer.status_code == 201
        assert ID_NUMBER not in client.shop.bodies[0]
        assert set(client.shop.stripped[0]) == {"id_number", "reason"}


def test_what_cannot_be_judged_is_not_let_through(
    client: Client, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError(ID_NUMBER)

    monkeypatch.setattr(type(engine.policies), "active", broken)
    answer = client.post(json=GOOD)

    assert answer.status_code == 503
    assert client.shop.bodies == []
    assert "ZeroDivisionError" in caplog.text
    assert ID_NUMBER not in caplog.text


def test_a_fields_own_name_is_no_way_round_the_mapping(client: Client) -> None:
    assert reasons(client.post(json={**GOOD, "visitor_phone": MOBILE})) == {"over_collection:visitor_phone"}


@pytest.mark.parametrize(
    "path",
    ["/visits/", "/VISITS", "/./visits", "/x/../visits", "/%76isits"],
    ids=["slash", "upper", "dot", "dots", "escaped"],
)
def test_another_spelling_of_the_path_is_guarded_too(kind: str, untouched: Engine, path: str) -> None:
    client = Client(kind, Shop(), untouched, [a_route()])
    assert client.post(path, json={**GOOD, "id_number": ID_NUMBER}).status_code == 422


@pytest.mark.parametrize("path", ["//visits", "/visits//", "/visits/.", "/a/../visits"])
def test_a_path_is_the_same_however_its_slashes_are_written(path: str) -> None:
    assert a_route().matches("post", (path,), {})
    assert not a_route().matches("post", (f"{path}s",), {})


def test_a_chunked_body_is_read_where_the_server_ends_it(engine: Engine) -> None:
    shop, said = Shop(), []
    app = wsgi.GuardRoutes(shop.wsgi(), engine, [a_route()])

    class Chunked(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7))

    for body in (json.dumps(GOOD).encode(), b"x" * 10_000_000):
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/visits",
            "CONTENT_TYPE": "application/json",
            "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.input": Chunked(body),
            "wsgi.input_terminated": True,
        }
        list(app(environ, lambda status, _: said.append(status[:3])))

    assert said == ["201", "413"]
    assert shop.bodies == ["{}"]


def test_many_at_once_are_each_answered(engine: Engine) -> None:
    shop = Shop()
    app = asgi.GuardRoutes(shop.asgi(), engine, [a_route()])

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            asked = [
                client.post("/visits", json=GOOD, headers={"idempotency-key": f"k{n // 2}"})
                for n in range(40)
            ]
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert set(asyncio.run(ask())) == {201}
    assert len(shop.bodies) == 40
    assert kept(engine) == 20


def test_half_a_body_is_no_submission(engine: Engine) -> None:
    shop, sent = Shop(), []
    app = asgi.GuardRoutes(shop.asgi(), engine, [a_route()])
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({"type": "http", "method": "POST", "path": "/visits", "headers": []}, receive, send))

    assert (shop.bodies, sent, kept(engine)) == ([], [], 0)


def test_a_method_in_a_header_is_guarded_too(client: Client) -> None:
    override = {"x-http-method-override": "POST"}

    assert client.request("GET", json={**GOOD, "id_number": ID_NUMBER}, headers=override).status_code == 422


def test_what_is_not_guarded_passes_as_it_came(client: Client) -> None:
    assert client.post("/other", content=b"as it came").status_code == 201
    client.request("GET")

    assert client.shop.bodies == ["as it came", ""]


def test_nothing_of_a_person_belongs_into_the_address(client: Client) -> None:
    assert reasons(client.post(f"/visits?id_number={ID_NUMBER}", json=GOOD)) == {"over_collection:id_number"}


def test_a_segment_of_the_path_is_looked_at(kind: str, engine: Engine) -> None:
    client = Client(kind, Shop(), engine, [a_route(path="/gates/{gate}/visits")])

    assert client.post("/gates/7/visits", json=GOOD).status_code in (
        201,
        404,
    )  # let through to the application
    assert reasons(client.post(f"/gates/{MOBILE}/visits", json=GOOD)) == {"identifier_in_text:path"}


HOSTILE: dict[str, tuple[dict[str, Any], int]] = {
    "a list": ({"json": [GOOD]}, 422),
    "a number": ({"json": 7}, 422),
    "no JSON": ({"content": b"{", "headers": {"content-type": "application/json"}}, 422),
    "a member twice": (
        {"content": b'{"name":"a","name":"b"}', "headers": {"content-type": "application/json"}},
        422,
    ),
    "half a pair": (
        {"content": b'{"name":"\\ud800"}', "headers": {"content-type": "application/json"}},
        422,
    ),
    "deep": ({"content": b'{"a":' * 5000, "headers": {"content-type": "application/json"}}, 422),
    "ten megabytes": ({"json": {**GOOD, "reason": "x" * 10_000_000}}, 413),
    "a stream of ten megabytes": ({"headers": {"content-type": "application/json"}}, 413),
    "a form twice": (
        {"content": b"name=a&name=b", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        422,
    ),
    "a form that is no UTF-8": (
        {"content": b"name=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        422,
    ),
    "a form of a thousand": (
        {
            "content": b"&".join(b"a%d=1" % n for n in range(1000)),
            "headers": {"content-type": "application/x-www-form-urlencoded"},
        },
        422,
    ),
    "another alphabet": (
        {
            "content": b"name=a",
            "headers": {"content-type": "application/x-www-form-urlencoded; charset=utf-7"},
        },
        415,
    ),
    "packed": ({"json": GOOD, "headers": {"content-encoding": "gzip"}}, 415),
    "plain text": ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415),
    "no type": ({"content": b"name=a"}, 415),
    "two types": (
        {"content": b"{}", "headers": [("content-type", "text/plain"), ("content-type", "application/json")]},
        415,
    ),
    "parts without a boundary": (
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        422,
    ),
    "parts cut off": (
        {
            "content": b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + ID_NUMBER.encode(),
            "headers": {"content-type": "multipart/form-data; boundary=b"},
        },
        422,
    ),
    "wrong types": ({"json": {**GOOD, "name": {"of": 1}, "people": [3], "consent": 7, "notice": []}}, 422),
    "an empty body": ({}, 422),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_answered_and_goes_no_further(name: str, kind: str, untouched: Engine) -> None:
    client = Client(kind, Shop(), untouched, [a_route()])
    sent, status = HOSTILE[name]
    if name == "a stream of ten megabytes":
        sent = {**sent, "content": _stream(client)}

    answer = client.post(**sent)

    # This WSGI server says neither how long a stream is nor that it ends, so there is no body; and it keeps one header.
    unlike = {"a stream of ten megabytes", "two types"} if client._kind == "wsgi" else set()
    assert answer.status_code == (422 if name in unlike else status), answer.text
    assert answer.json()["reasons"][0]["zh"]
    assert client.shop.bodies == []
    assert kept(untouched) == 0


def _stream(client: Client) -> Any:
    pieces = (b"x" * 65536 for _ in range(160))
    if client._kind == "wsgi":
        return pieces

    async def stream() -> Any:
        for piece in pieces:
            yield piece

    return stream()


def test_a_photograph_in_a_form_is_refused_by_its_name(client: Client) -> None:
    parts: dict[str, Any] = {name: (None, value) for name, value in GOOD.items()}
    assert client.post(files=parts).status_code == 201

    answer = client.post(files={**parts, "id_photo": ("id.jpg", b"\xff\xd8", "image/jpeg")})

    assert reasons(answer) == {"over_collection:id_photo"}


def test_a_body_of_exactly_the_limit_is_read(client: Client) -> None:
    padded = json.dumps(GOOD).encode().ljust(LARGEST_BODY)
    headers = {"content-type": "application/json"}

    assert client.post(content=padded, headers=headers).status_code == 201
    assert client.post(content=padded + b" ", headers=headers).status_code == 413


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {}},
        {"fields": {"a": "visitor_name", "b": "visitor_name"}},
        {"passed": ("name",)},
        {"fields": {"a": "visitor_name", "a.b": "host_room"}},
        {"take_as_given": True},
        {"channel": "nowhere"},
    ],
    ids=[
        "nothing",
        "one field twice",
        "passed and mapped",
        "part of another",
        "given to the gate",
        "channel",
    ],
)
def test_a_mapping_that_means_two_things_is_refused_before_the_first_request(wrong: dict[str, Any]) -> None:
    with pytest.raises((ConfigurationInvalid, ValueError)):
        a_route(**wrong)

"""Whatever is sent, a guard answers or lets through what was admitted; it raises nothing else, and repeats no number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused
from compliance.domain.vocabulary import Channel
from compliance.guards.answers import Answer
from compliance.guards.bodies import FORM, JSON
from compliance.guards.judging import Judge, LetThrough, Sent
from compliance.guards.rows import Rows
from tests.builders import MOBILE, MovedClock, an_engine
from tests.guards.routes import GOOD, VISITS, a_route
from tests.strategies import ID_NUMBER, json_values, names

MEMBERS = st.sampled_from([*VISITS, "notice", "consent", "declined", "ticket", "visitor_name", "a.b"]) | names
EVERY = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with an_engine(tmp_path_factory.mktemp("house") / "home", MovedClock()) as engine:
        yield engine


@pytest.fixture(scope="module")
def judge(engine: Engine) -> Judge:
    return Judge(engine, [])


def allowed(verdict: Answer | LetThrough) -> None:
    assert isinstance(verdict, Answer | LetThrough)
    body = verdict.body.decode("utf-8")
    if isinstance(verdict, Answer):
        assert verdict.status in (409, 413, 415, 422)
        assert verdict.headers[1] == ("content-length", str(len(verdict.body)))
        return
    # A telephone number may stand in its own field alone; a document number stands nowhere.
    assert ID_NUMBER not in body
    assert all(MOBILE not in str(value) for name, value in _read(verdict).items() if name != "phone")


def _read(verdict: LetThrough) -> dict[str, Any]:
    if verdict.content_type == FORM:
        return dict(pair.split("=") for pair in verdict.body.decode().split("&") if pair)
    return dict(json.loads(verdict.body))


@EVERY
@given(changes=st.dictionaries(MEMBERS, json_values, max_size=3), good=st.booleans())
def test_any_json_is_answered(judge: Judge, changes: dict[str, Any], good: bool) -> None:
    body = json.dumps({**(GOOD if good else {}), **changes}).encode()

    for route in (a_route(keep="app", passed=("ticket",)), a_route()):
        sent = Sent(paths=("/visits",), headers={"content-type": JSON}, body=body)
        allowed(judge.judge(route, sent))


@EVERY
@given(
    pairs=st.lists(
        st.tuples(MEMBERS, st.text(max_size=20) | st.sampled_from([MOBILE, ID_NUMBER])), max_size=4
    )
)
def test_any_form_is_answered(judge: Judge, pairs: list[tuple[str, str]]) -> None:
    body = urlencode([*GOOD.items(), *pairs], errors="surrogatepass").encode()

    sent = Sent(paths=("/visits",), headers={"content-type": FORM}, body=body)
    allowed(judge.judge(a_route(keep="app", passed=("ticket",)), sent))


@EVERY
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(
        [JSON, FORM, "multipart/form-data; boundary=b", "multipart/form-data; boundary=", "", ";"]
    )
    | st.text(alphabet=st.characters(max_codepoint=255), max_size=40),
    query=st.binary(max_size=40),
)
def test_any_bytes_under_any_name_are_answered(judge: Judge, body: bytes, kind: str, query: bytes) -> None:
    sent = Sent(paths=("/visits",), query=query, headers={"content-type": kind}, body=body)

    assert isinstance(judge.judge(a_route(), sent), Answer)


@EVERY
@given(
    row=st.dictionaries(
        st.sampled_from([*VISITS, "id", "nowhere"]), json_values | st.binary(max_size=9), max_size=5
    ),
    whole=st.booleans(),
)
def test_any_row_is_kept_or_refused(engine: Engine, row: dict[str, Any], whole: bool) -> None:
    rows = Rows(engine, "visitor", Channel.DESK, VISITS, frozenset({"id"}), frozenset())

    kept: dict[str, Any] | None = None
    said = ""
    try:
        kept = rows.keep(row, whole=whole)
    except CollectionRefused as refused:
        said = str(refused)

    assert bool(said) is (kept is None)
    assert kept is None or set(kept) == set(row)
    assert ID_NUMBER not in said + str(kept)


def test_the_good_ones_among_them_are_let_through(judge: Judge) -> None:
    body = json.dumps(GOOD | {"ticket": 7}).encode()

    verdict = judge.judge(
        a_route(keep="app", passed=("ticket",)),
        Sent(paths=("/visits",), headers={"content-type": JSON}, body=body),
    )

    assert isinstance(verdict, LetThrough)
    assert Path(verdict.content_type).name == "json"

"""A thousand at once, those who say nothing, those who never listen: everybody else keeps being answered."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPResponse
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.web.app import create_app
from compliance.web.rates import Rates
from tests.running.test_up import free_port
from tests.web.conftest import a_submission, an_engine, served
from tests.web.crowd import FORBIDDEN, crowd, place, request

CONNECTIONS = "compliance.running.connections."
LONG = pytest.mark.long
FREELY = Rates(per_key="1000000/minute", batches="1000000/minute")


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, str]]:
    with an_engine(tmp_path_factory.mktemp("crowd")) as engine:
        yield engine, engine.access.issue_api_key("main").secret


def records(engine: Engine) -> int:
    with engine.books.reading() as books:
        return len(books.holdings.recent("main", 1_000_000))


def said_nothing(
    address: str, octets: bytes = b"POST /v1/records/visitor HTTP/1.1\r\nhost: x"
) -> socket.socket:
    wire = socket.create_connection(place(address), timeout=30)
    wire.sendall(octets)
    return wire


def answered(wire: socket.socket, status: int = 200) -> bytes:
    """The whole body of an answer with this status."""
    answer = HTTPResponse(wire)
    answer.begin()
    assert answer.status == status
    return answer.read()


@pytest.mark.parametrize("clients", [120, pytest.param(1000, marks=LONG)])
def test_a_crowd_is_answered_whole(busy: tuple[Engine, str], clients: int) -> None:
    engine, secret = busy
    before = records(engine)
    each = [
        request(secret, a_submission()),
        request(secret, a_submission(**FORBIDDEN)),
        request(secret, b"{"),
    ]

    with served(create_app(engine, rates=FREELY)) as address:
        heard = crowd(address, [each] * clients, patience=300)

    assert heard.wrong == []
    assert heard.statuses == {201: clients, 422: 2 * clients}
    assert records(engine) - before == clients


@pytest.mark.parametrize("clients", [60, pytest.param(1000, marks=LONG)])
def test_whoever_asks_too_often_is_told_when_to_come_back(busy: tuple[Engine, str], clients: int) -> None:
    engine, secret = busy
    with served(create_app(engine, rates=Rates(per_key=f"{clients}/hour"))) as address:
        heard = crowd(address, [[request(secret, b"{")] * 3] * clients, patience=300)

    assert heard.wrong == []
    assert heard.statuses == {422: clients, 429: 2 * clients}


@pytest.mark.parametrize("silent", [150, pytest.param(2000, marks=LONG)])
def test_the_silent_take_nobodys_place(
    busy: tuple[Engine, str], silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CONNECTIONS + "STALLED", 0.2)
    engine, secret = busy
    with served(create_app(engine, rates=FREELY), most=100) as address, ExitStack() as held:
        for _ in range(silent):
            held.enter_context(said_nothing(address))
        time.sleep(0.4)

        heard = crowd(address, [[request(secret, a_submission())] * 2] * 20)

    assert heard.wrong == []
    assert heard.statuses == {201: 40}


def test_where_everybody_is_being_served_a_newcomer_is_asked_to_come_back(busy: tuple[Engine, str]) -> None:
    engine, secret = busy
    with served(create_app(engine, rates=FREELY), most=5) as address, ExitStack() as held:
        wires = [held.enter_context(said_nothing(address, request(secret, b"x" * 9)[:-4])) for _ in range(5)]
        heard = crowd(address, [[request(secret, a_submission())] * 2] * 3)
        wires[0].sendall(b"xxxx")
        assert b" 422 " in wires[0].recv(100)

    assert heard.wrong == []
    assert heard.statuses == {503: 3}


@pytest.mark.parametrize(
    "owed",
    [b"GET /v1/hea", b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx"],
    ids=["head", "body"],
)
def test_what_never_comes_is_not_waited_for(
    busy: tuple[Engine, str], monkeypatch: pytest.MonkeyPatch, owed: bytes
) -> None:
    for name, seconds in (("HEAD_WITHIN", 0.3), ("BODY_WITHIN", 0.3), ("LOOK_EVERY", 0.1)):
        monkeypatch.setattr(CONNECTIONS + name, seconds)
    with served(create_app(busy[0])) as address, said_nothing(address, owed) as wire:
        started = time.monotonic()
        with suppress(ConnectionResetError):
            assert wire.recv(100) == b""
        assert 0.2 < time.monotonic() - started < 10


def test_a_body_that_trickles_is_not_waited_for_either(
    busy: tuple[Engine, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.web.surroundings.WHOLE_WITHIN", 0.3)
    with served(create_app(busy[0])) as address, said_nothing(address, request("x", b"x" * 99)[:-50]) as wire:
        assert b" 408 " in wire.recv(100)


def test_half_a_body_is_no_submission(busy: tuple[Engine, str]) -> None:
    engine, secret = busy
    before = records(engine)
    whole = json.dumps(a_submission()).encode()
    octets = request(secret, whole + b" " * 50)
    with served(create_app(engine, rates=FREELY)) as address:
        with said_nothing(address, octets[:-20]):
            pass  # all of the JSON arrived, and the client went away before its body was whole
        time.sleep(0.5)
        assert crowd(address, [[octets]]).statuses == {201: 1}

    assert records(engine) - before == 1


class TestABatchThatNobodyReads:
    def test_ends_where_its_verdicts_no_longer_fit(
        self, busy: tuple[Engine, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("compliance.web.batches.MOST_HELD", 100_000)
        engine, secret = busy
        body = b"{}\n" * 20_000
        with served(create_app(engine, rates=FREELY)) as address, socket.socket() as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.settimeout(60)
            wire.connect(place(address))
            wire.sendall(request(secret, body, "/v1/records"))
            time.sleep(0.5)
            heard = answered(wire)

        last = json.loads(heard.splitlines()[-1])
        assert (last["error"], last["rest"]) == ("unread_verdicts", "unread")
        assert last["line"] % 500 == 1
        assert heard.count(b'"verdict"') == last["line"] < 20_000

    def test_loses_its_place_in_the_end(
        self, busy: tuple[Engine, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(CONNECTIONS + "READING_WITHIN", 0.5)
        monkeypatch.setattr(CONNECTIONS + "LOOK_EVERY", 0.1)
        engine, secret = busy
        line = {"category": "vehicle", "channel": "lpr", "collected_at": engine.clock.now().isoformat()}
        line |= {"notice": {"mode": "posted"}, "fields": {f"f{n}": n for n in range(50)}}  # type: ignore[dict-item]
        with served(create_app(engine, rates=FREELY)) as address, socket.socket() as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.settimeout(60)
            wire.connect(place(address))
            wire.sendall(request(secret, (json.dumps(line).encode() + b"\n") * 500, "/v1/records"))
            time.sleep(2.5)
            heard = b"".join(iter(lambda: wire.recv(65536), b""))
            assert not heard.endswith(b"0\r\n\r\n"), "the server waited for its reader"
            assert crowd(address, [[request(secret, b"{")]]).statuses == {422: 1}


class TestWhatIsTooLargeIsHeardOut:
    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("/v1/records/visitor", b'"' + b"x" * 10_000_000 + b'"', 413),
            ("/login", b"x" * 5_000_000, 413),
            ("/v1/records", b"\n" * 60_000 + b"x" * 6_000_000, 200),
        ],
    )
    def test_so_that_its_sender_hears_the_answer(
        self, busy: tuple[Engine, str], path: str, body: bytes, status: int
    ) -> None:
        engine, secret = busy
        octets = request(secret, body, path)
        with (
            served(create_app(engine, rates=FREELY)) as address,
            socket.create_connection(place(address), timeout=60) as wire,
        ):
            wire.sendall(octets)
            assert answered(wire, status)
            wire.sendall(request(secret, b"{"))
            assert answered(wire, 422)

    def test_but_not_for_ever(self, busy: tuple[Engine, str]) -> None:
        engine, secret = busy
        octets = request(secret, b"", "/v1/records/visitor").replace(b"length: 0", b"length: 99000000000")
        with served(create_app(engine, rates=FREELY)) as address, said_nothing(address, octets) as wire:
            assert wire.recv(100).startswith(b"HTTP/1.1 413 ")


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, int(sys.argv[1])))
from compliance.running.connections import room
print(room(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


FEW_FILES = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (160, 160))
from compliance.config import Settings
from compliance.running.apart import web
from pathlib import Path
sys.exit(web(Settings(home=Path(sys.argv[1]), bind=sys.argv[2])))
"""


def test_a_crowd_larger_than_all_files_breaks_no_book(tmp_path: Path) -> None:
    root, port = Path(__file__).parents[2], free_port()
    with an_engine(tmp_path / "home") as engine:
        secret = engine.access.issue_api_key("main").secret
        address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-c", FEW_FILES, str(tmp_path / "home"), address.removeprefix("http://")]
        with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stderr=log, cwd=root) as server:
            try:
                until_it_answers(address)
                heard = crowd(address, [[request(secret, a_submission())] * 3] * 250)
                assert crowd(address, [[request(secret, a_submission())]]).statuses == {201: 1}
            finally:
                server.terminate()

    assert heard.wrong == []
    assert set(heard.statuses) == {201, 503}
    said = (tmp_path / "log").read_text(encoding="utf-8")
    # The event loop itself may run out while it takes connections; it says so, waits a second, and no book knows of it.
    assert said.count("Traceback") == said.count("socket.accept() out of system resource")


def until_it_answers(address: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(place(address)):
            return
        time.sleep(0.05)


@pytest.mark.parametrize(("hard", "places", "soft"), [(4096, 3712, 4096), (256, 64, 256)])
def test_a_server_asks_for_files_and_keeps_some_for_its_books(hard: int, places: int, soft: int) -> None:
    asked = [sys.executable, "-c", LIMITED, str(hard)]
    shown = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])

    assert [int(word) for word in shown.stdout.split()] == [places, soft, hard]

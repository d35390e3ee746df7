"""`up` as somebody starts it: a process of its own, on a free port, in an empty home; ended, killed, started again."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import bootstrap
from compliance.config import Settings
from compliance.domain.request import RequestKind
from compliance.running.broker import EmbeddedBroker

COMMAND = [
    sys.executable,
    "-W",
    "error",
    "-c",
    "import sys; from compliance.cli import main; sys.argv = ['compliance', *sys.argv[1:]]; main()",
]
PHONE, NAME = "19487654321", "欧阳金丝雀"

MASKED = "194****4321"
VISIT: dict[str, Any] = {
    "category": "visitor",
    "channel": "desk",
    "fields": {"visitor_name": NAME, "visitor_phone": PHONE, "host_room": "3-1-1201"},
    "notice": {"mode": "oral", "by": "staff-7"},
    "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """One start of `up`, with what it prints kept in files."""

    def __init__(self, home: Path, *words: str, port: int | None = None) -> None:
        self.home, self.port = home, port or free_port()
        self.out, self.err = home.parent / "stdout", home.parent / "stderr"
        environment = {
            **os.environ,
            "COMPLIANCE_HOME": str(home),
            "COMPLIANCE_BIND": f"127.0.0.1:{self.port}",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONUNBUFFERED": "1",
        }
        self.started = time.monotonic()
        with self.out.open("ab") as out, self.err.open("ab") as err:
            self.process = subprocess.Popen([*COMMAND, "up", *words], env=environment, stdout=out, stderr=err)

    def answers_within(self, seconds: float) -> float:
        """Seconds until its page answered; fails where it did not."""
        while time.monotonic() - self.started < seconds:
            assert self.process.poll() is None, self.err.read_text()
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/login", timeout=5) as page:  # noqa: S310  our own address
                assert page.status == 200
                return time.monotonic() - self.started
            time.sleep(0.05)
        pytest.fail(f"no answer within {seconds} s\n{self.err.read_text()}")

    def says_within(self, seconds: float, words: str) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if words in self.err.read_text() + self.out.read_text():
                return True
            time.sleep(0.1)
        return False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self, number: int) -> tuple[int, float]:
        """Send a signal; returns the exit code and the seconds that it took."""
        before = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(20)
        return code, time.monotonic() - before


def ask_by_phone(home: Path) -> None:
    """Another process leaves a message in the outbox; only the worker can send it, to a masked destination."""
    with bootstrap(Settings(home=home)) as engine:
        engine.gate.write(VISIT)
        asked = engine.requests.open(RequestKind.DELETION, mobile=PHONE)
        engine.requests.match(asked.number)


def left_in(home: Path) -> list[str]:
    """Who still runs there, once whoever is on the way out has had the time to go."""
    end = time.monotonic() + 10
    while (left := running_in(home)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def running_in(home: Path) -> list[str]:
    """Command lines of living processes that name this home."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if str(home) in line:
                    found.append(line)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty one."""
    yield tmp_path / "home"
    EmbeddedBroker(tmp_path / "home").stop()


@pytest.fixture
def lived_in(home: Path, seeded_home: Path) -> Path:
    """One that was started before: what takes time at the first start is done."""
    return shutil.copytree(seeded_home, home)


@pytest.fixture
def starts(home: Path) -> Iterator[list[Up]]:
    made: list[Up] = []
    yield made
    for up in made:
        if up.process.poll() is None:
            up.process.kill()
            up.process.wait()


def test_it_answers_cold_and_leaves_nothing_running(home: Path, starts: list[Up]) -> None:
    up = Up(home)
    starts.append(up)
    up.answers_within(60)
    assert running_in(home)
    code, _ = up.end(signal.SIGINT)
    assert (code, left_in(home)) == (0, []), up.err.read_text()


def test_it_answers_warm_within_seconds_and_ends_as_fast(lived_in: Path, starts: list[Up]) -> None:
    up = Up(lived_in)
    starts.append(up)
    up.answers_within(20)  # 2.3 s on two idle cores; the suite keeps both busy
    code, seconds = up.end(signal.SIGTERM)
    assert (code, left_in(lived_in)) == (0, [])
    assert seconds < 8
    assert "Traceback" not in up.err.read_text()


def test_it_prints_where_to_look_and_who_to_be(lived_in: Path, starts: list[Up]) -> None:
    up = Up(lived_in)
    starts.append(up)
    up.answers_within(25)
    assert up.says_within(5, "Ctrl-C")
    said = up.out.read_text()
    for path in ("/desk", "/me", "/officer", "/v1/docs"):
        assert f"{up.address}{path}" in said
    for login in ("demo-staff-7", "demo-officer-1", "demo-director-1"):
        assert login in said
    assert re.search(r"pass code\s+[0-9A-Z]{12}", said)


def test_killed_outright_it_starts_again_with_the_broker_that_it_left(
    lived_in: Path, starts: list[Up]
) -> None:
    first = Up(lived_in)
    starts.append(first)
    first.answers_within(25)
    first.end(signal.SIGKILL)
    assert len(running_in(lived_in)) == 1  # the broker lives on
    second = Up(lived_in)
    starts.append(second)
    second.answers_within(10)
    assert len([line for line in running_in(lived_in) if "valkey" in line]) == 1
    assert second.end(signal.SIGINT)[0] == 0
    assert left_in(lived_in) == []
    with bootstrap(Settings(home=lived_in)) as engine:
        engine.sealing.seal()
        assert engine.sealing.verify().pending == 0


@pytest.mark.long
def test_killed_while_the_community_is_made_it_goes_on_from_there(home: Path, starts: list[Up]) -> None:
    first = Up(home)
    starts.append(first)
    assert lived(home, 12, 60)
    first.end(signal.SIGKILL)
    second = Up(home)
    starts.append(second)
    second.answers_within(25)
    assert second.end(signal.SIGINT)[0] == 0
    with bootstrap(Settings(home=home)) as engine:
        engine.sealing.seal()
        assert engine.sealing.verify().pending == 0
        figures = engine.reports.month(engine.reports.this_month())
        assert not any(one.overdue for one in figures.categories)


def lived(home: Path, days: int, seconds: float) -> bool:
    """Wait until so many days are over; False where that took too long."""
    first = None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = f"file:{home}/compliance.db?mode=ro"
        with suppress(sqlite3.Error), closing(sqlite3.connect(found, uri=True)) as books:
            rows = books.execute("SELECT value FROM switch WHERE name = 'demo.day'").fetchall()
            now = date.fromisoformat(rows[0][0]) if rows else None
            first = first or now
            if now and first and (now - first).days >= days:
                return True
        time.sleep(0.02)
    return False


@pytest.mark.long
def test_a_broker_that_dies_meanwhile_is_replaced_and_work_goes_on(lived_in: Path, starts: list[Up]) -> None:
    up = Up(lived_in)
    starts.append(up)
    up.answers_within(25)
    time.sleep(1)
    pid = int((lived_in / "broker" / "valkey.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    ask_by_phone(lived_in)
    assert up.says_within(40, MASKED), up.err.read_text()
    assert int((lived_in / "broker" / "valkey.pid").read_text()) != pid
    assert up.end(signal.SIGINT)[0] == 0
    assert left_in(lived_in) == []


def test_a_taken_port_is_said_and_not_replaced(home: Path, starts: list[Up]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        up = Up(home, port=int(taken.getsockname()[1]))
        starts.append(up)
        assert up.process.wait(20) == 1
    assert "COMPLIANCE_BIND" in up.err.read_text()
    assert "已被占用" in up.err.read_text()
    assert not (home / "compliance.db").exists()
    assert left_in(home) == []


def test_a_second_up_in_the_same_home_is_refused(lived_in: Path, starts: list[Up]) -> None:
    first = Up(lived_in)
    starts.append(first)
    first.answers_within(25)
    second = Up(lived_in)
    starts.append(second)
    assert second.process.wait(20) == 1
    assert "up" in second.err.read_text()
    assert first.process.poll() is None


@pytest.mark.long
def test_demo_data_is_refused_beside_real_data(home: Path, starts: list[Up]) -> None:
    from compliance.policies.loader import load, read_files, shipped
    from tests.builders import assessed

    with bootstrap(Settings(home=home)) as real:
        folder = shipped("residential")
        assessed(real, load(folder))
        real.publishing.publish(load(folder), read_files(folder), "officer-1")
    refused = Up(home)
    starts.append(refused)
    assert refused.process.wait(20) == 1
    assert "--no-demo" in refused.err.read_text()
    served = Up(home, "--no-demo")
    starts.append(served)
    served.answers_within(15)
    assert "demo-staff-7" not in served.out.read_text()
    assert served.end(signal.SIGINT)[0] == 0


def test_who_asked_is_nowhere_in_clear_while_it_runs_nor_after(lived_in: Path, starts: list[Up]) -> None:
    """A canary in a record and in a request: found by who may read it, in no file, log line or message."""
    up = Up(lived_in)
    starts.append(up)
    up.answers_within(25)
    with bootstrap(Settings(home=lived_in)) as engine:
        receipt = engine.gate.write(VISIT)
        asked = engine.requests.open(RequestKind.ACCESS, pass_code=receipt.pass_code)
        engine.requests.fulfil(asked.number)
        package = str(engine.requests.package(asked.number, asked.access_token or ""))
        assert PHONE in package
        assert NAME in package
    ask_by_phone(lived_in)
    assert up.says_within(25, MASKED)  # the code goes out with the next delivery
    living = contents(lived_in.parent)
    assert up.end(signal.SIGINT)[0] == 0
    for everything in (living, contents(lived_in.parent)):
        assert b"retention" in everything
        for canary in (PHONE, NAME):
            assert canary.encode() not in everything


def contents(folder: Path) -> bytes:
    """Every byte of every file: database, write-ahead log, keys, journal, the broker's append-only file, what was said."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())

"""Grown up: PostgreSQL, a Redis-protocol broker, and web, worker and beat as processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from compliance.bootstrap import SCRATCH, bootstrap
from compliance.config import Settings
from compliance.policies.loader import load, read_files, shipped
from tests.running.test_up import COMMAND, free_port


@pytest.fixture
def surroundings(tmp_path: Path, postgres_database: str, valkey_url: str) -> Iterator[dict[str, str]]:
    broker = valkey_url.replace("/0", "/6")
    yield {
        "COMPLIANCE_HOME": str(tmp_path / "home"),
        "COMPLIANCE_DATABASE": postgres_database,
        "COMPLIANCE_BROKER": broker,
        "COMPLIANCE_BIND": f"127.0.0.1:{free_port()}",
    }
    with Redis.from_url(broker) as client:
        client.flushdb()


@pytest.fixture
def started(surroundings: dict[str, str], tmp_path: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    made: dict[str, subprocess.Popen[bytes]] = {}
    environment = {**os.environ, **surroundings, "PYTHONPATH": str(Path(__file__).parents[2])}
    # Celery warns who runs a worker as root, and is right to.
    lenient = [sys.executable, *COMMAND[3:]]
    for verb in ("worker", "beat", "web"):
        with (tmp_path / f"{verb}.log").open("wb") as log:
            made[verb] = subprocess.Popen(
                [*lenient, verb], env=environment, stdout=log, stderr=log, start_new_session=True
            )
    yield made
    for process in made.values():
        if process.poll() is None:
            process.kill()
            process.wait()


def delivery(left: str, entered: str) -> dict[str, Any]:
    return {
        "category": "delivery",
        "channel": "desk",
        "collected_at": left,
        "fields": {
            "platform": "美团",
            "dest_building": "3栋1单元",
            "courier_phone": "19400000001",
            "entry_time": entered,
            "exit_time": left,
        },
        "notice": {"mode": "oral", "by": "staff-7"},
        "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
    }


def test_what_is_due_goes_and_a_signal_ends_each_in_order(
    surroundings: dict[str, str], started: dict[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    settings = Settings(
        home=Path(surroundings["COMPLIANCE_HOME"]),
        database=surroundings["COMPLIANCE_DATABASE"],
        broker=surroundings["COMPLIANCE_BROKER"],
    )
    with bootstrap(settings, kind=SCRATCH) as engine:
        folder = shipped("residential")
        engine.publishing.publish(load(folder), read_files(folder), "officer-1")
        left = engine.clock.now() - timedelta(hours=24) + timedelta(seconds=3)
        entered = left - timedelta(minutes=5)
        record = engine.gate.write(delivery(left.isoformat(), entered.isoformat())).record
        time.sleep(3)
        from compliance.tasks import make_app, wake

        app = make_app(settings)
        wake(app, "retention.sweep")
        end = time.monotonic() + 40
        gone: list[object] = []
        while not gone and time.monotonic() < end:
            time.sleep(0.2)
            with engine.books.reading() as books:
                gone = list(books.ledger.tombstones_of(record))
        app.close()
        assert gone, (tmp_path / "worker.log").read_text()
    for verb in ("web", "beat", "worker"):
        started[verb].send_signal(signal.SIGTERM)
    for verb, process in started.items():
        assert process.wait(30) == 0, (tmp_path / f"{verb}.log").read_text()
    for process in started.values():
        with pytest.raises(ProcessLookupError):  # nobody of its session is left, the pool's children included
            os.killpg(process.pid, 0)


def test_a_worker_without_a_broker_says_what_is_missing(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "COMPLIANCE_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run([*COMMAND, "worker"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "COMPLIANCE_BROKER" in done.stderr
    assert "Traceback" not in done.stderr

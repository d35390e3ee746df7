"""A real worker on a real Valkey and a real SQLite home: what falls due goes, whoever wakes it how often."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from celery.worker import state
from redis import Redis

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.submission import Defaults
from compliance.policies.loader import load, read_files, shipped
from compliance.tasks import beat_thread, make_app, retention, wake
from compliance.tasks.engine import lend, let_go
from tests.builders import MovedClock
from tests.waiting import in_the_end


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with bootstrap(Settings(home=tmp_path / "home"), kind=SCRATCH, clock=clock) as opened:
        folder = shipped("residential")
        opened.publishing.publish(load(folder), read_files(folder), "officer-1")
        yield opened


@pytest.fixture
def app(valkey_url: str, engine: Engine) -> Iterator[Celery]:
    broker = valkey_url.replace("/0", "/4")
    made = make_app(engine.settings, broker)
    lend(engine)
    yield made
    let_go()
    made.close()
    with Redis.from_url(broker) as client:
        client.flushdb()


@contextmanager
def worker(app: Celery) -> Iterator[None]:
    state.should_stop = state.should_terminate = None
    controller = app.WorkController(
        pool="threads",
        concurrency=2,
        loglevel="WARNING",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    thread = threading.Thread(target=controller.start)
    thread.start()
    yield
    state.should_stop = 0
    wake(app, "ledger.seal")  # an idle worker looks up when something arrives
    thread.join(20)
    state.should_stop = None
    assert not thread.is_alive()


def a_delivery_whose_phone_is_due_in(engine: Engine, seconds: float) -> str:
    left = engine.clock.now() - timedelta(hours=24) + timedelta(seconds=seconds)
    submission = {
        "category": "delivery",
        "channel": "desk",
        "collected_at": left.isoformat(),
        "fields": {
            "platform": "美团",
            "dest_building": "3栋1单元",
            "courier_phone": "19400000001",
            "entry_time": (left - timedelta(minutes=5)).isoformat(),
            "exit_time": left.isoformat(),
        },
        "notice": {"mode": "oral", "by": "staff-7"},
        "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
    }
    return engine.gate.write(submission, defaults=Defaults()).record


def parts(engine: Engine, record: str) -> int:
    with engine.books.reading() as books:
        holding = books.holdings.find(record)
        return len(books.holdings.parts(holding.no)) if holding else 0


def tombstones(engine: Engine, record: str) -> int:
    with engine.books.reading() as books:
        return len(books.ledger.tombstones_of(record))


def test_a_woken_worker_erases_what_is_due_and_seals_it(
    engine: Engine, app: Celery, clock: MovedClock
) -> None:
    record = a_delivery_whose_phone_is_due_in(engine, 20)
    before = parts(engine, record)
    assert before > 1
    with worker(app):
        clock.forward(seconds=21)
        wake(app, "retention.sweep")
        assert in_the_end(lambda: parts(engine, record) == before - 1)
        wake(app, "ledger.seal")
        assert in_the_end(lambda: engine.sealing.verify().pending == 0)
    assert tombstones(engine, record) == 1


def test_a_sweep_does_not_touch_what_is_not_due(engine: Engine, app: Celery, clock: MovedClock) -> None:
    due, later = (a_delivery_whose_phone_is_due_in(engine, seconds) for seconds in (20, 600))
    before = parts(engine, later)
    with worker(app):
        clock.forward(seconds=21)
        wake(app, "retention.sweep")
        assert in_the_end(lambda: tombstones(engine, due))
    assert parts(engine, later) == before


def test_two_beats_do_no_harm_and_leave_no_file(
    engine: Engine, app: Celery, clock: MovedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    record = a_delivery_whose_phone_is_due_in(engine, 20)
    table = {
        name: {"task": name, "schedule": 0.1}
        for name in ("retention.sweep", "retention.forecast", "ledger.seal", "requests.resume")
    }
    app.conf.beat_schedule = table
    with worker(app):
        beats = [beat_thread(app) for _ in range(2)]
        for beat in beats:
            beat.start()
        clock.forward(seconds=21)
        assert in_the_end(lambda: tombstones(engine, record))
        time.sleep(1)
        for beat in beats:
            beat.stop()
    assert tombstones(engine, record) == 1
    assert not list((tmp_path / "here").iterdir())
    sealed = [entry for entry in _acts(engine) if entry == "forecast"]
    assert len(sealed) == 1
    engine.sealing.seal()
    assert engine.sealing.verify().pending == 0


def _acts(engine: Engine) -> list[str]:
    engine.sealing.seal()
    with engine.books.reading() as books:
        return [columns[0] for columns in books.ledger.columns_of(0, 1000)]


def test_a_home_without_a_policy_does_not_end_the_worker(
    tmp_path: Path, valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    broker = valkey_url.replace("/0", "/5")
    with bootstrap(Settings(home=tmp_path / "bare"), kind=SCRATCH) as bare:
        app = make_app(bare.settings, broker)
        lend(bare)
        with worker(app):
            wake(app, "retention.sweep")
            with Redis.from_url(broker) as client:
                assert in_the_end(lambda: client.llen("retention") == 0)
            time.sleep(0.3)
        let_go()
        app.close()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_the_forecast_is_made_once_a_day_and_closes_no_engine_that_was_lent(engine: Engine) -> None:
    a_delivery_whose_phone_is_due_in(engine, 600)
    lend(engine)
    assert retention.forecast()["lines"] > 0
    assert retention.forecast()["lines"] == 0
    let_go()
    assert parts(engine, a_delivery_whose_phone_is_due_in(engine, 600))

"""kill -9 of the whole process, during an import and during a sweep: nothing is half there, and everything due goes."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from tests.builders import SHANGHAI, START, MovedClock, an_engine, sql
from tests.faults.test_every_call import whole
from tests.faults.victim import lines

DUE = datetime(2026, 4, 3, tzinfo=SHANGHAI)
ROOT = Path(__file__).parents[2]


@contextmanager
def running(what: str, home: Path, at: datetime) -> Iterator[subprocess.Popen[str]]:
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.victim", what, str(home), at.isoformat()],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with victim:
        try:
            yield victim
        finally:
            victim.send_signal(signal.SIGKILL)


def wait_for(victim: subprocess.Popen[str], line: str) -> None:
    assert victim.stdout is not None
    for said in victim.stdout:
        if said.strip() == line:
            return
    raise AssertionError(line)


def held(engine: Engine) -> int:
    return int(sql(engine, "SELECT count(*) FROM holding")[0][0])


def killed_while_importing(home: Path, dice: random.Random) -> None:
    with an_engine(home, MovedClock()) as engine:
        before = held(engine)
    with running("import", home, START) as victim:
        wait_for(victim, str(dice.choice([500, 1000, 1500])))
        time.sleep(dice.random() / 10)

    with an_engine(home, MovedClock()) as engine:
        whole(engine)
        assert held(engine) - before >= 500 or before  # what was acknowledged is there
        again = list(islice(engine.gate.write_many(islice(lines(START), 500)), 500))
        assert all(outcome.receipt and outcome.receipt.replayed for outcome in again)


def killed_while_sweeping(home: Path, dice: random.Random) -> None:
    with running("sweep", home, DUE) as victim:
        wait_for(victim, "ready")
        time.sleep(dice.random() / 5)

    with an_engine(home, MovedClock(DUE)) as engine:
        whole(engine)


def everything_goes(home: Path, records: int) -> None:
    with an_engine(home, MovedClock(DUE)) as engine:
        left = held(engine)
        swept = engine.retention.sweep()
        assert (swept.disposed.erased_records, swept.disposed.waiting_parts, swept.left) == (left, 0, 0)
        assert sql(engine, "SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM vault)") == [(0,)]
        erased = sql(engine, "SELECT sum(n) FROM tombstone")[0][0]
        assert erased == records
        assert engine.sealing.verify().pending == 0
        assert engine.keyring.names("window/") == []


@pytest.mark.parametrize("seed", [1])
def test_a_killed_import_and_a_killed_sweep_leave_nothing_in_halves(tmp_path: Path, seed: int) -> None:
    _rounds(tmp_path, random.Random(seed), imports=1, sweeps=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_many_killed_imports_and_sweeps_leave_nothing_in_halves(tmp_path: Path, seed: int) -> None:
    _rounds(tmp_path, random.Random(100 + seed), imports=5, sweeps=8)


def _rounds(home: Path, dice: random.Random, *, imports: int, sweeps: int) -> None:
    for _ in range(imports):
        killed_while_importing(home, dice)
    with an_engine(home, MovedClock()) as engine:
        records = held(engine)
        assert records >= 500
        assert engine.retention.plan(DUE).due_parts == records
    for _ in range(sweeps):
        killed_while_sweeping(home, dice)
    everything_goes(home, records)
    with an_engine(home, MovedClock(DUE + timedelta(days=1))) as engine:
        assert engine.retention.sweep().disposed.erased_parts == 0

"""A scratch home with a clock that the benchmark moves, and a bare copy of its tables on the same disk."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from sqlalchemy import Engine as Bare

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.db import migrate
from compliance.db.engine import open_engine
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.policies.loader import load_text, read_files
from compliance.ports import Outcome

PACK = Path(__file__).parent / "pack"
START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
# Beside the pack's own category, which goes to the vault: its twin, laid into files that only grow.
ARCHIVED, ARCHIVE = "mason", "archive"
MAPPING = f"kind: sealed_file\nname: {ARCHIVE}\nfolder: ../{ARCHIVE}\ncategories: [{ARCHIVED}]\n"
TASKS = ("维修", "保洁", "安装", "其他")


class MovingClock:
    """Stands still until it is moved; a scratch home believes whatever it says."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return monotonic()

    def boot(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Homes:
    """The engine over one database, and another database with the same empty tables for the bare side."""

    engine: Engine
    clock: MovingClock
    bare: Bare
    folder: Path

    @property
    def archive(self) -> Path:
        return self.folder / ARCHIVE

    def later(self, time: timedelta) -> None:
        """Move the clock; what is written comes under a signed head first, as it would have within a second."""
        self.engine.sealing.seal()
        self.clock.at += time


@contextmanager
def homes(database: str = "", bare: str = "") -> Iterator[Homes]:
    """Both in one temporary folder: two databases on the same disk, or two of one server."""
    folder = Path(tempfile.mkdtemp(prefix="compliance-bench-"))
    clock = MovingClock()
    bare_url = bare or f"sqlite:///{folder / 'bare.db'}"
    try:
        migrate.upgrade(bare_url)
        copy = open_engine(bare_url)
        (folder / "stores").mkdir()
        (folder / "stores" / f"{ARCHIVE}.yaml").write_text(MAPPING, encoding="utf-8")
        with bootstrap(Settings(home=folder, database=database), kind=SCRATCH, clock=clock) as engine:
            files = read_files(PACK)
            files[f"{ARCHIVED}.yaml"] = files["contractor.yaml"].replace(": contractor", f": {ARCHIVED}", 1)
            engine.publishing.publish(load_text(files, version=0, name="bench"), files, "staff-1")
            yield Homes(engine, clock, copy, folder)
        copy.dispose()
    finally:
        shutil.rmtree(folder)


def submissions(
    count: int, clock: MovingClock, dice: random.Random, *, keyed: bool, category: str = "contractor"
) -> list[dict[str, object]]:
    """Fictional contractors of one day, some of whom have left; phone numbers are from a range out of service."""
    made = []
    for number in range(count):
        came = clock.at - timedelta(minutes=dice.randrange(30, 600))
        fields: dict[str, object] = {
            "name": dice.choice("赵钱孙李周吴郑王") + dice.choice(("某", "某某", "小明", "建国")),
            "phone": f"194{dice.randrange(10**8):08}",
            "room": f"{dice.randrange(1, 13)}-{dice.randrange(1, 4)}-{dice.randrange(1, 30)}01",
            "task": dice.choice(TASKS),
            "entry_time": came.isoformat(),
        }
        if dice.random() < 0.7:
            fields["exit_time"] = (came + timedelta(minutes=dice.randrange(5, 30))).isoformat()
        one: dict[str, object] = {
            "category": category,
            "channel": "desk",
            "collected_at": clock.at.isoformat(),
            "fields": fields,
            "notice": {"mode": "oral", "by": "staff-7"},
        }
        if keyed:
            one["key"] = f"{clock.at:%Y%m%d}-{number}"
        made.append(one)
    return made


def books_of(homes: Homes) -> Bare:
    """The engine's own database, under the engine."""
    books = homes.engine.books
    if not isinstance(books, SqlUnitOfWork):
        raise TypeError("the benchmarks read the books' own tables")
    return books.engine


def written(homes: Homes, sent: Iterable[object]) -> list[Outcome]:
    """Write a batch; every line of it is to be admitted, or what was measured is something else."""
    outcomes = list(homes.engine.gate.write_many(sent))
    refused = [outcome for outcome in outcomes if outcome.receipt is None]
    if refused:
        raise AssertionError(f"{len(refused)} of {len(outcomes)} were refused: {refused[0].reasons}")
    return outcomes

"""Kill the process at any moment: whatever was under way is wholly there or wholly not, and doing it again finishes it.

Each act is done once in peace, to see how many calls it makes and where it ends. Then it is killed before each of
them in turn, a fresh process opens the same home, does it again, and must end where peace did.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.domain.errors import RecordErased, RequestRefused
from compliance.domain.submission import Defaults
from compliance.ports import PartRef
from compliance.services.contents import bound
from tests.builders import MOBILE, SHANGHAI, START, MovedClock, a_submission, an_engine, sql, with_archive
from tests.faults.dying import Fuse, Killed, watched

DUE = datetime(2026, 4, 3, tzinfo=SHANGHAI)
Act = Callable[[Engine], object]


def write(engine: Engine) -> object:
    return engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}, key="one"))


def _delivery(key: str) -> dict[str, Any]:
    fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}
    return a_submission(category="delivery", key=key) | {"fields": fields}


def deliver(engine: Engine) -> object:
    return engine.gate.write(_delivery("k"))


def write_a_batch(engine: Engine) -> object:
    lines = [_delivery(f"k{n}") for n in range(2)]
    lines.insert(1, a_submission(fields={"id_number": "x"}))
    return list(engine.gate.write_many(lines, defaults=Defaults()))


def amend(engine: Engine) -> None:
    engine.gate.amend(_one(engine), {"exit_time": START.replace(day=7).isoformat()})


def place(engine: Engine) -> object:
    if engine.holds.standing():
        return None  # whoever was not told looks first
    return engine.holds.place(
        ground="R8", document="协查〔2026〕1号", law_ref="刑事诉讼法 54", until=date(2026, 5, 1), by="staff-7"
    )


def release(engine: Engine) -> None:
    for hold in engine.holds.standing():
        engine.holds.release(hold.id, "staff-7")


def sweep(engine: Engine) -> object:
    return engine.retention.sweep(batch=2)


def ask_away(engine: Engine) -> object:
    disposal: Any = engine.holds._disposal
    with engine.books.writing() as books:
        return disposal.carry_out(
            books, books.holdings.recent("main", 1), cause="request", now=engine.clock.now()
        )


def come_again(engine: Engine) -> object:
    """Whoever was registered comes by the pass of that time: the consent is taken over."""
    seen = engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}, key="one"))
    return engine.gate.write(a_submission(consent=..., key="two", **{"pass": seen.pass_code}))


def take_back(engine: Engine) -> None:
    try:
        seen = engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}, key="one"))
        engine.requests.withdraw_consent(seen.pass_code)
    except (RecordErased, RequestRefused):
        engine.requests.resume()  # it was received before: what it began is finished


def pause(engine: Engine) -> None:
    engine.retention.pause("staff-9", "audit")


def seal(engine: Engine) -> object:
    return engine.sealing.seal()


def forecast(engine: Engine) -> object:
    return engine.retention.forecast()


def _one(engine: Engine) -> str:
    return str(sql(engine, "SELECT id FROM holding ORDER BY no LIMIT 1")[0][0])


# What is done in peace beforehand, when the act happens, and the act.
ACTS: dict[str, tuple[list[Act], datetime, Act]] = {
    "a write": ([], START, write),
    "a batch": ([], START, write_a_batch),
    "an amendment that seals again": ([write], START.replace(day=7), amend),
    "a hold that is placed": ([write], START, place),
    "a hold that is released": ([write, place], START, release),
    "a sweep": ([write, deliver], DUE, sweep),
    "a sweep of what is held": ([write, place], DUE, sweep),
    "a sweep after a hold": ([write, place], datetime(2026, 5, 20, tzinfo=SHANGHAI), sweep),
    "a deletion that was asked for": ([write], START, ask_away),
    "a consent that is taken back": ([write, come_again], START, take_back),
    "a head": ([pause], START, seal),
    "a forecast": ([write], START, forecast),
}


def end_of(engine: Engine) -> dict[str, Any]:
    """Where things stand, without what chance named."""
    counts = {
        table: sql(engine, f"SELECT count(*) FROM {table}")[0][0]
        for table in (
            "holding",
            "part",
            "vault",
            "token",
            "mark",
            "consent",
            "withdrawal",
            "reliance",
            "cool_down",
            "tally",
            "refusal",
            "tombstone",
        )
    }
    duties = sql(
        engine, "SELECT part_no, readable_until, erase_at, state FROM part ORDER BY holding_no, part_no"
    )
    holds = sql(engine, "SELECT released_by, count(*) FROM hold GROUP BY released_by")
    with engine.books.reading() as books:
        expected = {bucket: n for bucket, n in books.counts.expected("9999").items() if n}
    return {**counts, "duties": duties, "holds": holds, "expected": expected}


def whole(engine: Engine) -> None:
    """Every record is wholly there or wholly not, and the ledger vouches for all of it."""
    for half in (
        "SELECT count(*) FROM holding WHERE no NOT IN (SELECT holding_no FROM part)",
        "SELECT count(*) FROM part WHERE holding_no NOT IN (SELECT no FROM holding)",
        "SELECT count(*) FROM token WHERE holding_no NOT IN (SELECT no FROM holding)",
        "SELECT (SELECT count(*) FROM part WHERE wrapped IS NULL) - (SELECT count(*) FROM vault)",
        "SELECT count(*) FROM part p LEFT JOIN vault v USING (holding_no, part_no) WHERE v.envelope IS p.wrapped",
    ):
        assert sql(engine, half) == [(0,)], half
    opens_by_its_own_key(engine)
    for name in {row[0] for row in sql(engine, "SELECT key FROM part WHERE state = 'active'")}:
        assert name in engine.keyring.names(name)
    engine.sealing.verify()


def opens_by_its_own_key(engine: Engine) -> None:
    """Whatever is said to lie in a store that cannot erase lies there, and its key opens it."""
    parts = sql(
        engine,
        "SELECT h.id, h.policy_version, p.holding_no, p.part_no, p.key, p.wrapped, p.ref"
        " FROM part p JOIN holding h ON h.no = p.holding_no WHERE p.wrapped IS NOT NULL",
    )
    with engine.books.reading() as books:
        for record, version, no, part_no, key, wrapped, ref in parts:
            envelope = engine.stores["archive"].sealed(books, PartRef(no, part_no, record, ref))
            assert engine.keyring.unseal_part(key, wrapped, envelope, bound(record, part_no, version))


def opened(home: Path, at: datetime) -> Engine:
    return an_engine(home, MovedClock(at))


def dead(engine: Engine) -> None:
    """What the operating system does for a dead process."""
    assert isinstance(engine.books, SqlUnitOfWork)
    engine.books.engine.dispose()


# What is done otherwise where a store cannot erase.
ARCHIVED = ["a batch", "an amendment that seals again", "a sweep", "a sweep of what is held"]
SWEEPS = [what for what in ACTS if what.startswith("a sweep")]


@pytest.mark.parametrize("what", [what for what in ACTS if what not in SWEEPS])
def test_an_act_that_is_killed_at_any_call_is_finished_by_doing_it_again(
    what: str, tmp_path: Path, stride: int
) -> None:
    _killed_and_done_again(what, tmp_path, step=stride)


@pytest.mark.parametrize(("at", "what"), list(enumerate(SWEEPS)))
def test_a_sweep_that_is_killed_is_finished_by_the_next(at: int, what: str, tmp_path: Path) -> None:
    """A sweep makes some eighty calls: here each of the three is killed at every fourth of them."""
    _killed_and_done_again(what, tmp_path, first=at, step=4)


@pytest.mark.parametrize(("at", "what"), list(enumerate(ARCHIVED)))
def test_a_store_that_cannot_erase_is_no_exception(at: int, what: str, tmp_path: Path, stride: int) -> None:
    with_archive(tmp_path / "before", "visitor", "delivery")
    _killed_and_done_again(what, tmp_path, first=at if stride > 1 else 0, step=12 if stride > 1 else 1)


@pytest.mark.long
@pytest.mark.parametrize("what", SWEEPS)
def test_a_sweep_that_is_killed_at_any_call_is_finished_by_the_next(what: str, tmp_path: Path) -> None:
    _killed_and_done_again(what, tmp_path)


def _killed_and_done_again(what: str, tmp_path: Path, *, first: int = 0, step: int = 1) -> None:
    before, at, act = ACTS[what]
    home = tmp_path / "before"
    with opened(home, START) as engine:
        for earlier in before:
            earlier(engine)

    peaceful = tmp_path / "peace"
    shutil.copytree(home, peaceful)
    fuse = Fuse(1_000_000)
    with opened(peaceful, at) as engine:
        with watched(engine, fuse):
            act(engine)
        peace = end_of(engine)
    assert fuse.burnt > 3

    for calls in range(first, fuse.burnt, step):
        killed = tmp_path / f"killed-{calls}"
        shutil.copytree(home, killed)
        engine = opened(killed, at)
        with suppress(Killed), watched(engine, Fuse(calls)):
            act(engine)
        dead(engine)

        with opened(killed, at) as engine:
            whole(engine)
            act(engine)
            engine.sealing.seal()
            whole(engine)
            ended = end_of(engine)
            for name in ("refusal", "tombstone"):
                # Doing it again counts a refusal again, and may bury one batch as two.
                ended[name], peace[name] = 0, 0
            assert ended == peace, f"killed before call {calls + 1} of {fuse.burnt}"
        shutil.rmtree(killed)


@pytest.mark.parametrize("what", ["a batch", "an amendment that seals again", "a sweep of what is held"])
def test_whatever_was_killed_everything_due_goes_in_the_end(what: str, tmp_path: Path) -> None:
    before, at, act = ACTS[what]
    home = tmp_path / "before"
    with opened(home, START) as engine:
        for step in before:
            step(engine)

    for calls in range(2, 40, 6):
        killed = tmp_path / f"killed-{calls}"
        shutil.copytree(home, killed)
        engine = opened(killed, at)
        with suppress(Killed), watched(engine, Fuse(calls)):
            act(engine)
        dead(engine)

        with opened(killed, datetime(2026, 8, 1, tzinfo=SHANGHAI)) as engine:
            swept = [engine.retention.sweep() for _ in range(2)]

            assert sum(one.disposed.waiting_parts for one in swept) == 0
            assert sql(engine, "SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM vault)") == [(0,)]
            assert engine.keyring.names("window/") == engine.keyring.names("own/") == []
            assert engine.sealing.verify().pending == 0

"""The gate besieged in process: tens of thousands of hostile submissions, singly and in batches, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused, RecordErased, RecordUnknown
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Door, Mode
from compliance.policies.loader import read_files, shipped
from compliance.ports import Caller, Outcome
from tests.at_once import at_once
from tests.besieged import (
    check_what_is_kept,
    check_what_is_said,
    check_what_lies_in_the_open,
    hides,
    resident_megabytes,
)
from tests.builders import MovedClock, a_submission, an_engine, published, sql
from tests.hostile import AS_A_NAME, DISGUISES, ID_NUMBER, hostile_bytes, hostile_object, hostile_value

LONG = pytest.mark.long
CALLER = Caller(id="key-siege", site="main")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    database = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    with an_engine(tmp_path, MovedClock(), database=str(database)) as engine:
        yield engine


def sent(dice: Random) -> Any:
    return hostile_object(dice) if dice.random() < 0.4 else hostile_bytes(dice)


def singly(engine: Engine, raw: Any) -> Outcome:
    try:
        return Outcome(receipt=engine.gate.write(raw, CALLER, Defaults(site="main")))
    except CollectionRefused as refused:
        return Outcome(reasons=refused.reasons)
    except RecordErased:
        return Outcome(erased=True)


def test_what_looks_for_a_leak_finds_one(tmp_path: Path) -> None:
    assert all(hides(disguised(ID_NUMBER)) for disguised in DISGUISES[:7])
    with an_engine(tmp_path, MovedClock()) as engine:
        engine.gate.write(a_submission())
        assert check_what_is_kept(engine) == 1
        check_what_lies_in_the_open(engine)
        (tmp_path / "leak").write_text(f"a line with {AS_A_NAME}", encoding="utf-8")
        with pytest.raises(AssertionError, match="is in a file"):
            check_what_lies_in_the_open(engine)


@pytest.mark.parametrize(("lines", "singles"), [(1000, 100), pytest.param(45_000, 5_000, marks=LONG)])
def test_nothing_gets_in_and_nothing_gets_out(engine: Engine, lines: int, singles: int) -> None:
    dice = Random(lines)
    before = resident_megabytes()
    heard: Counter[str] = Counter()
    with capture_logs() as logs:
        for number in range(lines // 500):
            door = list(Door)[number % 2]
            batch = [sent(dice) for _ in range(500)]
            outcomes = list(engine.gate.write_many(batch, CALLER, Defaults(site="main", door=door)))
            assert len(outcomes) == len(batch)
            _note(heard, outcomes)
        for _ in range(singles):
            _note(heard, [singly(engine, sent(dice))])

    assert heard["admitted"] > lines // 20, heard
    assert heard["refused"] > lines // 2, heard
    assert check_what_is_kept(engine) == heard["admitted"]
    check_what_is_said("a log line", [repr(line) for line in logs])
    check_what_lies_in_the_open(engine)
    assert engine.sealing.verify().restored == 0
    assert resident_megabytes() - before < 300


def _note(heard: Counter[str], outcomes: list[Outcome]) -> None:
    for one in outcomes:
        fresh = one.receipt is not None and not one.receipt.replayed
        heard["admitted" if fresh else "refused" if one.reasons else "replayed"] += 1
        assert one.receipt or one.reasons or one.erased
    # The name of a field comes back as it was sent; no value does.
    given = [reason for one in outcomes for reason in one.reasons]
    check_what_is_said("a reason", [f"{reason.zh} {reason.en} {reason.article}" for reason in given])
    check_what_is_said("a receipt", [repr(one.receipt) for one in outcomes])


@pytest.mark.parametrize("times", [80, pytest.param(3000, marks=LONG)])
def test_what_comes_later_is_no_way_in(engine: Engine, times: int) -> None:
    dice = Random(times)
    records = [engine.gate.write(a_submission()).record for _ in range(5)]
    for _ in range(times):
        names = ["exit_time", "visitor_name", "id_number", AS_A_NAME, "\x00", "host_room"]
        fields = {dice.choice(names): hostile_value(dice) for _ in range(dice.randrange(4))}
        with suppress(CollectionRefused, RecordUnknown):
            engine.gate.amend(dice.choice(records), fields)

    assert check_what_is_kept(engine) == 5
    check_what_lies_in_the_open(engine)


def test_a_site_that_strips_keeps_no_more(tmp_path: Path) -> None:
    with an_engine(tmp_path, MovedClock(), publish=False) as engine:
        site = read_files(shipped("residential"))["site.yaml"]
        assert "mode: enforce" in site
        published(engine, **{"site.yaml": site.replace("mode: enforce", "mode: strip")})
        engine.policies._read.clear()  # the builder reads the shipped pack in advance
        assert engine.active_pack().site.mode is Mode.STRIP
        dice = Random(5)
        heard: Counter[str] = Counter()
        for door in Door:
            batch = [sent(dice) for _ in range(500)]
            _note(heard, list(engine.gate.write_many(batch, CALLER, Defaults(site="main", door=door))))

        assert heard["admitted"] > 50
        assert check_what_is_kept(engine) == heard["admitted"]
        check_what_lies_in_the_open(engine)


@pytest.mark.parametrize("door", Door)
def test_one_key_from_twenty_threads_is_one_record(engine: Engine, door: Door) -> None:
    raw = a_submission(category="vehicle", channel="lpr", notice={"mode": "posted"}, consent=...)
    raw |= {"fields": {"plate_no": "京A00001"}, "key": "k", "collected_at": engine.clock.now().isoformat()}
    once = Defaults(site="main", door=door)
    answers = at_once(*[lambda: list(engine.gate.write_many([raw, raw], CALLER, once))] * 20)
    outcomes = [one for both in answers for one in both]

    receipts = [one.receipt for one in outcomes if one.receipt is not None]
    assert len(receipts) == 40
    assert len({(one.record, one.pass_code) for one in receipts}) == 1
    assert sum(not one.replayed for one in receipts) == 1
    assert sql(engine, "SELECT count(*) FROM holding") == [(1,)]
    assert sql(engine, "SELECT count(*) FROM mark") == [(1,)]

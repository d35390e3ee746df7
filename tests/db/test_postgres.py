"""The same life of a record on PostgreSQL, and several processes at once: two gates, two sweepers, two sequencers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import DisclosureRefused, ReadRefused, RecordErased
from compliance.domain.ledger import Act, Entry
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import FieldType
from compliance.ports import Expectation
from tests.at_once import at_once
from tests.builders import MOBILE, OFFICER, SHANGHAI, START, MovedClock, a_submission, an_engine, sql
from tests.services.disclosure_house import ONE, OTHER, WANTED

pytestmark = pytest.mark.postgres
DUE = datetime(2026, 4, 3, tzinfo=SHANGHAI)


class Cluster:
    """Several processes' worth of engines on one database and one folder of keys."""

    def __init__(self, home: Path, database: str) -> None:
        self.home, self.database, self.clock = home, database, MovedClock()
        self.engines = [an_engine(home, self.clock, database=database)]

    def one(self) -> Engine:
        return self.engines[0]

    def another(self) -> Engine:
        self.engines.append(an_engine(self.home, self.clock, database=self.database, publish=False))
        return self.engines[-1]

    def close(self) -> None:
        for engine in self.engines:
            engine.close()


@pytest.fixture
def cluster(tmp_path: Path, postgres_database: str) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path, postgres_database)
    yield cluster
    cluster.close()


def vehicles(count: int, first: int = 0) -> list[dict[str, Any]]:
    good = a_submission(category="vehicle", channel="lpr", notice={"mode": "posted"}, consent=...)
    return [
        {
            **good,
            "fields": {"plate_no": f"京A{number:05}"},
            "collected_at": START.isoformat(),
            "key": f"k{number}",
        }
        for number in range(first, first + count)
    ]


def count(engine: Engine, table: str) -> int:
    return int(sql(engine, f"SELECT count(*) FROM {table}")[0][0])


def _given(engine: Engine, disclosure: str) -> str:
    try:
        engine.disclosures.give(disclosure, ONE)
    except DisclosureRefused:
        return "refused"
    return "given"


class TestALife:
    def test_a_record_is_written_read_amended_swept_and_shown(self, cluster: Cluster) -> None:
        engine = cluster.one()
        record = engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}, key="k")).record
        assert engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}, key="k")).replayed
        assert engine.reader.read(record, "entry_security", OFFICER).fields["visitor_phone"] == MOBILE
        cluster.clock.forward(days=5)
        engine.gate.amend(record, {"exit_time": cluster.clock.now().isoformat()})
        cluster.clock.to(datetime(2026, 4, 7, tzinfo=SHANGHAI))
        assert engine.retention.plan().due_parts == 2

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.left, swept.disposed.waiting_parts) == (1, 0, 0)
        with pytest.raises(RecordErased):
            engine.reader.read(record, "entry_security", OFFICER)
        for table in ("holding", "part", "vault", "token"):
            assert count(engine, table) == 0
        assert engine.keyring.names("window/") == []
        engine.sealing.seal()
        assert engine.sealing.verify().pending == 0

    def test_the_register_is_looked_into_and_given_from(self, cluster: Cluster) -> None:
        engine, other = cluster.one(), cluster.another()
        record = engine.gate.write(a_submission(fields={"visitor_phone": MOBILE})).record
        assert [line.record for line in engine.roster.call(reason="3栋火警", actor=OFFICER).lines] == [record]
        found = engine.lookup.find(
            FieldType.MOBILE, MOBILE, purpose="dispute", actor=OFFICER, document="示案〔2026〕7号"
        )
        assert [one.record for one in found] == [record]
        row = engine.disclosures.ask(replace(WANTED, hold_until=date(2026, 8, 1)), ONE)
        other.disclosures.sign(row.id, OTHER)

        answers = at_once(*(partial(_given, one, row.id) for one in (engine, other)))

        assert sorted(answers) == ["given", "refused"]
        assert [hold.holding_id for hold in other.holds.standing()] == [record]
        assert engine.disclosures.watch() == {"late": 0, "lapsed": 0, "forgotten": 0}
        with pytest.raises(ReadRefused):
            other.reader.read(record, "entry_security", OFFICER)
        engine.sealing.seal()
        acts = {one.act for one in engine.reports.looks()}
        assert acts == {"read_refused", "looked_up", "break_glass", "disclosed"}
        engine.sealing.verify()

    def test_a_hold_restricts_and_its_release_erases(self, cluster: Cluster) -> None:
        engine = cluster.one()
        record = engine.gate.write(a_submission()).record
        hold = engine.holds.place(
            ground="R8",
            document="协查〔2026〕1号",
            law_ref="刑事诉讼法 54",
            until=date(2026, 8, 1),
            by="staff-7",
        )
        cluster.clock.to(DUE)
        assert engine.retention.sweep().disposed.restricted_parts == 1
        with pytest.raises(ReadRefused):
            engine.reader.read(record, "entry_security", OFFICER)

        engine.holds.release(hold, "staff-7")

        assert engine.retention.sweep().disposed.erased_records == 1
        assert engine.keyring.names("own/") == []

    def test_thousands_go_in_and_out_in_the_drivers_fast_form(self, cluster: Cluster) -> None:
        engine = cluster.one()
        outcomes = list(engine.gate.write_many(vehicles(2300)))
        assert all(outcome.receipt for outcome in outcomes)
        assert count(engine, "vault") == count(engine, "holding") == 2300
        again = list(engine.gate.write_many(vehicles(600, 2000)))
        assert sum(bool(one.receipt and one.receipt.replayed) for one in again) == 300

        cluster.clock.to(DUE)
        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.left, swept.disposed.waiting_parts) == (2600, 0, 0)
        assert engine.sealing.verify().pending == 0


def test_slips_are_counted_out_and_in(cluster: Cluster) -> None:
    slips = cluster.one().slips
    batch = slips.issue("visitor", 5, "staff-7")
    assert slips.batches() == [batch]
    cluster.one().sealing.seal()

    counted = slips.count(batch.number, entered=3, spoiled=0, blank=1, by="staff-7")

    assert counted.missing == 1
    assert cluster.another().slips.batches() == [counted]


class TestSeveralAtOnce:
    def test_two_gates_number_no_record_twice(self, cluster: Cluster) -> None:
        one, other = cluster.one(), cluster.another()

        at_once(
            lambda: list(one.gate.write_many(vehicles(700))),
            lambda: list(other.gate.write_many(vehicles(700, 10_000))),
        )

        assert count(one, "holding") == count(one, "vault") == 1400
        one.sealing.seal()
        assert one.sealing.verify().pending == 0

    def test_one_key_at_two_gates_is_one_record(self, cluster: Cluster) -> None:
        one, other = cluster.one(), cluster.another()

        receipts = at_once(*[lambda e=e: e.gate.write(a_submission(key="k")) for e in (one, other)])

        assert len({receipt.record for receipt in receipts}) == 1
        assert count(one, "holding") == 1

    def test_two_sweepers_erase_everything_once(self, cluster: Cluster) -> None:
        one, other = cluster.one(), cluster.another()
        list(one.gate.write_many(vehicles(900)))
        cluster.clock.to(DUE)

        swept = at_once(lambda: one.retention.sweep(batch=50), lambda: other.retention.sweep(batch=50))

        last = one.retention.sweep()
        erased = sum(run.disposed.erased_records for run in (*swept, last))
        assert erased == 900
        assert sum(run.disposed.waiting_parts for run in (*swept, last)) == 0
        assert count(one, "part") == count(one, "vault") == 0
        assert sql(one, "SELECT sum(n) FROM tombstone") == [(900,)]
        one.sealing.seal()
        assert one.sealing.verify().pending == 0

    def test_two_sweepers_together_erase_no_more_than_the_forecast_knew(self, cluster: Cluster) -> None:
        one, other = cluster.one(), cluster.another()
        list(one.gate.write_many(vehicles(300)))
        cluster.clock.to(DUE)
        with one.books.writing() as books:
            # As if 200 of the 300 had been made due behind the engine's back.
            for bucket, n in books.counts.expected("9999").items():
                books.counts.expect([Expectation(*bucket, -n * 2 // 3)])

        swept = at_once(lambda: one.retention.sweep(batch=10), lambda: other.retention.sweep(batch=10))

        assert sum(run.disposed.erased_parts for run in swept) == 100
        assert sum(run.disposed.waiting_parts for run in swept) == 200

    def test_two_sequencers_number_everything_once(self, cluster: Cluster) -> None:
        one, other = cluster.one(), cluster.another()
        before = one.sealing.verify().size

        def write_and_seal(engine: Engine) -> None:
            for number in range(40):
                with engine.books.writing() as books:
                    engine.sealing.write(
                        books, Entry(act=Act.PAUSED, site="", category="", day="2026-03-02", count=number)
                    )
                engine.sealing.seal()

        at_once(lambda: write_and_seal(one), lambda: write_and_seal(other))

        one.sealing.seal()
        verified = one.sealing.verify()
        assert (verified.size - before, verified.pending, verified.restored) == (80, 0, 0)

    def test_a_gate_and_a_sweeper_do_not_take_each_others_keys(self, cluster: Cluster) -> None:
        one, other = cluster.one(), cluster.another()
        list(one.gate.write_many(vehicles(300)))
        cluster.clock.to(DUE)
        fresh = a_submission(collected_at=cluster.clock.now().isoformat())

        written, _ = at_once(
            lambda: list(one.gate.write_many([fresh] * 300, defaults=Defaults())),
            lambda: other.retention.sweep(batch=40),
        )

        for outcome in (written[0], written[-1]):
            assert one.reader.read(outcome.receipt.record, "entry_security", OFFICER).fields
        assert count(one, "vault") == 300

    def test_a_start_while_others_work_restores_nothing(self, cluster: Cluster) -> None:
        one = cluster.one()
        list(one.gate.write_many(vehicles(400)))
        cluster.clock.to(DUE)

        at_once(lambda: one.retention.sweep(batch=20), *[cluster.another for _ in range(3)])

        one.sealing.seal()
        assert one.sealing.verify().restored == 0

"""A site that observes: published by two, let through to its own table, counted, sealed, and over by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.errors import PublicationRefused
from compliance.domain.ledger import Act, Entry, parse
from compliance.domain.modes import mode_at
from compliance.domain.vocabulary import Mode
from compliance.notices.report import report_html
from compliance.policies.loader import load_text, read_files, shipped
from compliance.ports import Receipt
from tests.builders import MovedClock, a_submission, codes, sql
from tests.services.test_plain_store import asked

MAPPING = """
name: register
url: sqlite:///{file}
table: visits
key: id
category: visitor
columns:
  visitor_name: name
  host_room: room
  wechat: wechat
  id_number: id_number
  entry_time: {{columns: arrived, time: true}}
holding: compliance_id
times: {{timezone: Asia/Shanghai}}
"""
OBSERVE = "mode: observe\nobserve: {by: staff-9, since: 2026-03-01, until: 2026-03-14}"


def files(mode: str = OBSERVE) -> dict[str, str]:
    """The shipped site with its visitors alone, in a mode."""
    whole = read_files(shipped("residential"))
    site = whole["site.yaml"].replace("mode: enforce", mode)
    return {"site.yaml": site, "visitor.yaml": whole["visitor.yaml"]}


def publish(engine: Engine, mode: str = OBSERVE, by: str = "staff-1", second: str = "staff-9") -> int | None:
    kept = files(mode)
    return engine.publishing.publish(load_text(kept, name="site"), kept, by, second=second)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "register.db"
    columns = "name TEXT, room TEXT, wechat TEXT, id_number TEXT, arrived TEXT, compliance_id TEXT"
    asked(path, f"CREATE TABLE visits (id INTEGER PRIMARY KEY, {columns})")
    return path


@pytest.fixture
def engine(file: Path, clock: MovedClock) -> Iterator[Engine]:
    home = file.parent / "home"
    (home / "stores").mkdir(parents=True)
    (home / "stores" / "register.yaml").write_text(MAPPING.format(file=file), encoding="utf-8")
    with bootstrap(Settings(home=home), clock=clock, kind=SCRATCH) as opened:
        yield opened


def write(engine: Engine, **fields: object) -> Receipt:
    return engine.gate.write(a_submission(fields=fields))


def changes(engine: Engine) -> list[Entry]:
    engine.sealing.seal()
    entries = [parse(bytes(row[0])) for row in sql(engine, "SELECT canonical FROM ledger_entry ORDER BY seq")]
    return [entry for entry in entries if entry.act is Act.MODE_CHANGED]


class TestPublishing:
    def test_observing_needs_a_second_person(self, engine: Engine) -> None:
        publish(engine, "mode: enforce")
        with pytest.raises(PublicationRefused, match="second"):
            publish(engine, second="")

    def test_nor_is_the_first_policy_of_all_published_so_by_one_person(self, engine: Engine) -> None:
        with pytest.raises(PublicationRefused, match="Two named persons"):
            publish(engine, by="staff-9", second="")

    def test_the_approver_is_one_of_the_two_who_sign(self, engine: Engine) -> None:
        with pytest.raises(PublicationRefused, match="approver"):
            publish(engine, second="staff-2")

    def test_a_sealing_store_is_never_observed(self, tmp_path: Path) -> None:
        with bootstrap(Settings(home=tmp_path / "vault"), clock=MovedClock(), kind=SCRATCH) as engine:
            with pytest.raises(PublicationRefused, match="visitor"):
                publish(engine)
            assert publish(engine, "mode: strip") == 1

    def test_days_that_are_over_cannot_be_approved(self, engine: Engine, clock: MovedClock) -> None:
        clock.forward(days=20)
        with pytest.raises(PublicationRefused, match="days"):
            publish(engine)

    def test_the_opening_is_sealed_with_who_approved_it_and_until_when(self, engine: Engine) -> None:
        publish(engine)

        (opened,) = changes(engine)
        assert [opened.fact(name) for name in ("mode", "was", "approver", "until")] == [
            "observe",
            "enforce",
            "staff-9",
            "2026-03-14",
        ]


class TestWhatHappens:
    def test_what_would_be_refused_is_in_their_table_and_nowhere_of_ours(
        self, engine: Engine, file: Path
    ) -> None:
        publish(engine)
        receipt = write(engine, wechat="CANARY-VALUE")

        assert codes(receipt.observed) == {"over_collection:wechat"}
        assert receipt.verdict == "observed"
        assert asked(file, "SELECT wechat FROM visits") == [("CANARY-VALUE",)]
        engine.sealing.seal()
        ours = b"".join(path.read_bytes() for path in (file.parent / "home").rglob("*") if path.is_file())
        assert receipt.record.encode() in ours
        assert b"CANARY" not in ours

    def test_it_is_counted_by_code_and_field_and_the_report_says_so(self, engine: Engine) -> None:
        publish(engine)
        write(engine, wechat="a")
        write(engine, wechat="b", id_number="x")

        assert sql(engine, "SELECT verdict, code, field, n FROM refusal ORDER BY verdict, id") == [
            ("observed", "over_collection", "wechat", 1),
            ("observed", "over_collection", "wechat", 1),
            ("stripped", "over_collection", "id_number", 1),
        ]
        figures = engine.reports.month("2026-03")
        (visitor,) = figures.categories
        assert [(one.verdict, one.field, one.n) for one in visitor.lenient] == [
            ("observed", "wechat", 2),
            ("stripped", "id_number", 1),
        ]
        assert (figures.mode, figures.mode_until, visitor.refused) == ("observe", "2026-03-14", ())
        assert "照收，只计次数" in report_html(figures).decode()
        assert "staff-9" in report_html(figures).decode()

    def test_an_id_number_never_reaches_even_their_table(self, engine: Engine, file: Path) -> None:
        publish(engine)
        write(engine, wechat="100000199001010011", id_number="100000199001010011")

        assert asked(file, "SELECT wechat, id_number FROM visits") == [(None, None)]

    def test_what_was_observed_goes_with_the_record_when_its_period_ends(
        self, engine: Engine, clock: MovedClock, file: Path
    ) -> None:
        publish(engine)
        write(engine, wechat="CANARY-VALUE")
        clock.forward(days=40)
        engine.sealing.seal()
        engine.retention.forecast()
        engine.retention.sweep()

        assert asked(file, "SELECT * FROM visits") == []

    def test_after_its_end_the_gate_strips_and_the_end_is_sealed_once(
        self, engine: Engine, clock: MovedClock, file: Path
    ) -> None:
        publish(engine)
        clock.to(datetime(2026, 3, 14, 16, 0, tzinfo=UTC))
        engine.sealing.seal()
        site = engine.active_pack().site
        receipt = write(engine, wechat="CANARY-VALUE")

        assert mode_at(site, clock.now()) is Mode.STRIP
        assert (codes(receipt.stripped), receipt.observed) == ({"over_collection:wechat"}, ())
        assert asked(file, "SELECT wechat FROM visits") == [(None,)]
        assert [engine.modes.settle() for _ in range(3)] == [True, False, False]
        assert [entry.fact("by") for entry in changes(engine)] == ["staff-1 staff-9", "end"]

    def test_enforcing_again_is_sealed_and_needs_no_second_person(self, engine: Engine) -> None:
        publish(engine)
        publish(engine, "mode: enforce", second="")

        assert [entry.fact("mode") for entry in changes(engine)] == ["observe", "enforce"]

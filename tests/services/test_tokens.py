"""Subject tokens: a person finds their record by pass code or number, in any month, and nobody finds it after."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.services.tokens import living_digests, normalise_pass_code, pass_subject, written
from tests.builders import MOBILE, START, MovedClock, a_submission, an_engine, bytes_at_rest, sql


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def found(engine: Engine, value: str) -> list[str]:
    with engine.books.reading() as books:
        return [row.id for row in books.holdings.by_tokens(living_digests(engine.keyring, value))]


class TestFinding:
    def test_a_record_is_found_by_its_pass_code(self, engine: Engine) -> None:
        receipt, other = engine.gate.write(a_submission()), engine.gate.write(a_submission())

        assert found(engine, pass_subject(receipt.pass_code)) == [receipt.record]
        assert found(engine, pass_subject(other.pass_code)) == [other.record]

    def test_a_record_is_found_by_its_number(self, engine: Engine) -> None:
        record = engine.gate.write(a_submission(fields={"visitor_phone": "194-0000-0001"})).record
        engine.gate.write(a_submission(fields={"visitor_phone": "19400000002"}))

        assert found(engine, f"mobile:{MOBILE}") == [record]
        assert found(engine, "mobile:19400000003") == []

    def test_records_of_other_months_are_found_too(self, engine: Engine, clock: MovedClock) -> None:
        first = engine.gate.write(a_submission(fields={"visitor_phone": MOBILE})).record
        clock.to(datetime(2026, 4, 1, 3, tzinfo=UTC))
        second = engine.gate.write(a_submission(fields={"visitor_phone": MOBILE})).record

        assert found(engine, f"mobile:{MOBILE}") == [first, second]

    def test_a_number_has_another_token_every_month(self, engine: Engine, clock: MovedClock) -> None:
        engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}))
        clock.to(datetime(2026, 4, 1, 3, tzinfo=UTC))
        engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}))

        digests = [row[0] for row in sql(engine, "SELECT digest FROM token")]
        assert len(set(digests)) == len(digests) == 4

    def test_asking_makes_no_key(self, engine: Engine) -> None:
        before = engine.keyring.names("")

        assert found(engine, f"mobile:{MOBILE}") == []
        assert engine.keyring.names("") == before

    def test_a_token_dies_with_its_field(self, engine: Engine, clock: MovedClock) -> None:
        fields = {"plate_no": "京A00000", "driver_phone": MOBILE}
        raw = a_submission(category="vehicle")
        raw["consent"] = [{**raw["consent"][0]}]
        record = engine.gate.write(raw | {"fields": fields}).record
        assert found(engine, f"mobile:{MOBILE}") == found(engine, "plate:京A00000") == [record]
        clock.forward(hours=49)

        engine.retention.sweep()

        assert found(engine, f"mobile:{MOBILE}") == []
        assert found(engine, "plate:京A00000") == [record]

    def test_a_pass_code_lasts_as_long_as_anything_of_the_record(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}
        receipt = engine.gate.write(a_submission(category="delivery") | {"fields": fields})
        clock.forward(hours=49)
        engine.retention.sweep()
        assert found(engine, pass_subject(receipt.pass_code)) == [receipt.record]

        clock.forward(days=8)
        engine.retention.sweep()
        assert found(engine, pass_subject(receipt.pass_code)) == []
        assert sql(engine, "SELECT count(*) FROM token") == [(0,)]

    def test_a_pass_code_is_nowhere_at_rest(self, engine: Engine, tmp_path: Path) -> None:
        codes = [engine.gate.write(a_submission(key=key)).pass_code for key in (None, "k")]

        for content in bytes_at_rest(tmp_path).values():
            assert not any(code.encode() in content for code in codes)


class TestPassCodes:
    @pytest.mark.parametrize(
        "text", ["0123-4567-89AB", " 0123456789ab ", "o123 4567 89ab", "0I23456789AB", "0l23456789AB"]
    )
    def test_a_pass_code_is_read_as_people_write_it(self, text: str) -> None:
        assert normalise_pass_code(text) == "0123456789AB"

    @pytest.mark.parametrize(
        "text", ["", "0123", "0123456789ABC", "0123456789AU", "身" * 12, "0" * 10_000, "-" * 12]
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert normalise_pass_code(text) == ""

    def test_a_pass_code_is_written_in_groups_of_four(self) -> None:
        assert written("0123456789AB") == "0123-4567-89AB"

    def test_what_is_no_pass_code_finds_nothing(self, engine: Engine) -> None:
        engine.gate.write(a_submission())

        assert found(engine, pass_subject("")) == []


def test_epochs_are_months() -> None:
    from compliance.services.tokens import epoch_of

    assert epoch_of(START) == 2026 * 12 + 2
    assert epoch_of(datetime(2026, 12, 31, tzinfo=UTC)) + 1 == epoch_of(datetime(2027, 1, 1, tzinfo=UTC))

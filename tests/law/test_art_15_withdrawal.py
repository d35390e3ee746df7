"""PIPL 15: consent can be taken back, as easily as it was given; what was done before stays lawful."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ReadRefused, RecordErased
from tests.builders import OFFICER, MovedClock, a_submission, an_engine, sql


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path, MovedClock()) as engine:
        yield engine


class TestParagraph1:
    """个人有权撤回其同意。个人信息处理者应当提供便捷的撤回同意的方式。"""

    def test_the_code_on_the_slip_is_enough(self, engine: Engine) -> None:
        receipt = engine.gate.write(a_submission())
        assert engine.reader.read(receipt.record, "entry_security", OFFICER).fields

        engine.requests.withdraw_consent(receipt.pass_code)

        with pytest.raises(RecordErased):
            engine.reader.read(receipt.record, "entry_security", OFFICER)

    def test_use_stops_at_once_even_where_nothing_can_be_erased_now(self, engine: Engine) -> None:
        receipt = engine.gate.write(a_submission())
        engine.retention.pause("staff-9", "审计")

        engine.requests.withdraw_consent(receipt.pass_code)

        with pytest.raises(ReadRefused):
            engine.reader.read(receipt.record, "entry_security", OFFICER)

    def test_no_reason_is_asked_and_nobody_decides(self, engine: Engine) -> None:
        receipt = engine.gate.write(a_submission())

        asked = engine.requests.withdraw_consent(receipt.pass_code)

        steps = engine.requests.show(asked.number).steps
        assert {step.by for step in steps} == {"subject", "engine"}


class TestParagraph2:
    """个人撤回同意，不影响撤回前基于个人同意已进行的个人信息处理活动的效力。"""

    def test_the_evidence_that_it_was_given_is_not_touched(self, engine: Engine) -> None:
        receipt = engine.gate.write(a_submission())
        before = sql(engine, "SELECT * FROM consent")

        engine.requests.withdraw_consent(receipt.pass_code)

        assert sql(engine, "SELECT * FROM consent") == before
        (evidence,) = engine.consents.of_record(receipt.record)
        assert (evidence.given_on, evidence.withdrawn_on) == ("2026-03-02", "2026-03-02")

    def test_what_was_counted_before_stays_counted(self, engine: Engine) -> None:
        receipt = engine.gate.write(a_submission())
        counted = sql(engine, "SELECT sum(n) FROM tally")

        engine.requests.withdraw_consent(receipt.pass_code)

        assert sql(engine, "SELECT sum(n) FROM tally") == counted

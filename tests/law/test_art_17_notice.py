"""PIPL 17: nobody is registered before they were told by whom, for what, how, and for how long."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused
from compliance.domain.submission import Defaults
from tests.builders import MovedClock, a_submission, an_engine, codes


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def reasons(engine: Engine, **changes: object) -> set[str]:
    with pytest.raises(CollectionRefused) as refused:
        engine.gate.write(a_submission(**changes))
    return codes(refused.value.reasons)


class TestParagraph1:
    def test_nobody_is_registered_before_the_notice(self, engine: Engine) -> None:
        assert "no_notice" in reasons(engine, notice=None)

    def test_what_is_read_out_is_read_out_by_somebody(self, engine: Engine) -> None:
        assert "no_notice" in reasons(engine, notice={"mode": "oral"})

    def test_what_is_shown_is_shown_by_an_id_that_was_issued(self, engine: Engine) -> None:
        assert "no_notice" in reasons(engine, channel="kiosk", notice={"mode": "screen", "id": "made-up"})

    def test_the_notice_of_another_category_is_another_notice(self, engine: Engine) -> None:
        shown = engine.notice_ids.issue("delivery", 1)

        assert "no_notice" in reasons(engine, channel="kiosk", notice={"mode": "screen", "id": shown})

    def test_yesterdays_showing_is_shown_again(self, engine: Engine, clock: MovedClock) -> None:
        shown = engine.notice_ids.issue("visitor", 1)
        clock.forward(hours=24, seconds=1)

        assert "no_notice" in reasons(engine, channel="kiosk", notice={"mode": "screen", "id": shown})

    def test_an_imported_register_names_what_stood_there(self, engine: Engine, clock: MovedClock) -> None:
        collected = (clock.now() - timedelta(days=1)).isoformat()
        raw = a_submission(category="vehicle", channel="lpr", consent=None, collected_at=collected)
        raw |= {"fields": {"plate_no": "京A00000"}}

        told, untold = engine.gate.write_many(
            [{**raw, "notice": {"mode": "posted"}}, {**raw, "notice": None}]
        )

        assert told.receipt is not None
        assert codes(untold.reasons) == {"no_notice"}

    def test_the_receipt_says_until_when(self, engine: Engine) -> None:
        assert engine.gate.write(a_submission(), defaults=Defaults()).erase_on == "2026-04-02"

"""视频条例 16, 20 and 网数条例 12(1): who took what for which matter is registered, for three years."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import DisclosureRefused
from tests.builders import MovedClock, a_submission, an_engine
from tests.services.disclosure_house import ONE, WANTED, given


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def test_the_register_has_the_matter_the_content_and_who_took_it(engine: Engine) -> None:
    engine.gate.write(a_submission())
    given(engine)

    (row,) = engine.disclosures.register()

    assert (row.document, row.unit, row.officers) == (
        "示公调〔2026〕12号",
        "示例分局刑侦大队",
        "012345 023456",
    )
    assert (row.category, row.fields, row.n) == ("visitor", "visitor_name entry_time", 1)
    assert (row.given_by, row.signed_by, row.given_on) == ("staff-9", "staff-1", "2026-03-02")


@pytest.mark.parametrize("lacking", [{"unit": ""}, {"document": ""}, {"officers": ()}, {"ground": "PIPL 19"}])
def test_without_an_entry_in_it_nothing_is_given(engine: Engine, lacking: dict[str, Any]) -> None:
    engine.gate.write(a_submission())

    with pytest.raises(DisclosureRefused):
        engine.disclosures.ask(replace(WANTED, **lacking), ONE)


def test_it_is_kept_for_three_years_and_not_a_day_less(engine: Engine, clock: MovedClock) -> None:
    engine.gate.write(a_submission())
    given(engine)
    clock.to(datetime(2029, 3, 2, 15, 59, tzinfo=UTC))  # the last minute of the day in Shanghai
    assert engine.disclosures.watch()["forgotten"] == 0

    clock.forward(minutes=2)

    assert engine.disclosures.watch()["forgotten"] == 1
    assert engine.disclosures.register() == []

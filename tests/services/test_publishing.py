"""What widens is published by two, what narrows by one, and every version is sealed and stays as it is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import PublicationRefused
from compliance.domain.ledger import Act, parse
from tests.builders import START, MovedClock, an_engine
from tests.services.test_planning import a_new_pack, files_with


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path, MovedClock()) as engine:
        yield engine


def publications(engine: Engine) -> list[dict[str, str | int]]:
    engine.sealing.seal()
    with engine.books.reading() as books:
        entries = [parse(canonical) for _, _, canonical in books.ledger.entries()]
    return [dict(one.facts) for one in entries if one.act is Act.POLICY_PUBLISHED]


@pytest.mark.parametrize("second", ["", "staff-1"])
def test_a_longer_period_needs_somebody_else(engine: Engine, second: str) -> None:
    files = files_with("60d")

    with pytest.raises(PublicationRefused):
        engine.publishing.publish(a_new_pack(files), files, "staff-1", second=second)
    assert len(publications(engine)) == 1


def test_a_longer_period_is_published_by_two(engine: Engine) -> None:
    files = files_with("60d")

    assert engine.publishing.publish(a_new_pack(files), files, "staff-1", second="staff-2") == 2
    sealed = publications(engine)[-1]
    assert (sealed["direction"], sealed["by"], sealed["second"]) == ("widens", "staff-1", "staff-2")


def test_a_shorter_period_is_published_by_one(engine: Engine) -> None:
    files = files_with("7d")

    assert engine.publishing.publish(a_new_pack(files), files, "staff-1") == 2
    assert publications(engine)[-1]["direction"] == "narrows"


def test_taking_back_what_was_narrowed_widens_again(engine: Engine) -> None:
    narrow, wide = files_with("7d"), files_with()
    engine.publishing.publish(a_new_pack(narrow), narrow, "staff-1")

    with pytest.raises(PublicationRefused):
        engine.publishing.publish(a_new_pack(wide), wide, "staff-1")


def test_a_version_to_come_does_not_let_a_wider_one_pass_for_narrow(engine: Engine) -> None:
    """What is in force is promised today, whatever was announced for later."""
    later = START + timedelta(days=30)
    longer, long = files_with("60d"), files_with("45d")
    engine.publishing.publish(a_new_pack(longer), longer, "staff-1", later, second="staff-2")

    with pytest.raises(PublicationRefused):
        engine.publishing.publish(a_new_pack(long), long, "staff-1")


def test_a_policy_takes_effect_when_it_says(engine: Engine) -> None:
    files = files_with("7d")
    engine.publishing.publish(a_new_pack(files), files, "staff-1", START + timedelta(days=3))

    with engine.books.reading() as books:
        assert engine.policies.active(books, START).version == 1
        assert engine.policies.active(books, START + timedelta(days=3)).version == 2
    assert publications(engine)[-1]["effective"] == "2026-03-05"


def test_a_policy_never_took_effect_in_the_past(engine: Engine) -> None:
    files = files_with("7d")

    with pytest.raises(PublicationRefused):
        engine.publishing.publish(a_new_pack(files), files, "staff-1", START - timedelta(days=1))


def test_the_same_pack_is_published_once(engine: Engine) -> None:
    files = files_with()

    assert engine.publishing.publish(a_new_pack(files), files, "staff-1") is None

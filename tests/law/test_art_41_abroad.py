"""PIPL 38, 41: nothing leaves China from here, and nothing goes to foreign authorities without approval."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.disclosure import Authority
from compliance.domain.errors import DisclosureRefused
from tests.builders import MovedClock, a_submission, an_engine
from tests.services.disclosure_house import ONE, WANTED, entries


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


FOREIGN = replace(WANTED, authority=Authority.FOREIGN, ground="PIPL 41")


def test_a_foreign_request_without_approval_is_refused_and_entered(engine: Engine) -> None:
    engine.gate.write(a_submission())

    with pytest.raises(DisclosureRefused, match="PIPL 41"):
        engine.disclosures.ask(FOREIGN, ONE)

    (entry,) = entries(engine, "disclosure_refused")
    assert (entry.fact("authority"), entry.fact("why")) == ("foreign", "foreign")


def test_with_the_competent_authoritys_approval_it_may_be_put_before_the_second_person(
    engine: Engine,
) -> None:
    engine.gate.write(a_submission())

    row = engine.disclosures.ask(replace(FOREIGN, approval="司协〔2026〕3号"), ONE)

    assert (row.state, row.approval) == ("asked", "司协〔2026〕3号")


@pytest.mark.parametrize("authority", [Authority.POLICE, Authority.FOREIGN])
def test_sending_it_abroad_is_blocked_by_default_and_said_to_be_our_rule(
    engine: Engine, authority: Authority
) -> None:
    engine.gate.write(a_submission())
    abroad = replace(FOREIGN, authority=authority, approval="司协〔2026〕3号", abroad=True)

    with pytest.raises(DisclosureRefused) as refused:
        engine.disclosures.ask(abroad, ONE)

    (fault,) = [one for one in refused.value.faults if one.code == "abroad"]
    assert (fault.article, fault.source) == ("E", "本系统规则")
    assert "第三十八条" in fault.zh

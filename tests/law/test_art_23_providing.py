"""PIPL 23, 34: to another controller nothing goes without separate consent; to an authority, what its duty needs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.disclosure import Authority, RefusalGround
from compliance.domain.errors import DisclosureRefused
from tests.builders import MOBILE, MovedClock, a_submission, an_engine
from tests.services.disclosure_house import ONE, OTHER, WANTED, given, opened, wanted


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


class TestAnotherController:
    def test_a_company_or_person_is_given_nothing_by_a_letter(self, engine: Engine) -> None:
        engine.gate.write(a_submission())

        with pytest.raises(DisclosureRefused, match="PIPL 23"):
            engine.disclosures.ask(replace(WANTED, authority=Authority.PRIVATE), ONE)

    def test_nothing_is_given_without_a_recipient_and_a_ground(self, engine: Engine) -> None:
        engine.gate.write(a_submission())

        for lacking in ({"unit": ""}, {"officers": ()}, {"document": ""}, {"ground": ""}):
            with pytest.raises(DisclosureRefused):
                engine.disclosures.ask(replace(WANTED, **lacking), ONE)
        assert engine.disclosures.register() == []

    def test_sending_somebody_away_is_registered_too(self, engine: Engine) -> None:
        engine.disclosures.decline(Authority.PRIVATE, "某公司", "", RefusalGround.PRIVATE, OTHER)

        assert [row.refusal for row in engine.disclosures.register()] == ["private"]


class TestAnAuthority:
    def test_an_authority_is_given_what_its_document_names_and_no_more(self, engine: Engine) -> None:
        engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}))

        (record,) = opened(given(engine))["records"]

        assert record["values"] == {"姓名": "张三", "进入时间": "2026-03-02 10:00:00+08:00"}

    @pytest.mark.parametrize("scope", [{"category": ""}, {"fields": ("all",)}, {"last": None}])
    def test_the_whole_register_all_fields_or_no_end_is_not_within_anybodys_duty(
        self, engine: Engine, scope: dict[str, object]
    ) -> None:
        engine.gate.write(a_submission())

        with pytest.raises(DisclosureRefused, match="PIPL"):
            engine.disclosures.ask(wanted(**scope), ONE)

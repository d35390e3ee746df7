"""PIPL 16: nobody is turned away for refusing, or taking back, what the visit does not need; nor asked over and over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.collection import Admitted
from compliance.domain.vocabulary import Basis
from tests.builders import MovedClock, a_pack, a_submission, an_engine, codes, verdict


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path, MovedClock()) as engine:
        yield engine


OPTIONAL = sorted(
    (category, name)
    for category, policy in a_pack().categories.items()
    for name, rule in policy.fields.items()
    if not rule.required and not rule.auto and not policy.exempt
)


@pytest.mark.parametrize("category", sorted(a_pack().categories))
def test_whoever_refuses_what_rests_on_consent_has_another_way(category: str) -> None:
    policy = a_pack().categories[category]
    for rule in policy.fields.values():
        if rule.required and Basis.CONSENT in rule.basis.values() and not policy.exempt:
            assert rule.alternative, rule.name


@pytest.mark.parametrize("name", [name for category, name in OPTIONAL if category == "visitor"])
def test_a_refused_optional_field_never_blocks(name: str) -> None:
    assert isinstance(verdict(declined={name: "refused"}), Admitted)


def test_a_refused_required_field_has_another_way_in() -> None:
    found = verdict(
        fields={"visitor_name": None, "host_confirm": "已确认"}, declined={"visitor_name": "host_confirm"}
    )

    assert isinstance(found, Admitted)


def test_a_field_cannot_be_refused_and_given() -> None:
    assert codes(verdict(declined={"visitor_name": "host_confirm"})) == {"malformed:visitor_name"}


def test_who_took_consent_back_comes_in_again(engine: Engine) -> None:
    first = engine.gate.write(a_submission())
    engine.requests.withdraw_consent(first.pass_code)

    assert engine.gate.write(a_submission()).record


def test_who_refused_is_not_asked_for_it_within_the_month(engine: Engine) -> None:
    receipt = engine.gate.write(a_submission(declined={"visitor_phone": "refused"}))

    assert "visitor_phone" not in engine.consents.asking(receipt.pass_code, "visitor").ask

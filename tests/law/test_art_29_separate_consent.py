"""PIPL 29: sensitive information on consent takes a separate consent, one kind an act, never bundled."""

from typing import Any

import pytest

from compliance.domain.collection import Admitted
from compliance.domain.vocabulary import Basis, Sensitivity
from tests.builders import MOBILE, a_field, codes, verdict, with_field

PACK = with_field(a_field("visitor_phone", sensitivity=Sensitivity.SENSITIVE))
SPOKEN: dict[str, Any] = {"kind": "plain", "by": "self", "act": "spoken"}
SEPARATE = {**SPOKEN, "kind": "separate", "covers": ["visitor_phone"]}


def told(*consent: dict[str, Any]) -> set[str]:
    return codes(verdict(fields={"visitor_phone": MOBILE}, consent=list(consent) or None, pack=PACK))


def test_a_general_consent_is_no_separate_one() -> None:
    assert told(SPOKEN) == {"no_consent:visitor_phone"}


def test_a_separate_consent_is() -> None:
    assert told(SPOKEN, SEPARATE) == set()


@pytest.mark.parametrize(
    "covers", [[], ["visitor_phone", "visitor_name"], ["visitor_phone", "visitor_phone"]]
)
def test_a_separate_consent_is_not_bundled(covers: list[str]) -> None:
    assert "no_consent" in told(SPOKEN, {**SEPARATE, "covers": covers})


def test_the_refusal_cites_the_article() -> None:
    found = verdict(fields={"visitor_phone": MOBILE}, pack=PACK)

    assert not isinstance(found, Admitted)
    assert [one.article for one in found.reasons] == ["PIPL 29"]


def test_on_another_basis_none_is_needed() -> None:
    rule = a_field("visitor_phone", sensitivity=Sensitivity.SENSITIVE, basis={"driver": Basis.CONTRACT})

    assert isinstance(verdict(fields={"visitor_phone": MOBILE}, pack=with_field(rule)), Admitted)

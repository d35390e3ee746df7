"""PIPL 31: children are counted, and not identified."""

from typing import Any

import pytest

from compliance.domain.vocabulary import FieldType
from tests.builders import MOBILE, SPOKEN, a_field, a_pack, codes, verdict, with_field


@pytest.mark.parametrize("name", ["companion_names", "child_name", "birth_date", "age", "school"])
def test_nothing_about_a_child_is_collected(name: str) -> None:
    assert codes(verdict(fields={name: "x"})) == {f"over_collection:{name}"}


def test_children_come_as_a_number() -> None:
    rule = a_pack().categories["visitor"].fields["party_size"]

    assert rule.type is FieldType.COUNT
    assert codes(verdict(fields={"party_size": 2})) == set()
    assert codes(verdict(fields={"party_size": "小明和小红"})) == {"bad_format:party_size"}


@pytest.mark.parametrize(("by", "fits"), [("guardian", True), ("self", False)])
def test_a_guardians_consent_is_given_by_a_guardian(by: str, fits: bool) -> None:
    from compliance.domain.vocabulary import Sensitivity

    pack = with_field(a_field("visitor_phone", sensitivity=Sensitivity.SENSITIVE))
    act: dict[str, Any] = {"kind": "guardian", "by": by, "act": "spoken", "covers": ["visitor_phone"]}

    found = verdict(fields={"visitor_phone": MOBILE}, consent=[SPOKEN, act], pack=pack)

    assert (codes(found) == set()) is fits

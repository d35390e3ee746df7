"""Every legal reference that anything prints is in the registry, and an unknown one is a fault."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from compliance.policies.law import LawUnknown, instruments, law, laws
from compliance.policies.never import never_list

PACKAGE = Path(__file__).parents[2] / "compliance"
CITED = re.compile(
    r'"((?:PIPL|[\u4e00-\u9fff]{2,12}(?:法|条例|办法|典)) \d+(?:\(\d+\))*(?:, \d+(?:\(\d+\))*)*)"'
)


def test_a_reference_finds_its_text() -> None:
    found = law("PIPL 6(2)")

    assert found.zh == "收集个人信息，应当限于实现处理目的的最小范围，不得过度收集个人信息。"
    assert found.instrument.zh == "个人信息保护法"
    assert found.instrument.in_force(date(2021, 11, 1))
    assert not found.instrument.in_force(date(2021, 10, 31))


def test_several_articles_of_one_instrument_are_all_found() -> None:
    assert [found.ref for found in laws("PIPL 13(1)(1), 14")] == ["PIPL 13(1)(1)", "PIPL 14"]


def test_an_engine_choice_cites_no_law() -> None:
    assert laws("E") == ()


@pytest.mark.parametrize("ref", ["PIPL 999", "PIPL", "", "GDPR 6", "PIPL 6(2), 999", "保安条例"])
def test_an_unknown_reference_is_a_fault(ref: str) -> None:
    with pytest.raises(LawUnknown):
        laws(ref)


def test_only_laws_and_administrative_regulations_may_lengthen_storage() -> None:
    assert law("保安条例 25(2)").instrument.national
    assert not law("人脸办法 8").instrument.national
    assert not law("上海数据条例 23").instrument.national


def test_every_reference_in_the_code_is_known() -> None:
    cited = {
        match for path in PACKAGE.rglob("*.py") for match in CITED.findall(path.read_text(encoding="utf-8"))
    }

    assert len(cited) >= 8
    for ref in sorted(cited):
        laws(ref)


def test_every_reference_of_the_never_list_is_known() -> None:
    for entry in never_list().values():
        laws(entry.never.article)


def test_every_instrument_is_dated_and_marked() -> None:
    for instrument in instruments():
        assert instrument.since <= date(2026, 1, 1)
        assert instrument.mark in {"V", "V2"}
        assert instrument.en

"""Every legal reference that anything prints is in the registry, and an unknown one is a fault."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from compliance.policies.law import LawNotInForce, LawUnknown, as_of, every_law, instruments, law, laws
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


class TestWhenAnArticleMoves:
    """The log duty of the Cybersecurity Law was Art. 21(3) until the end of 2025 and is 23(3) since."""

    LAST_DAY, FIRST_DAY = date(2025, 12, 31), date(2026, 1, 1)

    def test_the_old_number_ends_where_the_new_one_begins(self) -> None:
        assert law("网络安全法 21(3)", self.LAST_DAY).zh == law("网络安全法 23(3)", self.FIRST_DAY).zh
        for ref, day in (("网络安全法 21(3)", self.FIRST_DAY), ("网络安全法 23(3)", self.LAST_DAY)):
            with pytest.raises(LawNotInForce):
                laws(ref, day)

    def test_the_refusal_names_the_new_number(self) -> None:
        with pytest.raises(LawNotInForce, match="网络安全法 23\\(3\\)"):
            law("网安法 21(3)", self.FIRST_DAY)

    @pytest.mark.parametrize("ref", ["网络安全法 21(3)", "网络安全法 23(3)"])
    def test_either_number_leads_to_the_one_of_the_day(self, ref: str) -> None:
        assert as_of(ref, self.LAST_DAY).article == "21(3)"
        assert as_of(ref, self.FIRST_DAY).article == "23(3)"

    def test_nothing_said_it_before_there_was_a_law(self) -> None:
        with pytest.raises(LawNotInForce):
            as_of("网络安全法 23(3)", date(2016, 1, 1))


def test_a_law_is_not_cited_before_its_day() -> None:
    with pytest.raises(LawNotInForce):
        laws("PIPL 6(2)", date(2021, 10, 31))
    assert laws("PIPL 6(2)", date(2021, 11, 1))


REQUIRED = {
    "pipl": "4 5 6 7 8 9 13 14 15 16 17 18 19 20 21 22 23 24 25 26 28 29 30 31 38 39 40 41 44 45 46 47 48 49 50"
    " 51(1) 51(2) 51(3) 51(4) 51(5) 52 54 55 56 57 59 66 69 73(4)",
    "netdata": "9 11 12 14 20 21 22 23 24 25 27 28",
    "face19": "4 5 6 7 8 9 10 11 12 13 14 15 19",
    "audit18": "3 4 5(3) 6 11 12 15",
    "spc-face": "2 4 6 10 11 12",
    "video799": "7(2) 8 9 13 14 16(2) 16(3) 17 20 21 22 33",
    "baoan": "25(2) 29(1) 30 30(2)",
    "ct": "20 21 32(3)",
    "emerg": "84 85",
    "csl": "23(3) 42 43 44(1) 45",
    "minors-net": "32 34 35 36 37",
    "incident": "4",
    "zj-resid": "9 10",
    "hz-property": "5 50",
    "sh-data": "22 23",
    "sz-data": "11(4) 14(2) 19 25(3)",
    "bj-property": "65(7) 92",
    "rent": "8 9 11 17",
    "civil": "111 942 945 1032 1033 1034 1035 1036 1037 1038 1039",
    "exit-entry": "39(2)",
    "necessary-pi": "2 3 4",
    "app-violations": "6",
    "property": "46",
    "id-card": "13 14 15 19",
    "unit": "11(2)",
    "gbt35273": "6.3",
    "gbt45574": "4",
    "gbt42460": "4",
    "gbt37964": "4",
}


@pytest.mark.parametrize("instrument", REQUIRED)
def test_every_article_of_the_requirements_is_known(instrument: str) -> None:
    for article in REQUIRED[instrument].split():
        assert law(f"{instrument} {article}").zh


TEXTS = Path(__file__).parents[3] / "shared" / "law" / "texts"


@pytest.mark.shared_data
@pytest.mark.skipif(not TEXTS.is_dir(), reason="the statutes' texts are not beside the checkout")
def test_what_stands_as_a_quotation_is_one() -> None:
    """Layout aside, every text that does not call itself a paraphrase stands in one of the statutes, word for word."""
    layout = re.compile(r"[\s\u3000；;]")
    everything = "".join(
        layout.sub("", path.read_text(encoding="utf-8")) for path in sorted(TEXTS.glob("*.md"))
    )
    quoted = {found.ref: found.zh for found in every_law() if not found.paraphrase}

    assert len(quoted) > 150
    assert [ref for ref, zh in quoted.items() if layout.sub("", zh) not in everything] == []

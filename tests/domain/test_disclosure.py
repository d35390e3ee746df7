"""What an authority may ask for, and what stands against it: each fault by itself, and each in both languages."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.detectors import scan
from compliance.domain.disclosure import (
    GROUNDS,
    LONGEST_DAYS,
    MOST_RECORDS,
    URGENT_RECORDS,
    Authority,
    Scope,
    Wanted,
    faults_of,
    too_many,
)
from compliance.policies.law import law
from tests.builders import MOBILE, SHANGHAI, a_pack
from tests.services.disclosure_house import SCOPE, TODAY, URGENT, WANTED

VISITOR = a_pack().categories["visitor"]


CALLED = datetime(2026, 3, 2, 9, 50, tzinfo=SHANGHAI)


def codes(wanted: Wanted) -> list[str]:
    policy = a_pack().categories.get(wanted.scope.category)
    return [fault.code for fault in faults_of(wanted, policy, TODAY, scan)]


def scoped(**changes: Any) -> Wanted:
    return replace(WANTED, scope=replace(SCOPE, **changes))


def test_a_documented_narrow_request_has_nothing_against_it() -> None:
    assert codes(WANTED) == []
    assert codes(URGENT) == []
    assert codes(scoped(first=None, last=None, records=("2603-aaaaaaaaaaaaaaaaaaaa",))) == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (scoped(category=""), "whole_register"),
        (scoped(category="nobody"), "whole_register"),
        (scoped(fields=()), "no_fields"),
        (scoped(fields=("all",)), "no_fields"),
        (scoped(fields=("*",)), "no_fields"),
        (scoped(fields=("visitor_name", "visitor_name")), "no_fields"),
        (scoped(fields=tuple(VISITOR.fields)), "all_fields"),
        (scoped(last=None), "no_end"),
        (scoped(first=None), "no_end"),
        (scoped(first=None, last=None), "no_end"),
        (scoped(first=None, records=("x",)), "no_end"),
        (scoped(first=TODAY - timedelta(days=LONGEST_DAYS)), "too_broad"),
        (scoped(first=TODAY, last=TODAY - timedelta(days=1)), "too_broad"),
        (scoped(last=TODAY + timedelta(days=1)), "too_broad"),
        (scoped(records=tuple(f"2603-{number}" for number in range(201))), "too_broad"),
        (replace(WANTED, document=""), "unwritten"),
        (replace(WANTED, unit=""), "unwritten"),
        (replace(WANTED, document=f"电话{MOBILE}"), "unwritten"),
        (replace(WANTED, unit="x" * 101), "unwritten"),
        (replace(WANTED, officers=()), "officers"),
        (replace(WANTED, officers=("张警官",)), "officers"),
        (replace(WANTED, officers=(MOBILE,)), "officers"),
        (replace(WANTED, officers=("100000199001010011",)), "officers"),
        (replace(WANTED, officers=("012345", "")), "officers"),
        (replace(WANTED, ground=""), "no_ground"),
        (replace(WANTED, ground="PIPL 23"), "no_ground"),
        (replace(WANTED, ground="反恐法 51", authority=Authority.COURT), "no_ground"),
        (replace(WANTED, ground="PIPL 41"), "no_ground"),
        (replace(WANTED, authority=Authority.PRIVATE), "private"),
        (replace(WANTED, authority=Authority.FOREIGN, ground="PIPL 41"), "foreign"),
        (replace(WANTED, abroad=True), "abroad"),
        (replace(WANTED, hold_until=TODAY), "hold_over"),
        (replace(URGENT, seen=""), "not_urgent"),
        (replace(URGENT, seen="999999"), "not_urgent"),
        (replace(URGENT, called_back=None), "not_urgent"),
        (replace(URGENT, called_back=CALLED - timedelta(days=2)), "not_urgent"),
        (replace(URGENT, called_back=CALLED + timedelta(days=1)), "not_urgent"),
        (replace(WANTED, hold_until=TODAY + timedelta(days=367)), "hold_over"),
        (replace(WANTED, document="示公调\n1号"), "unwritten"),
        (replace(URGENT, authority=Authority.COURT), "no_ground"),
        (replace(URGENT, ground="PIPL 34"), "not_urgent"),
        (replace(URGENT, scope=replace(SCOPE, first=TODAY - timedelta(days=2))), "too_broad"),
    ],
)
def test_each_fault_is_said(wanted: Wanted, code: str) -> None:
    assert code in codes(wanted)


def test_a_foreign_request_with_an_approval_may_be_put() -> None:
    wanted = replace(WANTED, authority=Authority.FOREIGN, ground="PIPL 41", approval="司协〔2026〕3号")

    assert codes(wanted) == []


def test_a_range_of_the_longest_days_is_taken_and_a_day_more_is_not() -> None:
    first = TODAY - timedelta(days=LONGEST_DAYS - 1)

    assert codes(scoped(first=first)) == []
    assert codes(scoped(first=first - timedelta(days=1))) == ["too_broad"]


@pytest.mark.parametrize(("urgent", "most"), [(False, MOST_RECORDS), (True, URGENT_RECORDS)])
def test_a_scope_that_means_more_than_it_sounded_is_narrowed(urgent: bool, most: int) -> None:
    assert too_many(most, urgent=urgent) is None
    assert too_many(most + 1, urgent=urgent) is not None


@pytest.mark.parametrize("ref", sorted(GROUNDS))
def test_every_ground_is_an_article_of_a_national_law(ref: str) -> None:
    found = law(ref, TODAY)

    assert found.instrument.national
    assert not found.paraphrase


@given(
    wanted=st.builds(
        Wanted,
        authority=st.sampled_from(list(Authority)),
        unit=st.text(max_size=120),
        document=st.text(max_size=120),
        ground=st.sampled_from(sorted(GROUNDS)) | st.text(max_size=10),
        officers=st.lists(st.text(max_size=20), max_size=12).map(tuple),
        scope=st.builds(
            Scope,
            category=st.sampled_from(["visitor", "", "nobody"]),
            fields=st.lists(st.sampled_from([*VISITOR.fields, "all", ""]), max_size=9).map(tuple),
            first=st.none() | st.dates(),
            last=st.none() | st.dates(),
            records=st.lists(st.text(max_size=30), max_size=3).map(tuple),
        ),
        hold_until=st.none() | st.dates(),
        approval=st.text(max_size=120),
        abroad=st.booleans(),
        urgent=st.booleans(),
        seen=st.text(max_size=20),
    )
)
def test_no_request_whatever_is_in_it_breaks_the_look_or_finds_its_words_in_a_fault(wanted: Wanted) -> None:
    policy = a_pack().categories.get(wanted.scope.category)
    found = faults_of(wanted, policy, TODAY, scan)

    for fault in found:
        assert fault.zh
        assert fault.en
        assert fault.source == "本系统规则" or law(fault.article).zh
        for typed in (wanted.unit, wanted.document, *wanted.officers, *wanted.scope.records):
            assert len(typed) < 6 or typed not in fault.zh + fault.en

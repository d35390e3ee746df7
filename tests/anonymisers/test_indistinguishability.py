"""Two subjects who are equal on what is kept give byte-equal output, whatever was dropped and however long it was.

A de-identifying strategy still tells some two subjects apart, which is why it anonymises nothing; an anonymising one tells none.
"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.anonymisers import ANONYMISERS, Strategy
from compliance.anonymisers.mask import mask
from compliance.anonymisers.names import COMPOUND, SALUTATIONS
from compliance.anonymisers.strategy import FIELD_TYPES
from compliance.anonymisers.surname import surname

TYPES = sorted(FIELD_TYPES)
GIVEN = st.text(alphabet="伟芳娜敏静丽强磊军洋勇艳杰娟涛超明霞秀", min_size=1, max_size=3)
SURNAMES = st.sampled_from([*"张王李赵陈刘", *sorted(COMPOUND)])
HIDDEN_DIGITS = st.text(alphabet="0123456789", min_size=4, max_size=4)
SERIAL = st.text(alphabet="ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=2, max_size=2)


@given(SURNAMES, GIVEN, GIVEN)
def test_two_people_of_one_surname_look_the_same(family: str, one: str, other: str) -> None:
    assert surname(family + one) == surname(family + other) == mask("person_name", family + one)
    assert not set(one) & set(surname(family + one))


@given(SURNAMES, GIVEN, GIVEN, st.sampled_from(SALUTATIONS))
def test_two_people_of_one_surname_and_salutation_look_the_same(
    family: str, one: str, other: str, title: str
) -> None:
    assert surname(family + one + title) == surname(family + other + title) == surname(family + title)


@given(st.sampled_from(["130", "159", "194"]), HIDDEN_DIGITS, HIDDEN_DIGITS, HIDDEN_DIGITS)
def test_two_numbers_with_equal_ends_look_the_same(prefix: str, one: str, other: str, suffix: str) -> None:
    masked = mask("mobile", prefix + one + suffix)
    assert masked == mask("mobile", f"+86 {prefix} {other} {suffix}")
    assert masked.replace("*", "") == prefix + suffix


@given(st.sampled_from(["京A", "粤B"]), SERIAL, SERIAL, SERIAL, st.sampled_from("0123456789挂学"))
def test_two_plates_with_equal_ends_look_the_same(
    office: str, one: str, other: str, middle: str, last: str
) -> None:
    masked = mask("plate", office + one + middle + last)
    assert masked == mask("plate", office + other + middle + last)
    assert masked == f"{office}·**{middle}{last}"


@given(
    st.integers(1, 99),
    st.text(alphabet="0123456789单元室-", min_size=1, max_size=12),
    st.text(alphabet="0123456789单元室-", max_size=12),
)
def test_two_rooms_of_one_building_look_the_same(building: int, one: str, other: str) -> None:
    assert mask("room", f"{building}栋{one}") == mask("room", f"{building}栋{other}") == f"{building}栋***"


@given(
    st.sampled_from(["text", "verification", "attachment"]),
    st.text(alphabet="abc张三019", min_size=1),
    st.text(alphabet="abc张三019", min_size=1),
)
def test_two_free_texts_look_the_same(field_type: str, one: str, other: str) -> None:
    assert mask(field_type, one) == mask(field_type, other)


@given(st.sampled_from(TYPES), st.text(alphabet=st.characters(codec=None)))
def test_no_value_breaks_a_strategy_and_a_long_run_of_it_never_comes_through(
    field_type: str, value: str
) -> None:
    for strategy in ANONYMISERS:
        remains = strategy.apply(field_type, value)
        if remains is not None and field_type not in ("code", "time", "count"):
            assert len(remains) <= 12


@pytest.mark.parametrize(
    "strategy",
    [strategy for strategy in ANONYMISERS if strategy.outcome == "anonymised"],
    ids=lambda strategy: strategy.name,
)
@given(field_type=st.sampled_from(TYPES), values=st.lists(st.text(), min_size=2, max_size=4))
def test_an_anonymising_strategy_tells_no_two_subjects_apart(
    strategy: Strategy, field_type: str, values: list[str]
) -> None:
    remains = [strategy.apply(field_type, value) for value in values]
    assert all(one == other for one, other in pairwise(remains))


@pytest.mark.parametrize(
    "strategy",
    [strategy for strategy in ANONYMISERS if strategy.outcome == "de-identified"],
    ids=lambda strategy: strategy.name,
)
def test_a_de_identifying_strategy_tells_some_two_subjects_apart(strategy: Strategy) -> None:
    one = {"person_name": "张三", "time": "2026-03-01T18:00:00+08:00"}
    other = {"person_name": "李四", "time": "2026-03-02T18:00:00+08:00"}
    assert any(strategy.apply(kind, one[kind]) != strategy.apply(kind, other[kind]) for kind in one)

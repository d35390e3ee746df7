"""Masks, surnames, dayparts and parties: the table of examples first."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from compliance.anonymisers import ANONYMISERS
from compliance.anonymisers.generalise import apply as generalised
from compliance.anonymisers.generalise import daypart, party_size
from compliance.anonymisers.mask import mask
from compliance.anonymisers.strategy import FIELD_TYPES
from compliance.anonymisers.surname import surname

BEIJING = timezone(timedelta(hours=8))

MASKS = [
    ("person_name", "张三", "张**"), ("person_name", "张三丰", "张**"), ("person_name", "欧阳修文", "欧阳**"), ("person_name", "欧阳", "欧**"),
    ("person_name", "张", "张**"), ("person_name", "", ""), ("person_name", "   ", ""), ("person_name", "张 三", "张**"),
    ("person_name", "张\u200b三", "张**"), ("person_name", "Ａｎｎａ Smith", "A**"), ("person_name", "阿卜杜拉·买买提", "阿**"),
    ("person_name", "😀张三", "**"), ("person_name", "👨‍👩‍👧", "**"), ("person_name", "19400000001", "**"), ("person_name", "李女士", "李女士"),
    ("person_name", "𠮷田三", "𠮷**"), ("person_name", "\ud800", ""), ("person_name", "张" * 100_000, "张**"),
    ("mobile", "19400000001", "194****0001"), ("mobile", "+86 194-0000-0001", "194****0001"), ("mobile", "１９４０００００００１", "194****0001"),
    ("mobile", "1400000000000", "140****0000"), ("mobile", "0000-2000000", "****"), ("mobile", "张三", "****"), ("mobile", "", ""),
    ("mobile", "1" * 100_000, "****"), ("mobile", "1940000", "****"),
    ("plate", "京A00000", "京A·**000"), ("plate", "京a·00000", "京A·**000"), ("plate", "京AD00000", "京A·**000"), ("plate", "京A0000挂", "京A·**00挂"),
    ("plate", "粤Z0000港", "粤Z·**00港"), ("plate", "京X0000应急", "京X·**0应急"), ("plate", "使000000", "**"), ("plate", "ZZ00000", "**"), ("plate", "😀", "**"),
    ("room", "3栋2单元1201", "3栋***"), ("room", "12号楼0301", "12号楼***"), ("room", "3-1-1201", "3-***"), ("room", "1201", "***"),
    ("room", "三栋1201", "三栋***"), ("room", "张三家", "***"), ("room", "", ""),
    ("time", "2026-03-01T18:00:05+08:00", "2026-03-01 18:00"), ("time", "昨天", "***"), ("count", "3", "3"), ("count", "19400000001", "***"),
    ("code", "探亲访友", "探亲访友"), ("text", "找三楼的张三", "***"), ("verification", "passed", "***"), ("attachment", "photo.jpg", "***"),
]  # fmt: skip


@pytest.mark.parametrize(("field_type", "value", "expected"), MASKS)
def test_a_mask_shows_what_the_table_says(field_type: str, value: str, expected: str) -> None:
    assert mask(field_type, value) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张三", "张**"), ("欧阳修文", "欧阳**"), ("司马相如", "司马**"), ("李女士", "李女士"), ("李某某女士", "李女士"), ("欧阳先生", "欧阳先生"),
        ("欧阳修文先生", "欧阳先生"), ("王师傅", "王师傅"), ("女士", "女**"), ("", ""), ("梁丘林", "梁**"), ("😀女士", "**"),
    ],
)  # fmt: skip
def test_a_surname_stays_and_a_given_name_goes(name: str, expected: str) -> None:
    assert surname(name) == expected


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(0, 0, 0), (5, 59, 0), (6, 0, 1), (11, 59, 1), (12, 0, 2), (17, 59, 2), (18, 0, 3), (23, 59, 3)],
)
def test_a_daypart_is_half_open(hour: int, minute: int, expected: int) -> None:
    assert daypart(datetime(2026, 3, 1, hour, minute, tzinfo=BEIJING)) == expected


def test_a_daypart_is_one_of_the_local_clock() -> None:
    moment = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    assert (daypart(moment), daypart(moment.astimezone(BEIJING))) == (3, 1)


def test_a_naive_moment_has_no_daypart() -> None:
    with pytest.raises(ValueError, match="time zone"):
        daypart(datetime(2026, 3, 1, 23, 0))  # noqa: DTZ001 — the missing zone is the point


@pytest.mark.parametrize(
    ("number", "expected"), [(1, "1"), (2, "2"), (3, "3-5"), (5, "3-5"), (6, "6+"), (10**9, "6+")]
)
def test_a_party_falls_into_one_of_four_sizes(number: int, expected: str) -> None:
    assert party_size(number) == expected


@pytest.mark.parametrize("number", [0, -1])
def test_nobody_is_no_party(number: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        party_size(number)


@pytest.mark.parametrize(
    ("field_type", "value", "expected"),
    [
        ("time", "2026-03-01T18:00:05+08:00", "2026-03-01/3"), ("time", "2026-03-01T18:00:05", None), ("time", "昨天", None), ("count", "4", "3-5"),
        ("count", "0", None), ("count", "9" * 1_000_000, "6+"), ("count", "٤", None), ("code", "商务", "商务"), ("code", "", None),
        ("person_name", "张三", None), ("text", "张三", None),
    ],
)  # fmt: skip
def test_a_value_is_generalised_or_dropped(field_type: str, value: str, expected: str | None) -> None:
    assert generalised(field_type, value) == expected


@pytest.mark.parametrize("strategy", ANONYMISERS, ids=lambda strategy: strategy.name)
def test_an_unknown_type_is_refused_without_saying_the_value(strategy: object) -> None:
    apply = strategy.apply  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="face") as caught:
        apply("face", "张三")
    assert "张三" not in str(caught.value)
    for field_type in FIELD_TYPES:
        apply(field_type, "张三")


def test_strategies_have_unique_names_and_declare_their_legal_outcome() -> None:
    assert {strategy.name: strategy.outcome for strategy in ANONYMISERS} == {
        "mask": "de-identified",
        "surname": "de-identified",
        "suppress": "anonymised",
        "generalise": "de-identified",
        "tally": "anonymised",
    }
    assert len({strategy.name for strategy in ANONYMISERS}) == len(ANONYMISERS)

"""The forms of typed fields: a mobile number and a plate as the policy stores them."""

import pytest

from compliance.detectors import mobile, plate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19400000001", "19400000001"), ("+86 194 0000 0001", "19400000001"), ("0086-194-0000-0001", "19400000001"),
        ("８６１９４００００００01", "19400000001"), (" 194-0000-0001 ", "19400000001"), ("(+86)19400000001", "19400000001"),
        ("194\u200b00000001", "19400000001"), ("1400000000000", "1400000000000"), ("+861400000000000", "1400000000000"),
        ("", None), ("12400000001", None), ("1940000000", None), ("194000000011", None), ("0000-2000000", None),
        ("张三19400000001", None), ("194O0000001", None), ("\ud800", None), ("19400000001\n15400000001", None),
    ],
)  # fmt: skip
def test_a_mobile_is_reduced_to_its_digits_or_refused(text: str, expected: str | None) -> None:
    assert mobile.normalise(text) == expected


@pytest.mark.parametrize(
    "written",
    [
        "京A00000", "京AD00000", "京AF00000", "京A00000D", "京A0000挂", "京A0000学", "京A0000警", "沪A0000领", "粤Z0000港", "粤Z0000澳",
        "使000000", "000000使", "京X0000应急", "京X000应急", "民航A0000",
    ],
)  # fmt: skip
def test_a_plate_of_every_kind_is_accepted(written: str) -> None:
    assert plate.normalise(written) == written
    assert plate.normalise(f" {written[:2].lower()}·{written[2:].lower()} ") == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "京A0000",
        "京A000000",
        "京AI0000",
        "京AO0000",
        "A00000",
        "中A00000",
        "京京00000",
        "ZZ00000",
        "WJ京00000",
        "京A00000\n京A00000",
        "\ud800",
    ],
)
def test_what_is_no_plate_is_refused(text: str) -> None:
    assert plate.normalise(text) is None


def test_a_full_width_plate_is_folded() -> None:
    assert plate.normalise("京ａ・００００１") == "京A00001"

"""What each type of field takes, and everything that it does not, by table."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.domain.formats import Unfit, read_value
from compliance.domain.schedule import Period
from compliance.domain.vocabulary import FieldType, OnIdentifier
from compliance.policies.instruments import INSTRUMENTS
from tests.builders import START, a_rule

ID_NUMBER = "100000199001010011"  # of no region that ever was, with a wrong check digit where it counts


def read(type: FieldType, value: object, **changes: Any) -> object:
    return read_value(a_rule(type, **changes), value, START, INSTRUMENTS)


def fault(type: FieldType, value: object, **changes: Any) -> str:
    with pytest.raises(Unfit) as refused:
        read(type, value, **changes)
    return refused.value.code.value


WRONG_TYPES: list[object] = [
    *(None, True, False, 0, 1.5, float("nan"), 10**400, [], {}, [[]], {"a": {}}, (), b"bytes", object()),
    *(
        {"type": []},
        {"type": "x", "result": [], "time": {}},
        {"ref": [], "media_type": []},
        {"ref": "a" * 9, "media_type": {}},
    ),
    *(set(), {1: 2}),
]
LINES = [FieldType.PERSON_NAME, FieldType.MOBILE, FieldType.PLATE, FieldType.ROOM, FieldType.TEXT]
NOT_A_LINE = {
    "nothing": "",
    "blanks": "   \t ",
    "NUL": "张\x00三",
    "line feed": "张\n三",
    "escape": "\x1b[31m张三",
    "lone surrogate": "张\ud800三",
    "private use": "张\ue000三",
    "unassigned": "张\U000e0fff三",
    "next line": "张\x85三",
}


class TestEveryType:
    @pytest.mark.parametrize("type", FieldType)
    @pytest.mark.parametrize("value", WRONG_TYPES, ids=lambda value: type(value).__name__)
    def test_a_value_of_another_type_is_refused_and_never_raises(
        self, type: FieldType, value: object
    ) -> None:
        if type is FieldType.COUNT and value == 0 and not isinstance(value, bool):
            assert read(type, value) == 0
            return
        rule = a_rule(type, values=("甲",))
        with pytest.raises(Unfit):
            read_value(rule, value, START, INSTRUMENTS)

    @pytest.mark.parametrize("type", LINES)
    @pytest.mark.parametrize("value", NOT_A_LINE.values(), ids=NOT_A_LINE)
    def test_what_is_no_line_of_text_is_refused(self, type: FieldType, value: str) -> None:
        assert fault(type, value) == "bad_format"

    @pytest.mark.parametrize("type", LINES)
    def test_ten_megabytes_are_too_large(self, type: FieldType) -> None:
        assert fault(type, "张" * 10_000_000) == "too_large"

    @pytest.mark.parametrize("type", FieldType)
    @settings(max_examples=30)
    @given(value=st.text(max_size=40) | st.text(alphabet="0123456789-xX张京A. 　", max_size=40))
    def test_no_text_raises_anything_but_a_reason(self, type: FieldType, value: str) -> None:
        try:
            read(type, value)
        except Unfit as refused:
            assert str(refused) == refused.code.value  # noqa: PT017 - most texts are refused, some are not

    @pytest.mark.parametrize("type", LINES)
    @settings(max_examples=30)
    @given(value=st.text(max_size=40))
    def test_a_normal_form_is_its_own_normal_form(self, type: FieldType, value: str) -> None:
        try:
            once = read(type, value)
        except Unfit:
            return
        assert read(type, once) == once


class TestPersonNames:
    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("张三", "张三"),
            (" 李女士 ", "李女士"),
            ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
            ("Anne-Marie O'Neil", "Anne-Marie O'Neil"),
            ("J. Smith", "J. Smith"),
            ("\uff2c\uff45\uff45", "Lee"),  # full width
            ("𠮷田", "𠮷田"),
        ],
    )
    def test_a_name_is_letters(self, text: str, kept: str) -> None:
        assert read(FieldType.PERSON_NAME, text) == kept

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "12345",
                "张三1",
                "<b>",
                "张三;",
                "-张",
                "张_三",
                "🙂",
                "张\u200b三",
                "=SUM(A1)",
                "张三(身份证)",
            ),
            *("①", "张\u202e三"),
        ],
    )
    def test_a_name_is_nothing_else(self, text: str) -> None:
        assert fault(FieldType.PERSON_NAME, text) == "bad_format"

    def test_a_name_has_thirty_characters_at_most(self) -> None:
        assert read(FieldType.PERSON_NAME, "张" * 30) == "张" * 30
        assert fault(FieldType.PERSON_NAME, "张" * 31) == "too_large"

    def test_a_number_in_han_digits_is_no_name(self) -> None:
        assert fault(FieldType.PERSON_NAME, "一三八一二三四五六七八") == "identifier_in_text"


class TestMobiles:
    @pytest.mark.parametrize(
        "text", ["19400000001", "194 0000 0001", "194-0000-0001", "+8619400000001", "１９４０００００００１"]
    )
    def test_a_mobile_is_kept_in_one_form(self, text: str) -> None:
        assert read(FieldType.MOBILE, text) == "19400000001"

    @pytest.mark.parametrize(
        "text",
        ["1940000000", "194000000011", "12000000000", "010-00000000", "abc", "1940000000a", ID_NUMBER, "0"],
    )
    def test_anything_else_is_no_mobile(self, text: str) -> None:
        assert fault(FieldType.MOBILE, text) == "bad_format"


class TestPlates:
    @pytest.mark.parametrize(("text", "kept"), [("京A00000", "京A00000"), ("京a·00000", "京A00000")])
    def test_a_plate_is_kept_in_one_form(self, text: str, kept: str) -> None:
        assert read(FieldType.PLATE, text) == kept

    @pytest.mark.parametrize(
        "text", ["京", "A00000", "京A0000", "京A000000000", "19400000001", "车牌", "京I0000O0"]
    )
    def test_anything_else_is_no_plate(self, text: str) -> None:
        assert fault(FieldType.PLATE, text) == "bad_format"


class TestRooms:
    @pytest.mark.parametrize("text", ["3-1-1201", "3栋2单元501", "A座 12-3", "1201", "地下#2"])
    def test_a_room_is_written_as_the_community_writes_it(self, text: str) -> None:
        assert read(FieldType.ROOM, text) == text

    @pytest.mark.parametrize(
        "text", ["!!", "-1", "3--1", "12345", "3 栋，张三", "1-2-3-4-5-6-7-8-9-10-11", "<3>", "3-1-"]
    )
    def test_a_room_is_no_sentence_and_no_number(self, text: str) -> None:
        assert fault(FieldType.ROOM, text) == "bad_format"

    @pytest.mark.parametrize(
        "text", ["19400000001", "194-0000-0001", "1940 0000 001", "1000-0019-9001-0100-11"]
    )
    def test_no_telephone_or_document_number_passes_for_a_room(self, text: str) -> None:
        assert fault(FieldType.ROOM, text) in ("bad_format", "identifier_in_text")


class TestCodes:
    def test_a_code_is_a_word_of_its_list(self) -> None:
        assert read(FieldType.CODE, "甲", values=("甲", "乙")) == "甲"

    @pytest.mark.parametrize("value", ["丙", " 甲", "甲 ", "甲乙", "", "甲\n", ["甲"]])
    def test_a_code_is_no_other_word(self, value: object) -> None:
        assert fault(FieldType.CODE, value, values=("甲", "乙")) == "bad_format"

    def test_an_empty_list_takes_no_word(self) -> None:
        assert fault(FieldType.CODE, "", values=()) == "bad_format"


class TestCounts:
    @pytest.mark.parametrize("value", [0, 1, 50])
    def test_a_count_is_a_whole_number(self, value: int) -> None:
        assert read(FieldType.COUNT, value, most=50) == value

    @pytest.mark.parametrize("value", [-1, 51, 10**400, True, False, 1.0, "1", "两个孩子", [1], None])
    def test_a_count_is_no_other_number(self, value: object) -> None:
        assert fault(FieldType.COUNT, value, most=50) == "bad_format"


class TestTimes:
    def test_a_time_is_kept_as_one_moment(self) -> None:
        assert read(FieldType.TIME, "2026-03-02T09:30:00+08:00") == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        "value",
        [
            "2026-03-02 09:30",
            "09:30",
            "1970-01-01T00:00:00Z",
            "2010-01-01T00:00:00Z",
            "2099-01-01T00:00:00Z",
            0,
        ],
    )
    def test_a_time_has_an_offset_and_lies_near(self, value: object) -> None:
        assert fault(FieldType.TIME, value) == "bad_format"

    @pytest.mark.parametrize(("ahead", "fits"), [(300, True), (301, False)])
    def test_a_time_is_not_ahead(self, ahead: int, fits: bool) -> None:
        moment = (START + timedelta(seconds=ahead)).isoformat()

        if fits:
            assert read(FieldType.TIME, moment) == START + timedelta(seconds=ahead)
        else:
            assert fault(FieldType.TIME, moment) == "bad_format"

    def test_the_end_of_a_lease_may_lie_as_far_ahead_as_the_policy_says(self) -> None:
        ahead = {"furthest": Period.parse("P6M")}

        assert read(FieldType.TIME, "2026-09-02T00:00:00Z", **ahead)
        assert fault(FieldType.TIME, "2026-09-04T00:00:00Z", **ahead) == "bad_format"


class TestVerifications:
    FITTING: ClassVar = {
        "type": "resident_id",
        "result": "pass",
        "time": "2026-03-02T10:00:00+08:00",
        "by": "staff-7",
    }

    def test_a_verification_keeps_kind_result_time_and_by_whom(self) -> None:
        assert read(FieldType.VERIFICATION, self.FITTING) == {
            **self.FITTING,
            "time": "2026-03-02T02:00:00+00:00",
        }

    @pytest.mark.parametrize("extra", ["number", "id_number", "photo", "name", "note"])
    def test_nothing_rides_along_with_a_result(self, extra: str) -> None:
        assert fault(FieldType.VERIFICATION, {**self.FITTING, extra: ID_NUMBER}) == "over_collection"

    @pytest.mark.parametrize(
        "changes",
        [
            *(
                {"result": "ok"},
                {"result": []},
                {"result": None},
                {"time": "today"},
                {"time": None},
                {"type": None},
            ),
            *(
                {"type": ID_NUMBER},
                {"type": "身份证"},
                {"type": "x" * 33},
                {"by": "张三"},
                {"by": ID_NUMBER},
                {"by": []},
            ),
            {"type": "passport\n"},
        ],
    )
    def test_no_number_hides_in_a_word_of_a_result(self, changes: dict[str, object]) -> None:
        assert fault(FieldType.VERIFICATION, {**self.FITTING, **changes}) == "bad_format"

    @pytest.mark.parametrize("missing", ["type", "result", "time"])
    def test_a_result_is_whole(self, missing: str) -> None:
        partial = {name: value for name, value in self.FITTING.items() if name != missing}

        assert fault(FieldType.VERIFICATION, partial) == "bad_format"

    @pytest.mark.parametrize("time", ["1990-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
    def test_a_date_of_birth_is_not_the_time_of_a_check(self, time: str) -> None:
        assert fault(FieldType.VERIFICATION, {**self.FITTING, "time": time}) == "bad_format"

    def test_kinds_are_those_of_the_policy(self) -> None:
        assert fault(FieldType.VERIFICATION, self.FITTING, values=("electrician",)) == "bad_format"


class TestTexts:
    def test_a_text_is_as_long_as_the_policy_says(self) -> None:
        assert read(FieldType.TEXT, "示例", longest=4) == "示例"
        assert fault(FieldType.TEXT, "示例示例示", longest=4) == "too_large"

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "手机19400000001",
                "身份证100000199001010011",
                "电话：１９４００００００01",
                "194-0000-0001",
                "194 0000 0001",
            ),
            *("19400\u200b000001", "车牌京A00000"),
        ],
    )
    def test_a_text_hides_no_identifier(self, text: str) -> None:
        assert fault(FieldType.TEXT, text) == "identifier_in_text"

    def test_what_grows_when_it_is_normalised_is_measured_afterwards(self) -> None:
        assert fault(FieldType.TEXT, "\ufdfa" * 20, longest=20) == "too_large"

    def test_a_policy_may_only_flag_what_it_finds(self) -> None:
        assert read(FieldType.TEXT, "手机19400000001", on_identifier=OnIdentifier.FLAG)


class TestAttachments:
    FITTING: ClassVar = {"ref": "device-1_00000001", "media_type": "image/jpeg"}

    def test_an_attachment_is_a_reference(self) -> None:
        assert read(FieldType.ATTACHMENT, self.FITTING) == self.FITTING

    @pytest.mark.parametrize(
        "value",
        [
            *({}, {"ref": "device-01"}, {"ref": "short", "media_type": "image/jpeg"}, "device-1_00000001"),
            *(
                {**FITTING, "bytes": "AAAA"},
                {**FITTING, "media_type": "text/html"},
                {**FITTING, "media_type": []},
            ),
            *(
                {**FITTING, "ref": "https://example.com/face.jpg"},
                {**FITTING, "ref": "a" * 65},
                {**FITTING, "ref": 1},
            ),
        ],
    )
    def test_a_picture_does_not_come_in_this_way(self, value: object) -> None:
        assert fault(FieldType.ATTACHMENT, value) == "bad_format"

"""A submission is read strictly: everything that is malformed, and the reason that says so."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.domain.submission import (
    LARGEST_BYTES,
    Defaults,
    Submission,
    _decode_plain,
    _decode_slowly,
    decode,
    is_staff_id,
    parse,
    parse_time,
)
from compliance.domain.vocabulary import Channel, ConsentKind, Door
from tests.builders import START, a_submission, codes, parsed


def faults(raw: object = None, defaults: Defaults | None = None, **changes: Any) -> set[str]:
    read = parse(a_submission(**changes) if raw is None else raw, defaults or Defaults(), START)
    return codes(read) if isinstance(read, tuple) else set()


class TestBytes:
    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"{",
            b"\xff\xfe{}",
            b'{"a": NaN}',
            b'{"a": Infinity}',
            b'{"a": 1, "a": 2}',
            b'{"fields": {"x": 1, "x": 2}}',
            b'{"a": "\\ud800"}',
            b'{"\\udfff": 1}',
            '{"a": "\ud800"}',
            b'{"a": "\x00"}',
            b"[" * 20000,
            b'{"a":' * 9000 + b"1" + b"}" * 9000,
            b"1" * 6000,
            b"{} {}",
            b"\xef\xbb\xbf{}",
        ],
    )
    def test_what_is_no_strict_json_is_malformed(self, text: bytes | str) -> None:
        read = decode(text)

        assert isinstance(read, tuple)
        assert codes(read) == {"malformed"}

    @pytest.mark.parametrize("text", [b" " * (LARGEST_BYTES + 1), "啊" * LARGEST_BYTES])
    def test_what_is_too_long_is_not_even_read(self, text: bytes | str) -> None:
        read = decode(text)

        assert isinstance(read, tuple)
        assert codes(read) == {"too_large"}

    def test_what_is_just_short_enough_is_read(self) -> None:
        assert decode(b'"' + b"a" * (LARGEST_BYTES - 2) + b'"') == "a" * (LARGEST_BYTES - 2)

    @settings(max_examples=50)
    @given(st.binary(max_size=200))
    def test_no_bytes_raise(self, text: bytes) -> None:
        decode(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def written(draw: st.DrawFn) -> bytes:
    """JSON as machines and people write it, sometimes with a key twice, sometimes with a byte changed."""
    spaced = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",", "\t:")]))
    text = json.dumps(draw(JSON), separators=spaced, ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()) and text.startswith("{") and len(text) > 2:
        text = "{" + draw(st.sampled_from(['"a":1,', '"a" :1,', '"":{},', '"\\":":0,'])) + text[1:]
    octets = bytearray(text.encode("utf-8", "surrogatepass"))
    if draw(st.integers(0, 3)) == 0 and octets:
        octets[draw(st.integers(0, len(octets) - 1))] = draw(st.integers(0, 255))
    return bytes(octets)


class TestTwoReaders:
    """Plain lines are read by a quick decoder; what it reads must be what the strict one reads."""

    @settings(max_examples=600, deadline=None)
    @given(octets=written())
    def test_the_quick_one_reads_the_same_or_leaves_it(self, octets: bytes) -> None:
        quick = _decode_plain(octets)

        assert quick is None or quick == _decode_slowly(octets)

    @pytest.mark.parametrize(
        "twice",
        [
            b'{"a":1,"a":2}',
            b'{"a":1,"a" :2}',
            b'{"a" :1,"a":2}',
            b'{"a\\u0062":1,"ab":2}',
            b'{"x":"\\":","a":1,"a" :1}',
            b'{"a":{"b":1,"b":1}}',
            b'[{"a":1,"a":1}]',
        ],
    )
    def test_no_key_is_read_twice(self, twice: bytes) -> None:
        assert _decode_plain(twice) is None
        assert isinstance(decode(twice), tuple)

    def test_a_plain_line_takes_the_quick_one(self) -> None:
        line = json.dumps(a_submission(), ensure_ascii=False).encode()

        assert _decode_plain(line) == a_submission()


class TestMoments:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-03-01T10:00:05+08:00", datetime(2026, 3, 1, 2, 0, 5, tzinfo=UTC)),
            ("2026-03-01T02:00:05Z", datetime(2026, 3, 1, 2, 0, 5, tzinfo=UTC)),
            ("2026-03-01T02:00:05.123456Z", datetime(2026, 3, 1, 2, 0, 5, 123456, tzinfo=UTC)),
        ],
    )
    def test_a_moment_names_its_offset(self, text: str, moment: datetime) -> None:
        assert parse_time(text) == moment

    @pytest.mark.parametrize(
        "value",
        [
            *(None, 0, 1.5, True, [], {}, b"2026-03-01T10:00:05Z", "", "now", "2026-03-01", "10:00"),
            *(
                "2026-03-01T10:00:05",
                "2026-03-01 10:00:05",
                "2026-02-29T10:00:05+08:00",
                "2026-03-01T25:00:00+08:00",
            ),
            *("２０２６-03-01T10:00:05+08:00", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"),
            *(
                "2026-03-01T10:00:05+25:00",
                "2026-03-01T10:00:05+08:00" + " " * 20,
                "1" * 25,
                "2026-W10-1T10:00:00Z",
            ),
            *("2026-03-01身10:00:05+08:00", "2026-03-01x10:00:05+08:00", "20260301T100000+0800", "\x00" * 25),
        ],
    )
    def test_anything_else_is_no_moment(self, value: object) -> None:
        assert parse_time(value) is None

    @pytest.mark.parametrize(
        "value",
        [
            "1970-01-01T00:00:00Z",
            "2000-12-31T23:59:59Z",
            "2099-01-01T00:00:00Z",
            "yesterday",
            1772416800,
            None,
            "",
            [],
        ],
    )
    def test_a_device_clock_that_cannot_be_right_is_refused(self, value: object) -> None:
        assert faults(collected_at=value) == {"bad_format:collected_at"}

    @pytest.mark.parametrize(("ahead", "refused"), [(0, False), (300, False), (301, True)])
    def test_collection_may_lie_five_minutes_ahead_and_no_more(self, ahead: int, refused: bool) -> None:
        moment = (START + timedelta(seconds=ahead)).isoformat()

        assert bool(faults(collected_at=moment)) is refused

    def test_a_single_submission_was_collected_now(self) -> None:
        assert parsed().collected_at == START

    def test_a_line_of_a_batch_says_when_it_was_collected(self) -> None:
        assert faults(defaults=Defaults(door=Door.BATCH)) == {"bad_format:collected_at"}


HOSTILE: list[object] = [
    *(None, True, 0, -1, 1.5, 10**400, float("nan"), float("inf"), "", "\x00", "\ud800", "a" * 100_000, b"x"),
    *(
        [],
        {},
        [[]],
        [{}],
        {"a": []},
        [None],
        {"mode": []},
        {"mode": {}},
        ["plain"],
        {"kind": ["plain"]},
        {1: 2},
    ),
    *((), object(), lambda: 0, {"mode": "oral", "by": []}, {"mode": "oral", "by": "李四"}, {"mode": "ORAL"}),
    *([{"kind": []}], [{"kind": {}, "by": {}, "act": {}}], [{"kind": "plain", "by": [], "act": "tap"}]),
    *(
        [{"kind": "plain", "by": "self", "act": []}],
        [{"kind": "plain", "by": "self", "act": "tap", "covers": {}}],
    ),
]


class TestForm:
    @pytest.mark.parametrize("raw", [None, 1, "text", [], [{}], {1: 2}, {"category": 1, 2: 3}, b"{}"])
    def test_what_is_no_object_is_malformed(self, raw: object) -> None:
        read = parse(raw, Defaults(), START)

        assert isinstance(read, tuple)
        assert codes(read) == {"malformed"}

    def test_an_unknown_member_is_malformed_by_name(self) -> None:
        assert faults(colour="red") == {"malformed:colour"}

    @pytest.mark.parametrize("name", ["category", "site"])
    @pytest.mark.parametrize("value", [..., None, "", 1, [], {}, "x" * 201])
    def test_category_and_site_are_words(self, name: str, value: object) -> None:
        changes: dict[str, Any] = {name: value}

        assert faults(**changes) == {f"malformed:{name}"}

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            (..., "malformed"),
            (1, "malformed"),
            ("", "malformed"),
            ("post", "wrong_channel"),
            ("DESK", "wrong_channel"),
        ],
    )
    def test_a_channel_is_one_of_six(self, value: object, code: str) -> None:
        assert faults(channel=value) == {f"{code}:channel"}

    @pytest.mark.parametrize("value", [None, 1, "x", [], {1: 2}, [["visitor_name", "张三"]]])
    def test_fields_are_an_object(self, value: object) -> None:
        assert faults(a_submission() | {"fields": value}) == {"malformed:fields"}

    @pytest.mark.parametrize("value", [1, "", "k" * 201, [], {}, True])
    def test_a_key_is_a_short_text(self, value: object) -> None:
        assert faults(key=value) == {"malformed:key"}

    @pytest.mark.parametrize("value", [1, "x", [], {"visitor_name": 1}, {"visitor_name": None}, {1: "x"}])
    def test_what_was_declined_is_named_with_its_way(self, value: object) -> None:
        assert faults(declined=value) == {"malformed:declined"}

    @pytest.mark.parametrize(
        "value",
        [
            *(
                1,
                "oral",
                [],
                {},
                {"mode": "poster"},
                {"mode": "oral", "who": "staff-7"},
                {"mode": None},
                {"mode": []},
            ),
            *(
                {"mode": {}},
                {"mode": "oral", "by": "李四"},
                {"mode": "oral", "by": "19400000001"},
                {"mode": 1},
            ),
            *(
                {"mode": "oral", "by": ["staff-7"]},
                {"mode": "screen", "id": ""},
                {"mode": "screen", "id": "x" * 201},
            ),
            {"mode": "screen", "id": 7},
        ],
    )
    def test_a_notice_has_a_mode_and_who_or_what(self, value: object) -> None:
        assert faults(notice=value) == {"malformed:notice"}

    @pytest.mark.parametrize(
        "value",
        [
            *(
                1,
                "plain",
                {},
                [1],
                [None],
                [[]],
                [{}],
                [{"kind": "plain"}],
                [{"kind": "plain", "by": "self"}],
            ),
            *([{"kind": [], "by": "self", "act": "tap"}], [{"kind": "plain", "by": "self", "act": {}}]),
            *(
                [{"kind": "all", "by": "self", "act": "tap"}],
                [{"kind": "plain", "by": "husband", "act": "tap"}],
            ),
            *(
                [{"kind": "plain", "by": "self", "act": "ticked"}],
                [{"kind": "plain", "by": "self", "act": "tap", "x": 1}],
            ),
            *([{"kind": "plain", "by": "self", "act": "tap", "covers": "visitor_name"}],),
            *([{"kind": "plain", "by": "self", "act": "tap", "covers": [1]}],),
            *([{"kind": "plain", "by": "self", "act": "tap", "covers": ["a"] * 51}],),
            [{"kind": "plain", "by": "self", "act": "tap"}] * 21,
        ],
    )
    def test_a_consent_is_a_kind_a_person_and_an_act(self, value: object) -> None:
        assert faults(consent=value) == {"malformed:consent"}

    def test_every_fault_is_told_at_once(self) -> None:
        raw = {
            "category": 1,
            "channel": "post",
            "site": [],
            "fields": 1,
            "key": 1,
            "notice": 1,
            "consent": 1,
            "x": 1,
        }

        assert faults(raw) == {
            *("malformed:category", "wrong_channel:channel", "malformed:site", "malformed:fields"),
            *("malformed:key", "malformed:notice", "malformed:consent", "malformed:x"),
        }

    @pytest.mark.parametrize("name", ["category", "channel", "site"])
    def test_a_door_that_says_it_is_not_overruled(self, name: str) -> None:
        elsewhere = {"category": "vehicle", "channel": "kiosk", "site": "other"}
        changes: dict[str, Any] = {name: elsewhere[name]}
        defaults = Defaults(**changes)

        assert faults(defaults=defaults) == {f"malformed:{name}"}

    def test_a_door_that_says_it_need_not_be_told(self) -> None:
        defaults = Defaults(category="visitor", channel="desk", site="main")

        read = parse(a_submission(category=..., channel=..., site=...), defaults, START)

        assert isinstance(read, Submission)
        assert (read.category, read.channel, read.site) == ("visitor", Channel.DESK, "main")

    def test_a_valid_submission_says_all_that_was_sent(self) -> None:
        read = parsed(key="k1", declined={"visitor_name": "host_confirm"})

        assert read.key == "k1"
        assert read.declined == {"visitor_name": "host_confirm"}
        assert [act.kind for act in read.consent] == [ConsentKind.PLAIN]

    def test_a_submission_does_not_show_its_values(self) -> None:
        assert "张三" not in repr(parsed())

    @pytest.mark.parametrize("member", sorted(a_submission(key="k", collected_at="x", declined={})))
    @pytest.mark.parametrize("value", HOSTILE, ids=lambda value: type(value).__name__)
    def test_no_value_of_any_member_raises(self, member: str, value: object) -> None:
        parse(a_submission() | {member: value}, Defaults(), START)

    @settings(max_examples=100)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from([*a_submission(), "key", "x"]) | st.text(max_size=8), inner, max_size=8
                )
            ),
            max_leaves=20,
        )
    )
    def test_no_json_raises(self, raw: object) -> None:
        parse(raw, Defaults(), START)
        decode(json.dumps(raw))


class TestStaffIds:
    @pytest.mark.parametrize("value", ["staff-7", "guard-A12", "kiosk2-1"])
    def test_a_staff_id_is_opaque(self, value: str) -> None:
        assert is_staff_id(value)

    @pytest.mark.parametrize(
        "value",
        ["", "staff", "张三", "staff-", "-7", "staff 7", "staff-7\n", "19400000001", None, 7, [], "staff-李"],
    )
    def test_a_name_does_not_come_in_this_way(self, value: object) -> None:
        assert not is_staff_id(value)

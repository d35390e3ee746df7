"""Files of rows, read line by line: every line an answer with its number, no answer a value."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.mapping import CsvMapping
from compliance.domain.reasons import Reason
from compliance.domain.submission import LARGEST_BYTES
from compliance.services.imports import read_csv, read_ndjson
from compliance.services.tables import columns_of

MAPPING = CsvMapping(
    constants={"category": "visitor", "channel": "desk"},
    collected_at=("{made}",),
    fields={"visitor_name": ("{first} {last}",), "entry_time": ("{came}", "{made}"), "party_size": ("{n}",)},
    times=frozenset({"entry_time"}),
    counts=frozenset({"party_size"}),
    formats=("%Y-%m-%d %H:%M:%S", "%b %d %Y %I:%M%p"),
    timezone=ZoneInfo("America/New_York"),
)
HEADER = "first,last,made,came,n\n"


def csv(text: str, mapping: CsvMapping = MAPPING, encoding: str = "utf-8") -> list[tuple[int, object]]:
    return list(read_csv(io.BytesIO(text.encode(encoding)), mapping))


def codes(answer: object) -> list[str]:
    assert isinstance(answer, tuple)
    return [one.code.value for one in answer if isinstance(one, Reason)]


class TestNdjson:
    def test_each_line_is_a_value_with_its_number(self) -> None:
        lines = io.BytesIO(b'{"a":1}\n\n  \n{"b":2}')

        assert list(read_ndjson(lines)) == [(1, {"a": 1}), (4, {"b": 2})]

    def test_a_byte_order_mark_is_no_content(self) -> None:
        assert list(read_ndjson(io.BytesIO(b'\xef\xbb\xbf{"a":1}\n'))) == [(1, {"a": 1})]

    @pytest.mark.parametrize(
        "line",
        [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":"\\ud800"}', b"\xff\xfe", b"{", b"[" * 5000],
        ids=["twice", "NaN", "surrogate", "bytes", "cut off", "deep"],
    )
    def test_a_line_that_cannot_be_read_does_not_stop_the_next(self, line: bytes) -> None:
        (first, answer), second = read_ndjson(io.BytesIO(line + b'\n{"b":2}\n'))

        assert (first, codes(answer)) == (1, ["malformed"])
        assert second == (2, {"b": 2})

    def test_an_endless_line_is_refused_without_being_held(self) -> None:
        class Endless(io.RawIOBase):
            asked = 0

            def readline(self, size: int | None = -1, /) -> bytes:
                assert size is not None
                assert 0 < size <= LARGEST_BYTES + 2
                self.asked += 1
                return b"x" * size if self.asked < 200 else b"\n"

        lines = read_ndjson(Endless())  # type: ignore[arg-type]
        number, answer = next(lines)

        assert (number, codes(answer)) == (1, ["too_large"])

    def test_reading_is_lazy(self) -> None:
        stream = io.BytesIO(b'{"a":1}\n' * 1000)
        lines: Iterator[object] = read_ndjson(stream)

        next(lines)

        assert stream.tell() < 100


class TestCsv:
    def test_a_row_is_a_submission(self) -> None:
        ((number, raw),) = csv(HEADER + "San,Zhang,2022-12-20 09:00:00,Dec 23 2022  7:17PM,2\n")

        assert number == 2
        assert isinstance(raw, dict)
        assert raw.pop("key").startswith("row-")
        assert raw == {
            "category": "visitor",
            "channel": "desk",
            "collected_at": "2022-12-20T09:00:00-05:00",
            "fields": {
                "visitor_name": "San Zhang",
                "entry_time": "2022-12-23T19:17:00-05:00",
                "party_size": 2,
            },
        }

    def test_a_row_refers_to_the_pass_that_was_shown_and_an_empty_cell_to_none(self) -> None:
        header, line = HEADER.rstrip("\n"), ",,2022-07-01 09:00:00,,"
        mapping = replace(MAPPING, pass_code=("{slip}",))

        (_, shown), (_, without) = csv(f"{header},slip\n{line},ABCD-EFGH-JKMN\n{line},\n", mapping)

        assert isinstance(shown, dict)
        assert isinstance(without, dict)
        assert shown["pass"] == "ABCD-EFGH-JKMN"
        assert "pass" not in without
        assert columns_of(mapping)["pass"] == ("slip",)  # a refusal names the clerk's own column

    def test_a_mapping_that_names_a_pass_needs_its_column(self) -> None:
        with pytest.raises(ConfigurationInvalid, match="slip"):
            csv(HEADER, replace(MAPPING, pass_code=("{slip}",)))

    def test_the_first_template_that_gives_anything_is_taken_and_empty_is_absent(self) -> None:
        ((_, raw),) = csv(HEADER + ",,2022-07-01 09:00:00,,\n")

        assert isinstance(raw, dict)
        assert raw.pop("key").startswith("row-")
        assert raw == {
            "category": "visitor",
            "channel": "desk",
            "collected_at": "2022-07-01T09:00:00-04:00",
            "fields": {"entry_time": "2022-07-01T09:00:00-04:00"},
        }

    def test_what_is_no_time_and_no_number_is_left_for_the_gate_to_refuse(self) -> None:
        ((_, raw),) = csv(HEADER + "San,Zhang,soon,later,many\n")

        assert isinstance(raw, dict)
        assert raw["collected_at"] == "soon"
        assert raw["fields"]["entry_time"] == "later"
        assert raw["fields"]["party_size"] == "many"

    def test_a_column_that_nobody_decided_about_stops_the_import(self) -> None:
        with pytest.raises(ConfigurationInvalid, match="id_number"):
            csv("first,last,made,came,n,id_number\n")

    def test_a_column_may_be_left_behind_on_purpose(self) -> None:
        mapping = replace(MAPPING, drop=frozenset({"id_number"}))

        ((_, raw),) = csv("first,last,made,came,n,id_number\nSan,,2022-07-01 09:00:00,,,CANARY\n", mapping)

        assert "CANARY" not in json.dumps(raw)

    def test_or_be_passed_on_under_its_own_name(self) -> None:
        mapping = replace(MAPPING, pass_extra=True)

        rows = csv(
            "first,last,made,came,n,证件号\nSan,,2022-07-01 09:00:00,,,1\nSi,,2022-07-01 09:00:00,,,\n",
            mapping,
        )

        assert [set(raw["fields"]) for _, raw in rows] == [  # type: ignore[index]
            {"visitor_name", "entry_time", "证件号"},
            {"visitor_name", "entry_time"},
        ]

    def test_a_file_without_a_header_is_not_quoted_in_the_error(self) -> None:
        with pytest.raises(ConfigurationInvalid) as fault:
            csv("CANARY,Zhang,2022-07-01 09:00:00,,2\n")

        assert "CANARY" not in str(fault.value)
        assert "first" in str(fault.value)

    @pytest.mark.parametrize("header", ["", "first,last,made,came,n,n\n", "first,last,made\n"])
    def test_a_header_that_does_not_agree_is_refused(self, header: str) -> None:
        with pytest.raises(ConfigurationInvalid):
            csv(header)

    @pytest.mark.parametrize(
        "row",
        ["San,Zhang\n", "a,b,c,d,e,f\n", 'San,"Zh"ang,x,y,1\n', "San\0,Zhang,x,y,1\n"],
        ids=["short", "long", "quotes", "NUL"],
    )
    def test_a_malformed_row_does_not_stop_the_next(self, row: str) -> None:
        (first, answer), (second, raw) = csv(HEADER + row + "Si,Li,2022-07-01 09:00:00,,\n")

        assert (first, codes(answer)) == (2, ["malformed"])
        assert second == 3
        assert isinstance(raw, dict)
        assert raw["fields"]["visitor_name"] == "Si Li"

    def test_bytes_of_another_encoding_are_one_malformed_row(self) -> None:
        stream = io.BytesIO(HEADER.encode() + b"\xd5\xc5,x,,,\nSi,Li,2022-07-01 09:00:00,,\n")

        (first, answer), (second, _) = read_csv(stream, MAPPING)

        assert (first, codes(answer), second) == (2, ["malformed"], 3)

    def test_a_file_of_an_older_system_is_read_when_the_mapping_says_so(self) -> None:
        mapping = replace(MAPPING, encoding="gb18030", delimiter=";")

        ((_, raw),) = csv(HEADER.replace(",", ";") + "三;张;2022-07-01 09:00:00;;\n", mapping, "gb18030")

        assert isinstance(raw, dict)
        assert raw["fields"]["visitor_name"] == "三 张"

    def test_a_quoted_cell_may_hold_a_line_feed_and_the_numbers_stay_true(self) -> None:
        rows = csv(HEADER + '"San\nx",Zhang,2022-07-01 09:00:00,,\n\nSi,Li,2022-07-01 09:00:00,,\n')

        assert [number for number, _ in rows] == [2, 5]

    def test_a_quotation_that_never_ends_is_too_large_and_what_follows_is_read(self) -> None:
        long = '"' + "x\n" * LARGEST_BYTES
        answers = csv(HEADER + long + "Si,Li,2022-07-01 09:00:00,,\n")

        assert codes(answers[0][1]) == ["too_large"]
        assert isinstance(answers[-1][1], dict)
        assert answers[-1][0] == 2 + LARGEST_BYTES

    def test_a_key_of_the_lines_number_makes_an_import_repeatable(self) -> None:
        mapping = replace(MAPPING, key="visits-{line}")

        ((_, raw),) = csv(HEADER + "San,Zhang,2022-07-01 09:00:00,,\n", mapping)

        assert isinstance(raw, dict)
        assert raw["key"] == "visits-2"

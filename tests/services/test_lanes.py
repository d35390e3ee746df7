"""The accepting path says only yes, and says it only where the policy does: to the same parts, tokens and counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.domain.collection import Admitted, Circumstances, Refused, admit
from compliance.domain.formats import FURTHEST, Unfit, read_value
from compliance.domain.plain_forms import PLAIN_TIME, plain_form
from compliance.domain.policy import FieldRule, Pack
from compliance.domain.submission import CLOCK_SKEW, Defaults, parse, parse_time
from compliance.domain.vocabulary import Channel, Door, FieldType, StoreForm
from compliance.policies.instruments import INSTRUMENTS
from compliance.policies.loader import load, shipped
from compliance.services.judging import Judging
from compliance.services.lanes import Lanes, compiled
from tests.builders import (
    MOBILE,
    ORAL,
    START,
    a_field,
    a_full_submission,
    a_pack,
    a_pack_with,
    a_rule,
    fitting_fields,
)
from tests.strategies import ID_NUMBER, names, submissions

MANY = settings(max_examples=400, deadline=None)
PACKS: dict[str, Pack] = {"residential": a_pack(), "office": load(shipped("office"))}
LANES = {name: Lanes(pack, INSTRUMENTS) for name, pack in PACKS.items()}
POSTED = {"mode": "posted"}


def around(pack: Pack, now: datetime = START) -> Circumstances:
    return Circumstances(pack=pack, now=now, tools=INSTRUMENTS, notice_version=lambda *_: None)


def in_full(raw: Any, defaults: Defaults, pack: Pack, now: datetime = START) -> Admitted | Refused:
    """What the specification says: parsed, and judged without any lane."""
    if isinstance(raw, dict) and "site" not in raw and defaults.site is None:
        raw = {**raw, "site": pack.site.name}
    read = parse(raw, defaults, now)
    return Refused(reasons=read) if isinstance(read, tuple) else admit(read, around(pack, now))


def quickly(raw: Any, defaults: Defaults, pack: Pack, now: datetime = START) -> Admitted | Refused:
    return Judging(LANES[pack.name], around(pack, now), defaults).decide(raw).verdict


def same(one: Admitted | Refused, other: Admitted | Refused) -> None:
    assert type(one) is type(other)
    if isinstance(one, Admitted) and isinstance(other, Admitted):
        assert {part.retention_class: (part.term, dict(part.content)) for part in one.parts} == {
            part.retention_class: (part.term, dict(part.content)) for part in other.parts
        }
        assert set(one.subjects) == set(other.subjects)
        assert (one.cell, one.consent_given, one.stripped) == (
            other.cell,
            other.consent_given,
            other.stripped,
        )
        assert one.policy is other.policy
    else:
        assert one == other


# -- what a lane is sent -----------------------------------------------------------------------------------------------

moments = st.datetimes(
    min_value=START.replace(year=2025, tzinfo=None), max_value=START.replace(tzinfo=None)
).flatmap(
    lambda at: st.sampled_from(
        [f"{at:%Y-%m-%dT%H:%M:%S}+08:00", f"{at:%Y-%m-%dT%H:%M:%S}+00:00", f"{at:%Y-%m-%dT%H:%M:%S}-05:30"]
    )
)
recent = st.integers(0, 40 * 24 * 3600).map(
    lambda ago: (START - timedelta(seconds=ago)).isoformat(timespec="seconds")
)
rooms = st.from_regex(plain_form(a_rule(FieldType.ROOM), {}) or "", fullmatch=True) | st.sampled_from(
    ["3-1-1201", "A座1203", "３栋１２０１", "12#303", "第5单元", "1940-0000-001", "3--1", "", " 3-1 "]
)
people = st.sampled_from(
    [
        "张三",
        "欧阳·娜娜",
        "O'Neil",
        "张 三",
        " 张三",
        "一三八零零零零零零零零",
        "健康码",
        "微信abcdef",
        "张三1",
        "A" * 31,
        "ｚ",
        "",
    ]
)
by_type: Mapping[FieldType, st.SearchStrategy[Any]] = {
    FieldType.PERSON_NAME: people,
    FieldType.MOBILE: st.sampled_from(
        [MOBILE, "+86 194-0000-0001", "1940000000", "１９４００００００００１", 19400000001]
    ),
    FieldType.PLATE: st.sampled_from(
        ["京A00000", "京AD00000", "京a00000", "粤Z0000港", "京A0000", "使000000"]
    ),
    FieldType.ROOM: rooms,
    FieldType.COUNT: st.integers(-1, 60) | st.booleans() | st.just("2"),
    FieldType.TIME: moments
    | recent
    | st.sampled_from(["2026-W10-1T04:00:00+00:00", "2026-02-30T04:00:00+08:00", "x"]),
    FieldType.TEXT: st.sampled_from(
        [
            "送快递",
            "看房。",
            f"证件{ID_NUMBER}",
            "给１９４００００００００１打电话",
            "a\x1fb",
            "\x00",
            "等人、取件",
        ]
    ),
}


def value_of(rule: FieldRule) -> st.SearchStrategy[Any]:
    if rule.type is FieldType.CODE:
        return st.sampled_from([*rule.values, "别的", ""])
    return by_type.get(rule.type, st.none())


@st.composite
def lines(draw: st.DrawFn) -> tuple[Pack, dict[str, Any]]:
    """A line near what a category takes: fitting values, some replaced by near misses, some left out."""
    pack = PACKS[draw(st.sampled_from(sorted(PACKS)))]
    policy = pack.categories[draw(st.sampled_from(sorted(pack.categories)))]
    channel = draw(st.sampled_from([*policy.channels, *Channel]))
    fields: dict[str, Any] = {}
    for name, rule in policy.fields.items():
        if rule.required or draw(st.booleans()):
            fields[name] = draw(value_of(rule))
    if draw(st.integers(0, 9)) == 0:
        fields[draw(names)] = draw(st.sampled_from(["x", ID_NUMBER, None, ""]))
    notice: Any = draw(
        st.sampled_from([POSTED, ORAL, {"mode": "screen", "id": "x"}, {"mode": "oral"}, {}, None, []])
    )
    line = {"category": policy.category, "channel": channel.value, "fields": fields, "notice": notice}
    line["collected_at"] = draw(recent | moments)
    if draw(st.booleans()):
        line["site"] = draw(st.sampled_from(["main", "office", pack.site.name, None, 7]))
    return pack, line


class TestBothPathsAgree:
    @MANY
    @given(sent=lines(), door=st.sampled_from(Door))
    def test_on_every_line_that_a_machine_may_send(
        self, sent: tuple[Pack, dict[str, Any]], door: Door
    ) -> None:
        pack, line = sent
        same(quickly(line, Defaults(door=door), pack), in_full(line, Defaults(door=door), pack))

    @MANY
    @given(raw=submissions, door=st.sampled_from(Door), site=st.sampled_from([None, "main", "elsewhere"]))
    def test_on_what_people_and_attackers_send(self, raw: Any, door: Door, site: str | None) -> None:
        defaults = Defaults(door=door, site=site)
        same(quickly(raw, defaults, a_pack()), in_full(raw, defaults, a_pack()))

    @pytest.mark.parametrize("said", [{"category": "vehicle"}, {"channel": "lpr"}, {"category": "visitor"}])
    def test_on_what_a_path_or_a_key_already_says(self, said: dict[str, str]) -> None:
        line: dict[str, Any] = {"category": "vehicle", "channel": "lpr", "collected_at": START.isoformat()}
        line |= {"fields": {"plate_no": "京AD00000"}, "notice": POSTED}
        for left_out in ((), ("category",), ("channel",)):
            raw = {name: value for name, value in line.items() if name not in left_out}
            defaults = Defaults(door=Door.BATCH, **said)
            same(quickly(raw, defaults, a_pack()), in_full(raw, defaults, a_pack()))

    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    def test_on_every_category_with_all_its_fields(self, category: str) -> None:
        raw = a_full_submission(category)
        same(quickly(raw, Defaults(), a_pack()), in_full(raw, Defaults(), a_pack()))

    def test_on_the_second_before_a_period_is_over_and_on_the_one_after(self) -> None:
        left = START - timedelta(days=31)
        fields = {"plate_no": "京AD00000", "entry_time": (left - timedelta(hours=1)).isoformat()}
        line = {"category": "vehicle", "channel": "lpr", "notice": POSTED, "collected_at": left.isoformat()}
        raw = {**line, "fields": {**fields, "exit_time": left.isoformat()}}
        defaults = Defaults(door=Door.BATCH)
        verdicts = set()
        for second in range(-3 * 86_400, 3 * 86_400, 3600):
            now = START + timedelta(seconds=second)
            found = quickly(raw, defaults, a_pack(), now)
            same(found, in_full(raw, defaults, a_pack(), now))
            verdicts.add(type(found))
        assert verdicts == {Admitted, Refused}


class TestTheQuickPathIsTaken:
    """Equal verdicts alone would also hold for a path that never says yes."""

    def test_for_a_plain_line_of_a_camera(self) -> None:
        lane = LANES["residential"].lane("vehicle", "lpr", consented=False)

        assert lane is not None
        assert lane.admit(
            {"plate_no": "京AD00000"}, START, START - FURTHEST, START + CLOCK_SKEW, START.timestamp()
        )

    @pytest.mark.parametrize(
        ("pack", "category"),
        [(name, category) for name, pack in PACKS.items() for category in sorted(pack.categories)],
    )
    def test_for_every_category_that_lets_nobody_through_unregistered(self, pack: str, category: str) -> None:
        policy = PACKS[pack].categories[category]
        lanes = [LANES[pack].lane(category, channel, consented=True) for channel in policy.channels]

        assert all(lanes) is not policy.exempt

    def test_for_a_whole_visit_with_notice_and_consent(self) -> None:
        lane = LANES["residential"].lane("visitor", "desk", consented=True)
        assert lane is not None
        fields = {name: value for name, value in fitting_fields("visitor").items() if name in lane.rules}
        read = parse(a_full_submission("visitor", fields=fields), Defaults(), START)
        assert not isinstance(read, tuple)

        assert len(fields) > 4
        assert LANES["residential"].accept(read, around(a_pack())) is not None


class TestAPlainValue:
    @pytest.mark.parametrize(
        "type_", [FieldType.PERSON_NAME, FieldType.ROOM, FieldType.TEXT, FieldType.MOBILE, FieldType.PLATE]
    )
    @settings(max_examples=200, deadline=None)
    @given(sample=st.data())
    def test_fits_its_field_and_is_its_own_normal_form(self, type_: FieldType, sample: st.DataObject) -> None:
        rule = a_rule(type_)
        form = plain_form(rule, INSTRUMENTS.plain)
        assert form is not None
        value = sample.draw(st.from_regex(form, fullmatch=True))
        try:
            assert read_value(rule, value, START, INSTRUMENTS) == value
        except Unfit:
            assert INSTRUMENTS.may_be_sure(value) or (type_ is FieldType.TEXT and INSTRUMENTS.may_hold(value))
            assert type_ in (FieldType.PERSON_NAME, FieldType.TEXT), (
                "only what is searched may hide something"
            )

    @settings(max_examples=300, deadline=None)
    @given(text=st.from_regex(PLAIN_TIME, fullmatch=True))
    def test_a_plain_moment_is_the_one_that_the_strict_reader_reads(self, text: str) -> None:
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            return
        assert parse_time(text) == read

    @settings(max_examples=300, deadline=None)
    @given(
        text=st.text(max_size=40)
        | st.sampled_from([MOBILE, ID_NUMBER, "健康码", "微信号abc_123", "京A00000"])
    )
    def test_nothing_is_found_where_nothing_may_be_held(self, text: str) -> None:
        found = INSTRUMENTS.scan(text)
        assert INSTRUMENTS.may_hold(text) or found == ()
        assert INSTRUMENTS.may_be_sure(text) or "certain" not in {one.certainty for one in found}


class TestWhatAPolicyMaySay:
    def test_no_word_of_a_policy_becomes_code(self) -> None:
        words = ("'); raise SystemExit(", "探亲\x1f访友", ")|(?:.*", "{0}", "\\")
        for values in ((words[0],), (words[2], "看房"), words):
            pack = a_pack_with(fields={"visit_purpose": a_field("visit_purpose", values=values)})
            for value in (*words, "看房", "x"):
                raw = a_full_submission("visitor", fields={"visit_purpose": value})
                lanes = Lanes(pack, INSTRUMENTS)
                quick = Judging(lanes, around(pack), Defaults()).decide(raw).verdict
                same(quick, in_full(raw, Defaults(), pack))

    @pytest.mark.parametrize("store", list(StoreForm))
    def test_what_is_kept_of_a_value_is_what_the_specification_keeps(self, store: StoreForm) -> None:
        fields = {
            **a_pack().categories["visitor"].fields,
            "visitor_phone": a_field("visitor_phone", store=store),
        }
        pack = a_pack_with(fields=fields)
        raw = a_full_submission("visitor", fields={**fitting_fields("visitor"), "visitor_phone": MOBILE})
        raw["fields"] = {
            name: value for name, value in raw["fields"].items() if fields[name].type not in _APART
        }
        quick = Judging(Lanes(pack, INSTRUMENTS), around(pack), Defaults()).decide(raw).verdict

        same(quick, in_full(raw, Defaults(), pack))
        assert isinstance(quick, Admitted)

    def test_a_lane_is_left_out_where_a_needed_field_has_no_plain_form(self) -> None:
        rule = a_rule(FieldType.VERIFICATION, name="id_check", required=True)
        policy = a_pack_with(fields={"id_check": rule}).categories["visitor"]

        assert compiled(policy, Channel.DESK, a_pack(), INSTRUMENTS, consented=True) is None


_APART = (FieldType.VERIFICATION, FieldType.ATTACHMENT)


def test_a_plain_line_is_decided_from_its_bytes_as_from_its_object() -> None:
    line = {"category": "vehicle", "channel": "lpr", "notice": POSTED, "collected_at": START.isoformat()}
    raw = {**line, "fields": {"plate_no": "京AD00000"}}
    defaults = Defaults(door=Door.BATCH)

    same(quickly(json.dumps(raw).encode(), defaults, a_pack()), quickly(raw, defaults, a_pack()))

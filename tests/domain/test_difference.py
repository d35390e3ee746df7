"""Each kind of change, its direction and its way back: classed on the values, said in both languages."""

from dataclasses import replace
from typing import Any

import pytest

from compliance.domain.difference import Difference, Direction, compare
from compliance.domain.policy import FieldRule, Pack, Party, Text
from compliance.domain.schedule import Floor, Period, Start
from compliance.domain.vocabulary import (
    Basis,
    BasisProfile,
    Channel,
    FieldType,
    Mode,
    OnIdentifier,
    Role,
    Sensitivity,
    ShowAs,
    StoreForm,
)
from tests.builders import a_field, a_pack, a_pack_with, a_retention, a_rule, with_field

NARROWS, WIDENS, NEUTRAL = Direction.NARROWS, Direction.WIDENS, Direction.NEUTRAL
OPPOSITE = {NARROWS: WIDENS, WIDENS: NARROWS}


def told(difference: Difference) -> set[tuple[str, str, Direction]]:
    return {(one.field, one.aspect, one.direction) for one in difference.changes}


def one_field(was: dict[str, Any], now: dict[str, Any], base: Any) -> tuple[Pack, Pack]:
    return with_field(replace(base, **was)), with_field(replace(base, **now))


NOTE = a_rule(FieldType.TEXT, name="note", required=False, basis={"": Basis.CONSENT})
COUNT = a_field("party_size")
CODE = a_field("visit_purpose", values=("探亲访友", "看房", "商务"))
TIME = a_rule(FieldType.TIME, name="until", required=False)
MINUTE, HOUR = {"show_as": ShowAs.MINUTE}, {"show_as": ShowAs.HOUR}

# Each from the wider to the narrower: the way back widens.
ORDERED = [
    ("longest", {"longest": 200}, {"longest": 20}, NOTE),
    ("most", {"most": 50}, {"most": 5}, COUNT),
    ("values", {}, {"values": ("探亲访友", "看房")}, CODE),
    ("furthest", {"furthest": Period.parse("P1Y")}, {"furthest": Period.parse("P6M")}, TIME),
    ("furthest", {"furthest": Period.parse("30d")}, {"furthest": None}, TIME),
    ("on_identifier", {"on_identifier": OnIdentifier.FLAG}, {"on_identifier": OnIdentifier.REFUSE}, NOTE),
    ("on_possible", {"on_possible": OnIdentifier.FLAG}, {"on_possible": OnIdentifier.STRIP}, NOTE),
    ("store", {"store": StoreForm.SEALED}, {"store": StoreForm.MASKED}, NOTE),
    ("store", {"store": StoreForm.MASKED}, {"store": StoreForm.MATCH}, NOTE),
    ("show_as", {"show_as": ShowAs.FULL}, {"show_as": ShowAs.MASK}, NOTE),
    ("show_as", MINUTE, HOUR, TIME),
    ("sensitivity", {"sensitivity": Sensitivity.NORMAL}, {"sensitivity": Sensitivity.SENSITIVE}, NOTE),
    ("consent", {"sensitivity": Sensitivity.NORMAL}, {"sensitivity": Sensitivity.SENSITIVE}, NOTE),
    ("basis", {"basis": {"": Basis.CONTRACT}}, {"basis": {"": Basis.CONSENT}}, NOTE),
    ("consent", {"basis": {"": Basis.CONTRACT}}, {"basis": {"": Basis.CONSENT}}, NOTE),
    ("amendable", {"amendable": True}, {"amendable": False}, NOTE),
    (
        "read_by",
        {"read_by": {"dispute": (Role.OFFICER, Role.GUARD)}},
        {"read_by": {"dispute": (Role.OFFICER,)}},
        NOTE,
    ),
    ("read_by", {"read_by": {"dispute": (Role.OFFICER,)}}, {"read_by": {}}, NOTE),
    ("keep", {"retention": a_retention("30d")}, {"retention": a_retention("7d")}, NOTE),
    ("keep", {"retention": a_retention("31d")}, {"retention": a_retention("P1M")}, NOTE),
    ("keep", {"retention": a_retention("1d")}, {"retention": a_retention("24h")}, NOTE),
    ("then", {"retention": replace(a_retention(), then="anonymise")}, {"retention": a_retention()}, NOTE),
]


class TestWhatHasAnOrder:
    @pytest.mark.parametrize(("aspect", "wide", "narrow", "base"), ORDERED)
    def test_one_way_narrows_and_the_way_back_widens(
        self, aspect: str, wide: dict[str, Any], narrow: dict[str, Any], base: Any
    ) -> None:
        wider, narrower = one_field(wide, narrow, base)

        assert (base.name, aspect, NARROWS) in told(compare(wider, narrower))
        assert (base.name, aspect, WIDENS) in told(compare(narrower, wider))
        assert compare(wider, narrower).narrows_only

    @pytest.mark.parametrize(("aspect", "wide", "narrow", "base"), ORDERED)
    def test_every_change_is_said_in_both_languages(
        self, aspect: str, wide: dict[str, Any], narrow: dict[str, Any], base: Any
    ) -> None:
        for change in compare(*one_field(wide, narrow, base)).changes:
            assert change.zh.startswith("访客")
            assert change.en.startswith("Visitor")
            assert not change.zh.endswith("：")


class TestWhatHasNone:
    """Neither always less nor always more is widening."""

    @pytest.mark.parametrize(
        ("aspect", "one", "other", "base"),
        [
            ("keep", {"retention": a_retention("P1M")}, {"retention": a_retention("30d")}, NOTE),
            ("show_as", {"show_as": ShowAs.MASK}, {"show_as": ShowAs.SURNAME}, NOTE),
            ("purpose", {"purpose": "entry_security"}, {"purpose": "dispute"}, NOTE),
            ("face", {"face": ""}, {"face": "device"}, NOTE),
            ("type", {"type": FieldType.TEXT}, {"type": FieldType.ROOM}, NOTE),
            ("basis", {"basis": {"": Basis.CONTRACT}}, {"basis": {"": Basis.STATUTORY}}, NOTE),
            ("starts", {"retention": a_retention()}, {"retention": a_retention(starts="entry_time")}, NOTE),
        ],
    )
    def test_both_ways_widen(
        self, aspect: str, one: dict[str, Any], other: dict[str, Any], base: Any
    ) -> None:
        first, second = one_field(one, other, base)

        assert (base.name, aspect, WIDENS) in told(compare(first, second))
        assert (base.name, aspect, WIDENS) in told(compare(second, first))


class TestFields:
    def test_a_field_more_widens_and_a_field_less_narrows(self) -> None:
        assert told(compare(a_pack(), with_field(NOTE))) == {("note", "field", WIDENS)}
        assert told(compare(with_field(NOTE), a_pack())) == {("note", "field", NARROWS)}

    def test_a_field_is_told_by_channel_where_not_all_may_bring_it(self) -> None:
        desk = with_field(replace(NOTE, channels=(Channel.DESK,)))
        more = with_field(replace(NOTE, channels=(Channel.DESK, Channel.PHONE)))

        assert [(one.channel, one.direction) for one in compare(a_pack(), desk).changes] == [("desk", WIDENS)]
        assert [(one.channel, one.direction) for one in compare(desk, more).changes] == [("phone", WIDENS)]
        assert [(one.channel, one.direction) for one in compare(more, desk).changes] == [("phone", NARROWS)]

    def test_what_nobody_has_to_give_any_longer_lets_in_what_was_refused(self) -> None:
        must, may = one_field({"required": True}, {"required": False}, NOTE)

        assert told(compare(must, may)) == {("note", "required", NEUTRAL)}
        assert told(compare(may, must)) == {("note", "required", WIDENS)}
        assert not compare(must, may).narrows_only

    def test_dropping_a_required_field_narrows_but_not_only(self) -> None:
        must = with_field(replace(NOTE, required=True))

        assert told(compare(must, a_pack())) == {("note", "field", NARROWS), ("note", "required", NEUTRAL)}
        assert compare(must, a_pack()).direction is NARROWS

    def test_a_way_in_that_goes_widens(self) -> None:
        name = a_field()
        fewer = with_field(replace(name, alternative={}))

        assert told(compare(a_pack(), fewer)) == {("visitor_name", "alternative", WIDENS)}
        assert told(compare(fewer, a_pack())) == {("visitor_name", "alternative", NEUTRAL)}

    def test_dropping_what_a_period_starts_from_may_keep_longer(self) -> None:
        fields = {
            name: rule for name, rule in a_pack().categories["visitor"].fields.items() if name != "exit_time"
        }

        assert ("exit_time", "clock", WIDENS) in told(compare(a_pack(), a_pack_with(fields=fields)))

    def test_where_faults_are_left_out_a_narrower_field_lets_the_rest_in(self) -> None:
        wide = with_field(NOTE, site={"mode": Mode.STRIP})
        narrow = with_field(replace(NOTE, longest=20), site={"mode": Mode.STRIP})

        assert told(compare(wide, narrow)) == {("note", "longest", NARROWS), ("note", "strip", NEUTRAL)}

    def test_other_words_are_neutral(self) -> None:
        renamed = with_field(a_field(label=Text(zh="称呼", en="Name")))

        assert told(compare(a_pack(), renamed)) == {("visitor_name", "wording", NEUTRAL)}


# Why an attribute of a field is not compared as it stands.
OF_A_FIELD = {
    "name",  # it is what fields are matched by
    "retention_class",  # where the fields lie, not how long
    "say",  # what a refusal says
    "under_duty",  # by its effect: what is asked of the person
    "separate",  # likewise
    "purpose",  # tried above
    "type",  # tried above
}


class TestNothingIsForgotten:
    """An attribute that somebody adds to a policy is compared, or named above with the reason why not."""

    @pytest.mark.parametrize("name", sorted(set(FieldRule.__dataclass_fields__) - OF_A_FIELD))
    def test_an_attribute_of_a_field_is_compared(self, name: str) -> None:
        other: dict[str, Any] = {
            "label": Text(zh="别的"),
            "necessity": "别的理由",
            "sensitivity": Sensitivity.SENSITIVE,
            "basis": {"": Basis.CONTRACT},
            "law_ref": "民法典 942",
            "required": True,
            "alternative": {"other": "其他"},
            "store": StoreForm.TOKEN,
            "show_as": ShowAs.MASK,
            "read_by": {},
            "retention": a_retention("7d"),
            "values": ("甲",),
            "longest": 7,
            "most": 7,
            "furthest": Period.parse("7d"),
            "on_identifier": OnIdentifier.FLAG,
            "on_possible": OnIdentifier.REFUSE,
            "auto": True,
            "amendable": True,
            "channels": (Channel.DESK,),
            "face": "device",
        }
        type_of = {"values": FieldType.CODE, "most": FieldType.COUNT, "furthest": FieldType.TIME}
        base = replace(NOTE, type=type_of.get(name, FieldType.TEXT))

        assert compare(*one_field({}, {name: other[name]}, base)).changes != ()


class TestPeriods:
    def test_a_period_of_all_fields_is_told_once(self) -> None:
        fields = {
            name: replace(rule, retention=replace(rule.retention, keep=Period.parse("7d")))
            for name, rule in a_pack().categories["visitor"].fields.items()
        }

        assert told(compare(a_pack(), a_pack_with(fields=fields))) == {("", "keep", NARROWS)}

    def test_a_fallback_that_comes_sooner_narrows(self) -> None:
        sooner = replace(a_retention(), or_else=Start.parse("entry_time + 12h"))
        wide, narrow = one_field({"retention": a_retention()}, {"retention": sooner}, NOTE)

        assert told(compare(wide, narrow)) == {("note", "or_else", NARROWS)}

    @pytest.mark.parametrize(("floor", "direction"), [("60d", WIDENS), ("7d", NEUTRAL)])
    def test_a_statute_s_minimum_counts_where_it_outlasts_the_period(
        self, floor: str, direction: Direction
    ) -> None:
        bound = replace(a_retention("30d"), floor=Floor(keep=Period.parse(floor), law_ref="保安条例 25(2)"))
        without, with_floor = one_field({"retention": a_retention("30d")}, {"retention": bound}, NOTE)

        assert told(compare(without, with_floor)) == {("note", "floor", direction)}


class TestCategoriesAndChannels:
    def test_a_register_more_or_less(self) -> None:
        fewer = replace(a_pack(), categories={"visitor": a_pack().categories["visitor"]})

        assert {one.direction for one in compare(a_pack(), fewer).changes} == {NARROWS}
        assert {one.aspect for one in compare(fewer, a_pack()).changes} == {"category"}
        assert compare(fewer, a_pack()).widens

    def test_a_channel_more_or_less(self) -> None:
        desk = a_pack_with(channels=(Channel.DESK,))

        assert told(compare(a_pack(), desk)) == {("", "channels", NARROWS)}
        assert told(compare(desk, a_pack())) == {("", "channels", WIDENS)}

    def test_who_can_no_longer_ask_by_what_they_gave_loses_something(self) -> None:
        mute = a_pack_with(subject=())

        assert told(compare(a_pack(), mute)) == {("", "subject", WIDENS)}

    def test_times_that_are_no_longer_compared_let_more_in(self) -> None:
        loose = a_pack_with(order=())

        assert told(compare(a_pack(), loose)) == {("", "order", WIDENS)}
        assert told(compare(loose, a_pack())) == {("", "order", NARROWS)}

    def test_a_register_of_children_widens(self) -> None:
        more = a_pack_with(children=True)

        assert told(compare(a_pack(), more)) == {("", "children", WIDENS)}
        assert told(compare(more, a_pack())) == {("", "children", NARROWS)}

    def test_an_exemption_takes_every_question_away(self) -> None:
        exempt = a_pack_with(exempt=True)

        assert ("", "exempt", WIDENS) in told(compare(a_pack(), exempt))


class TestTheSite:
    PARTY = Party(
        name="示例安防公司",
        contact="0000-2000009",
        purpose="维保",
        fields=("visitor_name",),
        until="2026-12-31",
    )

    def site(self, **changes: Any) -> Pack:
        return a_pack_with(site=changes)

    @pytest.mark.parametrize("kind", ["recipients", "entrusted"])
    def test_somebody_more_who_receives_widens(self, kind: str) -> None:
        more = self.site(**{kind: (self.PARTY,)})

        assert told(compare(a_pack(), more)) == {("", kind, WIDENS)}
        assert told(compare(more, a_pack())) == {("", kind, NARROWS)}

    @pytest.mark.parametrize(
        ("changes", "direction"),
        [
            ({"fields": ("visitor_name", "host_room")}, WIDENS),
            ({"fields": ()}, NARROWS),
            ({"purpose": "推销"}, WIDENS),
            ({"law_ref": "PIPL 13(1)(3)"}, WIDENS),
            ({"until": "2027-12-31"}, WIDENS),
            ({"until": "2026-06-30"}, NARROWS),
            ({"until": "合同结束"}, WIDENS),
            ({"contact": "0000-2000010"}, NEUTRAL),
        ],
    )
    def test_what_they_receive_is_compared(self, changes: dict[str, Any], direction: Direction) -> None:
        was = self.site(recipients=(self.PARTY,))
        now = self.site(recipients=(replace(self.PARTY, **changes),))

        assert told(compare(was, now)) == {("", "recipients", direction)}

    @pytest.mark.parametrize(
        ("aspect", "changes", "direction"),
        [
            ("mode", {"mode": Mode.STRIP}, WIDENS),
            ("automated", {"automated": True}, WIDENS),
            ("backup_days", {"backup_days": 60}, WIDENS),
            ("backup_days", {"backup_days": 7}, NARROWS),
            ("tally_floor", {"tally_floor": 50}, NARROWS),
            ("controller", {"controller": Party(name="另一物业", contact="0000-1")}, WIDENS),
            ("contacts", {"public_url": "https://yunshan.example"}, NEUTRAL),
            ("jurisdictions", {"jurisdictions": ("cn", "zhejiang")}, NEUTRAL),
        ],
    )
    def test_the_site_s_own_rules_are_compared(
        self, aspect: str, changes: dict[str, Any], direction: Direction
    ) -> None:
        assert ("", aspect, direction) in told(compare(a_pack(), self.site(**changes)))

    def test_the_duty_profile_asks_fewer_people(self) -> None:
        duty = self.site(basis_profile=BasisProfile.DUTY)
        found = compare(a_pack(), duty)

        assert ("", "basis_profile", WIDENS) in told(found)
        assert ("visitor_name", "consent", WIDENS) in told(found)
        assert ("visitor_phone", "consent", WIDENS) not in told(found)


def test_a_difference_is_counted_and_printed_for_machines() -> None:
    found = compare(a_pack(), with_field(NOTE))

    assert found.counted() == {NARROWS: 0, WIDENS: 1, NEUTRAL: 0}
    assert found.as_json()["direction"] == "widens"
    assert found.of("vehicle") == ()

"""What may be collected: each reason by its smallest cause, the exact set of reasons, and what is left when some go."""

from typing import Any

import pytest

from compliance.domain.collection import MOST_FIELDS, Admitted, Refused
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import Channel, Mode, OnIdentifier, ReasonCode
from tests.builders import (
    FIELDS,
    MOBILE,
    START,
    a_field,
    a_pack_with,
    a_rule,
    a_submission,
    codes,
    verdict,
    with_field,
)

ID_NUMBER = "100000199001010011"


def told(**changes: Any) -> set[str]:
    return codes(verdict(**changes))


def admitted(**changes: Any) -> Admitted:
    found = verdict(**changes)
    assert isinstance(found, Admitted), codes(found)
    return found


def contents(found: Admitted) -> dict[str, object]:
    return {name: value for part in found.parts for name, value in part.content.items()}


CAUSES: dict[ReasonCode, tuple[dict[str, Any], set[str]]] = {
    ReasonCode.OVER_COLLECTION: ({"fields": {"id_number": ID_NUMBER}}, {"over_collection:id_number"}),
    ReasonCode.MISSING_FIELD: ({"fields": {"visitor_name": ""}}, {"missing_field:visitor_name"}),
    ReasonCode.BAD_FORMAT: ({"fields": {"visitor_phone": "1"}}, {"bad_format:visitor_phone"}),
    ReasonCode.BAD_ORDER: (
        {"fields": {"entry_time": "2026-03-02T09:00:00+08:00", "exit_time": "2026-03-02T08:59:59+08:00"}},
        {"bad_order:exit_time"},
    ),
    ReasonCode.IDENTIFIER_IN_TEXT: (
        {"fields": {"visitor_name": "一三八一二三四五六七八"}},
        {"identifier_in_text:visitor_name"},
    ),
    ReasonCode.WRONG_CHANNEL: ({"channel": "lpr"}, {"wrong_channel:channel"}),
    ReasonCode.UNKNOWN_CATEGORY: ({"category": "spy"}, {"unknown_category:category"}),
    ReasonCode.NO_NOTICE: ({"notice": {"mode": "posted"}, "consent": None}, {"no_notice", "no_consent"}),
    ReasonCode.NO_CONSENT: ({"consent": None}, {"no_consent"}),
    ReasonCode.RECONSENT_REQUIRED: (
        {
            "notice": {"mode": "screen", "id": "old"},
            "consent": [{"kind": "plain", "by": "self", "act": "tap"}],
            "notices": {"old": 7},
        },
        {"reconsent_required"},
    ),
    ReasonCode.ALREADY_EXPIRED: ({"collected_at": "2025-12-01T10:00:00+08:00"}, {"already_expired"}),
    ReasonCode.MALFORMED: ({"site": "elsewhere"}, {"malformed:site"}),
    ReasonCode.TOO_LARGE: ({"fields": {"visitor_name": "张" * 31}}, {"too_large:visitor_name"}),
}


class TestReasons:
    @pytest.mark.parametrize("code", CAUSES)
    def test_every_reason_has_its_cause_and_comes_alone(self, code: ReasonCode) -> None:
        changes, expected = CAUSES[code]

        assert told(**changes) == expected
        assert isinstance(verdict(), Admitted)  # the same, without its cause

    def test_every_reason_can_be_had_here_but_the_gates_own(self) -> None:
        assert set(ReasonCode) - set(CAUSES) == {ReasonCode.KEY_REUSED}

    @pytest.mark.parametrize("code", CAUSES)
    def test_no_reason_repeats_a_value(self, code: ReasonCode) -> None:
        found = verdict(**CAUSES[code][0])
        assert isinstance(found, Refused)

        said = " ".join(f"{one.zh} {one.en} {one.article} {one!r}" for one in found.reasons)

        for value in (ID_NUMBER, "一三八一二三四五六七八", "张张", "spy", "elsewhere", "2025-12-01"):
            assert value not in said

    @pytest.mark.parametrize("code", CAUSES)
    def test_every_reason_speaks_both_languages_and_leaves_no_slot_open(self, code: ReasonCode) -> None:
        found = verdict(**CAUSES[code][0])
        assert isinstance(found, Refused)

        for one in found.reasons:
            assert one.zh
            assert one.en
            assert one.article
            assert "{" not in one.zh + one.en

    def test_all_faults_are_told_at_once(self) -> None:
        assert told(
            fields={"visitor_name": "12", "visitor_phone": "1", "id_number": ID_NUMBER, "host_room": ""},
            notice=None,
            consent=None,
        ) == {
            *("bad_format:visitor_name", "bad_format:visitor_phone", "over_collection:id_number"),
            *("missing_field:host_room", "no_notice", "no_consent"),
        }

    def test_more_fields_than_any_form_has_are_not_looked_at(self) -> None:
        many = {f"field_{number}": "x" for number in range(MOST_FIELDS)}

        assert told(fields=many) == {"too_large:fields"}

    @pytest.mark.parametrize(
        "name", ["身份证号", "id_number", "face", "constructor", "__class__", "", "\x00", "visitor_name "]
    )
    def test_a_field_that_the_policy_does_not_name_is_never_skipped(self, name: str) -> None:
        assert told(fields={name: "x"}) == {f"over_collection:{name}" if name else "over_collection"}

    def test_a_field_that_the_policy_does_not_name_is_not_skipped_for_being_empty(self) -> None:
        assert told(fields={"id_number": None}) == {"over_collection:id_number"}

    def test_a_field_of_another_channel_is_refused(self) -> None:
        raw = a_submission(category="vehicle", channel="lpr", notice={"mode": "posted"}, consent=None)

        found = verdict(raw | {"fields": {"plate_no": "京A00000", "driver_phone": MOBILE}})

        assert codes(found) == {"wrong_channel:driver_phone"}

    def test_a_channel_does_not_lack_what_it_may_not_bring(self) -> None:
        pack = with_field(a_field("host_room", channels=(Channel.KIOSK,)))

        assert told(fields={"host_room": None}, pack=pack) == {"wrong_channel:host_room"}
        raw = a_submission() | {"fields": {"visitor_name": "张三"}}
        assert isinstance(verdict(raw, pack=pack), Admitted)


class TestDeclining:
    def test_a_name_may_be_left_out_once_the_host_has_confirmed(self) -> None:
        found = admitted(
            fields={"visitor_name": None, "host_confirm": "已确认"}, declined={"visitor_name": "host_confirm"}
        )

        assert "visitor_name" not in contents(found)

    def test_the_hosts_word_is_then_needed(self) -> None:
        assert told(fields={"visitor_name": None}, declined={"visitor_name": "host_confirm"}) == {
            "missing_field:host_confirm"
        }

    def test_a_way_that_is_no_field_needs_nothing_more(self) -> None:
        assert told(fields={"host_room": None}, declined={"host_room": "front_desk_call"}) == set()

    @pytest.mark.parametrize(
        ("declined", "reasons"),
        [
            ({"visitor_name": "bribe"}, {"malformed:visitor_name", "missing_field:visitor_name"}),
            ({"host_room": "host_confirm"}, {"malformed:host_room"}),
            ({"nothing_known": "host_confirm"}, {"malformed:nothing_known"}),
        ],
    )
    def test_a_way_that_the_policy_does_not_offer_is_none(
        self, declined: dict[str, str], reasons: set[str]
    ) -> None:
        fields = {"visitor_name": None} if "visitor_name" in declined else {}

        assert told(fields=fields, declined=declined) == reasons

    def test_what_was_declined_is_not_sent_all_the_same(self) -> None:
        assert told(declined={"visitor_name": "host_confirm"}) == {"malformed:visitor_name"}

    def test_declining_what_is_optional_is_a_statement_and_no_fault(self) -> None:
        assert told(declined={"visitor_phone": "no"}) == set()

    def test_a_required_field_at_fault_is_not_also_missing(self) -> None:
        assert told(fields={"visitor_name": 5}) == {"bad_format:visitor_name"}

    def test_an_emergency_crew_declines_nothing_and_lacks_nothing(self) -> None:
        raw = a_submission(category="emergency", notice=None, consent=None) | {"fields": {}}

        assert isinstance(verdict(raw), Admitted)


class TestSitesThatStrip:
    PACK = a_pack_with("visitor", site={"mode": Mode.STRIP})

    @pytest.mark.parametrize(
        ("fields", "dropped"),
        [
            ({"id_number": ID_NUMBER}, {"over_collection:id_number"}),
            ({"visitor_phone": "1"}, {"bad_format:visitor_phone"}),
            (
                {"visit_purpose": "看病", "party_size": -1},
                {"bad_format:visit_purpose", "bad_format:party_size"},
            ),
        ],
    )
    def test_an_optional_fields_fault_drops_the_field_and_says_so(
        self, fields: dict[str, object], dropped: set[str]
    ) -> None:
        found = admitted(fields=fields, pack=self.PACK)

        assert codes(found) == dropped
        assert not set(fields) & set(contents(found))
        assert contents(found)["visitor_name"] == FIELDS["visitor_name"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"fields": {"visitor_name": "12"}},
            {"fields": {"visitor_name": "", "id_number": ID_NUMBER}},
            {"notice": None, "consent": None, "fields": {"id_number": ID_NUMBER}},
            {"collected_at": "2025-12-01T10:00:00+08:00"},
            {"fields": {"entry_time": "2026-03-02T09:00:00+08:00", "exit_time": "2026-03-02T08:00:00+08:00"}},
        ],
    )
    def test_any_other_fault_refuses_the_whole(self, changes: dict[str, Any]) -> None:
        assert isinstance(verdict(pack=self.PACK, **changes), Refused)

    def test_a_dropped_field_is_nobodys_alternative(self) -> None:
        found = verdict(
            fields={"visitor_name": None, "host_confirm": "张先生"},
            declined={"visitor_name": "host_confirm"},
            pack=self.PACK,
        )

        assert isinstance(found, Refused)

    def test_what_lacks_consent_goes_and_the_rest_stays(self) -> None:
        consent = [
            {
                "kind": "plain",
                "by": "self",
                "act": "spoken",
                "covers": ["visitor_name", "host_room", "entry_time"],
            }
        ]

        found = admitted(fields={"visitor_phone": MOBILE}, consent=consent, pack=self.PACK)

        assert codes(found) == {"no_consent:visitor_phone"}
        assert "visitor_phone" not in contents(found)


POSSIBLE = "E00000000 已看"


class TestIdentifiersInText:
    def pack(self, on_identifier: OnIdentifier, **changes: Any) -> Pack:
        return with_field(a_rule(name="remark", on_identifier=on_identifier, **changes))

    def test_a_policy_that_refuses_refuses(self) -> None:
        assert told(fields={"remark": f"电话{MOBILE}"}, pack=self.pack(OnIdentifier.REFUSE)) == {
            "identifier_in_text:remark"
        }

    def test_a_policy_that_strips_drops_the_text(self) -> None:
        found = admitted(fields={"remark": f"电话{MOBILE}"}, pack=self.pack(OnIdentifier.STRIP))

        assert codes(found) == {"identifier_in_text:remark"}
        assert "remark" not in contents(found)

    def test_a_policy_that_strips_still_refuses_another_fault(self) -> None:
        pack = self.pack(OnIdentifier.STRIP)

        assert isinstance(
            verdict(fields={"remark": f"电话{MOBILE}", "visitor_phone": "1"}, pack=pack), Refused
        )

    def test_a_required_text_is_not_dropped(self) -> None:
        pack = self.pack(OnIdentifier.STRIP, required=True)

        assert told(fields={"remark": f"电话{MOBILE}"}, pack=pack) == {"identifier_in_text:remark"}

    def test_a_policy_that_flags_keeps_it(self) -> None:
        found = admitted(fields={"remark": f"电话{MOBILE}"}, pack=self.pack(OnIdentifier.FLAG))

        assert "remark" in contents(found)
        assert [(one.code, one.field) for one in found.flagged] == [(ReasonCode.IDENTIFIER_IN_TEXT, "remark")]
        assert MOBILE not in repr(found.flagged) + repr(found.heard)

    def test_what_is_only_possible_is_admitted_and_flagged_unless_the_policy_says_otherwise(self) -> None:
        found = admitted(fields={"remark": POSSIBLE}, pack=self.pack(OnIdentifier.REFUSE))

        assert contents(found)["remark"] == POSSIBLE
        assert [one.field for one in found.flagged] == ["remark"]
        assert [(one.field, one.kind, one.certainty) for one in found.heard] == [
            ("remark", "passport", "possible")
        ]

    def test_a_clean_text_has_no_flag(self) -> None:
        found = admitted(fields={"remark": "送快递到楼下"}, pack=self.pack(OnIdentifier.FLAG))

        assert (found.flagged, found.heard) == ((), ())

    def test_a_policy_may_refuse_what_is_only_possible(self) -> None:
        pack = self.pack(OnIdentifier.REFUSE, on_possible=OnIdentifier.REFUSE)

        assert told(fields={"remark": POSSIBLE}, pack=pack) == {"identifier_in_text:remark"}

    def test_a_policy_may_strip_what_is_only_possible_and_refuse_what_is_certain(self) -> None:
        pack = self.pack(OnIdentifier.REFUSE, on_possible=OnIdentifier.STRIP)
        stripped = admitted(fields={"remark": POSSIBLE}, pack=pack)

        assert codes(stripped) == {"identifier_in_text:remark"}
        assert "remark" not in contents(stripped)
        assert stripped.flagged == ()
        assert told(fields={"remark": f"{POSSIBLE}，电话{MOBILE}"}, pack=pack) == {
            "identifier_in_text:remark"
        }

    def test_the_strictest_action_of_all_that_is_found_wins(self) -> None:
        pack = self.pack(OnIdentifier.FLAG, on_possible=OnIdentifier.STRIP)
        found = admitted(fields={"remark": f"{POSSIBLE}，电话{MOBILE}"}, pack=pack)

        assert "remark" not in contents(found)

    def test_what_a_refused_submission_held_is_heard_too(self) -> None:
        found = verdict(fields={"remark": f"电话{MOBILE}"}, pack=self.pack(OnIdentifier.REFUSE))

        assert isinstance(found, Refused)
        assert [(one.kind, one.certainty) for one in found.heard] == [("mobile", "certain")]

    def test_a_name_that_may_be_a_name_is_no_finding(self) -> None:
        found = admitted(fields={"visitor_name": "张三"})

        assert (found.flagged, found.heard) == ((), ())


def test_a_record_of_nothing_is_none_also_where_every_field_may_be_left_out() -> None:
    fields = {
        "visit_purpose": a_field("visit_purpose", required=False),
        "entry_time": a_field("entry_time", auto=False),
    }
    pack = a_pack_with(fields=fields, subject=(), order=())
    whole = {"visit_purpose": "看房", "entry_time": START.isoformat()}

    found = verdict({**a_submission(), "fields": {}, "consent": []}, pack=pack)

    assert codes(found) == {"malformed:fields"}
    assert isinstance(verdict({**a_submission(), "fields": whole}, pack=pack), Admitted)

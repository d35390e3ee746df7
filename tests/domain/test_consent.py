"""What is a notice, and what is a consent: every impossible one is refused, and by name."""

from dataclasses import replace
from typing import Any

import pytest

from compliance.domain.collection import Admitted
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import BasisProfile, Channel, Door, Sensitivity
from tests.builders import (
    ORAL,
    SPOKEN,
    START,
    a_field,
    a_full_submission,
    a_pack,
    a_pack_with,
    a_submission,
    codes,
    verdict,
    with_field,
)

SCREEN = {"mode": "screen", "id": "shown-1"}
TAP = {"kind": "plain", "by": "self", "act": "tap"}
NOTICES = {"shown-1": 0, "older-1": -1}
BATCH = Defaults(door=Door.BATCH)


def told(**changes: Any) -> set[str]:
    """The reasons for a visitor at a kiosk who saw the notice and tapped, with one thing changed."""
    base: dict[str, Any] = {"channel": "kiosk", "notice": SCREEN, "consent": [TAP]}
    return codes(verdict(notices=NOTICES, **{**base, **changes}))


class TestNotices:
    def test_a_visitor_who_saw_the_notice_and_tapped_is_admitted(self) -> None:
        assert isinstance(verdict(channel="kiosk", notice=SCREEN, consent=[TAP], notices=NOTICES), Admitted)

    @pytest.mark.parametrize(
        ("channel", "mode", "fits"),
        [
            *(("desk", "screen", True), ("desk", "oral", True), ("desk", "posted", False)),
            *(("kiosk", "screen", True), ("kiosk", "oral", False), ("kiosk", "posted", False)),
            *(("miniapp", "screen", True), ("miniapp", "oral", False), ("miniapp", "posted", False)),
            *(("phone", "screen", False), ("phone", "oral", True), ("phone", "posted", False)),
        ],
    )
    def test_a_notice_reaches_a_person_as_the_channel_can(self, channel: str, mode: str, fits: bool) -> None:
        notice = {"screen": SCREEN, "oral": ORAL, "posted": {"mode": "posted"}}[mode]
        consent = [TAP if mode == "screen" else SPOKEN]

        assert ("no_notice" in told(channel=channel, notice=notice, consent=consent)) is not fits

    def test_nobody_is_registered_before_the_notice(self) -> None:
        assert told(notice=None, consent=None) == {"no_notice", "no_consent"}

    def test_a_notice_read_out_names_who_read_it(self) -> None:
        assert "no_notice" in told(channel="desk", notice={"mode": "oral"}, consent=[SPOKEN])

    @pytest.mark.parametrize("notice_id", ["never-issued", "x"])
    def test_a_notice_that_was_never_issued_was_never_shown(self, notice_id: str) -> None:
        assert told(notice={"mode": "screen", "id": notice_id}) == {"no_notice"}

    def test_a_screen_without_an_id_showed_nothing(self) -> None:
        assert told(notice={"mode": "screen"}) == {"no_notice"}

    def test_another_versions_notice_is_shown_anew(self) -> None:
        assert told(notice={"mode": "screen", "id": "older-1"}) == {"reconsent_required"}


class TestImpossibleConsents:
    @pytest.mark.parametrize("act", ["tap", "sign", "spoken"])
    def test_no_consent_comes_from_a_camera(self, act: str) -> None:
        raw = a_submission(
            category="vehicle",
            channel="lpr",
            notice={"mode": "posted"},
            consent=[{"kind": "plain", "by": "self", "act": act}],
        )

        assert codes(verdict(raw | {"fields": {"plate_no": "京A00000"}})) == {"no_consent"}

    def test_a_camera_without_one_brings_what_rests_on_another_basis(self) -> None:
        raw = a_submission(category="vehicle", channel="lpr", notice={"mode": "posted"}, consent=...)

        assert isinstance(verdict(raw | {"fields": {"plate_no": "京A00000"}}), Admitted)

    def test_no_consent_comes_from_a_door_that_opens_by_itself(self) -> None:
        pack = a_pack_with("visitor", channels=(Channel.ACCESS,))

        reasons = codes(verdict(channel="access", notice=SCREEN, consent=[TAP], notices=NOTICES, pack=pack))

        assert reasons == {"no_consent"}

    def test_no_consent_comes_in_a_batch(self) -> None:
        reasons = codes(verdict(collected_at=START.isoformat(), defaults=BATCH))

        assert reasons == {"no_consent"}

    def test_a_batch_without_one_lacks_it_all_the_same(self) -> None:
        reasons = codes(verdict(collected_at=START.isoformat(), consent=None, defaults=BATCH))

        assert reasons == {"no_consent"}

    def test_a_batch_is_not_excused_by_leaving_the_notice_out(self) -> None:
        reasons = codes(verdict(collected_at=START.isoformat(), consent=None, notice=None, defaults=BATCH))

        assert reasons == {"no_consent", "no_notice"}

    @pytest.mark.parametrize(
        ("channel", "notice", "act"),
        [
            ("desk", ORAL, {**TAP}),  # nothing was on a screen that could have been tapped
            ("phone", ORAL, {**TAP}),
            ("kiosk", SCREEN, {**TAP, "act": "spoken"}),  # nobody heard it
            (
                "kiosk",
                SCREEN,
                {**TAP, "kind": "guardian", "covers": ["visitor_phone"]},
            ),  # a guardian's, by no guardian
            ("kiosk", SCREEN, {**TAP, "kind": "separate"}),  # separate from what?
            (
                "kiosk",
                SCREEN,
                {**TAP, "kind": "separate", "covers": ["visitor_name", "visitor_phone"]},
            ),  # bundled
            ("desk", {"mode": "posted"}, {**TAP, "act": "sign"}),  # a poster is notice, not consent
            ("desk", None, {**TAP, "act": "sign"}),  # to what?
        ],
    )
    def test_an_impossible_consent_is_refused(
        self, channel: str, notice: object, act: dict[str, Any]
    ) -> None:
        assert "no_consent" in told(channel=channel, notice=notice, consent=[act])

    def test_one_impossible_act_spoils_the_others(self) -> None:
        assert told(consent=[TAP, {**TAP, "kind": "separate"}]) == {"no_consent"}


class TestWhatAConsentCovers:
    def test_a_plain_consent_covers_what_is_not_sensitive(self) -> None:
        assert told(fields={"visitor_phone": "19400000001"}) == set()

    def test_what_is_named_covers_nothing_else(self) -> None:
        consent = [{**TAP, "covers": ["visitor_name", "host_room", "entry_time"]}]

        assert told(fields={"visitor_phone": "19400000001"}, consent=consent) == {"no_consent:visitor_phone"}

    def test_acts_add_up(self) -> None:
        consent = [
            {**TAP, "covers": ["visitor_name", "host_room", "entry_time"]},
            {**TAP, "covers": ["visitor_phone"]},
        ]

        assert told(fields={"visitor_phone": "19400000001"}, consent=consent) == set()

    def test_no_consent_at_all_is_said_once(self) -> None:
        assert told(consent=None) == {"no_consent"}

    def test_a_time_that_the_gate_fills_in_needs_consent_too(self) -> None:
        consent = [{**TAP, "covers": ["visitor_name", "host_room"]}]

        assert told(consent=consent) == {"no_consent:entry_time"}


class TestSensitiveFields:
    PACK = with_field(a_field("visitor_phone", sensitivity=Sensitivity.SENSITIVE))

    def verdict(self, *acts: dict[str, Any], profile: BasisProfile = BasisProfile.CONSENT) -> set[str]:
        pack = replace(self.PACK, site=replace(self.PACK.site, basis_profile=profile))
        fields = {"visitor_phone": "19400000001"}
        return told(fields=fields, consent=list(acts) or None, pack=pack)

    def test_a_plain_consent_does_not_cover_a_sensitive_field(self) -> None:
        assert self.verdict(TAP) == {"no_consent:visitor_phone"}

    def test_not_even_where_it_names_the_field(self) -> None:
        named = {**TAP, "covers": ["visitor_phone"]}

        assert self.verdict(TAP, named) == {"no_consent:visitor_phone"}

    @pytest.mark.parametrize("kind", ["separate", "written"])
    def test_a_separate_consent_covers_it(self, kind: str) -> None:
        assert self.verdict(TAP, {**TAP, "kind": kind, "covers": ["visitor_phone"]}) == set()

    def test_a_guardian_gives_it_for_nobody_but_a_child(self) -> None:
        act = {**TAP, "kind": "guardian", "by": "guardian", "covers": ["visitor_phone"]}

        assert self.verdict(TAP, act) == {"no_consent"}

    def test_a_separate_consent_covers_nothing_else(self) -> None:
        assert self.verdict({**TAP, "kind": "separate", "covers": ["visitor_phone"]}) == {"no_consent"}

    def test_written_consent_to_two_is_consent_to_neither(self) -> None:
        both = {**TAP, "kind": "written", "covers": ["visitor_phone", "visitor_name"]}

        assert self.verdict(TAP, both) == {"no_consent:visitor_phone"}

    def test_the_house_may_not_do_without_it_on_its_duty(self) -> None:
        assert self.verdict(profile=BasisProfile.DUTY) == {"no_consent:visitor_phone"}


class TestSitesOnTheirDuty:
    PACK = a_pack_with("visitor", site={"basis_profile": BasisProfile.DUTY})

    def test_the_short_list_needs_notice_and_no_tap(self) -> None:
        assert told(consent=None, pack=self.PACK) == set()
        assert told(consent=None, notice=None, pack=self.PACK) == {"no_notice"}

    def test_what_is_optional_stays_on_consent(self) -> None:
        assert told(consent=None, fields={"visitor_phone": "19400000001"}, pack=self.PACK) == {"no_consent"}


class TestFormAlone:
    def test_a_check_takes_both_as_given_where_neither_is_said(self) -> None:
        assert isinstance(verdict(notice=None, consent=None, take_as_given=True), Admitted)

    def test_what_is_said_is_judged(self) -> None:
        assert codes(verdict(notice=ORAL, consent=None, take_as_given=True)) == {"no_consent"}
        assert codes(verdict(notice=None, consent=[SPOKEN], take_as_given=True)) == {
            "no_notice",
            "no_consent",
        }

    def test_a_camera_is_not_taken_to_have_asked(self) -> None:
        raw = a_submission(category="vehicle", channel="lpr", notice=None, consent=None)
        fields = {"plate_no": "京A00000", "gate": "北门"}
        assert isinstance(verdict(raw | {"fields": fields}, take_as_given=True), Admitted)

        rule = replace(a_field("gate", "vehicle"), basis=a_field("visitor_name").basis)
        pack = with_field(rule, "vehicle")
        assert codes(verdict(raw | {"fields": fields}, take_as_given=True, pack=pack)) == {"no_consent"}


class TestEmergencies:
    def test_nothing_delays_an_emergency_crew(self) -> None:
        assert isinstance(_crew(), Admitted)

    def test_a_consent_stamped_on_it_is_no_evidence(self) -> None:
        admitted = _crew(consent=[TAP], notice={"mode": "screen", "id": "\ud800"})

        assert isinstance(admitted, Admitted)
        assert not admitted.consent_given


def _crew(**changes: Any) -> object:
    raw = a_submission(category="emergency", **{"notice": None, "consent": None, **changes})
    return verdict(raw | {"fields": {"agency": "消防"}})


class TestShippedCategories:
    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    def test_every_category_asks_for_what_it_takes(self, category: str) -> None:
        policy = a_pack().categories[category]
        raw = a_full_submission(category) | {"consent": None}
        fields = raw["fields"]
        consented = [name for name in fields if policy.fields[name].needs_consent(BasisProfile.CONSENT)]

        verdict_codes = codes(verdict(raw))

        assert verdict_codes <= {"no_consent", *(f"no_consent:{name}" for name in fields)}
        assert bool(verdict_codes) is (bool(consented) and not policy.exempt)

"""What a mode makes of a refusal: it stands, a field is dropped, or a fault is let through to a plain store and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.domain.collection import Admitted, Circumstances, Refused, admit
from compliance.domain.modes import is_strict_name, mode_at
from compliance.domain.policy import Observation, Pack
from compliance.domain.submission import Defaults, parse
from compliance.domain.vocabulary import FieldType, Mode
from compliance.policies.instruments import INSTRUMENTS
from tests.builders import (
    MOBILE,
    SHANGHAI,
    START,
    a_pack,
    a_pack_with,
    a_rule,
    a_site,
    a_submission,
    codes,
    with_field,
)
from tests.strategies import ID_NUMBER, submissions

WATCHED = Observation(by="staff-9", since=date(2026, 3, 1), until=date(2026, 3, 14))
OBSERVING = {"mode": Mode.OBSERVE, "observation": WATCHED}
ENDED = datetime(2026, 3, 14, 16, 0, tzinfo=UTC)  # midnight in Shanghai after the fourteenth day
PHOTO = "data:image/jpeg;base64," + "/9j/4AAQSkZJRg" * 40


def judged(
    raw: Mapping[str, Any] | None = None,
    *,
    mode: Mapping[str, Any] = OBSERVING,
    now: datetime = START,
    plain: bool = True,
    pack: Pack | None = None,
    **changes: Any,
) -> Admitted | Refused:
    """What a site in a mode says of a submission, with a plain store that has a column for every field."""
    pack = pack or a_pack_with(site=mode)
    read = parse(raw if raw is not None else a_submission(**changes), Defaults(), now)
    if isinstance(read, tuple):
        return Refused(reasons=read)
    around = Circumstances(
        pack=pack,
        now=now,
        tools=INSTRUMENTS,
        notice_version=lambda _notice, _category: None,
        has_place=lambda _category, _field: plain,
    )
    return admit(read, around)


def content(verdict: Admitted | Refused) -> dict[str, object]:
    assert isinstance(verdict, Admitted), codes(verdict)
    return {name: value for part in verdict.parts for name, value in part.content.items()}


def observed(verdict: Admitted | Refused) -> set[str]:
    assert isinstance(verdict, Admitted), codes(verdict)
    return codes(verdict.observed)


class TestTheModeOfAMoment:
    def test_observing_becomes_strip_by_itself_at_the_midnight_after_its_last_day(self) -> None:
        site = a_site(**OBSERVING)

        assert mode_at(site, ENDED - timedelta(seconds=1)) is Mode.OBSERVE
        assert mode_at(site, ENDED) is Mode.STRIP

    def test_nobody_observes_for_more_than_fourteen_days_whatever_is_written(self) -> None:
        site = a_site(mode=Mode.OBSERVE, observation=replace(WATCHED, until=date(2099, 1, 1)))

        assert mode_at(site, ENDED - timedelta(seconds=1)) is Mode.OBSERVE
        assert mode_at(site, ENDED) is Mode.STRIP

    @pytest.mark.parametrize("watched", [None, replace(WATCHED, by="")])
    def test_without_an_approver_nothing_is_observed(self, watched: Observation | None) -> None:
        assert mode_at(a_site(mode=Mode.OBSERVE, observation=watched), START) is Mode.STRIP

    def test_nothing_is_observed_before_the_first_day(self) -> None:
        before = datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)
        assert mode_at(a_site(**OBSERVING), before) is Mode.STRIP

    @given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)), st.dates(), st.dates())  # noqa: DTZ001
    def test_whatever_the_days_are_the_whole_of_it_is_at_most_fourteen(
        self, local: datetime, since: date, until: date
    ) -> None:
        now = local.replace(tzinfo=SHANGHAI)
        site = a_site(mode=Mode.OBSERVE, observation=Observation(by="staff-9", since=since, until=until))
        if mode_at(site, now) is Mode.OBSERVE:
            assert since <= now.date() <= until
            assert (now.date() - since).days < 14


class TestWhatIsObserved:
    def test_a_field_nobody_needs_goes_to_their_table_and_is_counted(self) -> None:
        verdict = judged(fields={"wechat": "CANARY"})

        assert content(verdict)["wechat"] == "CANARY"
        assert observed(verdict) == {"over_collection:wechat"}

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"fields": {"visitor_phone": "1940000"}}, "bad_format:visitor_phone"),
            ({"fields": {"visitor_name": ""}}, "missing_field:visitor_name"),
            ({"notice": None, "consent": None}, "no_notice"),
            ({"consent": None}, "no_consent"),
        ],
    )
    def test_what_would_have_been_refused_is_named(self, changes: dict[str, Any], reason: str) -> None:
        assert reason in observed(judged(**changes))

    def test_what_it_would_have_said_is_what_enforce_says(self) -> None:
        changes: dict[str, Any] = {"fields": {"wechat": "CANARY", "visitor_phone": "1940000"}}
        refused = judged(mode={"mode": Mode.ENFORCE}, **changes)

        assert (
            observed(judged(**changes))
            == codes(refused)
            == {"over_collection:wechat", "bad_format:visitor_phone"}
        )

    def test_in_a_sealing_store_nothing_is_observed(self) -> None:
        verdict = judged(plain=False, fields={"wechat": "CANARY"})

        assert "wechat" not in content(verdict)
        assert codes(verdict) == {"over_collection:wechat"}
        assert observed(verdict) == set()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("id_number", "x"),
            ("ID_Number", "x"),
            ("idCard", "x"),
            ("身份证号", "x"),
            ("访客证件", "x"),
            ("id_photo", "x"),
            ("id_deposit", "x"),
            ("face", "x"),
            ("faceImage", "x"),
            ("人脸照片", "x"),
            ("fingerprint", "x"),
            ("remark2", ID_NUMBER),
            ("remark2", int(ID_NUMBER)),
            ("remark2", "证件 １００００0 19900101 0011"),
            ("remark2", "一〇〇〇〇〇一九九〇〇一〇一〇〇一一"),
            ("remark2", "123456789012345"),
            ("remark2", PHOTO),
            ("remark2", {"id": ID_NUMBER}),
            ("remark2", [ID_NUMBER]),
        ],
    )
    def test_documents_and_faces_are_dropped_under_any_name_and_in_any_dress(
        self, name: str, value: object
    ) -> None:
        verdict = judged(fields={name: value})

        assert name not in content(verdict)
        assert observed(verdict) == set()
        assert codes(verdict) == {f"over_collection:{name}"}

    def test_an_id_number_where_a_name_is_required_refuses_the_whole(self) -> None:
        assert codes(judged(fields={"visitor_name": ID_NUMBER})) >= {"identifier_in_text:visitor_name"}
        assert isinstance(judged(fields={"visitor_name": ID_NUMBER}), Refused)

    def test_a_document_check_without_its_own_consent_is_dropped(self) -> None:
        check = {"type": "resident_id", "result": "pass", "time": START.isoformat(), "by": "staff-7"}
        rule = a_rule(FieldType.VERIFICATION, name="id_check", values=("resident_id",))
        pack = with_field(rule, site=OBSERVING)
        assert "id_check" in content(judged(pack=pack, fields={"id_check": check}))  # the canary

        assert "id_check" not in content(judged(pack=pack, fields={"id_check": check}, consent=None))

    @pytest.mark.parametrize(
        "changes",
        [{"category": "nobody"}, {"channel": "lpr"}, {"collected_at": "2025-12-01T10:00:00+08:00"}],
    )
    def test_what_has_no_place_or_no_period_is_refused_all_the_same(self, changes: dict[str, Any]) -> None:
        assert isinstance(judged(**changes), Refused)


HOSTILE = st.sampled_from(
    [ID_NUMBER, int(ID_NUMBER), PHOTO, "11010519491231002X", "E12345678 护照", "x", MOBILE, 7]
)
NAMES = st.sampled_from(
    [
        "id_number",
        "ID_No",
        "身份证",
        "face",
        "face_photo",
        "id_photo",
        "iris",
        "palm_print",
        "wechat",
        "remark2",
        "income",
    ]
)


@given(submissions, st.dictionaries(NAMES, HOSTILE, max_size=4), st.integers(-5, 30))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mode_lets_a_document_or_a_face_through_and_none_but_observe_an_unnamed_field(
    raw: Any, extra: dict[str, object], day: int
) -> None:
    now = START + timedelta(days=day)
    if isinstance(raw, dict) and isinstance(raw.get("fields"), dict):
        raw = {**raw, "fields": {**raw["fields"], **extra}}
    for mode in ({"mode": Mode.ENFORCE}, {"mode": Mode.STRIP}, OBSERVING):
        pack = a_pack_with(site=mode)
        verdict = judged(raw if isinstance(raw, dict) else {}, pack=pack, now=now)
        if isinstance(verdict, Refused):
            continue
        for name, value in content(verdict).items():
            assert name in verdict.policy.fields or mode_at(pack.site, now) is Mode.OBSERVE
            assert name in verdict.policy.fields or not is_strict_name(name, a_pack().never)
            kinds = {found.kind for found in INSTRUMENTS.scan(str(value)) if found.certainty == "certain"}
            assert not kinds & {"resident_id", "passport", "permit"}
            assert "base64" not in str(value)
        if mode["mode"] is Mode.ENFORCE:
            assert not verdict.observed
            assert all(one.code.value == "identifier_in_text" for one in verdict.stripped)


@given(submissions, st.dictionaries(NAMES, HOSTILE, max_size=4), st.integers(0, 400))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_once_observing_is_over_the_site_takes_exactly_what_strip_takes(
    raw: Any, extra: dict[str, object], hours: int
) -> None:
    now = ENDED + timedelta(hours=hours)
    if isinstance(raw, dict) and isinstance(raw.get("fields"), dict):
        raw = {**raw, "fields": {**raw["fields"], **extra}}
    raw = raw if isinstance(raw, dict) else {}
    after, strip = judged(raw, now=now), judged(raw, now=now, mode={"mode": Mode.STRIP})

    assert type(after) is type(strip)
    assert codes(after) == codes(strip)
    if isinstance(after, Admitted):
        assert content(after) == content(strip)
        assert not after.observed

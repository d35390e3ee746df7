"""What an emergency adds to a pack: only while it is open, only what is declared, and never beyond its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.domain.assessment import causes
from compliance.domain.collection import Admitted, Refused
from compliance.domain.difference import compare
from compliance.domain.disposition import StandingHold, restriction
from compliance.domain.emergency import Opening, classes, is_of_emergency, whole, widened
from compliance.domain.vocabulary import Basis, Mode
from tests.builders import START, a_pack, a_pack_with, a_submission, codes, verdict
from tests.strategies import submissions

ENDS = START + timedelta(days=10)
OPENING = Opening(id="e1", profile="epidemic", opened_at=START - timedelta(days=1), ends_at=ENDS)
TEMPERATURE: dict[str, Any] = {"temperature_check": "正常"}


def judged(now: datetime = START, opening: Opening = OPENING, **fields: object) -> Admitted | Refused:
    return verdict(pack=widened(a_pack(), [opening], now), now=now, fields=fields)


class TestWhileItIsOpen:
    def test_its_fields_are_admitted_without_anybody_having_to_consent(self) -> None:
        admitted = judged(**TEMPERATURE)

        assert isinstance(admitted, Admitted)
        assert set(admitted.policy.fields["temperature_check"].basis.values()) == {Basis.EMERGENCY}

    def test_they_are_a_part_of_their_own_that_ends_with_it(self) -> None:
        admitted = judged(**TEMPERATURE)

        assert isinstance(admitted, Admitted)
        (brought,) = [part for part in admitted.parts if "temperature_check" in part.content]
        assert set(brought.content) == {"temperature_check"}
        assert brought.due.readable_until == brought.due.erase_at == ENDS
        assert any(part.due.erase_at > ENDS for part in admitted.parts)

    def test_nothing_is_added_that_the_policy_does_not_declare(self) -> None:
        assert codes(judged(health_code="绿码")) == {"over_collection:health_code"}

    @pytest.mark.parametrize("name", ["id_number", "id_photo", "face"])
    def test_no_emergency_lifts_what_nobody_may_collect(self, name: str) -> None:
        forbidden: dict[str, Any] = {name: "x"}
        assert codes(judged(**forbidden)) == {f"over_collection:{name}"}


class TestOutsideIt:
    @pytest.mark.parametrize("now", [START - timedelta(days=1, seconds=1), ENDS, ENDS + timedelta(days=1)])
    def test_the_field_is_refused_with_the_reason_that_a_guard_understands(self, now: datetime) -> None:
        refused = judged(now, **TEMPERATURE)

        assert isinstance(refused, Refused)
        assert codes(refused) == {"over_collection:temperature_check"}
        assert (refused.reasons[0].article, refused.reasons[0].zh) == (
            "突发事件应对法 85",
            "目前不登记健康码和体温，请删去，可直接继续。",
        )

    def test_to_the_last_second_it_is_open(self) -> None:
        assert isinstance(judged(ENDS - timedelta(seconds=1), **TEMPERATURE), Admitted)

    def test_another_emergency_opens_nothing(self) -> None:
        other = Opening(id="e2", profile="flood", opened_at=START, ends_at=ENDS)
        assert isinstance(judged(opening=other, **TEMPERATURE), Refused)

    def test_the_pack_of_every_day_is_the_pack_itself(self) -> None:
        assert widened(a_pack(), [OPENING], ENDS) is a_pack()
        assert widened(a_pack(), [], START) is a_pack()

    def test_an_open_emergency_is_told_apart_by_the_digest(self) -> None:
        assert widened(a_pack(), [OPENING], START).digest != a_pack().digest


class TestTheWholePack:
    def test_it_has_every_class_under_the_number_that_an_open_emergency_gave_it(self) -> None:
        opened, kept = widened(a_pack(), [OPENING], START), whole(a_pack())
        for name, policy in kept.categories.items():
            assert [one.apart for one in policy.retentions] == [
                one.apart for one in opened.categories[name].retentions
            ]
        assert classes(kept.categories["visitor"], "epidemic") == (1,)

    def test_what_an_emergency_may_bring_is_assessed_beforehand(self) -> None:
        assert ("visitor", "temperature_check") in {(one.category, one.field) for one in causes(a_pack())}

    def test_declaring_more_for_an_emergency_widens_the_policy(self) -> None:
        without = a_pack_with(emergency={})
        assert compare(without, a_pack()).widens
        assert not compare(a_pack(), without).widens
        assert compare(a_pack(), whole(a_pack())).changes == ()


class TestHolds:
    PARTS = whole(a_pack()).categories["visitor"].retentions

    @pytest.mark.parametrize(("ground", "emergency"), [("R8", False), ("R8b", False), ("E85", True)])
    def test_only_an_assessed_hold_keeps_what_an_emergency_brought_and_it_keeps_nothing_else(
        self, ground: str, emergency: bool
    ) -> None:
        hold = StandingHold(id="h", site="main", ground=ground, law_ref="x", until="2099-01-01")
        for retention in self.PARTS:
            bound = restriction(retention, START, [hold], START)
            assert (bound is not None) is (is_of_emergency(retention) is emergency)


def brought_by(admitted: Admitted) -> dict[str, datetime]:
    names = {rule.name for rules in admitted.policy.emergency.values() for rule in rules}
    return {name: part.due.erase_at for part in admitted.parts for name in part.content if name in names}


@given(
    raw=submissions,
    value=st.sampled_from(["正常", "异常", "36.5", "", None, 7]),
    start=st.integers(-20, 20),
    length=st.integers(0, 30 * 24),
    offset=st.integers(-30 * 24, 60 * 24),
    mode=st.sampled_from(list(Mode)),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_emergency_field_is_never_admitted_outside_an_open_profile_and_never_outlives_it(
    raw: Any, value: object, start: int, length: int, offset: int, mode: Mode
) -> None:
    opened = START + timedelta(days=start)
    opening = Opening(id="e1", profile="epidemic", opened_at=opened, ends_at=opened + timedelta(hours=length))
    now = START + timedelta(hours=offset)
    if not isinstance(raw, dict) or not isinstance(raw.get("fields"), dict) or offset % 3 == 0:
        raw = a_submission()
    raw = {**raw, "fields": {**raw["fields"], "temperature_check": value}}
    pack = widened(a_pack_with(site={"mode": mode}), [opening], now)
    admitted = verdict(raw, pack=pack, now=now)
    if isinstance(admitted, Admitted):
        for erase_at in brought_by(admitted).values():
            assert opening.opened_at <= now < opening.ends_at
            assert now < erase_at <= opening.ends_at

"""Deletion as a pure plan: erase what is free, restrict what a statute or a hold binds, and say so in sentences."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from compliance.domain.disposition import StandingHold
from compliance.domain.plan import HeldPart, HeldRecord, Plan, Step, StepKind, plan_of
from compliance.domain.policy import CategoryPolicy, Text
from compliance.domain.request import Ground, Refusal, RequestKind
from compliance.domain.schedule import Floor, Period, Retention, Start
from compliance.domain.vocabulary import Channel, RestrictionReason
from compliance.rights import RIGHTS, right_for
from compliance.rights.access import Access
from compliance.rights.deletion import Deletion

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 1, tzinfo=SHANGHAI)
PLAIN = Retention(starts=Start(field="exit_time"), or_else=Start(field="collected_at"), keep=Period(days=30))
FLOORED = replace(PLAIN, floor=Floor(keep=Period(days=30), law_ref="保安服务管理条例 25(2)"))
POLICY = CategoryPolicy(
    category="visitor",
    label=Text(zh="访客", en="Visitor"),
    channels=(Channel.DESK,),
    fields={},
    retentions=(PLAIN, FLOORED),
)


def policy_of(category: str, version: int) -> CategoryPolicy:
    return replace(POLICY, category=category)


def a_part(part_no: int = 0, retention_class: int = 0) -> HeldPart:
    return HeldPart(part_no=part_no, retention_class=retention_class, readable_until=LATER, erase_at=LATER)


def a_record(holding_id: str = "2603-a", *parts: HeldPart) -> HeldRecord:
    return HeldRecord(
        holding_id=holding_id,
        site="main",
        category="visitor",
        policy_version=1,
        parts=parts or (a_part(),),
    )


def a_hold(**changes: str) -> StandingHold:
    given = {"site": "main", "ground": "R8", "law_ref": "刑事诉讼法 54", "until": "2026-06-30"} | changes
    return StandingHold(**given)


def plan(*records: HeldRecord, holds: tuple[StandingHold, ...] = ()) -> Plan | Refusal:
    return Deletion().plan(records, holds, policy_of, NOW)


def the_plan(*records: HeldRecord, holds: tuple[StandingHold, ...] = ()) -> Plan:
    planned = plan(*records, holds=holds)
    assert isinstance(planned, Plan)
    return planned


def test_what_nothing_binds_is_erased() -> None:
    planned = the_plan(a_record("2603-a"), a_record("2603-b"))
    assert [step.kind for step in planned.steps] == [StepKind.ERASE] * 2
    assert planned.counts == {("erase", "visitor"): 2}


def test_a_dry_run_reads_like_a_sentence() -> None:
    planned = the_plan(a_record("2603-a"), a_record("2603-b"), holds=(a_hold(holding_id="2603-b"),))
    assert planned.lines() == [
        "删除访客登记1条。",
        "Erase 1 record of Visitor.",
        "访客登记1条依刑事诉讼法 54须保存至2026-06-30，其间只存储和保护，不作他用。",
        "Keep 1 record of Visitor until 2026-06-30 under 刑事诉讼法 54, stored and protected only.",
    ]


def test_a_held_record_is_restricted_with_reason_law_and_end() -> None:
    (step,) = the_plan(a_record(), holds=(a_hold(),)).steps
    assert step.kind is StepKind.RESTRICT
    assert step.reason is RestrictionReason.LEGAL_HOLD
    assert (step.law_ref, step.until) == ("刑事诉讼法 54", "2026-06-30")


def test_a_hold_for_our_own_dispute_is_named_as_one_and_rests_on_article_47() -> None:
    (step,) = the_plan(a_record(), holds=(a_hold(ground="R8b", law_ref=""),)).steps
    assert step.reason is RestrictionReason.DISPUTE
    assert step.law_ref == "PIPL 47(2)"


@pytest.mark.parametrize(
    "elsewhere", [{"site": "other"}, {"category": "vehicle"}, {"holding_id": "2603-other"}]
)
def test_a_hold_on_something_else_binds_nothing(elsewhere: dict[str, str]) -> None:
    (step,) = the_plan(a_record(), holds=(a_hold(**elsewhere),)).steps
    assert step.kind is StepKind.ERASE


def test_a_part_under_a_statutory_minimum_is_restricted_and_the_rest_erased() -> None:
    planned = the_plan(a_record("2603-a", a_part(0, 0), a_part(1, 1)))
    by_kind = {step.kind: step for step in planned.steps}
    assert by_kind[StepKind.ERASE].parts == (0,)
    restricted = by_kind[StepKind.RESTRICT]
    assert restricted.parts == (1,)
    assert restricted.reason is RestrictionReason.STATUTORY_MINIMUM
    assert (restricted.law_ref, restricted.until) == ("保安服务管理条例 25(2)", "2026-03-31")


@pytest.mark.parametrize(("seconds", "kind"), [(-1, StepKind.RESTRICT), (0, StepKind.ERASE)])
def test_a_statutory_minimum_binds_up_to_its_last_instant(seconds: int, kind: StepKind) -> None:
    at = datetime.fromtimestamp(LATER.timestamp() + seconds, UTC)
    planned = Deletion().plan((a_record("2603-a", a_part(0, 1)),), (), policy_of, at)
    assert isinstance(planned, Plan)
    assert [step.kind for step in planned.steps] == [kind]


def test_of_several_restrictions_the_longest_is_told() -> None:
    planned = the_plan(a_record("2603-a", a_part(0, 1)), holds=(a_hold(until="2026-03-10"), a_hold()))
    assert [step.until for step in planned.steps] == ["2026-06-30"]


def test_more_holds_never_erase_more() -> None:
    records = (a_record("2603-a"), a_record("2603-b", a_part(0), a_part(1, 1)))
    without = the_plan(*records).of_kind(StepKind.ERASE)
    with_one = the_plan(*records, holds=(a_hold(holding_id="2603-a"),)).of_kind(StepKind.ERASE)
    assert {step.holding_id for step in with_one} < {step.holding_id for step in without}


def test_where_nothing_is_held_the_refusal_says_so() -> None:
    refused = plan()
    assert isinstance(refused, Refusal)
    assert [stated.ground for stated in refused.reasons] == [Ground.NOTHING_FOUND]


@pytest.mark.parametrize("missing", [{"reason": None}, {"law_ref": ""}, {"until": ""}])
def test_a_restriction_without_reason_law_or_end_cannot_be_planned(missing: dict[str, Any]) -> None:
    step = Step(
        kind=StepKind.RESTRICT,
        holding_id="2603-a",
        category="visitor",
        parts=(0,),
        reason=RestrictionReason.LEGAL_HOLD,
        law_ref="刑事诉讼法 54",
        until="2026-06-30",
    )
    with pytest.raises(ValueError, match="restrict"):
        replace(step, **missing)


def test_an_access_plans_no_step_and_counts_what_it_will_show() -> None:
    planned = Access().plan((a_record("2603-a"), a_record("2603-b")), (), policy_of, NOW)
    assert isinstance(planned, Plan)
    assert planned.steps == ()
    assert planned.counts == {("show", "visitor"): 2}
    assert planned.lines()[0] == "提供访客登记2条的副本，涉及他人的内容遮盖。"


def test_an_access_to_nothing_is_refused_with_its_ground() -> None:
    refused = Access().plan((), (), policy_of, NOW)
    assert isinstance(refused, Refusal)


def test_every_kind_that_is_built_belongs_to_exactly_one_right() -> None:
    kinds = [kind for right in RIGHTS for kind in right.kinds]
    assert len(kinds) == len(set(kinds))
    assert all(right_for(kind) is not None for kind in kinds)
    assert right_for(RequestKind.TRANSFER) is None


@pytest.mark.parametrize(
    ("kind", "zh"), [(StepKind.RESEAL, "为访客登记1条更换密钥。"), (StepKind.REWRITE, "改写访客登记1条。")]
)
def test_every_kind_of_step_has_its_sentence(kind: StepKind, zh: str) -> None:
    step = Step(kind=kind, holding_id="2603-a", category="visitor", parts=(0,))
    assert plan_of([step], lambda _: POLICY.label).lines()[0] == zh

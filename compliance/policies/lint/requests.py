"""Rules about how people exercise their rights here (PIPL 49, 50; 网数条例 23)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compliance.policies.drafts import SiteDraft
from compliance.policies.fault import Severity
from compliance.policies.lint.bounds import bounds
from compliance.policies.lint.rule import Rule, Spot, rule
from compliance.policies.overlays import applying

MOST_STEPS = 2  # an engine choice; the law says 便捷
MOST_WORKING_DAYS = 15  # App认定方法 6; the law says 及时
_SUE = re.compile("起诉|诉讼")


@rule(
    "L-070",
    "PIPL 50(1), 网数条例 23",
    zh="未提供便捷的权利行使渠道",
    en="There is no channel for requests",
    instead="requests: {channels: [portal, desk]}",
)
def rights_have_a_channel(draft: SiteDraft) -> Iterator[Spot]:
    if not draft.file.requests.channels:
        yield Spot(path=("requests", "channels"))


@rule(
    "L-070",
    "E",
    zh="从告知到提交申请超过2步，不便捷",
    en="It takes more than two steps from the notice to the request",
    instead="steps: 2",
)
def a_request_is_two_steps_away(draft: SiteDraft) -> Iterator[Spot]:
    if draft.file.requests.steps > MOST_STEPS:
        yield Spot(path=("requests", "steps"))


@rule(
    "L-071",
    "App认定方法 6",
    zh="处理时限超过15个工作日",
    en="Answering may take more than 15 working days",
    instead="working_days: 15 以内 / at most 15",
    severity=Severity.WARNING,
)
def an_answer_comes_within_fifteen_working_days(draft: SiteDraft) -> Iterator[Spot]:
    if draft.file.requests.working_days > MOST_WORKING_DAYS:
        yield Spot(path=("requests", "working_days"))


@rule(
    "J-01",
    "{law}",
    zh="投诉答复期限超过当地规定的{n}日",
    en="Complaints are answered later than the {n} days that this place allows",
    instead="complaint_days: {n}",
)
def complaints_are_answered_as_the_place_says(draft: SiteDraft) -> Iterator[Spot]:
    for overlay in applying(draft.file.jurisdictions):
        local = overlay.complaints
        if local is not None and draft.file.requests.complaint_days > local.days:
            words = {"n": str(local.days), "law": local.article}
            yield Spot(path=("requests", "complaint_days"), words=words)


@rule(
    "L-072",
    "网数条例 23",
    zh="行使权利不得要求提供额外信息：{x}",
    en="A request may not ask for more than is held: {x}",
    instead="asks_for: [pass_code, mobile_on_record, request_kind]",
)
def a_request_asks_for_nothing_new(draft: SiteDraft) -> Iterator[Spot]:
    for number, asked in enumerate(draft.file.requests.asks_for):
        if asked not in bounds().request_asks:
            yield Spot(path=("requests", "asks_for", number), words={"x": asked})


@rule(
    "L-073",
    "E",
    zh="拒绝通知未告知起诉权利",
    en="The refusal does not mention the right to sue",
    instead="…您也可依法向人民法院提起诉讼。",
)
def a_refusal_names_the_court(draft: SiteDraft) -> Iterator[Spot]:
    refusal = draft.file.requests.refusal
    if refusal is not None and not _SUE.search(refusal.zh):
        yield Spot(path=("requests", "refusal"))


@rule(
    "L-074",
    "PIPL 49",
    zh="未设置近亲属行权路径",
    en="Relatives of a deceased person have no way to ask",
    instead="relatives: true",
    severity=Severity.WARNING,
)
def relatives_may_ask(draft: SiteDraft) -> Iterator[Spot]:
    if not draft.file.requests.relatives:
        yield Spot(path=("requests", "relatives"))


RULES: tuple[Rule[SiteDraft], ...] = (
    rights_have_a_channel,
    a_request_is_two_steps_away,
    an_answer_comes_within_fifteen_working_days,
    complaints_are_answered_as_the_place_says,
    a_request_asks_for_nothing_new,
    a_refusal_names_the_court,
    relatives_may_ask,
)

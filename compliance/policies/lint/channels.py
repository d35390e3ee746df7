"""Rules about channels: what a machine cannot ask, and what a lane cannot be made to need."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.vocabulary import Basis, Channel
from compliance.policies.build import basis_by_subject
from compliance.policies.drafts import FieldDraft
from compliance.policies.fault import Severity
from compliance.policies.lint.rule import Rule, Spot, rule


def _channels(draft: FieldDraft) -> set[Channel]:
    """The channels that a field may come by: its own, else its category's."""
    of_category = draft.category.head.channels if draft.category.head else []
    return set(draft.field.channels or of_category)


@rule(
    "F-11",
    "PIPL 14(1)",
    zh="车牌识别、门禁不能代替本人同意，“{field}”须限定在有人的登记方式",
    en="A camera or reader cannot carry a person's consent: {field} must be kept to channels where somebody stands",
    instead="channels: [desk, kiosk, miniapp]，或换成另一合法性基础 / or another basis",
)
def machines_carry_no_consent(draft: FieldDraft) -> Iterator[Spot]:
    if _by_machine(draft) and not any(channel.has_person for channel in _channels(draft)):
        yield _at_its_channels(draft)


@rule(
    "F-21",
    "PIPL 14(1)",
    zh="“{field}”须本人同意，经车牌识别、门禁只能凭已同意的通行码登记，没有通行码的会被退回",
    en="{field} rests on consent: a camera or reader may bring it only with the pass of somebody who consented",
    instead="channels: [desk, kiosk, miniapp]，或在 site.yaml 具名接受 / or accepted by name in site.yaml",
    severity=Severity.WARNING,
)
def machines_need_a_pass(draft: FieldDraft) -> Iterator[Spot]:
    if _by_machine(draft) and any(channel.has_person for channel in _channels(draft)):
        yield _at_its_channels(draft)


def _by_machine(draft: FieldDraft) -> bool:
    on_consent = Basis.CONSENT in basis_by_subject(draft.field).values()
    return on_consent and any(not channel.has_person for channel in _channels(draft))


def _at_its_channels(draft: FieldDraft) -> Spot:
    return Spot(path=(*draft.path, "channels" if draft.field.channels else "basis"))


@rule(
    "F-12",
    "E",
    zh="“{field}”的登记方式超出了本类别：{x}",
    en="{field} names channels that its category does not have: {x}",
    instead="channels 只能比类别更窄 / channels may only be narrower than the category's",
)
def a_fields_channels_are_its_categorys(draft: FieldDraft) -> Iterator[Spot]:
    if draft.category.head is None:
        return
    beyond = set(draft.field.channels) - set(draft.category.head.channels)
    if beyond:
        yield Spot(path=(*draft.path, "channels"), words={"x": ", ".join(sorted(beyond))})


@rule(
    "F-13",
    "E",
    zh="“{field}”是必填，却不是每种登记方式都能填",
    en="{field} is required, though not every channel can give it",
    instead="required: false，或去掉 channels / or drop channels",
)
def what_is_required_can_be_given_everywhere(draft: FieldDraft) -> Iterator[Spot]:
    if draft.category.head is None or not draft.field.required:
        return
    if set(draft.category.head.channels) - _channels(draft):
        yield Spot(path=(*draft.path, "required"))


FIELD_RULES: tuple[Rule[FieldDraft], ...] = (
    machines_carry_no_consent,
    machines_need_a_pass,
    a_fields_channels_are_its_categorys,
    what_is_required_can_be_given_everywhere,
)

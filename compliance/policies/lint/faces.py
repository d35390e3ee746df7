"""Rules about faces and children (人脸办法, PIPL 31). Faces are off unless a field says `face:`, and never come to us."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.vocabulary import ConsentKind
from compliance.policies.drafts import CategoryDraft, FieldDraft
from compliance.policies.lint.basis import is_national_law
from compliance.policies.lint.rule import Rule, Spot, rule


@rule(
    "L-043",
    "人脸办法 6",
    zh="未提供便捷的撤回人脸同意方式",
    en="There is no easy way to withdraw consent to face recognition",
    instead="face: {…, withdraw: [desk, miniapp]}",
)
def consent_to_a_face_can_be_withdrawn(draft: FieldDraft) -> Iterator[Spot]:
    face = draft.field.face
    if face is not None and not [channel for channel in face.withdraw if channel.has_person]:
        yield Spot(path=(*draft.path, "face"))


@rule(
    "L-045",
    "人脸办法 8",
    zh="人脸信息应存于设备内，不得通过互联网对外传输",
    en="Face data stay in the device and are not sent over the internet",
    instead="face: {store: device, transport: none}",
)
def faces_stay_in_the_device(draft: FieldDraft) -> Iterator[Spot]:
    face = draft.field.face
    if face is None or (face.store == "device" and face.transport != "internet"):
        return
    agreed = face.consented_elsewhere and draft.field.consent is ConsentKind.SEPARATE
    if not agreed and not is_national_law(draft.field.law_ref or "", draft.category.day):
        yield Spot(path=(*draft.path, "face", "store" if face.store != "device" else "transport"))


@rule(
    "L-049",
    "E",
    zh="原则上不应存储原始生物识别信息（GB/T 35273 建议）",
    en="Raw biometric information is not stored (GB/T 35273 recommends it)",
    instead="originals: false",
)
def no_raw_picture_is_kept_beside_the_template(draft: FieldDraft) -> Iterator[Spot]:
    if draft.field.face is not None and draft.field.face.originals:
        yield Spot(path=(*draft.path, "face", "originals"))


@rule(
    "L-044",
    "PIPL 31",
    zh="涉及不满十四周岁未成年人须取得监护人同意并制定专门规则",
    en="Children under fourteen: guardian's consent and special rules",
    instead="under_14: {guardian_consent: true, rules: 专门规则的文件名或网址}",
)
def children_have_guardians_and_rules(draft: CategoryDraft) -> Iterator[Spot]:
    minors = draft.head.under_14 if draft.head else None
    if minors is not None and not (minors.guardian_consent and minors.rules.strip()):
        yield Spot(path=("under_14",))


CATEGORY_RULES: tuple[Rule[CategoryDraft], ...] = (children_have_guardians_and_rules,)
FIELD_RULES: tuple[Rule[FieldDraft], ...] = (
    consent_to_a_face_can_be_withdrawn,
    faces_stay_in_the_device,
    no_raw_picture_is_kept_beside_the_template,
)

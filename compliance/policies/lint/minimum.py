"""Rules about what may be collected at all (PIPL 6), and the words that a category refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compliance.domain.vocabulary import FieldType, Sensitivity, StoreForm
from compliance.policies.drafts import CategoryDraft, FieldDraft
from compliance.policies.fault import Severity
from compliance.policies.lint.proportion import derived_from
from compliance.policies.lint.rule import Rule, Spot, rule, said_by
from compliance.policies.never import NeverEntry, never_list
from compliance.policies.words import MISSING

SHORTEST_NECESSITY = 10  # characters: shorter than that is a label, not a reason (an engine choice)


@said_by(MISSING["purpose"])
def a_purpose_is_one_of_the_sites(draft: FieldDraft) -> Iterator[Spot]:
    if draft.site is not None and draft.field.purpose not in draft.site.purposes:
        yield Spot(path=(*draft.path, "purpose"))


@said_by(MISSING["necessity"])
def the_necessity_is_explained(draft: FieldDraft) -> Iterator[Spot]:
    if not draft.field.necessity.strip():
        yield Spot(path=(*draft.path, "necessity"))


@rule(
    "L-013",
    "E",
    zh="“{field}”的必要性说明太短（至少{n}字）",
    en="The necessity of {field} is explained in fewer than {n} characters",
    instead="necessity: 用一句话说明没有它就做不到什么",
)
def the_necessity_is_a_sentence(draft: FieldDraft) -> Iterator[Spot]:
    if 0 < len(draft.field.necessity.strip()) < SHORTEST_NECESSITY:
        yield Spot(path=(*draft.path, "necessity"), words={"n": str(SHORTEST_NECESSITY)})


@rule(
    "F-06",
    "E",
    zh="读取目的“{x}”不在 site.yaml 的 purposes 中",
    en="Purpose {x} is not one of the site's",
    instead="read_by: {entry_security: [guard, officer]}",
)
def readers_have_a_purpose_of_the_site(draft: FieldDraft) -> Iterator[Spot]:
    for purpose in draft.field.read_by:
        if draft.site is not None and purpose not in draft.site.purposes:
            yield Spot(path=(*draft.path, "read_by", purpose), words={"x": purpose})


@rule(
    "F-06",
    "E",
    zh="这里引用的字段“{x}”不存在",
    en="There is no field {x}",
    instead="引用本类别 fields 中已有的字段 / name a field of this category",
)
def names_refer_to_fields(draft: CategoryDraft) -> Iterator[Spot]:
    if draft.head is None:
        return
    named = [(("subject", number), name) for number, name in enumerate(draft.head.subject)]
    named += [(("order", number), name) for number, pair in enumerate(draft.head.order) for name in pair]
    for path, name in named:
        if name not in draft.written:
            yield Spot(path=path, words={"x": name})


@rule(
    "F-08",
    "E",
    zh="字段“{field}”的 type、store 和其他配置互相矛盾：{x}",
    en="Type, store and other keys of {field} contradict each other: {x}",
    instead="见 policy schema / see policy schema",
)
def the_keys_of_a_field_agree(draft: FieldDraft) -> Iterator[Spot]:
    field = draft.field
    faults = {
        "type: code → values": field.type is FieldType.CODE and not field.values,
        "values → type: code | verification": bool(field.values)
        and field.type not in (FieldType.CODE, FieldType.VERIFICATION),
        "type: verification → store: verify_only": (field.type is FieldType.VERIFICATION)
        is not (field.store is StoreForm.VERIFY_ONLY),
        "store: count → type: count": field.store is StoreForm.COUNT and field.type is not FieldType.COUNT,
        "store: code → type: code": field.store is StoreForm.CODE and field.type is not FieldType.CODE,
        "face → type: verification, sensitivity: sensitive": field.face is not None
        and (field.type is not FieldType.VERIFICATION or field.sensitivity is not Sensitivity.SENSITIVE),
        "auto, amendable, furthest → type: time": field.type is not FieldType.TIME
        and bool(field.auto or field.amendable or field.furthest),
    }
    for says, broken in faults.items():
        if broken:
            yield Spot(path=draft.path, words={"x": says})


def _allowed(draft: FieldDraft, entry: NeverEntry) -> bool:
    """What the list lets through after all, because nothing of it is kept, or because another rule speaks."""
    verified = draft.field.type is FieldType.VERIFICATION
    if entry.rule == "L-04B" or draft.field.face is not None:
        return verified  # looked at and not kept: only the result comes in
    if entry.rule == "L-080":
        return bool(draft.emergency)  # admitted while that is open, and destroyed with it
    return derived_from(draft) is not None  # L-018 says it better


def _listed(number: str) -> Callable[[FieldDraft], Iterator[Spot]]:
    """The fields of the never-list that a rule speaks about, by name or by label."""

    def check(draft: FieldDraft) -> Iterator[Spot]:
        entry = never_list().get(draft.name) or never_list().get(draft.field.label.zh)
        if entry is None or (f"{entry.rule}W" if entry.warn else entry.rule) != number:
            return
        if _allowed(draft, entry):
            return
        yield Spot(path=draft.path, words={"say": entry.never.say.zh, "law": entry.never.article})

    return check


_TAKE_OUT = "删去这个字段 / take the field out"
never_collected = rule(
    "L-014",
    "PIPL 6(2)",
    zh="“{field}”与进出登记目的无直接关系，禁止收集",
    en="{field} is on the never-collect list",
    instead=_TAKE_OUT,
)(_listed("L-014"))
usually_not_needed = rule(
    "L-014",
    "PIPL 6(2)",
    zh="登记“{field}”通常没有必要。{say}",
    en="{field} is seldom needed: the room or the plate is enough",
    instead=_TAKE_OUT,
    severity=Severity.WARNING,
)(_listed("L-014W"))
documents_are_not_held = rule(
    "L-047", "{law}", zh="不得扣押证件", en="Documents must not be held", instead=_TAKE_OUT
)(_listed("L-047"))
documents_are_not_kept = rule(
    "L-04B",
    "E",
    zh="身份证件以核验为限，不留存号码和影像",
    en="ID documents are verified, not kept",
    instead="id_check: {type: verification, store: verify_only, …}",
)(_listed("L-04B"))
no_health_codes = rule(
    "L-080",
    "突发事件应对法 85",
    zh="非应急状态不得收集健康码等涉疫信息",
    en="No health codes outside an emergency",
    instead=_TAKE_OUT,
)(_listed("L-080"))
companions_are_counted = rule(
    "L-084",
    "PIPL 31",
    zh="随行人员（含儿童）只登记人数",
    en="Count companions; do not identify them",
    instead="party_size: {type: count, store: count, …}",
    severity=Severity.WARNING,
)(_listed("L-084W"))


@rule(
    "L-082",
    "E",
    zh="应急车辆人员不得因登记延误通行",
    en="Emergency crews must not be delayed by registration",
    instead="required: false",
)
def nothing_delays_an_emergency_crew(draft: FieldDraft) -> Iterator[Spot]:
    if draft.category.head is not None and draft.category.head.exempt and draft.field.required:
        yield Spot(path=(*draft.path, "required"))


CATEGORY_RULES: tuple[Rule[CategoryDraft], ...] = (names_refer_to_fields,)
FIELD_RULES: tuple[Rule[FieldDraft], ...] = (
    a_purpose_is_one_of_the_sites,
    the_necessity_is_explained,
    the_necessity_is_a_sentence,
    readers_have_a_purpose_of_the_site,
    the_keys_of_a_field_agree,
    never_collected,
    usually_not_needed,
    documents_are_not_held,
    documents_are_not_kept,
    no_health_codes,
    companions_are_counted,
    nothing_delays_an_emergency_crew,
)

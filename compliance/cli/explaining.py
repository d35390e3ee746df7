"""Why a policy is as it is, in plain words: for an officer who is asked, and for whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain import difference_words as terms
from compliance.domain.difference_sides import purpose_of
from compliance.domain.emergency import whole
from compliance.domain.policy import CategoryPolicy, FieldRule, Never, Pack
from compliance.domain.vocabulary import FieldType
from compliance.notices import words
from compliance.notices.words import both, said
from compliance.policies.law import HOUSE, LawUnknown, laws


def explained(pack: Pack, category: str, field: str, lang: str) -> list[str]:
    """The lines for one field, or for a category and each of its fields; raises `KeyError` for an unknown category."""
    policy = whole(pack).categories[
        category
    ]  # what an emergency may bring is explained as well, with its end
    rule = policy.fields.get(field)
    if rule is not None:
        return list(_field(rule, policy, pack, lang))
    if field:
        return list(_refused(field, policy, pack.never.get(field), lang))
    return list(_category(policy, pack, lang))


def _category(policy: CategoryPolicy, pack: Pack, lang: str) -> Iterator[str]:
    channels = words.COMMA[lang].join(words.channel(one, lang) for one in policy.channels)
    yield both(
        f"{policy.label.zh}（{policy.category}）", f"{said(policy.label, lang)} ({policy.category})", lang
    )
    yield both(f"登记渠道：{channels}", f"Registered by: {channels}", lang)
    for rule in policy.fields.values():
        must = both("必填" if rule.required else "可不填", "required" if rule.required else "optional", lang)
        keep = words.period(rule.retention, policy.fields, lang)
        yield f"- {said(rule.label, lang)} ({rule.name}) · {must} · {keep}"
    yield both(
        "没有列出的一律不收集。各字段的理由：policy explain 类别 字段",
        "Nothing else is collected. Why each of them: policy explain CATEGORY FIELD",
        lang,
    )


def _field(rule: FieldRule, policy: CategoryPolicy, pack: Pack, lang: str) -> Iterator[str]:
    colon = both("：", ": ", lang)

    def line(zh: str, en: str, text: str) -> str:
        return f"{both(zh, en, lang)}{colon}{text}"

    yield f"{said(policy.label, lang)} · {said(rule.label, lang)} ({rule.name})"
    yield line("为什么收集", "Why", f"{_purpose(rule.purpose, pack, lang)}{colon}{rule.necessity}")
    yield line("依据", "On what basis", words.basis(rule, pack.site.basis_profile, lang))
    for ref in dict.fromkeys([*(basis.article for basis in rule.basis.values()), rule.law_ref or HOUSE]):
        yield from _law(ref, lang)
    must = both("必填" if rule.required else "可不填，不影响进入", "yes" if rule.required else "no", lang)
    yield line("要不要填", "Must it be given", must)
    for way, sentence in rule.alternative.items():
        yield line("不愿意提供的", "Those who refuse", both(sentence, f"{sentence} ({way})", lang))
    period = words.period(rule.retention, policy.fields, lang)
    yield line(
        "保存多久", "For how long", f"{period}{words.SEMICOLON[lang]}{words.fate(rule.retention, lang)}"
    )
    floor = words.floor(rule.retention, policy.fields, lang)
    if floor:
        yield line("法定最短期限", "A statute's minimum", floor)
    yield line("怎么保存", "How it is kept", _pick(terms.STORE[rule.store], lang))
    yield line("怎么显示", "How it is shown", _pick(terms.SHOWN[rule.show_as], lang))
    if rule.type is FieldType.TEXT:
        for sure, action in (("certain", rule.on_identifier), ("possible", rule.on_possible)):
            (zh, en), done = terms.SURE[sure], _pick(terms.IN_TEXT[action], lang)
            yield line(f"{zh}证件号、电话等", f"Identifiers {en} in it", done)
    for purpose, roles in rule.read_by.items():
        who = _pick(terms.listed(terms.ROLE[role] for role in roles), lang)
        yield line("谁可以看", "Who may read it", f"{who}{colon}{_purpose(purpose, pack, lang)}")


def _refused(field: str, policy: CategoryPolicy, never: Never | None, lang: str) -> Iterator[str]:
    yield f"{said(policy.label, lang)} · {field}"
    if never is None:
        yield both(
            "规则没有列出这一项，收到即退回：只收集实现目的所必需的。",
            "The policy does not name it, so it is refused: only what the purpose needs is collected.",
            lang,
        )
        yield from _law("PIPL 6(2)", lang)
        return
    yield said(never.say, lang)
    yield both("任何类别都不得收集这一项。", "No register may ask for it.", lang)
    yield from _law(never.article, lang)


def _law(ref: str, lang: str) -> Iterator[str]:
    """The text of the law, or nothing where the rule is our own."""
    try:
        found = laws(ref)
    except LawUnknown:
        found = ()
    for one in found:
        text = f"“{one.zh}”" if lang == "zh" else one.en
        yield f"  {one.instrument.zh if lang == 'zh' else one.instrument.en} {one.article}  {text}"


def _purpose(name: str, pack: Pack, lang: str) -> str:
    return _pick(purpose_of(name, pack), lang)


def _pick(pair: tuple[str, str], lang: str) -> str:
    return both(*pair, lang)

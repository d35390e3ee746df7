"""The words of closed lists as people read them, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from compliance.domain.emergency import is_of_emergency
from compliance.domain.policy import FieldRule, Text
from compliance.domain.schedule import Retention, Start
from compliance.domain.vocabulary import Basis, BasisProfile, Channel, Fate, FieldType, StoreForm

LANGUAGES = ("zh", "en")
#: Where a list of words is joined into a sentence.
COMMA = {"zh": "、", "en": ", "}
SEMICOLON = {"zh": "；", "en": "; "}

_BASIS = {
    Basis.CONSENT: Text(
        zh="本人同意（个人信息保护法第十三条第一款第一项）", en="your consent (PIPL 13(1)(1))"
    ),
    Basis.CONTRACT: Text(
        zh="订立、履行合同所必需（第十三条第一款第二项）", en="a contract with you (PIPL 13(1)(2))"
    ),
    Basis.STATUTORY: Text(
        zh="履行法定职责或者义务所必需（第十三条第一款第三项）", en="a statutory duty (PIPL 13(1)(3))"
    ),
    Basis.EMERGENCY: Text(
        zh="应对突发事件或者紧急情况所必需（第十三条第一款第四项）", en="an emergency (PIPL 13(1)(4))"
    ),
    Basis.NEWS: Text(zh="新闻报道、舆论监督（第十三条第一款第五项）", en="news reporting (PIPL 13(1)(5))"),
    Basis.PUBLIC_INFO: Text(
        zh="合理处理已公开的个人信息（第十三条第一款第六项）", en="information already public (PIPL 13(1)(6))"
    ),
    Basis.OTHER_LAW: Text(
        zh="法律、行政法规规定的其他情形（第十三条第一款第七项）",
        en="another law or administrative regulation (PIPL 13(1)(7))",
    ),
}
_SEPARATE = Text(
    zh="本人单独同意（个人信息保护法第十三条第一款第一项、第二十九条）",
    en="your separate consent (PIPL 13(1)(1), 29)",
)
_DUTY = Text(
    zh="履行法定职责或者义务所必需（第十三条第一款第三项），告知后登记",
    en="a statutory duty (PIPL 13(1)(3)); you are told, not asked",
)
# Who a record is about where it is about two. A pack may name others; then its own word stands.
_SUBJECT = {
    "visitor": Text(zh="来访人", en="visitor"),
    "host": Text(zh="被访人", en="host"),
    "owner": Text(zh="业主", en="owner"),
    "driver": Text(zh="驾驶人", en="driver"),
    "worker": Text(zh="作业人员", en="worker"),
    "courier": Text(zh="配送员", en="courier"),
    "tenant": Text(zh="承租人", en="tenant"),
    "guest": Text(zh="住客", en="guest"),
    "employer": Text(zh="所属单位", en="employer"),
}
_CHANNEL_EN = {
    Channel.DESK: "front desk",
    Channel.KIOSK: "visitor kiosk",
    Channel.MINIAPP: "booking in the mini-program",
    Channel.LPR: "licence-plate recognition",
    Channel.ACCESS: "access and lift control",
    Channel.PHONE: "by telephone",
}
_FATE = {
    Fate.ERASE: Text(zh="删除", en="erased"),
    Fate.ANONYMISE: Text(zh="匿名化（不能识别、不能复原），做不到的删除", en="anonymised, or else erased"),
}
_STORE = {
    StoreForm.MASKED: Text(zh="只保存遮盖后的内容", en="only its masked form is kept"),
    StoreForm.TOKEN: Text(zh="与其他信息分开加密保存", en="encrypted apart from the rest"),
    StoreForm.MATCH: Text(zh="只保存用于比对的编码", en="only a code for matching is kept"),
    StoreForm.VERIFY_ONLY: Text(
        zh="当场核对，只保存核对结果，不留号码", en="checked on the spot; only the result is kept"
    ),
}
# PIPL 30 wants the effect on a person's rights told for what is sensitive. A policy does not word it field by field
# yet, so the sentence follows from what the field is.
_EFFECT = {
    FieldType.PLATE: Text(
        zh="长期积累可能反映行踪；因此不提供按车牌查询往来记录，到期即删",
        en="kept for long it could show movements; so nobody may search by plate, and it is erased on time",
    ),
    FieldType.VERIFICATION: Text(
        zh="证件信息泄露可能被冒用；因此只看不留，不保存号码和影像",
        en="a leaked document could be misused; so it is looked at and no number or image is kept",
    ),
    FieldType.ATTACHMENT: Text(
        zh="影像泄露可能影响人格尊严和安全；因此不用于人脸比对，短期保存后删除",
        en="a leaked image could hurt dignity and safety; so it is never matched and kept only briefly",
    ),
}
_EFFECT_OTHERWISE = Text(
    zh="泄露可能影响人身、财产安全或者人格尊严；因此加密保存、限定人员查看，到期即删",
    en="a leak could hurt safety, property or dignity; so it is encrypted, seen by few and erased on time",
)


def said(text: Text, lang: str) -> str:
    """The sentence in `lang`; the Chinese one where the policy gives no English."""
    return text.en if lang == "en" and text.en else text.zh


def both(zh: str, en: str, lang: str) -> str:
    return en if lang == "en" else zh


def basis(rule: FieldRule, profile: BasisProfile, lang: str) -> str:
    """What the field rests on, for each person that the record is about (PIPL 13)."""
    pieces = []
    for subject, ground in rule.basis.items():
        words = said(_ground(rule, ground, profile), lang)
        name = said(_SUBJECT.get(subject, Text(zh=subject)), lang) if subject else ""
        pieces.append((name + both("：", ": ", lang) if name else "") + words)
    if rule.law_ref:
        pieces.append(rule.law_ref)
    return SEMICOLON[lang].join(pieces)


def _ground(rule: FieldRule, ground: Basis, profile: BasisProfile) -> Text:
    if ground is not Basis.CONSENT:
        return _BASIS[ground]
    if rule.needs_separate_consent:
        return _SEPARATE
    return _BASIS[ground] if rule.needs_consent(profile) else _DUTY


def channel(word: Channel, lang: str) -> str:
    return both(word.zh, _CHANNEL_EN[word], lang)


def fate(retention: Retention, lang: str) -> str:
    return said(_FATE[Fate(retention.then)], lang)


def store(rule: FieldRule, lang: str) -> str:
    return said(_STORE[rule.store], lang) if rule.store in _STORE else ""


def effect(rule: FieldRule, lang: str) -> str:
    return said(_EFFECT.get(rule.type, _EFFECT_OTHERWISE), lang)


def start(begin: Start, fields: Mapping[str, FieldRule], lang: str) -> str:
    """Where a period starts, in words: the label of a time field, or when the record was made."""
    rule = fields.get(begin.field)
    word = said(rule.label, lang) if rule else both("登记时间", "the time of registration", lang)
    if begin.plus is None:
        return word
    return both(f"{word}后{begin.plus.zh}", f"{begin.plus.en} after {word}", lang)


def period(retention: Retention, fields: Mapping[str, FieldRule], lang: str) -> str:
    """How long, from when, and from when otherwise; the statute's minimum beside it, never mixed into it."""
    if is_of_emergency(retention):
        return of_emergency(retention, lang)
    begin = start(retention.starts, fields, lang)
    other = start(retention.or_else, fields, lang)
    keep = both(retention.keep.zh, retention.keep.en, lang)
    words = both(f"自{begin}起{keep}", f"{keep} from {begin}", lang)
    if retention.or_else != retention.starts:
        words += both(f"（没有该时间的，自{other}起）", f" (where it is missing, from {other})", lang)
    return words


def of_emergency(retention: Retention, lang: str) -> str:
    """What an emergency brought ends with it: it may be closed sooner, and the day is the latest (突发事件应对法 85)."""
    last = f"{retention.until:%Y-%m-%d %H:%M}" if retention.until else ""
    zh = f"最迟{last}" if last else f"最长{retention.keep.zh}"
    en = f"by {last} at the latest" if last else f"after {retention.keep.en} at the latest"
    return both(f"应急结束即销毁，{zh}", f"destroyed when the emergency ends, {en}", lang)


def floor(retention: Retention, fields: Mapping[str, FieldRule], lang: str) -> str:
    """The statute's minimum, during which what is no longer needed is only stored and protected (PIPL 47(2))."""
    if retention.floor is None:
        return ""
    begin = start(retention.starts, fields, lang)
    keep = both(retention.floor.keep.zh, retention.floor.keep.en, lang)
    return both(
        f"依{retention.floor.law_ref}，自{begin}起至少保存{keep}；超出使用期限的部分只存储和保护，不作他用",
        f"{retention.floor.law_ref} wants it stored for {keep} from {begin}; past its use it is only stored and protected",
        lang,
    )

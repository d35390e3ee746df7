"""What a policy itself says to the three parts of an impact assessment (PIPL 56(1)), in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.assessment import Statement, Trigger, causes
from compliance.domain.emergency import is_of_emergency, whole
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack, Party
from compliance.domain.schedule import Retention
from compliance.domain.vocabulary import Basis, FieldType, Role, StoreForm

_BASIS = {
    Basis.CONSENT: ("本人同意", "consent"),
    Basis.CONTRACT: ("履行合同所必需", "a contract"),
    Basis.STATUTORY: ("履行法定职责或者义务", "a statutory duty"),
    Basis.EMERGENCY: ("应对突发事件或者紧急情况", "an emergency"),
    Basis.NEWS: ("新闻报道、舆论监督", "news reporting"),
    Basis.PUBLIC_INFO: ("合理处理已公开的个人信息", "information already public"),
    Basis.OTHER_LAW: ("法律、行政法规规定的其他情形", "another law"),
}
_STORE = {
    StoreForm.SEALED: ("加密保存", "kept encrypted"),
    StoreForm.MASKED: ("只保存遮盖后的内容", "only its masked form is kept"),
    StoreForm.TOKEN: ("与其他信息分开加密保存", "encrypted apart from the rest"),
    StoreForm.MATCH: ("只保存用于比对的编码", "only a code for matching is kept"),
    StoreForm.VERIFY_ONLY: ("只看不留，只保存核对结果", "checked on the spot; only the result is kept"),
    StoreForm.COUNT: ("只保存数字", "only a number is kept"),
    StoreForm.CODE: ("只保存列表中的选项", "only a word of a list is kept"),
}
_ROLE = {
    Role.GUARD: ("门岗", "guards"),
    Role.OFFICER: ("个人信息保护负责人", "the officer"),
    Role.DIRECTOR: ("主管", "the director"),
    Role.AUDITOR: ("审计", "auditors"),
    Role.SUBJECT: ("本人", "the person"),
}
_RISK = {
    FieldType.PLATE: (
        "长期积累可能反映行踪；被非法获取、买卖可能造成跟踪、骚扰",
        "kept for long it shows movements; leaked or sold, it lets people be followed",
    ),
    FieldType.VERIFICATION: (
        "证件信息泄露、篡改可能被冒用身份",
        "leaked or altered, an identity document may be misused",
    ),
    FieldType.ATTACHMENT: (
        "影像泄露、被非法获取可能损害人格尊严，或者被用于识别身份",
        "a leaked image harms dignity, and may serve to identify",
    ),
}
_RISK_OTHERWISE = (
    "泄露、篡改、丢失或者被非法获取，可能危害人身、财产安全或者人格尊严",
    "leaked, altered, lost or obtained unlawfully it may harm safety, property or dignity",
)
_FACE_RISK = (
    "人脸不可更改，一旦泄露、篡改、丢失、毁损，或者被非法获取、出售、使用，危害难以消除",
    "a face cannot be changed: once leaked, sold or misused, the harm is not undone",
)
_EVERYWHERE = (
    (
        "所有保存的信息均经加密，密钥与数据库分开保管；每次查看须写明目的并留有记录；到期自动删除并可出具证明。",
        "Everything kept is encrypted, its keys apart; every reading leaves a trace; what is due is erased, provably.",
    ),
    (
        "不提供按车牌或手机号查询往来记录；批量导出和备份受限，并有最迟清除日期。",
        "Nobody may search movements by plate or mobile number; exports and backups are bounded and end on a date.",
    ),
)


def statements(pack: Pack) -> tuple[Statement, ...]:
    """Every sentence, part by part; empty where nothing calls for an assessment."""
    every = causes(pack)
    if not every:
        return ()
    pack = whole(pack)
    found: list[Statement] = []
    for cause in every:
        if cause.field:
            category = pack.categories[cause.category]
            found += _of_field(pack, category, category.fields[cause.field])
        elif cause.trigger is Trigger.AUTOMATED:
            found += _of_machine()
    for party in pack.site.entrusted:
        found += _of_party(party, "受委托", "is entrusted with")
    for party in pack.site.recipients:
        found += _of_party(party, "接收", "receives")
    found += [Statement(part="measures", zh=zh, en=en) for zh, en in _EVERYWHERE]
    return tuple(found)


def _of_field(pack: Pack, category: CategoryPolicy, rule: FieldRule) -> Iterator[Statement]:
    at = f"{category.label.zh}·{rule.label.zh}"
    at_en = f"{category.label.en or category.category} · {rule.label.en or rule.name}"
    purpose = pack.site.purposes.get(rule.purpose)
    why = purpose.zh if purpose else rule.purpose
    why_en = (purpose.en if purpose else "") or rule.purpose
    basis = "、".join(dict.fromkeys(_BASIS[one][0] for one in rule.basis.values()))
    basis_en = ", ".join(dict.fromkeys(_BASIS[one][1] for one in rule.basis.values()))
    apart, apart_en = ("（单独同意）", " (separate)") if rule.needs_separate_consent else ("", "")
    yield Statement(
        part="lawfulness",
        zh=f"{at}：用于{why}；必要性：{rule.necessity}；依据：{basis}{apart}{_ref(rule)}；{_refusing(rule)[0]}。",
        en=f"{at_en}: for {why_en}; basis: {basis_en}{apart_en}{_ref(rule)}; {_refusing(rule)[1]}.",
    )
    risk = _FACE_RISK if rule.face else _RISK.get(rule.type, _RISK_OTHERWISE)
    yield Statement(part="effect", zh=f"{at}：{risk[0]}。", en=f"{at_en}: {risk[1]}.")
    roles = dict.fromkeys(role for of_purpose in rule.read_by.values() for role in of_purpose)
    readers = "、".join(_ROLE[role][0] for role in roles) or "无人"
    readers_en = ", ".join(_ROLE[role][1] for role in roles) or "nobody"
    kept, kept_en = _kept(rule.retention)
    yield Statement(
        part="measures",
        zh=f"{at}：{_STORE[rule.store][0]}；{kept}；可查看的人：{readers}。",
        en=f"{at_en}: {_STORE[rule.store][1]}; {kept_en}; read by {readers_en}.",
    )


def _kept(retention: Retention) -> tuple[str, str]:
    keep = retention.keep
    if is_of_emergency(retention):
        return (
            f"只在应急期间登记，应急结束即销毁，最长{keep.zh}",
            f"destroyed when the emergency ends, {keep.en} at most",
        )
    return f"保存{keep.zh}，到期{'删除' if retention.then == 'erase' else '匿名化'}", f"kept {keep.en}"


def _ref(rule: FieldRule) -> str:
    return f"（{rule.law_ref}）" if rule.law_ref else ""


def _refusing(rule: FieldRule) -> tuple[str, str]:
    """What those do who would rather not say: without another way in, necessity is not shown."""
    if not rule.required:
        return "选填，不填不影响进入", "optional, and entry does not depend on it"
    other = "；".join(rule.alternative.values())
    if other:
        return f"不愿提供的：{other}", "those who refuse have another way in"
    return "必填", "required"


def _of_machine() -> Iterator[Statement]:
    yield Statement(
        part="lawfulness",
        zh="自动拒绝通行：由设备按名单或时间判断，须透明、公平（PIPL 24(1)）。",
        en="A machine refuses entry: it has to be transparent and fair (PIPL 24(1)).",
    )
    yield Statement(
        part="effect",
        zh="自动拒绝通行：误判会使有权进入的人被拒之门外。",
        en="A machine refuses entry: its mistake keeps somebody out.",
    )
    yield Statement(
        part="measures",
        zh="自动拒绝通行：有人工复核，本人可要求说明并拒绝仅由自动化决定（PIPL 24(3)）。",
        en="A machine refuses entry: a person looks again, and may be asked for reasons (PIPL 24(3)).",
    )


def _of_party(party: Party, zh: str, en: str) -> Iterator[Statement]:
    fields = "、".join(party.fields)
    yield Statement(
        part="lawfulness",
        zh=f"{party.name}{zh}：{fields}；目的：{party.purpose}{'（' + party.law_ref + '）' if party.law_ref else ''}。",
        en=f"{party.name} {en}: {fields}; for {party.purpose}.",
    )
    yield Statement(
        part="effect",
        zh=f"{party.name}：超出约定目的使用或者保护不力，会扩大影响范围。",
        en=f"{party.name}: use beyond what was agreed, or weak protection, widens the harm.",
    )
    until = f"，至{party.until}止" if party.until else ""
    yield Statement(
        part="measures",
        zh=f"{party.name}：以协议约定目的、期限、方式和保护措施并监督{until}。",
        en=f"{party.name}: purpose, period, method and protection are agreed in writing and supervised.",
    )

"""Why something was refused: a structured reason that can be read aloud, and never contains the value."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.domain.vocabulary import ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One fault of one field (`field` is the name as sent; None for the whole submission)."""

    code: ReasonCode
    field: str | None
    article: str
    zh: str
    en: str

    def as_json(self) -> dict[str, str | None]:
        return {
            "code": self.code.value,
            "field": self.field,
            "article": self.article,
            "zh": self.zh,
            "en": self.en,
        }


# The sentence for a code where neither the field nor the category has its own. {label} is the field's label from the
# policy, never anything from the submission. Articles marked E are engine choices and are said to be such.
_SENTENCES: dict[ReasonCode, tuple[str, str, str]] = {
    ReasonCode.OVER_COLLECTION: (
        "PIPL 6(2)",
        "这一项不在登记范围内，请删去，其他照常登记。",
        "This item is not part of the register. Leave it out and go on.",
    ),
    ReasonCode.MISSING_FIELD: (
        "E",
        "还缺“{label}”，请补填；不便提供的，可改用页面上的其他方式。",
        "{label} is missing. Fill it in, or use the other way shown on the page.",
    ),
    ReasonCode.BAD_FORMAT: (
        "PIPL 8",
        "“{label}”格式不对，请核对后再填。",
        "{label} has the wrong format. Please check it.",
    ),
    ReasonCode.BAD_ORDER: (
        "PIPL 8",
        "“{label}”早于进入时间，请核对时间。",
        "{label} lies before the earlier time. Please check both.",
    ),
    ReasonCode.IDENTIFIER_IN_TEXT: (
        "PIPL 6(2)",
        "“{label}”里像是有证件号或手机号，请删去这些号码。",
        "{label} seems to contain an ID or phone number. Please take it out.",
    ),
    ReasonCode.WRONG_CHANNEL: (
        "PIPL 6(2)",
        "这种登记方式不收集这一项，请改用其他方式或删去。",
        "This channel does not collect this. Use another one or leave it out.",
    ),
    ReasonCode.UNKNOWN_CATEGORY: (
        "PIPL 17(1)",
        "没有这一类登记，请从列表中选择。",
        "There is no such category. Choose one from the list.",
    ),
    ReasonCode.NO_NOTICE: (
        "PIPL 17(1)",
        "请先请来访人看一遍（或读给他听）告知，再登记。",
        "Show or read out the notice first, then register.",
    ),
    ReasonCode.NO_CONSENT: (
        "PIPL 13(1)(1), 14",
        "还没有本人同意“{label}”的记录；不同意的，请改用其他方式。",
        "There is no consent for {label}. Those who refuse may use another way.",
    ),
    ReasonCode.RECONSENT_REQUIRED: (
        "PIPL 14(2)",
        "登记规则已变更，请重新出示告知并取得同意。",
        "The rules have changed. Show the new notice and ask again.",
    ),
    ReasonCode.ALREADY_EXPIRED: (
        "PIPL 19",
        "这条记录已过保存期限，不再登记。",
        "This record is already past its retention period and is not taken.",
    ),
    ReasonCode.KEY_REUSED: (
        "E",
        "这个提交编号已用于另一份内容，请换一个编号。",
        "This idempotency key was used for other content. Use a new one.",
    ),
    ReasonCode.MALFORMED: (
        "E",
        "提交的内容读不懂，请检查格式。",
        "The submission cannot be read. Check its form.",
    ),
    ReasonCode.TOO_LARGE: ("E", "内容过长，请删减后再提交。", "The submission is too large. Shorten it."),
}


# What is said of a text that was taken and flagged: nothing has to be done again, so it is no refusal's sentence.
_FLAGGED = (
    "“{label}”里可能有证件号、电话、姓名或住址，已登记并作提示；请看一下，下次不要写在这里。",
    "{label} may hold a number, a name or an address. It was taken and flagged: have a look, and leave it out next time.",
)


def flag(field: str, label: tuple[str, str]) -> Reason:
    """What a receipt says of a field that was admitted although a detector spoke."""
    return reason(ReasonCode.IDENTIFIER_IN_TEXT, field, label=label, say=_FLAGGED)


def reason(
    code: ReasonCode,
    field: str | None = None,
    *,
    label: tuple[str, str] | None = None,
    say: tuple[str, str] | None = None,
    article: str | None = None,
) -> Reason:
    """A reason with its sentences; `say` is the policy's own wording and wins."""
    default_article, zh, en = _SENTENCES[code]
    zh, en = say or (zh, en)
    label_zh, label_en = label or ("这一项", "This item")
    return Reason(
        code=code,
        field=field,
        article=article or default_article,
        zh=zh.replace("{label}", label_zh),
        en=en.replace("{label}", label_en),
    )

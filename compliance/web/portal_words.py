"""What the portal says to people: short, polite, and always what to do next."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from compliance.domain.policy import Text
from compliance.domain.request import RequestKind, RequestState

Sentence = Text

KINDS: Final = {
    RequestKind.ACCESS: Text(
        zh="看看我们存了您的哪些信息、为什么、存到哪天。",
        en="See what we hold about you, why, and until when.",
    ),
    RequestKind.COPY: Text(
        zh="拿一份您的登记记录（网页、PDF 和数据文件）。",
        en="Get a copy of your records (page, PDF and data file).",
    ),
    RequestKind.DELETION: Text(
        zh="删除您的登记记录，并给您删除告知和可核验的证明。",
        en="Have your records erased; you get a letter and a proof that you can check.",
    ),
    RequestKind.WITHDRAWAL: Text(
        zh="收回当初的同意；凭同意登记的信息随即删除。以前的登记仍然有效。",
        en="Take your consent back; what was registered on it is erased at once. What was done before stays lawful.",
    ),
    RequestKind.CORRECTION: Text(
        zh="登记错了或缺了，请我们改正、补全。", en="Have wrong or missing entries put right."
    ),
}

CHOOSE_KIND: Final = Text(zh="请先选择要办理的事项。", en="Please choose what you would like to ask for.")
SOME_WAY: Final = Text(
    zh="请填写通行码或登记过的手机号，填一个就行。",
    en="Please enter your pass code or the mobile number you registered; one is enough.",
)
ONE_WAY: Final = Text(
    zh="通行码和手机号填一个就行，请留下其中一个。", en="One of the two is enough; please leave just one."
)
NO_PASS: Final = Text(
    zh="没有找到这个通行码对应的登记，请对照回执再填一次。登记到期后会自动删除，也可能已经不在了。",
    en="We found no entry with this pass code; please compare it with your slip. Entries are erased when their period "
    "ends, so it may be gone already.",
)
NO_MOBILE: Final = Text(
    zh="手机号位数不对，请核对后再填；也可以改用回执上的通行码。",
    en="This is not a mobile number; please check it, or use the pass code on your slip.",
)
NO_CODE: Final = Text(
    zh="验证码不对或已失效，请核对短信后再填。没有收到的，可以重新获取，或改用回执上的通行码办理。",
    en="The code does not fit, or it is no longer good. Please check the message, get a new code, or use the pass code "
    "on your slip.",
)
NO_MORE_CODES: Final = Text(
    zh="一小时内最多获取三次验证码，请稍后再试，或到前台办理。",
    en="Three codes an hour at most: please try again later, or come to the desk.",
)
NO_QUERY_CODE: Final = Text(
    zh="编号和查询码对不上，请对照受理回执再填一次。",
    en="Number and query code do not belong together; please compare them with your receipt.",
)
NOT_FOUND: Final = Text(
    zh="没有找到这份申请，请填写编号和查询码。",
    en="We found no such request; please enter its number and query code.",
)
TOO_LATE: Final = Text(
    zh="这份申请已经办理，不能再撤回。如需帮助，请致电我们。",
    en="This request has been carried out and cannot be taken back. Please call us if you need help.",
)
NO_PACKAGE: Final = Text(
    zh="副本只保留七天，现在已经删除。如仍需要，请再提一次申请。",
    en="The copy is kept for seven days and is gone now. You may ask again at any time.",
)
NOT_YET: Final = Text(
    zh="结果还没有出来，请稍后再看。", en="There is no outcome yet; please look again later."
)

CONSENT_KINDS: Final = {
    "plain": Text(zh="同意", en="Consent"),
    "separate": Text(zh="单独同意", en="Separate consent"),
    "written": Text(zh="书面同意", en="Written consent"),
    "guardian": Text(zh="监护人同意", en="A guardian's consent"),
}
CONSENT_ACTS: Final = {
    "tap": Text(zh="在屏幕上点选", en="tapped on a screen"),
    "sign": Text(zh="签字", en="signed"),
    "spoken": Text(zh="当面口头表示", en="said in person"),
    "pass": Text(zh="凭通行码沿用之前的同意", en="an earlier consent, by pass code"),
}

STEPS: Final = {
    RequestState.RECEIVED: Text(zh="收到您的申请", en="We received your request"),
    RequestState.VERIFYING: Text(zh="核验是您本人", en="Checking that it is you"),
    RequestState.NEED_INFO: Text(zh="请重新核验一次", en="Please prove it once more"),
    RequestState.SEARCHING: Text(zh="核验通过，查找您的记录", en="Proven; looking for your records"),
    RequestState.DECIDING: Text(zh="审核", en="Deciding"),
    RequestState.EXECUTING: Text(zh="开始办理", en="Carrying it out"),
    RequestState.NOTIFIED: Text(zh="结果已出，可在本页查看", en="The outcome is on this page"),
    RequestState.CLOSED: Text(zh="已办结", en="Closed"),
    RequestState.REFUSED: Text(zh="不予办理，理由见决定", en="Not granted; the reasons are in the decision"),
    RequestState.PARTIAL: Text(
        zh="部分办结，其余依法须保存", en="Granted in part; the rest must be kept by law"
    ),
    RequestState.WITHDRAWN_BY_REQUESTER: Text(zh="您已撤回申请", en="You took the request back"),
    RequestState.TRANSFERRED: Text(zh="已转交共同处理者", en="Passed on to the other controller"),
}


def local_minute(moment: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(moment, zone).strftime("%Y-%m-%d %H:%M")

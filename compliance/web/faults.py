"""Every error as an answer: JSON for programs, a page for people, Chinese first, no value and no trace of a stack."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from compliance.domain.errors import (
    AssessmentRefused,
    CollectionRefused,
    ComplianceError,
    DisposalPaused,
    GateClosed,
    KeyLost,
    PublicationRefused,
    ReadRefused,
    RecordErased,
    RecordUnknown,
    RequestRefused,
    ReviewRefused,
    SlipsRefused,
)
from compliance.domain.reasons import Reason, reason
from compliance.domain.vocabulary import ReasonCode
from compliance.web.pages import page


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An answer that is no. `code` is for programs, the sentences are for people."""

    status: int
    code: str
    zh: str
    en: str

    def as_json(self) -> dict[str, str]:
        return {"error": self.code, "zh": self.zh, "en": self.en}


def _fault(status: int, code: str, zh: str, en: str) -> Fault:
    return Fault(status=status, code=code, zh=zh, en=en)


BROKEN = _fault(
    500, "internal", "系统出了点问题，请稍后再试。", "Something went wrong here. Please try again later."
)
NO_KEY = _fault(401, "no_key", "缺少接口密钥，或密钥已停用。", "The API key is missing or no longer valid.")
OUT_OF_SCOPE = _fault(
    403, "out_of_scope", "这个接口密钥不能用于这一类登记。", "This API key is not for this."
)
TOO_MANY = _fault(
    429, "too_many", "操作太频繁，请稍等一会儿再试。", "Too many attempts. Please wait a little."
)
FULL = _fault(
    503,
    "full",
    "此刻访问的人太多，请过几秒再试。",
    "Too many are here at this moment. Please try again in a few seconds.",
)
TOO_SLOW = _fault(
    408,
    "too_slow",
    "提交没有传完，请再试一次。",
    "What you sent did not arrive in full. Please send it again.",
)
TOO_LARGE = _fault(413, "too_large", "内容过长，请删减后再提交。", "That is too large. Please shorten it.")
STALE_FORM = _fault(
    403,
    "stale_form",
    "页面已过期，请返回刷新后再提交。",
    "This page has expired. Go back, reload and try again.",
)
UNREADABLE = _fault(
    400,
    "malformed",
    "提交的内容读不懂，请返回重试。",
    "What was sent cannot be read. Please go back and try again.",
)
NOT_FOUND = _fault(404, "not_found", "没有这个页面或记录。", "There is no such page or record.")
NOT_YOURS = _fault(403, "not_yours", "您的岗位不能打开这个页面。", "Your role does not open this page.")

_BY_STATUS = {
    400: UNREADABLE,
    401: NO_KEY,
    403: NOT_YOURS,
    404: NOT_FOUND,
    405: _fault(405, "method", "不支持这种操作。", "This cannot be done here."),
    413: TOO_LARGE,
    422: UNREADABLE,
    429: TOO_MANY,
}
# The first that fits wins, so the narrower error stands before the wider.
_BY_ERROR: tuple[tuple[type[ComplianceError], Fault], ...] = (
    (
        GateClosed,
        _fault(
            503,
            "gate_closed",
            "登记暂停，请稍后再试或联系管理员。",
            "The gate is closed: nothing is written now.",
        ),
    ),
    (RecordErased, _fault(410, "erased", "这条记录已经删除。", "The record has been erased.")),
    (RecordUnknown, NOT_FOUND),
    (
        ReadRefused,
        _fault(403, "read_refused", "按规则不能查看这条记录。", "The policy does not allow this reading."),
    ),
    (
        RequestRefused,
        _fault(
            409,
            "request_refused",
            "这一步现在办不了，请核对后再试。",
            "This step cannot be taken now. Check it.",
        ),
    ),
    (
        ReviewRefused,
        _fault(409, "review_refused", "报告不能这样复核。", "The report cannot be reviewed this way."),
    ),
    (
        AssessmentRefused,
        _fault(
            409,
            "assessment_refused",
            "影响评估不能这样办理，请核对后再试。",
            "The impact assessment does not allow this. Check it.",
        ),
    ),
    (
        PublicationRefused,
        _fault(
            409,
            "publication_refused",
            "没有这份草稿，或者现在不能这样发布。",
            "There is no such draft, or it cannot be published this way.",
        ),
    ),
    (
        SlipsRefused,
        _fault(
            409,
            "slips_refused",
            "数目对不上，或者这一批已经核对过，请再数一遍。",
            "The numbers do not add up, or this batch was counted before. Please count again.",
        ),
    ),
    (
        KeyLost,
        _fault(503, "key_lost", "密钥不可用，请联系管理员。", "A key cannot be had. Ask the operator."),
    ),
    (
        DisposalPaused,
        _fault(
            503, "paused", "删除暂停中，请联系个人信息保护负责人。", "Disposal is paused. Ask the officer."
        ),
    ),
)
#: After how many seconds a closed gate is worth another try: for longer it is somebody's alarm already.
CLOSED_FOR = 5
#: What answers 404 to a caller that may not know that the record is there.
UNKNOWN_OR_ERASED = (RecordErased, RecordUnknown)


class Refused(Exception):
    """Raised by a route to answer with a fault; `wait` says in how many seconds another try makes sense."""

    def __init__(self, fault: Fault, *, wait: int | None = None) -> None:
        self.fault, self.wait = fault, wait
        super().__init__(fault.code)


def fault_of_error(error: ComplianceError) -> Fault:
    if isinstance(error, ReadRefused) and error.why is not None:
        return _fault(403, "read_refused", error.why.say.zh, error.why.say.en)
    return next((fault for kind, fault in _BY_ERROR if isinstance(error, kind)), BROKEN)


def fault_of_status(status: int) -> Fault:
    known = _BY_STATUS.get(status)
    return known or (
        BROKEN if status >= 500 else _fault(status, "refused", "请求没有被接受。", "Not accepted.")
    )


def is_api(path: str) -> bool:
    return path.startswith("/v1/") or path == "/metrics"


def reasons_answer(reasons: tuple[Reason, ...]) -> JSONResponse:
    """Reasons as JSON, under the status that says what to do about them."""
    codes = {one.code for one in reasons}
    status = 422
    if codes == {ReasonCode.KEY_REUSED}:
        status = 409
    elif codes == {ReasonCode.TOO_LARGE} and reasons[0].field is None:
        status = 413
    # A field may be called anything, half a surrogate pair included; ASCII escapes carry that as well.
    return AsciiJSON({"reasons": [one.as_json() for one in reasons]}, status)


class AsciiJSON(JSONResponse):
    """JSON in which everything beyond ASCII is escaped: a field's name comes back as it was sent, whatever it was."""

    def render(self, content: object) -> bytes:
        import json

        return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def answer(request: Request, fault: Fault) -> Response:
    """The fault as this caller reads it."""
    if is_api(request.url.path):
        if fault.status == 413:
            return reasons_answer((reason(ReasonCode.TOO_LARGE),))
        headers = {"www-authenticate": "Bearer"} if fault.status == 401 else None
        return JSONResponse(fault.as_json(), fault.status, headers=headers)
    # A visitor has nothing to do at the login of the staff.
    home = "/me" if request.url.path.startswith("/me/") else "/"
    return page(request, "fault.html", status=fault.status, fault=fault, home=home)


def answer_error(request: Request, error: Exception) -> Response:
    """The answer to whatever a route raised; the caller logs what `BROKEN` does not say."""
    if isinstance(error, CollectionRefused):
        if is_api(request.url.path):
            return reasons_answer(error.reasons)
        return answer(request, UNREADABLE)
    if isinstance(error, Refused):
        return _later(answer(request, error.fault), error.wait)
    if isinstance(error, ComplianceError):
        fault = fault_of_error(error)
        return _later(answer(request, fault), CLOSED_FOR if fault.status == 503 else None)
    return answer(request, BROKEN)


def _later(response: Response, seconds: int | None) -> Response:
    """RFC 9110 10.2.3: when to try again, so that nobody has to guess and hammer."""
    if seconds is not None:
        response.headers["retry-after"] = str(seconds)
    return response

"""What a guarded route answers where it does not let a request through: JSON for programs, a fragment for people."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass

from compliance.domain.errors import ComplianceError, RecordErased
from compliance.domain.reasons import Reason, reason
from compliance.domain.vocabulary import ReasonCode

_RETRY_AFTER = 5  # seconds: a gate that is closed for longer is somebody's alarm already


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and body, in no framework's terms."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def refusal(reasons: Sequence[Reason], *, as_html: bool) -> Answer:
    """422 with every reason; 409 for a reused key, 413 for a body that is too large as a whole."""
    codes = {(one.code, one.field) for one in reasons}
    status = 422
    if codes == {(ReasonCode.KEY_REUSED, "key")}:
        status = 409
    elif codes == {(ReasonCode.TOO_LARGE, None)}:
        status = 413
    said = [(one.zh, one.en, one.article) for one in reasons]
    return _answer(status, {"reasons": [one.as_json() for one in reasons]}, said, as_html=as_html)


def unknown_kind(*, as_html: bool) -> Answer:
    one = reason(ReasonCode.MALFORMED)
    said = [(one.zh, one.en, one.article)]
    return _answer(415, {"reasons": [one.as_json()]}, said, as_html=as_html)


def fault(error: ComplianceError, *, as_html: bool) -> Answer:
    """410 for the replay of what was erased since; 503 for a gate that is closed, whatever the cause."""
    if isinstance(error, RecordErased):
        status, code, zh, en = 410, "erased", "这条记录已经删除。", "The record has been erased."
    else:
        status, code = 503, "gate_closed"
        zh, en = "登记暂停，请稍后再试或联系管理员。", "The gate is closed: nothing is written now."
    return _answer(status, {"error": code, "zh": zh, "en": en}, [(zh, en, "")], as_html=as_html)


def _answer(
    status: int, said: dict[str, object], sentences: Sequence[tuple[str, str, str]], *, as_html: bool
) -> Answer:
    # Escaped beyond ASCII: a field's name is said as it was sent, half a surrogate pair included.
    body = _fragment(sentences) if as_html else json.dumps(said, separators=(",", ":")).encode("ascii")
    headers = [
        ("content-type", "text/html; charset=utf-8" if as_html else "application/json"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ]
    if status == 503:
        headers.append(("retry-after", str(_RETRY_AFTER)))
    return Answer(status=status, headers=tuple(headers), body=body)


def _fragment(sentences: Sequence[tuple[str, str, str]]) -> bytes:
    """The sentences alone, each once; no field's name, which is whatever somebody sent."""
    lines = []
    for zh, en, article in dict.fromkeys(sentences):
        source = "本系统的规定 · a rule of this system" if article == "E" else article
        small = f" <small>{html.escape(source)}</small>" if source else ""
        lines.append(f'<p>{html.escape(zh)}<br><span lang="en">{html.escape(en)}</span>{small}</p>')
    return f'<div role="alert" lang="zh-CN" class="refused">{"".join(lines)}</div>'.encode("utf-8", "replace")

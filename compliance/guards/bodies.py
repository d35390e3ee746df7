"""Bodies of requests as flat members, and back: JSON, a form, or a form in parts. A file is never among them.

Whatever goes on to the application is written anew from what was read, so that there is no second way to read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError

from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import decode
from compliance.domain.vocabulary import ReasonCode

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
PARTS: Final = "multipart/form-data"
_MOST_MEMBERS = 200
_DEEPEST = 5

Members = dict[str, object]


class Unreadable(Exception):
    """The body cannot be read; carries the reasons, never the body."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__(", ".join(one.code.value for one in reasons))


class UnknownKind(Exception):
    """The body is of a kind that is not read here."""


def kind_of(content_type: str) -> str:
    """JSON, FORM or PARTS; raises `UnknownKind` for any other, and for another alphabet than UTF-8."""
    kind, *options = (word.strip() for word in content_type.split(";"))
    said = {
        name.strip().lower(): value.strip(' "').lower()
        for name, _, value in (o.partition("=") for o in options)
    }
    if said.get("charset", "utf-8") not in ("utf-8", "utf8", "us-ascii"):
        raise UnknownKind
    kind = kind.lower()
    if kind == JSON or (kind.startswith("application/") and kind.endswith("+json")):
        return JSON
    if kind in (FORM, PARTS):
        return kind
    raise UnknownKind


def members_of(body: bytes, content_type: str, whole: Iterable[str]) -> Members:
    """The members by name, those inside objects with dots; what `whole` names is not taken apart.

    Raises:
        UnknownKind: no JSON object and no form.
        Unreadable: with its reasons, a member that came twice included: two readers would take two values for it.
    """
    if not body and not content_type:
        return {}
    kind = kind_of(content_type)
    if kind == JSON:
        value = decode(body)
        if isinstance(value, tuple):
            raise Unreadable(*value)
        if not isinstance(value, dict):
            raise Unreadable(reason(ReasonCode.MALFORMED))
        return _once(_flat(value, frozenset(whole)))
    return _once(form_pairs(body) if kind == FORM else _part_pairs(body, content_type))


def form_pairs(body: bytes) -> list[tuple[str, object]]:
    try:
        return list(
            parse_qsl(
                body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_MEMBERS
            )
        )
    except ValueError:
        raise Unreadable(reason(ReasonCode.MALFORMED)) from None


def _part_pairs(body: bytes, content_type: str) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    files: list[str] = []
    try:
        parse_form(
            {"Content-Type": content_type.encode("latin-1")},
            BytesIO(body),
            lambda one: pairs.append(((one.field_name or b"").decode(), (one.value or b"").decode())),
            lambda one: files.append((one.field_name or b"").decode()),
        )
    except (FormParserError, ValueError):
        raise Unreadable(reason(ReasonCode.MALFORMED)) from None
    if files:
        raise Unreadable(*(reason(ReasonCode.OVER_COLLECTION, name) for name in dict.fromkeys(files)))
    return pairs


def _flat(value: Mapping[str, object], whole: frozenset[str], above: str = "", depth: int = 0) -> Any:
    for name, one in value.items():
        path = above + name
        if isinstance(one, dict) and one and path not in whole and depth < _DEEPEST:
            yield from _flat(one, whole, f"{path}.", depth + 1)
        else:
            yield path, one


def _once(pairs: Iterable[tuple[str, object]]) -> Members:
    members: Members = {}
    for name, value in pairs:
        if name in members:
            raise Unreadable(reason(ReasonCode.MALFORMED, name))
        members[name] = value
    return members


def written(members: Mapping[str, object], content_type: str) -> tuple[bytes, str]:
    """A body of these members for the application, and its content type: JSON stays JSON, every form a plain form."""
    if content_type and kind_of(content_type) != JSON:
        return urlencode({name: _text(value) for name, value in members.items()}).encode("ascii"), FORM
    whole: dict[str, Any] = {}
    for name, value in members.items():
        *above, last = name.split(".")
        place = whole
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return json.dumps(whole, ensure_ascii=True, separators=(",", ":")).encode("ascii"), JSON


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

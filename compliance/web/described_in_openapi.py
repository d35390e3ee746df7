"""What `/v1/openapi.json` says about bodies that the gate reads itself: shapes, answers and security, as plain tables."""

from __future__ import annotations

from typing import Any, Final

from compliance.domain.vocabulary import Channel, ConsentAct, ConsentKind, NoticeMode, ReasonCode

_TEXT: Final = {"type": "string"}
_REASON: Final = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "enum": [code.value for code in ReasonCode]},
        "field": {"type": ["string", "null"]},
        "article": _TEXT,
        "zh": _TEXT,
        "en": _TEXT,
    },
}
_REASONS: Final = {"type": "object", "properties": {"reasons": {"type": "array", "items": _REASON}}}
_FAULT: Final = {"type": "object", "properties": {"error": _TEXT, "zh": _TEXT, "en": _TEXT}}
_RECEIPT: Final = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("record", "category", "site", "pass_code", "erase_on"), _TEXT),
        "policy_version": {"type": "integer"},
        "replayed": {"type": "boolean"},
        "stripped": {"type": "array", "items": _REASON},
        "observed": {"type": "array", "items": _REASON},
        "flagged": {"type": "array", "items": _REASON},
        "text": {"type": "object", "properties": {"zh": _TEXT, "en": _TEXT}},
    },
}
_CONSENT: Final = {
    "type": "object",
    "required": ["kind", "by", "act"],
    "properties": {
        "kind": {"type": "string", "enum": [kind.value for kind in ConsentKind]},
        "by": {"type": "string", "enum": ["self", "guardian"]},
        "act": {"type": "string", "enum": [act.value for act in ConsentAct]},
        "covers": {"type": "array", "items": _TEXT},
    },
}
_SUBMISSION: Final = {
    "type": "object",
    "required": ["fields"],
    "additionalProperties": False,
    "properties": {
        "category": _TEXT,
        "channel": {"type": "string", "enum": [channel.value for channel in Channel]},
        "site": _TEXT,
        "collected_at": {"type": "string", "format": "date-time"},
        "key": {"type": "string", "maxLength": 200},
        "fields": {"type": "object"},
        "declined": {"type": "object", "additionalProperties": _TEXT},
        "notice": {
            "type": "object",
            "properties": {
                "mode": {"type": "string", "enum": [mode.value for mode in NoticeMode]},
                "id": _TEXT,
                "by": _TEXT,
            },
        },
        "consent": {"type": "array", "items": _CONSENT},
        "pass": {"type": "string", "pattern": "^[0-9A-Za-z]{4}([ -]?[0-9A-Za-z]{4}){2}$"},
    },
    "example": {
        "channel": "kiosk",
        "key": "kiosk-2/000017",
        "fields": {"visitor_name": "李女士", "host_room": "3-1-1201", "visit_purpose": "探亲访友"},
        "notice": {"mode": "screen", "id": "what GET /v1/notices/visitor issued"},
        "consent": [{"kind": "plain", "by": "self", "act": "tap"}],
    },
}


_LATER: Final = {
    "Retry-After": {"description": "Seconds until it is worth another try.", "schema": {"type": "integer"}}
}


def _answers(**schemas: tuple[str, dict[str, Any] | None]) -> dict[int | str, dict[str, Any]]:
    """`s201=(sentence, schema)` → the answers of a route, with those that every route has."""
    every = {
        "s401": ("No key, or one that is no longer valid.", _FAULT),
        "s429": ("Too many attempts.", _FAULT),
        "s503": ("The gate is closed.", _FAULT),
    }
    return {
        int(status[1:]): {
            "description": sentence,
            **({"headers": _LATER} if status in ("s429", "s503") else {}),
            **({"content": {"application/json": {"schema": schema}}} if schema else {}),
        }
        for status, (sentence, schema) in (every | schemas).items()
    }


def _route(
    answers: dict[int | str, dict[str, Any]], body: dict[str, Any] | None = None, *, open_to_all: bool = False
) -> dict[str, Any]:
    extra: dict[str, Any] = {} if open_to_all else {"security": [{"key": []}]}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": body}
    return {"responses": answers, "openapi_extra": extra}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _object(*required: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    names = (*required, *optional)
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": {name: {"type": "string", "maxLength": 64} for name in names},
    }


_UNKNOWN: Final = ("There is no such record for this key.", _FAULT)
_ERASED: Final = ("It has been erased.", _FAULT)
_REFUSED: Final = ("Why it was refused: every reason at once, never a value.", _REASONS)
_DONE: Final = ("Done.", {"type": "object"})
_RECEIVED: Final = ("Received, with deadlines and the access token.", {"type": "object"})
_SENT: Final = (
    "Received; a code goes to the number if it is on record. The same answer always.",
    {"type": "object"},
)

WRITE: Final = _route(
    _answers(
        s201=("Admitted. The pass code is shown once.", _RECEIPT),
        s403=("The key is not for this category.", _FAULT),
        s409=("The key was used for other content.", _REASONS),
        s410=_ERASED,
        s413=("Too large.", _REASONS),
        s422=_REFUSED,
    ),
    _json(_SUBMISSION),
)
BATCH: Final = _route(
    _answers()
    | {
        200: {
            "description": "A verdict per line, in order.",
            "content": {"application/x-ndjson": {"schema": _TEXT}},
        }
    },
    {"application/x-ndjson": {"schema": _TEXT}},
)
AMEND: Final = _route(
    _answers(s200=_DONE, s404=_UNKNOWN, s410=_ERASED, s413=("Too large.", _REASONS), s422=_REFUSED),
    _json({"type": "object", "example": {"exit_time": "2026-03-01T18:00:00+08:00"}}),
)
READ: Final = _route(
    _answers(
        s200=("The fields that this purpose gives, as the policy shows them.", {"type": "object"}),
        s403=("The policy gives this purpose nothing.", _FAULT),
        s404=_UNKNOWN,
        s410=_ERASED,
        s422=_REFUSED,
    )
)
NOTICE: Final = _route(
    _answers(
        s200=("The short notice and the id of this showing.", {"type": "object"}),
        s403=("The key is not for this category.", _FAULT),
        s404=("No such category.", _FAULT),
        s422=_REFUSED,
    )
)
NOTICE_PAGE: Final = _route(
    {
        200: {"description": "The full rules.", "content": {"text/html": {}}},
        404: {"description": "No such category."},
        429: {"description": "Too many attempts."},
        503: {"description": "No policy is in force."},
    },
    open_to_all=True,
)
POLICY: Final = NOTICE
ASK: Final = _route(
    _answers(s201=_RECEIVED, s202=_SENT, s413=("Too large.", _REASONS), s422=_REFUSED),
    _json(_object("kind", optional=("pass_code", "mobile"))),
)
WITHDRAW: Final = _route(
    _answers(s201=_RECEIVED, s202=_SENT, s413=("Too large.", _REASONS), s422=_REFUSED),
    _json(_object(optional=("pass_code", "mobile"))),
)
ASKABLE: Final = _route(
    _answers(
        s200=(
            "What may be asked, what is covered, and what is left in peace until when.",
            {"type": "object"},
        ),
        s403=("The key is not for this category.", _FAULT),
        s413=("Too large.", _REASONS),
        s422=_REFUSED,
    ),
    _json(_object("pass", "category", optional=("channel",))),
)
VERIFY: Final = _route(
    _answers(
        s200=_DONE, s403=("The code does not fit.", _FAULT), s413=("Too large.", _REASONS), s422=_REFUSED
    ),
    _json(_object("code")),
)
STATUS: Final = _route(
    _answers(s200=("State and deadlines.", {"type": "object"}), s404=("No such request.", _FAULT))
)
MALFORMED: Final = _answers(s422=_REFUSED)[422]
SECURITY: Final = {"key": {"type": "http", "scheme": "bearer"}}

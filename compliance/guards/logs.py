"""Logs without identifiers: a filter for `logging`, a processor for structlog.

The last net, not the first: it knows numbers and addresses by their form, and a person's name by nothing. It never
raises, because whoever logs an error must not meet a second one, and what it cannot read it withholds.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final

from compliance.guards.redaction import redacted, redacted_value

WITHHELD: Final = "〔日志内容未能检查，已略去 withheld: it could not be checked〕"
# What `logging` itself writes into a record and formatters rely on: names of code and numbers, never what people sent.
_OF_CODE: Final = (
    frozenset(logging.makeLogRecord({}).__dict__)
    - {"msg", "args", "exc_info", "exc_text", "stack_info"}
    - {"threadName", "processName", "taskName"}
)
_OF_MESSAGE: Final = frozenset({"msg", "args", "message", "exc_info", "exc_text", "stack_info"})


class RedactIdentifiers(logging.Filter):
    """Put it on each handler (`handler.addFilter(RedactIdentifiers())`): a logger's own filter never sees what its
    children log. Message and arguments are rendered as they would be, then redacted; so are tracebacks and extras.

    `possible=False` leaves what only may be an identifier, such as ten digits that could be a landline.
    """

    def __init__(self, *, possible: bool = True) -> None:
        super().__init__()
        self._possible = possible

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: a line is redacted, not lost."""
        try:
            self._redact(record)
        except Exception:  # noqa: BLE001  a __str__ of theirs may raise anything
            _withhold(record)
        return True

    def _redact(self, record: logging.LogRecord) -> None:
        record.msg, record.args = self._clean(_rendered(record)), None
        if record.exc_info or record.exc_text:
            # Other formatters print the exception by themselves, so it is printed here and its object let go.
            record.exc_text = self._clean(record.exc_text or _printed(record.exc_info))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = self._clean(record.stack_info)
        for name in set(record.__dict__) - _OF_CODE - _OF_MESSAGE:
            record.__dict__[name] = redacted_value(record.__dict__[name], possible=self._possible)
            if self._clean(name) != name:
                record.__dict__[self._clean(name)] = record.__dict__.pop(name)

    def _clean(self, text: str) -> str:
        return redacted(text, possible=self._possible)


def redact_event(
    logger: object, method: str, event: MutableMapping[str, Any], *, possible: bool = True
) -> MutableMapping[str, Any]:
    """A processor for structlog: put it last before the renderer."""
    try:
        failure = event.pop("exc_info", None)
        if failure:
            event["exception"] = _printed(failure)
        clean = redacted_value(dict(event), possible=possible)
        assert isinstance(clean, dict)  # noqa: S101  a mapping comes back as one
        return clean
    except Exception:  # noqa: BLE001  as above
        return {"event": WITHHELD}


def _rendered(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001
        # `logging` would print template and arguments to stderr; as they do not fit, both are said as they are.
        return f"{record.msg!s} {record.args!r}"


def _printed(failure: object) -> str:
    """A traceback as text, whatever was said of it: True, an exception, or the usual three."""
    if isinstance(failure, BaseException):
        return "".join(traceback.format_exception(failure)).rstrip()
    if isinstance(failure, tuple) and len(failure) == 3:
        kind, error, trace = failure
        if isinstance(error, BaseException) and isinstance(trace, TracebackType | None):
            return "".join(traceback.format_exception(kind, error, trace)).rstrip()
        return "NoneType: None"
    current = sys.exc_info()
    return "".join(traceback.format_exception(*current)).rstrip() if current[1] else "NoneType: None"


def _withhold(record: logging.LogRecord) -> None:
    record.msg, record.args = WITHHELD, None
    record.exc_info = record.exc_text = record.stack_info = None
    for name in set(record.__dict__) - _OF_CODE - _OF_MESSAGE:
        record.__dict__[name] = None

"""A log that was asked to carry somebody's number carries the name of its kind instead."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.detectors import DETECTORS, scan
from compliance.guards.logs import WITHHELD, RedactIdentifiers, redact_event
from compliance.guards.redaction import LONGEST_TEXT, redacted, redacted_value
from tests.builders import MOBILE
from tests.strategies import ID_NUMBER

FORMAT = "%(levelname)s:%(name)s:%(message)s"


class Log:
    """A logger of its own with one handler, before and after the filter is put on."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.logger = logging.Logger("shop.visits")  # noqa: LOG001  one that keeps no other test's settings
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(logging.Formatter(FORMAT))
        self.logger.addHandler(self.handler)

    def guard(self, **how: bool) -> None:
        self.handler.addFilter(RedactIdentifiers(**how))

    @property
    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture
def log() -> Iterator[Log]:
    made = Log()
    yield made
    made.handler.close()


def raised(text: str) -> BaseException:
    try:
        try:
            raise KeyError(text)
        except KeyError as cause:
            raise ValueError("no such visitor") from cause
    except ValueError as error:
        return error


class Shy:
    def __str__(self) -> str:
        raise RuntimeError(MOBILE)

    __repr__ = __str__


class Visitor:
    def __repr__(self) -> str:
        return f"<Visitor {MOBILE}>"


@pytest.mark.parametrize(
    "say",
    [
        lambda log: log.info("call %s", MOBILE),
        lambda log: log.info("call 194%s", MOBILE[3:]),
        lambda log: log.info("call %(n)s", {"n": MOBILE}),
        lambda log: log.info("call %d", int(MOBILE)),
        lambda log: log.info(MOBILE),
        lambda log: log.info("%s", {"phones": [MOBILE]}),
        lambda log: log.info("%s", Visitor()),
        lambda log: log.error("lost", exc_info=raised(f"row {MOBILE}")),
        lambda log: log.info("too few %s %s", MOBILE),  # noqa: PLE1206
        lambda log: log.info("%d", MOBILE),
    ],
    ids=[
        "argument",
        "split",
        "by name",
        "number",
        "message",
        "nested",
        "object",
        "chained",
        "unfit",
        "%d of text",
    ],
)
def test_a_number_is_redacted_wherever_a_line_carries_it(say: Any) -> None:
    plain, guarded = Log(), Log()
    guarded.guard()
    logging_raises, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        say(plain.logger)
        say(guarded.logger)
    finally:
        logging.raiseExceptions = logging_raises

    if plain.text:  # what does not fit its template is not printed at all without the filter
        assert MOBILE in plain.text
    assert MOBILE not in guarded.text
    assert "〔mobile〕" in guarded.text
    assert guarded.text.startswith(("INFO:shop.visits:", "ERROR:shop.visits:"))


def test_what_holds_no_identifier_is_printed_as_ever(log: Log) -> None:
    bare = Log()
    for one in (log, bare):
        if one is log:
            one.guard()
        one.logger.warning("took %.2f s for %-5s|%r", 1.5, "ab", ["3-1-1201"])
        one.logger.error("failed", exc_info=raised("row 7"))

    assert log.text == bare.text


def test_extra_fields_are_redacted_for_formatters_that_print_them(log: Log) -> None:
    class Json(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return json.dumps({**record.__dict__, "exc_info": None}, default=str, ensure_ascii=False)

    log.handler.setFormatter(Json())
    extra = {"visitor": {"id": ID_NUMBER, "phones": (MOBILE,), "n": int(MOBILE)}, MOBILE: "key", "room": 1201}
    log.logger.info("seen", extra=extra, stack_info=True)
    assert MOBILE in log.text
    assert ID_NUMBER in log.text
    before = len(log.text)

    log.guard()
    log.logger.info("seen", extra=extra, stack_info=True)

    assert MOBILE not in log.text[before:]
    assert ID_NUMBER not in log.text[before:]
    assert json.loads(log.text[before:])["room"] == 1201


def test_a_formatter_that_prints_exceptions_itself_finds_none_left(log: Log) -> None:
    class Own(logging.Formatter):
        def formatException(self, ei: Any) -> str:
            return f"own: {ei[1]!r}"

    log.handler.setFormatter(Own(FORMAT))
    log.guard()
    log.logger.error("lost", exc_info=raised(MOBILE))

    assert MOBILE not in log.text
    assert "ValueError: no such visitor" in log.text


def test_an_object_that_cannot_be_printed_raises_nothing_and_is_withheld(log: Log) -> None:
    log.guard()
    log.logger.info("%s", Shy())
    log.logger.info("seen", extra={"who": Shy()})
    log.logger.info("then %s", "on")

    assert MOBILE not in log.text
    assert log.text.count(WITHHELD) == 2
    assert log.text.endswith("INFO:shop.visits:then on\n")


def test_only_certain_ones_go_where_the_operator_says_so(log: Log) -> None:
    log.guard(possible=False)
    text = "E12345678"
    assert {one.certainty for one in scan(text)} == {"possible"}
    log.logger.info("%s and %s", text, MOBILE)

    assert text in log.text
    assert MOBILE not in log.text


@pytest.mark.parametrize("example", [one for detector in DETECTORS for one in detector.examples])
def test_every_kind_that_a_detector_knows_is_redacted(example: str) -> None:
    (first, *_) = scan(example)

    assert example[first.start : first.end] not in redacted(example)


@settings(deadline=None)
@given(st.text(alphabet="0123456789X京A张 -〔〕abc@.一二三", max_size=120))
def test_what_is_redacted_holds_nothing_certain(text: str) -> None:
    assert [one for one in scan(redacted(text)) if one.certainty == "certain"] == []


@settings(max_examples=40, deadline=None)
@given(st.recursive(st.text(max_size=20) | st.integers() | st.binary(max_size=9), st.lists))
def test_any_value_can_be_redacted(value: object) -> None:
    redacted_value(value)


def test_a_value_nested_without_end_is_cut() -> None:
    endless: list[Any] = []
    endless.append(endless)

    redacted_value(endless)


def test_the_time_grows_with_the_text_and_no_further() -> None:
    def seconds(text: str) -> float:
        started = time.process_time()
        redacted(text)
        return time.process_time() - started

    piece = f"call {MOBILE} now "
    short, long = (piece * (n // len(piece)) for n in (LONGEST_TEXT // 8, LONGEST_TEXT))

    assert min(seconds(long) for _ in range(3)) < 30 * min(seconds(short) for _ in range(3)) + 0.01
    assert seconds(long * 1000) < 4 * seconds(long) + 0.1  # what is over the bound is cut unread
    assert MOBILE not in redacted(long * 2)


class TestStructlog:
    def lines(self, *processors: Any) -> tuple[Any, io.StringIO]:
        out = io.StringIO()
        logger = structlog.wrap_logger(
            structlog.PrintLogger(out), processors=[*processors, structlog.processors.JSONRenderer()]
        )
        return logger, out

    def test_events_and_their_fields_are_redacted(self) -> None:
        plain, seen = self.lines()
        plain.info("call " + MOBILE, visitor={"id": ID_NUMBER})
        assert MOBILE in seen.getvalue()

        logger, out = self.lines(redact_event)
        text = f"call {MOBILE}"
        logger.info(text, visitor={"id": ID_NUMBER}, line=7)

        assert json.loads(out.getvalue()) == {
            "event": "call 〔mobile〕",
            "visitor": {"id": "〔resident_id〕"},
            "line": 7,
        }

    @pytest.mark.parametrize("processors", [(), (structlog.processors.format_exc_info,)], ids=["raw", "text"])
    def test_exceptions_are_printed_without_values(self, processors: tuple[Any, ...]) -> None:
        logger, out = self.lines(*processors, redact_event)
        try:
            raise ValueError(MOBILE)
        except ValueError:
            logger.exception("lost")

        assert MOBILE not in out.getvalue()
        assert "ValueError: 〔mobile〕" in json.loads(out.getvalue())["exception"]

    def test_what_cannot_be_printed_is_withheld(self) -> None:
        logger, out = self.lines(redact_event)
        logger.info("seen", who=Shy())

        assert MOBILE not in out.getvalue()
        assert json.loads(out.getvalue()) == {"event": WITHHELD}

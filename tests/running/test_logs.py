"""What this installation says of itself passes the same guard that it offers to others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from compliance.running.logs import to_stderr
from tests.builders import MOBILE


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers = []
    yield root
    root.handlers, root.level = before, level


def test_no_number_reaches_stderr_whoever_says_it(root: logging.Logger, capsys: Any) -> None:
    for _ in range(2):
        to_stderr(logging.INFO)
    logging.getLogger("some.library").warning("row %s", MOBILE)
    structlog.get_logger().info("row " + MOBILE, record="2603-abcdefgh")

    said = capsys.readouterr().err
    assert MOBILE not in said
    assert said.count("〔mobile〕") == 2
    assert "2603-abcdefgh" in said


def test_an_exception_is_told_by_its_kind_and_place(root: logging.Logger, capsys: Any) -> None:
    to_stderr(logging.INFO)
    try:
        raise ValueError(MOBILE)
    except ValueError:
        structlog.get_logger().exception("lost")

    said = capsys.readouterr().err
    assert MOBILE not in said
    assert "ValueError" in said

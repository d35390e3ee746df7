"""Waiting for what happens elsewhere: at once on an idle machine, and within a minute on any."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_the_end(question: Callable[[], T]) -> T:
    """Ask until the answer is yes; the last answer, whatever it was."""
    end = time.monotonic() + 60
    while not (answer := question()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer

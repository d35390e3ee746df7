"""What the supervisor and the single processes share: threads that remember why they ended, and the signals that end us."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Part(threading.Thread):
    """A thread that remembers what it failed with, instead of printing a traceback."""

    def __init__(self, name: str, work: Callable[[], Any]) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as failure:  # noqa: BLE001  SystemExit too: uvicorn ends a failed start with it
            self.failure = failure

    def reraise(self) -> None:
        if self.failure is not None:
            raise self.failure


@contextmanager
def until_signalled() -> Iterator[threading.Event]:
    """An event that SIGINT, SIGTERM and SIGHUP set, so that they end us in order and not in the middle of something."""
    stop = threading.Event()
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in wanted}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""`up`: pages, worker and beat as threads of one process, and a Valkey as its child.

The main thread does nothing but wait: for a signal, or for a part that ended by itself. Threads instead of processes,
because then one kill ends all of them and nothing is left that ticks on its own (a worker with its beat inside, killed,
leaves the beat running, and ticks double at the next start).
"""

from __future__ import annotations

import fcntl
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import TYPE_CHECKING

from compliance.bootstrap import DEMO, REAL, Engine, bootstrap
from compliance.domain.errors import ConfigurationInvalid
from compliance.running import welcome
from compliance.running.address import listen, url
from compliance.running.broker import EmbeddedBroker
from compliance.running.demo import Seeded, seed
from compliance.running.logs import to_stderr
from compliance.running.parts import Part, until_signalled
from compliance.tasks import AT_START, beat_thread, make_app, wake
from compliance.tasks.engine import lend

if TYPE_CHECKING:
    from compliance.config import Settings

#: Threads for tasks: the seal of each second must not stand in line behind a long sweep.
TASKS_AT_ONCE = 4
_LOOK_AFTER = 1.0  # seconds between two looks at the parts
_PATIENCE = 10.0  # seconds for a task in flight to end; what does not is found again at the next start


def run(settings: Settings, *, demo: bool = True) -> int:
    """Run everything until SIGINT or SIGTERM; returns the exit code, 0 unless a part ended by itself.

    Raises:
        ConfigurationInvalid: the address is taken, the home is in use by another `up`, demo data was wanted beside
            real data, or the broker does not start (again).
    """
    to_stderr(logging.WARNING)
    with until_signalled() as stop, _alone(settings), listen(settings.bind) as door:
        broker = EmbeddedBroker(settings.home)
        starting = Part("broker", broker.start)
        starting.start()
        try:
            with _opened(settings, demo=demo) as engine:
                shown = seed(engine) if engine.kind == DEMO else None
                starting.join()
                starting.reraise()
                return _together(engine, broker, door, stop, shown)
        finally:
            starting.join()
            broker.stop()


def _together(
    engine: Engine, broker: EmbeddedBroker, door: socket, stop: threading.Event, shown: Seeded | None
) -> int:
    lend(engine)
    parts = _Parts(engine, broker, door)
    try:
        if parts.start(stop):
            welcome.say(engine, url(door), shown)
        while not stop.wait(_LOOK_AFTER):
            if ended := parts.ended():
                print(f"{ended} 意外停止。{ended} ended by itself.", file=sys.stderr)
                return 1
            broker.ensure()
        return 0
    finally:
        welcome.farewell()
        parts.stop()


class _Parts:
    """Web, worker and beat, each in its thread."""

    def __init__(self, engine: Engine, broker: EmbeddedBroker, door: socket) -> None:
        from compliance.running.pages import Pages

        self._celery = make_app(engine.settings, broker.url)
        self._pages = Pages(engine, door)
        controller = self._celery.WorkController(
            pool="threads",
            concurrency=TASKS_AT_ONCE,
            loglevel="WARNING",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._worker = Part("worker", controller.start)
        self._beat = beat_thread(self._celery)

    def start(self, stop: threading.Event) -> bool:
        """Start all of them; returns whether the pages answer (False where a signal came first)."""
        from celery.worker import state

        state.should_stop = state.should_terminate = None
        self._worker.start()
        for name in AT_START:
            wake(self._celery, name)
        self._beat.start()
        return self._pages.start(stop)

    def ended(self) -> str | None:
        """The name of a part that is not running any more."""
        threads = (self._pages.thread, self._worker, self._beat)
        return next((thread.name for thread in threads if not thread.is_alive()), None)

    def stop(self) -> None:
        """No more beats, no more requests, no more tasks; what is in flight ends first."""
        from celery.worker import state

        self._pages.stop()
        state.should_stop = 0
        if self._beat.is_alive():
            self._beat.stop()
        self._pages.join()
        if self._worker.is_alive():
            self._worker.join(_PATIENCE)
        self._celery.close()


@contextmanager
def _opened(settings: Settings, *, demo: bool) -> Iterator[Engine]:
    try:
        engine = bootstrap(settings, kind=DEMO if demo else REAL)
    except ConfigurationInvalid as refused:
        if not demo:
            raise
        raise ConfigurationInvalid(
            f"{refused} 用 `up --no-demo` 启动已有数据的目录。Start a home that is in use with `up --no-demo`."
        ) from None
    with engine:
        yield engine


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One `up` per home. The lock goes with the process that holds it, however that ends."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigurationInvalid(
                "This home is already being run by another `up`. 此目录已由另一个 `up` 运行。"
            ) from None
        yield

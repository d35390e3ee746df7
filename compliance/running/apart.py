"""The parts as processes of their own, for more than one machine: any number of each, on a shared broker and database.

Never a worker with the beat inside: a killed worker would leave its beat running, and the next start would add another.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from compliance.bootstrap import bootstrap
from compliance.running.address import listen
from compliance.running.logs import to_stderr
from compliance.running.parts import until_signalled
from compliance.tasks import AT_START, QUEUES, make_app, wake

if TYPE_CHECKING:
    from compliance.config import Settings


def web(settings: Settings) -> int:
    """The pages and the API until SIGTERM; returns the exit code. Raises ConfigurationInvalid where the port is taken."""
    from compliance.running.pages import Pages

    to_stderr(logging.INFO)
    with until_signalled() as stop, listen(settings.bind) as door, bootstrap(settings) as engine:
        pages = Pages(engine, door)
        try:
            if not pages.start(stop):
                return 0 if stop.is_set() else 1
            while pages.thread.is_alive() and not stop.wait(1.0):
                pass
            return 0 if stop.is_set() else 1
        finally:
            pages.stop()
            pages.join()


def worker(settings: Settings) -> int:
    """A worker with a pool of processes; returns Celery's exit code."""
    to_stderr(logging.INFO)
    app = make_app(settings)
    started = app.Worker(
        pool="prefork",
        loglevel="WARNING",
        queues=list(QUEUES),
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )
    started.start()
    return int(started.exitcode or 0)


def beat(settings: Settings) -> int:
    """The beat. A second one does no harm: each look claims what it does."""
    to_stderr(logging.INFO)
    app = make_app(settings)
    for name in AT_START:
        wake(app, name)
    app.Beat(loglevel="WARNING", quiet=True).run()
    return 0

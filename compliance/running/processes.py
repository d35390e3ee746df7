"""The parts as processes of their own, for more than one machine: any number of each, on a shared broker and database.

Never a worker with the beat inside: a killed worker would leave its beat running, and the next start would add another.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from compliance.bootstrap import bootstrap
from compliance.running.address import listen, parse_bind
from compliance.running.logs import to_stderr
from compliance.tasks import AT_START, QUEUES, make_app, wake

if TYPE_CHECKING:
    from compliance.config import Settings


def web(settings: Settings) -> int:
    """The pages and the API until SIGTERM; returns the exit code. Raises ConfigurationInvalid where the port is taken."""
    import uvicorn

    from compliance.web.app import create_app

    to_stderr(logging.INFO)
    host, port = parse_bind(settings.bind)
    with listen(settings.bind) as door, bootstrap(settings) as engine:
        config = uvicorn.Config(
            create_app(engine),
            host=host,
            port=port,
            log_config=None,
            log_level="warning",
            access_log=False,  # an address is personal information, and paths name requests
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        server = uvicorn.Server(config)
        # Inside `with`, uvicorn's own handlers re-raise the signal only after the last answer has gone out.
        server.run(sockets=[door])
        return 0 if server.started else 1


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

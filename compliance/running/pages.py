"""The web server, set so that it says nothing about anybody, and run in a thread of its own.

In the main thread uvicorn would re-raise SIGTERM when it is done, and nothing after it would be put away.
"""

from __future__ import annotations

import socket
import threading

import uvicorn

from compliance.bootstrap import Engine
from compliance.running.parts import Part
from compliance.web.app import create_app

_PATIENCE = 5  # seconds for answers that are on their way


class Pages:
    def __init__(self, engine: Engine, door: socket.socket) -> None:
        config = uvicorn.Config(
            create_app(engine),
            log_config=None,
            log_level="warning",
            access_log=False,  # an address is personal information, and paths name requests
            server_header=False,
            timeout_graceful_shutdown=_PATIENCE,
        )
        self._server = uvicorn.Server(config)
        self.thread = Part("web", lambda: self._server.run(sockets=[door]))

    def start(self, stop: threading.Event) -> bool:
        """Start; returns whether the pages answer, False where a signal came first. Raises what uvicorn failed with."""
        self.thread.start()
        while not self._server.started and not stop.wait(0.02):
            if not self.thread.is_alive():
                self.thread.reraise()
                return False
        return not stop.is_set()

    def stop(self) -> None:
        """Take no more requests; `join` waits for those that are on their way."""
        self._server.should_exit = True

    def join(self) -> None:
        if self.thread.is_alive():
            self.thread.join(2 * _PATIENCE)

"""The web server, set so that it says nothing about anybody, and run in a thread of its own.

In the main thread uvicorn would re-raise SIGTERM when it is done, and nothing after it would be put away.
"""

from __future__ import annotations

import socket
import threading

import uvicorn
from fastapi import FastAPI

from compliance.bootstrap import Engine
from compliance.running.connections import AT_ONCE, QUEUE, bounded_protocol, room
from compliance.running.parts import Part
from compliance.web.app import create_app

_PATIENCE = 5  # seconds for answers that are on their way


def configured(app: FastAPI, most: int | None = None) -> uvicorn.Config:
    """How the application is served, to as many connections at once as there is room for."""
    most = most or room()
    return uvicorn.Config(
        app,
        http=bounded_protocol(most),
        ws="none",
        lifespan="off",
        backlog=min(AT_ONCE, most),  # in fact how many are taken from the queue at once
        log_config=None,
        log_level="warning",
        access_log=False,  # an address is personal information, and paths name requests
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )


class Pages:
    def __init__(
        self, engine: Engine, door: socket.socket, *, app: FastAPI | None = None, most: int | None = None
    ) -> None:
        self._server, self._door = uvicorn.Server(configured(app or create_app(engine), most)), door
        self.thread = Part("web", lambda: self._server.run(sockets=[door]))

    def start(self, stop: threading.Event) -> bool:
        """Start; returns whether the pages answer, False where a signal came first. Raises what uvicorn failed with."""
        self.thread.start()
        while not self._server.started and not stop.wait(0.02):
            if not self.thread.is_alive():
                self.thread.reraise()
                return False
        self._door.listen(
            QUEUE
        )  # who comes in a crowd stands in line; how many are let in at once is another matter
        return not stop.is_set()

    def stop(self) -> None:
        """Take no more requests; `join` waits for those that are on their way."""
        self._server.should_exit = True

    def join(self) -> None:
        if self.thread.is_alive():
            self.thread.join(2 * _PATIENCE)

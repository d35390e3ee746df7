"""Connections of the web server, each with bounds: nobody keeps a place by saying nothing, slowly, or by not listening.

A place is a file, and a process has few (1024 in a fresh container). So the server asks for more at its start, keeps some
for its own books and keys, and when all places are taken sends away whoever has kept it waiting longest; only where
everybody is being served is a newcomer asked to come back. Times are generous: a tablet behind a bad radio is no attack.
"""

from __future__ import annotations

import json
import resource
from asyncio import AbstractEventLoop, Transport
from functools import partial
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from compliance.web.faults import FULL

#: Seconds in which a request's head, the next piece of its body, or the reading of its answer has to go on.
HEAD_WITHIN, BODY_WITHIN, READING_WITHIN = 20.0, 60.0, 60.0
LOOK_EVERY = 2.0
#: Who owes us something for this long may lose the place to somebody who has none.
STALLED = 3.0
#: Connections that are taken from the system's queue at once, and how many it may hold meanwhile.
AT_ONCE, QUEUE = 128, 2048
#: Files for everything else: books, keys, ledger, broker; and the most that are worth asking for.
OWN_FILES, MOST_FILES = 256, 65_536
COME_BACK_AFTER = 2


def room() -> int:
    """Raise the process's own limit on open files as far as it may, and return how many connections it can hold."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    files = MOST_FILES if soft == resource.RLIM_INFINITY else min(soft, MOST_FILES)
    return max(files - OWN_FILES - AT_ONCE, files // 4)


def bounded_protocol(most: int) -> Any:
    """What uvicorn makes for each connection, `most` of which may be open."""
    return partial(Connection, most)


class Connection(H11Protocol):
    def __init__(
        self,
        most: int,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._most = most
        self._began = self._heard = self._read = self.loop.time()
        self._unread = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._look_again()
        if len(self.connections) > self._most:
            self._make_room()

    def _make_room(self) -> None:
        others = [one for one in self.connections if isinstance(one, Connection)]
        slowest = min(others, key=Connection.kept_waiting_since)
        if self.loop.time() - slowest.kept_waiting_since() > STALLED:
            slowest.transport.abort()
        else:
            self.app = _full

    def kept_waiting_since(self) -> float:
        """When the client last owed us something; never, where it is we who owe an answer."""
        if self.transport.is_closing():
            return float("inf")  # the place is being given up already
        if not self._in_flight():
            return self._began
        return self._heard if self.cycle.more_body else float("inf")

    def _in_flight(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn's annotation says
        return cycle is not None and not cycle.response_complete

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        super().data_received(data)

    def on_response_complete(self) -> None:
        self._began = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def _look_again(self) -> None:
        self._timer = self.loop.call_later(LOOK_EVERY, self._look)

    def _look(self) -> None:
        if self._overdue(self.loop.time()):
            self.transport.abort()
        else:
            self._look_again()

    def _overdue(self, now: float) -> bool:
        unread = self.transport.get_write_buffer_size()
        if unread == 0 or unread != self._unread:
            self._unread, self._read = unread, now
        if now - self._read > READING_WITHIN:
            return True
        if unread:
            return False
        if not self._in_flight():
            return now - self._began > HEAD_WITHIN
        return self.cycle.more_body and not self.flow.read_paused and now - self._heard > BODY_WITHIN


async def _full(_: Any, __: Any, send: Any) -> None:
    """A polite no, in front of the application: it opens no book."""
    body = json.dumps(FULL.as_json()).encode()
    headers = {"content-type": "application/json", "retry-after": str(COME_BACK_AFTER), "connection": "close"}
    said = [(name.encode(), value.encode()) for name, value in headers.items()]
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": FULL.status, "headers": [*said, length]})
    await send({"type": "http.response.body", "body": body})

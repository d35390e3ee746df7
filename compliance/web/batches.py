"""A batch over HTTP: NDJSON in, a verdict per line out, in memory that does not grow with the body.

Lines are written while the body still arrives. Their verdicts are kept until the client reads them, because most
clients send everything before they read anything; so the number of lines a request may have is bounded, not its bytes.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import anyio
import msgspec
from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from compliance.bootstrap import Engine
from compliance.domain.errors import ComplianceError
from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import LARGEST_BYTES
from compliance.domain.vocabulary import Door, ReasonCode
from compliance.ports import Caller, Outcome
from compliance.web import described_in_openapi as described
from compliance.web.callers import TheCaller, TheEngine, TheMetrics
from compliance.web.faults import fault_of_error
from compliance.web.observing import Metrics
from compliance.web.rates import rates_of
from compliance.web.records import defaults_for, grouped

router = APIRouter(prefix="/v1/records", tags=["records"])
MOST_LINES = 50_000
_ENCODE = msgspec.json.Encoder().encode
#: Verdicts that wait for a client who does not read them; fifty thousand admissions are less.
MOST_HELD, PIECE = 8_000_000, 256 * 1024
#: What is still listened to, and dropped, once nothing more is taken: who is cut off in mid-sentence hears no answer.
HEARD_OUT = 64_000_000
LINES_AT_ONCE = 500
BYTES_AT_ONCE = 1024 * 1024


class Lines:
    """Cuts a stream into lines, and never holds more of one than a submission may have."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._overlong = False

    def feed(self, chunk: bytes) -> list[bytes | None]:
        """The lines that end in this chunk; None for one that is too large."""
        first, *pieces = chunk.split(b"\n")
        self._keep(first)
        if not pieces:
            return []
        *whole, rest = pieces
        lines = [self._line(), *(piece if len(piece) <= LARGEST_BYTES else None for piece in whole)]
        self._keep(rest)
        return lines

    def last(self) -> list[bytes | None]:
        """What stands behind the last line break, if anything does."""
        return [self._line()] if self._rest or self._overlong else []

    def _keep(self, piece: bytes) -> None:
        if self._overlong or len(self._rest) + len(piece) > LARGEST_BYTES:
            self._overlong = True
            self._rest.clear()
        else:
            self._rest += piece

    def _line(self) -> bytes | None:
        line = None if self._overlong else bytes(self._rest)
        self._rest.clear()
        self._overlong = False
        return line


class Verdicts(StreamingResponse):
    """Streams while the request is still being read.

    Starlette's own would read the request as well, to notice that the client has gone, and swallow its body.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


def require_open(engine: TheEngine) -> None:
    """Raise `GateClosed` before the first byte of an answer: afterwards the status is said."""
    with engine.books.reading() as books:
        engine.policies.active(books, engine.clock.now())
        engine.sealing.require_open(books)


@router.post("", dependencies=[Depends(require_open)], **described.BATCH)
async def write_batch(
    request: Request, engine: TheEngine, caller: TheCaller, metrics: TheMetrics
) -> Response:
    """Write a stream of submissions, one JSON object a line. It carries no consent: nobody was asked by a file."""
    rates_of(request).let_through("batches", caller.id)
    desk = _Desk(engine, caller, metrics)
    return Verdicts(_both_ways(request, desk), media_type="application/x-ndjson")


async def _both_ways(request: Request, desk: _Desk) -> AsyncIterator[bytes]:
    """Read and write in one task, hand out in another: neither waits for the client to do the other."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read_all, request, desk)
        while True:
            for piece in desk.handed_out():
                yield piece
            if desk.done.is_set():
                break
            await desk.news.wait()
            desk.news = anyio.Event()
        tasks.cancel_scope.cancel()
    for piece in desk.handed_out():
        yield piece


async def _read_all(request: Request, desk: _Desk) -> None:
    lines, unread = Lines(), 0
    try:
        async for chunk in request.stream():
            for at in range(0, len(chunk), BYTES_AT_ONCE):
                await desk.take(lines.feed(chunk[at : at + BYTES_AT_ONCE]))
            if desk.closed:
                unread += len(chunk)
                if unread > HEARD_OUT:
                    break
        await desk.take(lines.last())
        await desk.write()
    except ClientDisconnect:
        desk.closed = True  # half a line is no line; whoever went away asks again under the same keys
    finally:
        desk.done.set()
        desk.news.set()


class _Desk:
    """One request's lines on their way into the gate, and the verdicts on their way out."""

    def __init__(self, engine: Engine, caller: Caller, metrics: Metrics) -> None:
        self._engine, self._caller, self._metrics = engine, caller, metrics
        self._defaults = defaults_for(caller, door=Door.BATCH)
        self._waiting: list[tuple[int, object]] = []
        self._bytes = 0
        self._line = 0
        self._said: list[bytes] = []
        self._held = 0  # bytes of what is being handed out and was not taken yet
        self.closed = False
        self.done, self.news = anyio.Event(), anyio.Event()

    async def take(self, lines: list[bytes | None]) -> None:
        for line in lines:
            if self.closed:
                return
            self._line += 1
            if line is not None and not line.strip():
                continue
            unheard = not self._waiting and self._unread() > MOST_HELD
            if unheard or self._line > MOST_LINES:
                await self.write()
                error = "unread_verdicts" if unheard else "too_many_lines"
                self._close({"error": error}, (reason(ReasonCode.TOO_LARGE),))
                return
            self._waiting.append((self._line, (reason(ReasonCode.TOO_LARGE),) if line is None else line))
            self._bytes += len(line or b"")
            if len(self._waiting) >= LINES_AT_ONCE or self._bytes >= BYTES_AT_ONCE:
                await self.write()

    async def write(self) -> None:
        batch, self._waiting, self._bytes = self._waiting, [], 0
        if batch and not self.closed:
            await run_in_threadpool(self._write, batch)
            self.news.set()

    def _unread(self) -> int:
        return self._held + sum(map(len, self._said))

    def handed_out(self) -> Iterator[bytes]:
        """What there is to say, once: many lines in one piece, for each piece costs as much as twenty lines.

        Pieces are bounded, and one is let go only when the client has taken the one before.
        """
        while self._said:
            said, self._said = b"".join(self._said), []
            for at in range(0, len(said), PIECE):
                self._held = len(said) - at
                yield said[at : at + PIECE]
            self._held = 0

    def _write(self, batch: list[tuple[int, object]]) -> None:
        stream = [raw for _, raw in batch]
        try:
            outcomes = list(self._engine.gate.write_many(stream, self._caller, self._defaults))
        except ComplianceError as error:
            # The batch rolled back: its lines have no verdict, and the answer says where to go on from.
            self._line = batch[0][0]
            self._close(fault_of_error(error).as_json(), ())
            return
        self._metrics.counted(outcomes)
        lines = zip(batch, outcomes, strict=True)
        self._said.append(b"".join([_spoken(line, outcome) for (line, _), outcome in lines]))

    def _close(self, said: dict[str, str], reasons: tuple[Reason, ...]) -> None:
        self.closed = True
        self._say(
            {
                "line": self._line,
                "verdict": "refused",
                "reasons": [one.as_json() for one in reasons],
                **said,
                "rest": "unread",
            }
        )
        self.news.set()

    def _say(self, verdict: dict[str, Any]) -> None:
        self._said.append(_as_line(verdict))


def _spoken(line: int, outcome: Outcome) -> bytes:
    receipt, reasons, erased = outcome
    if receipt is not None:
        said = {"line": line, "verdict": receipt.verdict, "record": receipt.record}
        said |= {"pass_code": grouped(receipt.pass_code), "erase_on": receipt.erase_on}
        if receipt.flagged:
            said["flagged"] = [one.as_json() for one in receipt.flagged]
        elif not receipt.said:
            return _ENCODE({**said, "reasons": []}) + b"\n"  # all of it made by us, and ASCII
        return _as_line({**said, "reasons": [one.as_json() for one in receipt.said]})
    if erased:
        return _as_line({"line": line, "verdict": "refused", "reasons": [], "error": "erased"})
    return _as_line({"line": line, "verdict": "refused", "reasons": [one.as_json() for one in reasons]})


def _as_line(verdict: Mapping[str, Any]) -> bytes:
    return json.dumps(verdict, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"

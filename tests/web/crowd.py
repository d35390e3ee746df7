"""Many clients at once, each a bare connection: what any of them is answered, or that it was not."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.web.conftest import a_submission

FORBIDDEN = {"fields": {**a_submission()["fields"], "id_number": "100000199001010011"}}


def place(address: str) -> tuple[str, int]:
    host, port = address.removeprefix("http://").split(":")
    return host, int(port)


def request(secret: str, body: Any, path: str = "/v1/records/visitor") -> bytes:
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {secret}\r\ncontent-length: {len(octets)}\r\n\r\n"
    return head.encode() + octets


@dataclass(slots=True)
class Heard:
    """What a crowd was answered: how often which status, and everything that should not happen."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
    await reader.readexactly(int(headers.get("content-length", 0)))
    return int(head[0].split()[1]), headers


async def _client(
    address: str, requests: Sequence[bytes], everybody: asyncio.Event, heard: Heard, patience: float
) -> None:
    try:
        reader, writer = await asyncio.open_connection(*place(address))
        await everybody.wait()
        for octets in requests:
            writer.write(octets)
            async with asyncio.timeout(patience):
                status, headers = await _answer(reader)
            heard.statuses[status] += 1
            if status in (429, 503) and not headers.get("retry-after", "").isdigit():
                heard.wrong.append(f"{status} without saying when")
            if headers.get("connection") == "close":
                break
        writer.close()
    except (OSError, EOFError, TimeoutError) as failure:
        heard.wrong.append(repr(failure))


async def _crowd(address: str, each: Sequence[Sequence[bytes]], patience: float) -> Heard:
    everybody, heard = asyncio.Event(), Heard()
    async with asyncio.TaskGroup() as tasks:
        for requests in each:
            tasks.create_task(_client(address, requests, everybody, heard, patience))
        await asyncio.sleep(0.5)
        everybody.set()
    return heard


def crowd(address: str, each: Sequence[Sequence[bytes]], patience: float = 60) -> Heard:
    """One connection for each list of requests, all opened before any of them is sent."""
    return asyncio.run(_crowd(address, each, patience))

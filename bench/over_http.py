"""A batch over HTTP on loopback against the same batch handed to the gate in process: bytes in, verdicts out."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from bench.figures import Course, Figure, seconds
from bench.home import Homes, submissions, written
from compliance.running.pages import Pages

GOAL = 0.7


def over_http(homes: Homes, database: str, runs: int, records: int) -> Iterator[Figure]:
    course, dice = Course("ndjson_over_http", database), random.Random(20260305)
    secret = homes.engine.access.issue_api_key("main").secret
    with _served(homes) as port:
        for _ in range(runs + 1):
            lines = [_written(homes, records, dice) for _ in range(2)]
            body = b"\n".join(lines[0])
            course.engine.append(seconds(partial(_post, port, secret, body, records)))
            course.bare.append(seconds(partial(written, homes, lines[1])))
            homes.later(timedelta(days=1))
    yield course.figure(records, goal=GOAL)


def _written(homes: Homes, records: int, dice: random.Random) -> list[bytes]:
    made = submissions(records, homes.clock, dice, keyed=False)
    return [json.dumps(one, ensure_ascii=False).encode() for one in made]


@contextmanager
def _served(homes: Homes) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        pages = Pages(homes.engine, door)
        pages.start(threading.Event())
        try:
            yield door.getsockname()[1]
        finally:
            pages.stop()
            pages.join()


def _post(port: int, secret: str, body: bytes, records: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"authorization": f"Bearer {secret}", "content-type": "application/x-ndjson"}
    connection.request("POST", "/v1/records", body, headers)
    answer = connection.getresponse().read()
    connection.close()
    if answer.count(b'"verdict":"admitted"') != records:
        raise AssertionError("the batch was not admitted whole over HTTP")

"""A day of plates over HTTP, one JSON object a line, one verdict a line. KEY: `compliance apikey issue --channel lpr`."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx


# -- integration
def send(lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    headers = {"authorization": f"Bearer {os.environ['KEY']}"}
    body = (json.dumps(line).encode() + b"\n" for line in lines)
    with httpx.stream("POST", f"{os.environ['ADDRESS']}/v1/records", headers=headers, content=body) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            yield json.loads(
                line
            )  # line, verdict, reasons; after a broken connection send the whole batch again


# -- end

passages: list[dict[str, Any]] = [
    {
        "category": "vehicle",
        "key": f"lane-1/{n}",
        "collected_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "fields": {"plate_no": f"京A0000{n}", "gate": "北门", **({"driver_name": "张三"} if n == 2 else {})},
        "notice": {"mode": "posted"},
    }
    for n in (1, 2, 3)
]

if __name__ == "__main__":
    for verdict in send(passages):
        print(verdict["line"], verdict["verdict"], *(one["zh"] for one in verdict["reasons"]))

"""One visit over HTTP with nothing but the standard library. KEY: `compliance apikey issue --category visitor`."""

import json
import os
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


# -- integration
def register(visit: dict[str, Any]) -> str:
    headers = {"authorization": f"Bearer {os.environ['KEY']}"}
    asked = Request(f"{os.environ['ADDRESS']}/v1/records/visitor", json.dumps(visit).encode(), headers)
    try:
        with urlopen(asked) as answer:
            return str(json.load(answer)["pass_code"])
    except HTTPError as error:  # 422: show the sentence; 429, 503: wait, then send the same key again
        said = json.load(error)
        return str(said["reasons"][0]["zh"] if "reasons" in said else said["zh"])


# -- end

visit: dict[str, Any] = {
    "channel": "desk",
    "key": "desk-1/000019",
    "fields": {"visitor_name": "王先生", "host_room": "2-101"},
    "notice": {"mode": "oral", "by": "staff-7"},
    "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
}

if __name__ == "__main__":
    print(register(visit))
    print(register(visit | {"key": "2", "fields": visit["fields"] | {"id_number": "100000197304041270"}}))

"""A program that used to INSERT visitors calls the gate instead. Run it in a home where a policy is in force."""

from datetime import UTC, datetime
from typing import Any

# -- integration
from compliance.bootstrap import Engine, bootstrap
from compliance.domain.errors import CollectionRefused


def register(engine: Engine, visit: dict[str, Any]) -> str:
    try:
        return engine.gate.write(visit).pass_code  # give it to the person: it is said once
    except CollectionRefused as refused:
        return refused.reasons[0].zh  # one sentence for the guard


# -- end

visit: dict[str, Any] = {
    "category": "visitor",
    "channel": "desk",
    "key": "desk-1/000017",  # the same key and content again answer the same receipt
    "fields": {"visitor_name": "李女士", "host_room": "3-1-1201"},
    "notice": {"mode": "oral", "by": "staff-7"},
    "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
}
cars: list[dict[str, Any]] = [
    {
        "category": "vehicle",
        "channel": "lpr",
        "key": f"lane-1/{n}",
        "collected_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "fields": {"plate_no": f"京A0000{n}", **({"driver_name": "张三"} if n == 2 else {})},
        "notice": {"mode": "posted"},
    }
    for n in (1, 2)
]

if __name__ == "__main__":
    with bootstrap() as engine:
        print(register(engine, visit))
        print(
            register(
                engine, visit | {"key": "2", "fields": visit["fields"] | {"id_number": "100000197304041270"}}
            )
        )
        for outcome in engine.gate.write_many(cars):
            print(outcome.receipt.record if outcome.receipt else outcome.reasons[0].zh)

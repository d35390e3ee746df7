"""A process to be killed: imports without end, or sweeps, on a scratch home. Says `ready`, then a line per step.

Run as ``python -m tests.faults.victim import|sweep HOME AT``.
"""

import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from compliance.bootstrap import SCRATCH, bootstrap
from compliance.config import Settings


def lines(at: datetime) -> Iterator[dict[str, Any]]:
    """Vehicles at a camera lane: what an import may bring."""
    for number in count():
        yield {
            "category": "vehicle",
            "channel": "lpr",
            "site": "main",
            "collected_at": at.isoformat(),
            "key": f"{at:%d%H%M}-{number}",
            "fields": {"plate_no": f"京A{number % 100_000:05}"},
            "notice": {"mode": "posted"},
        }


def main(what: str, home: str, at: str) -> None:
    moment = datetime.fromisoformat(at)
    with bootstrap(Settings(home=Path(home)), at=moment, kind=SCRATCH) as engine:
        print("ready", flush=True)
        if what == "import":
            for done, outcome in enumerate(engine.gate.write_many(lines(moment)), 1):
                assert outcome.receipt is not None, outcome.reasons
                if done % 100 == 0:
                    print(done, flush=True)
        else:
            print(engine.retention.sweep(batch=25).disposed.erased_parts, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

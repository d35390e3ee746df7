"""Send what waits in the outbox. A deployment with a carrier of its own replaces `transport`."""

from __future__ import annotations

import sys

from compliance.anonymisers import mask
from compliance.services.transports import ConsoleTransport
from compliance.tasks.engine import current


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201  the console is the carrier


transport = ConsoleTransport(_say, mask.mask)


def deliver() -> dict[str, int]:
    return {"sent": current().outbox.deliver(transport)}

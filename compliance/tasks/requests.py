"""Take subjects' requests further. Arguments are request numbers: nothing here says whose request it is."""

from __future__ import annotations

from compliance.tasks.engine import current


def match(number: str) -> dict[str, int]:
    current().requests.match(number)
    return {"matched": 1}


def resume() -> dict[str, int]:
    resumed = current().requests.resume()
    return {"seen": resumed.seen, "failed": resumed.failed}


def expire_packages() -> dict[str, int]:
    return {"packages": current().requests.expire_packages()}

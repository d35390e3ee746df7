"""Wake whoever looks after disclosures: late second signatures, what lapsed, and what is three years old."""

from __future__ import annotations

from compliance.tasks.engine import current


def watch() -> dict[str, int]:
    return current().disclosures.watch()

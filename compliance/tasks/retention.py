"""Wake the sweep and the forecast. What is due stands in the books: a lost message costs a minute, never a record."""

from __future__ import annotations

from compliance.tasks.engine import current


def sweep() -> dict[str, int]:
    swept = current().retention.sweep()
    return {
        "parts": swept.disposed.erased_parts,
        "records": swept.disposed.erased_records,
        "left": swept.left,
        "paused": int(swept.paused is not None),
    }


def forecast() -> dict[str, int]:
    return {"lines": current().retention.forecast()}

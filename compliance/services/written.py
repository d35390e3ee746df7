"""What somebody writes for the ledger: one line, printable, and nobody in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def one_line(text: str, longest: int) -> str:
    """The text without control characters and without blanks around it; empty where it is longer than allowed."""
    line = "".join(one for one in text if one.isprintable()).strip()
    return line if len(line) <= longest else ""


def names_nobody(text: str, scan: Callable[[str], Sequence[Any]]) -> bool:
    """Whether no detector finds anything in it, not even a possible name: the ledger outlives everybody's record."""
    return not scan(text)

"""What a strategy is: a name for policies, its legal outcome, and what it leaves of a value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

# PIPL 73(4) and 73(3): what can identify nobody and cannot be restored, and what is still personal information.
Outcome = Literal["anonymised", "de-identified"]

FIELD_TYPES: Final = frozenset(
    {"person_name", "mobile", "plate", "room", "code", "count", "time", "verification", "text", "attachment"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Strategy:
    """One way to reduce a field.

    `apply` takes a field type and a value as text and returns what remains, None where nothing does. It refuses an
    unknown type with ValueError, which names the type and never the value. Equal remains mean equal output: what it drops leaves no trace,
    in length or otherwise.
    """

    name: str
    outcome: Outcome
    apply: Callable[[str, str], str | None]


def check_type(field_type: str) -> None:
    """Refuse a field type that no policy can name."""
    if field_type not in FIELD_TYPES:
        raise ValueError(f"unknown field type: {field_type!r}")

"""What a detector is and what it says. A finding never carries the value that it found."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from compliance.detectors.view import View

Certainty = Literal["certain", "possible"]

# Certainty, start and end, in the folded text of the view that was read.
Hit = tuple[Certainty, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One identifier in a text: its kind and where it stands, never what it is.

    `start` and `end` are half-open character offsets into the original text.
    """

    kind: str
    certainty: Certainty
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Detector:
    """One kind of identifier.

    `digits` is the fewest ASCII digits that must stand in one run to hold one (in the whole reading, for a kind with
    `letters`, which is looked for only where there are some). `signal` are expressions for the raw text
    of kinds that may have few digits or none, each beginning with one character or one class of them; what begins as a
    number of nine digits is let through without, and kinds that need digits are looked for without. Both only serve to leave clean remarks early.
    `examples` (each must be found) and `near_misses` (none may be certain) are fictional and feed the contract test.
    `patterns` are all expressions run over the whole text; the contract test proves that each of them is linear.
    """

    kind: str
    label: tuple[str, str]  # what reports call it: Chinese, English
    find: Callable[[View], Iterable[Hit]]
    digits: int
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    letters: bool = False
    signal: tuple[str, ...] = ()

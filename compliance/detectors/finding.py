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

    `signal` are expressions for the raw text of kinds that may have few digits or none; what looks like a long number is
    let through without, and any fifteen digits where one of the `names` stands. Where none of the `form` is found in a reading, or none of the `core` in one of
    which everything is gone that may stand between two characters of a number (`normalise.bare`), the kind is not
    looked for; it has one of the two. All three are expressions that begin with one character or one class of them, let
    through whatever could hold one, and only serve to leave clean remarks early.
    A reading with fewer than `digits` has none of the kind.
    `examples` (each must be found) and `near_misses` (none may be certain) are fictional and feed the contract test.
    `patterns` are all expressions run over the whole text; the contract test proves that each of them is linear.
    """

    kind: str
    label: tuple[str, str]  # what reports call it: Chinese, English
    find: Callable[[View], Iterable[Hit]]
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    digits: int = 0
    form: tuple[str, ...] = ()
    core: tuple[str, ...] = ()
    signal: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

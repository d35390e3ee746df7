"""Presidio's side: a pattern recogniser for each of our kinds, with our expressions and check digits.

They are called as presidio's analyser engine calls them, without what that does besides, which would only make it slower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from presidio_analyzer import Pattern, PatternRecognizer

from bench.widened import widened
from compliance.detectors import DETECTORS, checksums
from compliance.detectors.finding import Detector
from compliance.detectors.normalise import NUMERALS, bare, fold
from compliance.detectors.readings import LOOK_ALIKES

_DIGITS = str.maketrans(NUMERALS | LOOK_ALIKES)
_CHECKS: dict[str, Callable[[str], bool]] = {
    "resident_id": lambda number: len(number) != 18 or checksums.mod_11_2(number),
    "bank_card": checksums.luhn,
    "imei": checksums.luhn,
}


def recognisers(*, wide: bool) -> list[PatternRecognizer]:
    """One for each kind; `wide` ones read every form of a character that we fold."""
    return [_recogniser(detector, wide=wide) for detector in DETECTORS]


def analyse(those: Sequence[PatternRecognizer], remarks: Sequence[str]) -> None:
    for remark in remarks:
        for recogniser in those:
            recogniser.analyze(remark, recogniser.supported_entities)


class _Checked(PatternRecognizer):  # type: ignore[misc]
    """A pattern recogniser with a check digit, as presidio's own for cards and national numbers are written."""

    def validate_result(self, pattern_text: str) -> bool | None:
        check = _CHECKS.get(self.supported_entities[0])
        if check is None:
            return None
        written = bare(fold(pattern_text)).translate(_DIGITS).upper()
        return check(written) if written[:-1].isdecimal() and written.isascii() else None


def _recogniser(detector: Detector, *, wide: bool) -> PatternRecognizer:
    patterns = [
        Pattern(f"{detector.kind}-{number}", widened(one.pattern) if wide else one.pattern, 0.5)
        for number, one in enumerate(detector.patterns)
    ]
    return _Checked(
        supported_entity=detector.kind, patterns=patterns, supported_language="zh", global_regex_flags=0
    )

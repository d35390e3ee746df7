"""Detection on short Chinese remarks against presidio-analyzer's pattern recognisers with equivalent patterns.

Both sides read the same remarks in one process, one pair of runs after the other. Presidio has no normalisation: its
patterns are ours with every digit widened to all forms that we fold (full-width, circled, numerals, …), and the same
check digits. No language model is loaded on either side. One remark in twenty hides an identifier, each disguise in
turn; of the others half are plain words and half full of numbers that are none. A second figure gives the widened
patterns up and has presidio look for plain ASCII digits alone.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from presidio_analyzer import Pattern, PatternRecognizer

from bench.figures import Course, Figure, seconds
from bench.home import Homes
from bench.remarks import SEED, Remark, clean, hidden, plain
from compliance.detectors import DETECTORS, checksums, scan
from compliance.detectors.finding import Detector
from compliance.detectors.signal import DIGIT

ONE_HIDDEN_IN = 20
_BARE = str.maketrans("", "", " -.,/_():#+\n\r\t")
_CHECKS: dict[str, Callable[[str], bool]] = {
    "resident_id": lambda number: len(number) != 18 or checksums.mod_11_2(number),  # noqa: PLR2004
    "bank_card": checksums.luhn,
    "imei": checksums.luhn,
}


def detect(_: Homes, database: str, runs: int, records: int) -> Iterator[Figure]:
    """No database has a part in it: it is measured once."""
    if database != "sqlite":
        return
    remarks = [one.text for one in mixed(records)]
    for name, wide in (("detect", True), ("detect_plain_digits", False)):
        course, recognisers = Course(name, "none"), [_recogniser(one, wide=wide) for one in DETECTORS]
        for _ in range(runs + 1):
            course.engine.append(seconds(lambda: _ours(remarks)))
            course.bare.append(seconds(lambda those=recognisers: _theirs(those, remarks)))
        yield course.figure(len(remarks))


def mixed(count: int) -> list[Remark]:
    """As they come in: mostly clean, in an order of their own."""
    many = count // ONE_HIDDEN_IN
    of_all = list(hidden(1))
    dice = random.Random(SEED)
    dice.shuffle(of_all)
    found = list(itertools.islice(itertools.cycle(of_all), many))
    found += itertools.chain(plain((count - many) // 2), clean(count - many - (count - many) // 2))
    dice.shuffle(found)
    return found


def recall(times: int) -> Iterator[tuple[str, str, int, int]]:
    """(kind, disguise, found with certainty, all)."""
    every: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for remark in hidden(times):
        at = remark.kind, remark.disguise
        every[at] += 1
        found[at] += any(one.certainty == "certain" for one in scan(remark.text))
    for at, n in every.items():
        yield *at, found[at], n


def _ours(remarks: Sequence[str]) -> None:
    for remark in remarks:
        scan(remark)


def _theirs(recognisers: Sequence[PatternRecognizer], remarks: Sequence[str]) -> None:
    for remark in remarks:
        for recogniser in recognisers:
            recogniser.analyze(remark, recogniser.supported_entities)


class _Checked(PatternRecognizer):
    """A pattern recogniser with a check digit, as presidio's own for cards and national numbers are written."""

    def validate_result(self, pattern_text: str) -> bool | None:
        check = _CHECKS.get(self.supported_entities[0])
        written = pattern_text.translate(_BARE).upper()
        return check(written) if check and written[:-1].isdecimal() and written.isascii() else None


def _recogniser(detector: Detector, *, wide: bool) -> PatternRecognizer:
    patterns = [
        Pattern(f"{detector.kind}-{number}", _widened(one.pattern) if wide else one.pattern, 0.5)
        for number, one in enumerate(detector.patterns)
    ]
    return _Checked(
        supported_entity=detector.kind, patterns=patterns, supported_language="zh", global_regex_flags=0
    )


def _widened(pattern: str) -> str:
    return pattern.replace("[0-9]", DIGIT)

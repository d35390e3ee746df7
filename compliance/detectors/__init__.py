"""Finds identifiers in Chinese free text. One kind per module, one line per kind below, in the order in which they claim.

Longest and checksummed first (GB numbers, cards, then what has form alone), so that a resident ID is not reported as a
bank card; certain findings claim before possible ones. Nothing here keeps, logs or returns a value: only where it is.
"""

import re
from datetime import date
from functools import cache
from typing import Final

from compliance.detectors import (
    address,
    bank_card,
    email,
    health_code,
    imei,
    landline,
    mobile,
    passport,
    permit,
    person_name,
    plate,
    qq,
    resident_id,
    uscc,
    vin,
    wechat,
)
from compliance.detectors.finding import Certainty, Detector, Finding
from compliance.detectors.readings import views
from compliance.detectors.signal import one_search, words
from compliance.detectors.view import View

__all__ = ["DETECTORS", "Certainty", "Finding", "may_be_sure", "may_hold", "scan"]

DETECTORS: Final[tuple[Detector, ...]] = (
    uscc.DETECTOR,
    resident_id.DETECTOR,
    bank_card.DETECTOR,
    imei.DETECTOR,
    vin.DETECTOR,
    plate.DETECTOR,
    passport.DETECTOR,
    permit.DETECTOR,
    mobile.DETECTOR,
    landline.DETECTOR,
    email.DETECTOR,
    wechat.DETECTOR,
    qq.DETECTOR,
    health_code.DETECTOR,
    address.DETECTOR,
    person_name.DETECTOR,
)

# Most remarks hold none of this and are left after one search.
_SIGNALS = [signal for detector in DETECTORS for signal in detector.signal]
_ANYTHING = one_search(_SIGNALS)
_WORD = words(_SIGNALS)
# What a name or an address looks like is never certain: a field that is for names is not searched for names.
_ONLY_POSSIBLE = (address.DETECTOR, person_name.DETECTOR)
_SURE = one_search(
    signal for detector in DETECTORS if detector not in _ONLY_POSSIBLE for signal in detector.signal
)
# No kind of digits alone has fewer than ten, but for those that need a word, which are counted with the letters.
_LONG_RUN = re.compile("[0-9](?:[^0-9]{0,6}+[0-9]){9,}")
_DIGITS = re.compile("[0-9]+")
_MOST = 18  # digits: no kind asks for more
_LETTER = re.compile("[A-Za-z]")

# Whether it is only possible, the place of the detector in the list, and the span in the original text.
_Candidate = tuple[bool, int, int, int]


def may_hold(text: str) -> bool:
    """Say whether a text may hold anything at all: False is certain, and costs one search."""
    return _ANYTHING.search(text) is not None


def may_be_sure(text: str) -> bool:
    """Say whether anything could be found for certain: as quick, and False for nearly every name."""
    return _SURE.search(text) is not None


def scan(text: str, *, today: date | None = None) -> tuple[Finding, ...]:
    """Return what is found, by position, no two findings overlapping.

    `today` sharpens one verdict: a resident ID of somebody not yet born, or older than 130, is only possible.
    Never raises, whatever the text holds.
    """
    if not may_hold(text):
        return ()
    read = views(text, today)
    worded = _WORD.search(read[0].text) is not None
    candidates = [candidate for view in read for candidate in _candidates(view, worded=worded)]
    return _settle(len(text), candidates) if candidates else ()


def _candidates(view: View, *, worded: bool) -> list[_Candidate]:
    text = view.text
    run = max((sum(map(len, _DIGITS.findall(run))) for run in _LONG_RUN.findall(text)), default=0)
    digits, lettered = 0, worded or _LETTER.search(text) is not None
    if lettered:
        digits = sum(map(len, _DIGITS.findall(text)))
    return [
        (certainty == "possible", place, *view.span(start, end))
        for place in _chosen(min(run, _MOST), min(digits, _MOST), lettered, worded)
        for certainty, start, end in DETECTORS[place].find(view)
    ]


@cache
def _chosen(run: int, digits: int, lettered: bool, worded: bool) -> tuple[int, ...]:  # noqa: FBT001 - a table's key
    """The places of the detectors that could find anything in such a text."""
    return tuple(
        place
        for place, detector in enumerate(DETECTORS)
        if (lettered and digits >= detector.digits if detector.letters else run >= detector.digits)
        and (worded or detector.digits)
    )


def _settle(length: int, candidates: list[_Candidate]) -> tuple[Finding, ...]:
    """Let each candidate claim its span, certain before possible and then in the order of the list."""
    claimed = bytearray(length)
    findings = []
    for possible, place, start, end in sorted(candidates):
        if claimed.find(1, start, end) >= 0:
            continue
        claimed[start:end] = b"\x01" * (end - start)
        certainty: Certainty = "possible" if possible else "certain"
        findings.append(Finding(kind=DETECTORS[place].kind, certainty=certainty, start=start, end=end))
    return tuple(sorted(findings, key=lambda finding: finding.start))

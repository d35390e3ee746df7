"""Finds identifiers in Chinese free text. One kind per module, one line per kind below, in the order in which they claim.

Longest and checksummed first (GB numbers, cards, then what has form alone), so that a resident ID is not reported as a
bank card; certain findings claim before possible ones. Nothing here keeps, logs or returns a value: only where it is.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from operator import attrgetter
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
from compliance.detectors.finding import Certainty, Detector, Finding, Hit
from compliance.detectors.normalise import bare
from compliance.detectors.readings import views
from compliance.detectors.signal import forms, quick, words
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

# Most remarks hold none of this and are left after a search or two.
_NAMES = tuple(name for detector in DETECTORS for name in detector.names)
may_hold: Final = quick((signal for detector in DETECTORS for signal in detector.signal), _NAMES)
# What a name or an address looks like is never certain: a field that is for names is not searched for names.
_ONLY_POSSIBLE = (address.DETECTOR, person_name.DETECTOR)
may_be_sure: Final = quick(
    (signal for detector in DETECTORS if detector not in _ONLY_POSSIBLE for signal in detector.signal), _NAMES
)
_Search = Callable[[str], re.Match[str] | None]
# The place of a detector in the list, what it needs in order to be asked, and what it says.
_Asked = tuple[int, _Search, Callable[[View], Iterable[Hit]]]


def _gate(
    needs: Callable[[Detector], tuple[str, ...]], joined: Callable[[Iterable[str]], re.Pattern[str]]
) -> tuple[_Search, tuple[_Asked, ...]]:
    """One search for all that have such a need, and one for each of them."""
    these = [(place, one) for place, one in enumerate(DETECTORS) if needs(one)]
    asked = tuple((place, joined(needs(one)).search, one.find) for place, one in these)
    return joined(need for _, one in these for need in needs(one)).search, asked


_IN_FORM, _FORMED = _gate(attrgetter("form"), forms)
_AT_CORE, _CORED = _gate(attrgetter("core"), words)

# Whether it is only possible, the place of the detector in the list, and the span in the original text.
_Candidate = tuple[bool, int, int, int]


def scan(text: str, *, today: date | None = None) -> tuple[Finding, ...]:
    """Return what is found, by position, no two findings overlapping.

    `today` sharpens one verdict: a resident ID of somebody not yet born, or older than 130, is only possible.
    Never raises, whatever the text holds.
    """
    if not may_hold(text):
        return ()
    candidates: list[_Candidate] = []
    for view in views(text, today):
        if _IN_FORM(view.text) is not None:
            candidates += _found(view, view.text, _FORMED)
        tight = bare(view.text)
        if _AT_CORE(tight) is not None:
            candidates += _found(view, tight, _CORED)
    return _settle(len(text), candidates) if candidates else ()


def _found(view: View, read: str, asked: tuple[_Asked, ...]) -> list[_Candidate]:
    """What those detectors find of which something stands in what was read."""
    return [
        (certainty == "possible", place, *view.span(start, end))
        for place, needed, find in asked
        if needed(read) is not None
        for certainty, start, end in find(view)
    ]


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

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
from compliance.detectors.normalise import DIGITS, MARK, bare
from compliance.detectors.readings import views
from compliance.detectors.signal import quick
from compliance.detectors.together import forms, words
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
# The place of a detector in the list, how many digits and what it needs in order to be asked, and what it says.
_Asked = tuple[int, int, _Search, Callable[[View], Iterable[Hit]]]


def _asked(
    needs: Callable[[Detector], tuple[str, ...]], joined: Callable[[Iterable[str]], re.Pattern[str]]
) -> tuple[_Asked, ...]:
    """All that have such a need, each with the search for it."""
    these = [(place, one) for place, one in enumerate(DETECTORS) if needs(one)]
    return tuple((place, one.digits, joined(needs(one)).search, one.find) for place, one in these)


_FORMED = _asked(attrgetter("form"), forms)
_CORED = _asked(attrgetter("core"), words)
_AT_CORE = words(core for detector in DETECTORS for core in detector.core).search
_FEWEST = min(detector.digits for detector in DETECTORS if detector.form)
# What belongs to the last character of a number goes with it.
_MARKS = re.compile(f"{MARK}+")
# Whether it is only possible, the place of the detector in the list, and the span in the original text.
_Candidate = tuple[bool, int, int, int]


def scan(text: str, *, today: date | None = None) -> tuple[Finding, ...]:
    """Return what is found, by position, no two findings overlapping.

    `today` sharpens one verdict: a resident ID of somebody not yet born, or older than 130, is only possible.
    Never raises, whatever the text holds.
    """
    return _look(text, today) if may_hold(text) else ()


def _look(text: str, today: date | None) -> tuple[Finding, ...]:
    candidates: list[_Candidate] = []
    for view in views(text, today):
        digits = sum(map(view.text.count, DIGITS))
        if digits >= _FEWEST:
            candidates += _found(view, view.text, _FORMED, digits)
        tight = bare(view.text)
        if _AT_CORE(tight) is not None:
            candidates += _found(view, tight, _CORED, digits)
    return _settle(text, candidates) if candidates else ()


def _found(view: View, read: str, asked: tuple[_Asked, ...], digits: int) -> list[_Candidate]:
    """What those detectors find of which something stands in what was read."""
    return [
        (certainty == "possible", place, *view.span(start, end))
        for place, fewest, needed, find in asked
        if digits >= fewest and needed(read) is not None
        for certainty, start, end in find(view)
    ]


def _settle(text: str, candidates: list[_Candidate]) -> tuple[Finding, ...]:
    """Let each candidate claim its span, certain before possible and then in the order of the list."""
    claimed = bytearray(len(text))
    findings = []
    for possible, place, start, end in sorted(candidates):
        if claimed.find(1, start, end) >= 0:
            continue
        claimed[start:end] = b"\x01" * (end - start)
        certainty: Certainty = "possible" if possible else "certain"
        marked = _MARKS.match(text, end)
        findings.append(
            Finding(
                kind=DETECTORS[place].kind,
                certainty=certainty,
                start=start,
                end=marked.end() if marked is not None else end,
            )
        )
    return tuple(sorted(findings, key=lambda finding: finding.start))

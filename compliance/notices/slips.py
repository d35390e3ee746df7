"""Blank slips for a power cut, cut from A4: one person a slip, the short notice on each, no place for an ID number.

What is printed comes from the policy; nobody's information is on it. HTML for a browser's printer, PDF for a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from compliance.notices import forms, sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field on paper: a blank to write on, or boxes to tick."""

    label: str
    mark: str  # behind the label: a star for what is required, a word for what is not
    moment: bool = False  # a day and an hour
    choices: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()  # what those who refuse do instead
    hint: str = ""
    consent: bool = False  # asks for a consent of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A batch: `numbers` counts its slips from one, so that each can be told from the others and missed."""

    controller: str
    contact: str
    category: str
    batch: str
    count: int
    version: int
    printed_on: str
    notice: str
    never: str
    asks_consent: bool
    lines: tuple[Line, ...]


def as_html(blank: Sheet) -> bytes:
    return forms.page("slips.html", sheet=blank, numbers=_numbers(blank), destroy=DESTROY, refuse=REFUSE)


def as_pdf(blank: Sheet) -> bytes:
    values = {**asdict(blank), "destroy": DESTROY, "refuse": REFUSE}
    return sheet.draw("slips", values, {}, blank.printed_on)


DESTROY = "来电后当天录入；录入后立即销毁本单，最迟不超过填写后24小时。不拍照、不复印、不留存。"
REFUSE = "不同意也可以进入：撕毁本单，由门岗用其他办法核实。"


def _numbers(blank: Sheet) -> Sequence[int]:
    return range(1, blank.count + 1)

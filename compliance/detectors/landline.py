"""固定电话: area code and seven or eight digits, perhaps an extension."""

import re
from collections.abc import Iterator

from compliance.detectors import context
from compliance.detectors.finding import Detector, Hit
from compliance.detectors.view import View

# Area codes of three digits are 010 and 02x; all others have four.
PATTERN = re.compile(
    r"(?<![0-9])(?:(?:\+|00)86[ \-]?)?\(?0(?:10|2[0-9]|[03-9][0-9]{2})(?P<gap>[)\- /.,_]{0,4})[2-9][0-9]{2,3}(?P<inner>[ \-.]?)[0-9]{4}(?:-[0-9]{1,6})?(?![0-9])"
)
_WORDS = re.compile("电话|座机|固话|致电|拨打|tel|phone", re.IGNORECASE)


def find(view: View) -> Iterator[Hit]:
    """Yield numbers: certain with a separator after the area code or a word beside them."""
    for match in PATTERN.finditer(view.text):
        start, end = match.span()
        named = context.nearby(view.text, start, end, _WORDS)
        if (context.follows_letter(view.text, start) or match["inner"]) and not named:
            continue  # YT0..., a parcel; a day, a year and a room
        if context.follows_order_word(view.text, start):
            yield "possible", start, end
        elif match["gap"] or named:
            yield "certain", start, end
        else:
            yield "possible", start, end


DETECTOR = Detector(
    kind="landline",
    label=("固定电话", "landline"),
    find=find,
    digits=10,
    form=(
        r"0(?:(?<![0-9].)|(?<=6.))(?:10|2[0-9]|[03-9][0-9]{2})[)\- /.,_]{0,4}[2-9][0-9]{2,3}[ \-.]?[0-9]{4}(?:-[0-9]{1,6})?(?![0-9])",
    ),
    examples=("0000-2000000", "(0000)2000000", "0000-2000000-801", "00002000000"),
    near_misses=("010-00000000", "0000-1000000", "0000-200000", "00000-2000000"),
    patterns=(PATTERN,),
)

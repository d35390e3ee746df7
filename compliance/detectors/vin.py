"""车辆识别代号, the vehicle identification number (GB 16735): seventeen characters, the ninth of them a check."""

import re
from collections.abc import Iterator

from compliance.detectors import checksums, context
from compliance.detectors.finding import Detector, Hit
from compliance.detectors.normalise import GAP, LONG_CODE, bare
from compliance.detectors.view import View

_CHAR = "[A-HJ-NPR-Za-hj-npr-z0-9]"
# The last four characters of a serial are digits.
PATTERN = re.compile(f"{_CHAR}(?<![0-9A-Za-z]{{2}})(?:{GAP}{_CHAR}){{12}}(?:{GAP}[0-9]){{4}}(?![0-9A-Za-z])")
_WORDS = re.compile("车架|车辆识别|vin", re.IGNORECASE)


def find(view: View) -> Iterator[Hit]:
    """Yield numbers with letters and a right check; bare digits, or a wrong check, only beside a word."""
    for match in PATTERN.finditer(view.text):
        start, end = match.span()
        number = bare(match.group()).upper()
        if not context.evenly(match.group()):
            continue
        named = context.nearby(view.text, start, end, _WORDS)
        if checksums.vin(number) and (named or not number.isdigit()):
            yield "certain", start, end
        elif named:
            yield "possible", start, end


DETECTOR = Detector(
    kind="vin",
    label=("车架号", "VIN"),
    find=find,
    core=(LONG_CODE, "车架", "车辆识别", "[Vv][Ii][Nn]"),
    examples=("LTEST00020T000001", "LZZZZZZZ4ZZ000000", "车架号 11111111111111111"),
    near_misses=("LTEST00030T000001", "LTEST00020T00001", "LTEST00020T0000012", "11111111111111111"),
    patterns=(PATTERN,),
    signal=("车架", "车辆识别", "[Vv][Ii][Nn]"),
)

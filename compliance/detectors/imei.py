"""IMEI, the serial number of a telephone: fifteen digits with a Luhn check digit (3GPP TS 23.003)."""

import re
from collections.abc import Iterator

from compliance.detectors import checksums, context
from compliance.detectors.finding import Detector, Hit
from compliance.detectors.normalise import GAP, bare
from compliance.detectors.view import View

PATTERN = re.compile(f"[0-9](?<![0-9]{{2}})(?:{GAP}[0-9]){{14}}(?![0-9])")
# Reporting bodies of the GSMA, the test range and older European ones.
_ISSUED = re.compile("0[01]|35|4[459]|5[0-4]|86|9[1789]")
_WORDS = re.compile("imei|串号|串码", re.IGNORECASE)
_NAMES = ("[Ii][Mm][Ee][Ii]", "串[号码]")


def find(view: View) -> Iterator[Hit]:
    """Yield numbers with a right check digit, which one number in ten has by chance: without a word they are only possible."""
    for match in PATTERN.finditer(view.text):
        start, end = match.span()
        number = bare(match.group())
        if not checksums.luhn(number):
            continue
        if context.nearby(view.text, start, end, _WORDS):
            yield "certain", start, end
        elif (
            len(match.group()) == len(number)
            and _ISSUED.match(number)
            and not context.follows_order_word(view.text, start)
        ):
            yield "possible", start, end


DETECTOR = Detector(
    kind="imei",
    label=("手机串号", "IMEI"),
    find=find,
    digits=15,
    form=("[0-9][0-9]{14}(?![0-9])", *_NAMES),
    names=_NAMES,
    examples=("001001000000015", "490154203237518", "IMEI:490154203237518"),
    near_misses=("490154203237519", "49015420323751", "4901542032375180"),
    patterns=(PATTERN,),
)

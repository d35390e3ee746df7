"""健康码 and its kin: no number, but words that carry health, which nobody may note in a remark any more."""

import re
from collections.abc import Iterator

from compliance.detectors.finding import Detector, Hit
from compliance.detectors.normalise import GAP, spaced
from compliance.detectors.view import View

PATTERN = re.compile(f"健{GAP}康{GAP}码|行{GAP}程{GAP}码|[绿黄红]{GAP}码(?![头表])")
PATTERN_RESULT = re.compile(
    f"(?:核{GAP}酸|抗{GAP}原|疫{GAP}苗)(?P<result>[^0-9\n]{{0,6}}?(?:{spaced('阴性|阳性|已打|打过|未打|结果|报告|证明')}|第[1-9一二三四]针))?"
)
PATTERN_FEVER = re.compile(f"体{GAP}温[^0-9\n]{{0,4}}[34][0-9]")


def find(view: View) -> Iterator[Hit]:
    """Yield code words and results as certain; a test or vaccine named without a result (疫苗接种点怎么走) as possible."""
    for pattern in (PATTERN, PATTERN_FEVER):
        for match in pattern.finditer(view.text):
            yield "certain", match.start(), match.end()
    for match in PATTERN_RESULT.finditer(view.text):
        yield "certain" if match["result"] else "possible", match.start(), match.end()


DETECTOR = Detector(
    kind="health_code",
    label=("健康信息", "health words"),
    find=find,
    core=("健康码", "行程码", "[绿黄红]码", "核酸", "抗原", "疫苗", "体温"),
    examples=("健康码", "行程码", "绿码", "核酸", "抗原", "疫苗", "核酸阴性", "体温36.5", "健 康 码"),
    near_misses=("疫苗接种点", "健康中心", "门禁码", "体温枪坏了"),
    patterns=(PATTERN, PATTERN_RESULT, PATTERN_FEVER),
    signal=(
        r"健[\W_]{0,4}康[\W_]{0,4}码",
        r"行[\W_]{0,4}程[\W_]{0,4}码",
        r"[绿黄红][\W_]{0,4}码",
        r"核[\W_]{0,4}酸",
        r"抗[\W_]{0,4}原",
        r"疫[\W_]{0,4}苗",
        r"体[\W_]{0,4}温",
    ),
)

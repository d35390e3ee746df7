"""微信号: only beside a word for it, because any English word has its form."""

import re
from collections.abc import Iterator

from compliance.detectors.finding import Detector, Hit
from compliance.detectors.signal import LETTER
from compliance.detectors.view import View

PATTERN = re.compile(
    r"(?:微 ?信|[VvWw][Xx]|[Vv]信|[威薇徽]信|[微威薇徽][芯Xx]|绿泡泡|加[Vv]|[Ww]e[Cc]hat|[Ww]eixin)[号码为是id:#/ (]{0,6}(?P<id>(?<![A-Za-z0-9_])[A-Za-z][A-Za-z0-9_\-]{5,19})(?![A-Za-z0-9_\-])"
)
PATTERN_WXID = re.compile(r"wxid_[A-Za-z0-9]{6,30}")
_NO_WORD = re.compile("[0-9_]")


def find(view: View) -> Iterator[Hit]:
    """Yield identifiers: certain with a digit or underscore in them, possible where they may be a word."""
    for match in PATTERN_WXID.finditer(view.text):
        yield "certain", match.start(), match.end()
    for match in PATTERN.finditer(view.text):
        yield "certain" if _NO_WORD.search(match["id"]) else "possible", match.start("id"), match.end("id")


DETECTOR = Detector(
    kind="wechat",
    label=("微信号", "WeChat id"),
    find=find,
    core=tuple(
        rf"{word}[号码为是id]{{0,6}}[A-Za-z]"
        for word in (
            "[微威薇徽][信芯Xx]",
            "绿泡泡",
            "加[Vv]",
            "[VvWw][Xx]",
            "[Vv]信",
            "[Ww]e[Cc]hat",
            "[Ww]eixin",
        )
    ),
    examples=("微信test_visitor_01", "微信号：test_visitor_01", "VX:test_visitor_01", "wxid_test000000"),
    near_misses=("test_visitor_01", "微信 abc", "微信支付", "微信 payment", "box_test_visitor_01"),
    patterns=(PATTERN, PATTERN_WXID),
    signal=(
        *(
            rf"{word}[^{LETTER[1:-1]}]{{0,6}}+{LETTER}"
            for word in (
                "绿泡泡",
                r"加\W?[VvＶｖ]",
                r"[微威薇徽][\W_]{0,4}[信芯XxＸｘ]",
                r"[VvWwｖＶｗＷ][\W_]{0,4}[XxｘＸ信]",
            )
        ),
        "[Ww]e[Cci]",
    ),
)

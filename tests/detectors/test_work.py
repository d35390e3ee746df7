"""No text makes any expression work more than in proportion to its length: steps are counted, no clock is asked."""

import re

import pytest

from compliance.detectors import DETECTORS, context, encoded, readings, scan, signal, together
from tests.detectors.work import Work

_SIGNALS = [one for detector in DETECTORS for one in detector.signal]
PATTERNS = {
    **{
        f"{detector.kind}-{number}": pattern
        for detector in DETECTORS
        for number, pattern in enumerate(detector.patterns)
    },
    **{f"reading-{number}": pattern for number, pattern in enumerate(readings.PATTERNS)},
    "the first search": together.words([*_SIGNALS, *encoded.SIGNALS]),
    "the count": signal.MANY,
    "the numbers": signal.NUMBERS,
    "the numbers in words": signal.IN_WORDS,
    "fifteen": signal.FIFTEEN,
    "another reading": readings._OTHERWISE,
    "what is encoded": encoded.PATTERN,
    "the codes": signal.CODES,
    "the forms": together.forms(form for detector in DETECTORS for form in detector.form),
    "the cores": together.words(core for detector in DETECTORS for core in detector.core),
    "an order": context._ORDER,
    "one hand": context._ONE_BY_ONE,
}
# What nearly matches, over and over: the beginning of every kind, and what each of them may be torn apart by.
HOSTILE = (
    "1", "6", "9", "0", "1 ", "6 ", "1,", "1(", "10000019900101001 ", "194 0000 ", "13800 ", "6200 ", "1a", "a1", "A", "a ",
    "京A", "京A1 ", "使0 ", "民航A", "@a.", "a@", "a.", "(at)a.", "艾特a点", "E0", "E ", "H00000000", "LTEST", "L T ", "91999999MA",
    "wx:", "wxid_", "微信", "微 信 ", "QQ", "qq9 ", "护照", "护照E", "台胞证0", "核酸", "核 酸 阴 ", "体温", "健 ", "86", "(0)", "0-", "00002",
    "一", "一 ", "一啊", "壹加", "O", "O ", "lO", "one ", "yi ", "ling", "王", "王某", "欧阳", "姓名", "姓名王", "示例路", "示例路1", "省示",
    "市示区", "大道", "家住示", "订单", "订单a", "  ", "----------", ".,", "１", "①", "⑩", "㉑ ", "\u200b1", "1\u200b", "1️⃣", "★1", "[1]", "1\n", "&#49;", "&#", "&amp;", "%31", "%E4%BA%AC", "%", "\\u0031", "<b", "<b>1", "1a", "前1", "1年1月", "叉", "1后",
)  # fmt: skip
# A short text is longer than what an expression for a number of eighteen digits, far apart, can reach.
SHORT, LONG = 240, 720
# Three times the text: three times the steps, and some for what begins and ends.
LINEAR = (LONG / SHORT) * 1.3
# A short text may not yet have met what the long one meets.
_FEW = 600


def steps(pattern: re.Pattern[str], text: str) -> int:
    work = Work(pattern, text)
    work.find_all()
    return work.steps


def grown(piece: str, length: int) -> str:
    return (piece * length)[:length]


def excess(pattern: re.Pattern[str], piece: str, ending: str) -> bool:
    short = steps(pattern, grown(piece, SHORT) + ending)
    long = steps(pattern, grown(piece, LONG) + ending)
    return long > max(short, _FEW) * LINEAR


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_s_work_grows_with_the_text_and_no_faster(name: str) -> None:
    assert [piece for piece in HOSTILE[::11] if excess(PATTERNS[name], piece, "!")] == []


@pytest.mark.long
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_s_work_grows_with_every_hostile_text_and_no_faster(name: str) -> None:
    for ending in ("!", "0"):
        assert [piece for piece in HOSTILE if excess(PATTERNS[name], piece, ending)] == []


def test_the_counting_finds_a_pattern_that_is_not_linear() -> None:
    assert steps(re.compile(r"(?:a|a){1,12}b"), "a" * 12) > 4000
    assert excess(re.compile(r"[0-9]+-[0-9]+x"), "1", "!")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("a+b", "aaab aab ab"), ("(?:ab|a){2,}c", "ababc aac"), ("(?<![0-9])1[0-9]{2}?", "1234 123"), ("a{0,3}+a", "aaa aaaa"),
        ("(?<=x)[^ab]{1,2}(?=!)", "xcc! xab!"), ("[\\W_]{0,2}z$", "_-z"), ("x*", "axx"),
    ],
)  # fmt: skip
def test_the_counting_engine_finds_what_python_finds(expression: str, text: str) -> None:
    pattern = re.compile(expression)

    assert Work(pattern, text).find_all() == sum(1 for _ in pattern.finditer(text))


def test_it_agrees_with_python_on_every_pattern_and_example() -> None:
    for detector in DETECTORS:
        for pattern in detector.patterns:
            for text in (*detector.examples, *detector.near_misses):
                assert Work(pattern, text).find_all() == sum(1 for _ in pattern.finditer(text)), (
                    pattern,
                    text,
                )


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_scan_of_a_long_hostile_text_ends(piece: str) -> None:
    scan(grown(piece, 4_000))

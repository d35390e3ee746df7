"""E-mail addresses. The address is looked for around each @, so that a long text without one costs nothing."""

import re
from collections.abc import Iterator
from itertools import chain

from compliance.detectors.finding import Detector, Hit
from compliance.detectors.view import View

# The sign and the dot, as signs or as they are read aloud by those who know that signs are looked for.
PATTERN = re.compile(
    r"(?:@|[艾爱]特|小老鼠|圈[Aa]|[Aa]圈|[(/][ ]?[Aa][Tt][ ]?[)/]) ?(?:[A-Za-z0-9\-]{1,63} ?(?:\.|点|[(/]?[Dd][Oo][Tt][)/]?|,) ?){1,5}[A-Za-z]{2,24}"
)
# Both signs as words: without the second, the first may be a place (meet at example.com).
PATTERN_SPOKEN = re.compile(r" [Aa][Tt] (?:[A-Za-z0-9\-]{1,63} [Dd][Oo][Tt] ){1,5}[A-Za-z]{2,24}")
_LOCAL_BACKWARDS = re.compile(r"[A-Za-z0-9._%+\-]+")
_LONGEST = 64


def find(view: View) -> Iterator[Hit]:
    """Yield addresses; before the @ at most 64 characters are read, backwards (RFC 5321 4.5.3.1.1)."""
    for match in chain(PATTERN.finditer(view.text), PATTERN_SPOKEN.finditer(view.text)):
        start = match.start()
        start -= view.text.startswith(" ", start - 1) if start else 0
        local = _LOCAL_BACKWARDS.match(view.text[max(0, start - _LONGEST) : start][::-1])
        if local is not None:
            yield "certain", start - local.end(), match.end()


DETECTOR = Detector(
    kind="email",
    label=("电子邮箱", "e-mail address"),
    find=find,
    core=("@", "[艾爱]特", "小老鼠", "圈[Aa]", "[Aa]圈", "[Aa][Tt]"),
    examples=(
        "visitor艾特example点com",
        "visitor(at)example(dot)com",
        "visitor at example dot com",
        "visitor小老鼠example点com",
        "visitor@example.com",
        "a.b+c@mail.example.com",
        "visitor @ example.com",
    ),
    near_misses=("@example.com", "visitor@example", "@张三 看一下", "visitor@@example"),
    patterns=(PATTERN, PATTERN_SPOKEN),
    signal=(
        "[@＠﹫]",
        r"[艾爱]\W{0,3}特",
        "小老鼠",
        "圈",
        "[DdＤｄ][OoＯｏ][TtＴｔ]",
        r"[(（\[【{<] ?[Aa][Tt]",
    ),
)

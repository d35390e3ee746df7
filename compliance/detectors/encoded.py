"""What was written for a machine to read, or stands for one character: entities and tags, percent, backslash and U+ escapes.

Somebody who copies from a page or a program writes them without meaning to, and a browser shows what they stand for. They
are read beside the text as it is, never instead of it, and as often as one of them may stand in another.
"""

import re
from collections.abc import Callable
from html.entities import html5
from typing import Final

from compliance.detectors.view import Rewriting, View

_HEX = "[0-9A-Fa-f]"
_BYTE = f"[%％]{_HEX}{{2}}"
# One character at a time, so that each keeps its place.
_PERCENT = rf"[%％][0-7]{_HEX}|[%％][CDcd]{_HEX}{_BYTE}|[%％][Ee]{_HEX}(?:{_BYTE}){{2}}|[%％][Ff]{_HEX}(?:{_BYTE}){{3}}"
# The check character of a resident ID, drawn or said behind the digits.
_CROSS = "✕✖✗✘⨯╳❌❎🅧🆇χᵡ叉"
_A_DIGIT = "[0-9０-９〇零洞一壹幺二贰两三叁四肆五伍六陆七柒拐八捌九玖勾]"
_CHECK = rf"(?<={_A_DIGIT})(?:[{_CROSS}]|[(（]?(?:字母|大写)?[ ]?(?:艾克斯|[Ee]?[Xx])[)）]?)"
PATTERN: Final = re.compile(
    rf"(?P<entity>[&＆](?:[#＃](?:[0-9]{{1,7}}|[Xx]{_HEX}{{1,6}})|[A-Za-z][A-Za-z0-9]{{1,15}})[;；]?)"
    rf"|(?P<percent>{_PERCENT})"
    rf"|(?P<escape>\\(?:[Uu][{{]?{_HEX}{{4,8}}[}}]?|[Xx]{_HEX}{{2}}|[ntr])|[Uu]\+{_HEX}{{4,6}})"
    rf"|(?P<tag><(?:/?[A-Za-z][^<>]{{0,80}}|!--[^<>]{{0,80}})>)"
    rf"|(?P<check>{_CHECK})"
)
# Whether there is any of them, each from its first character.
SIGNALS: Final = (
    "[&＆][#＃A-Za-z]",
    f"[%％]{_HEX}{{2}}",
    r"[\\][UuXxntr]",
    rf"[Uu]\+{_HEX}{{4}}",
    "<[/!A-Za-z]",
    f"[{_CROSS}](?<={_A_DIGIT}.)",
    "艾克斯",
    "字母[ ]?[EeXx]",
    "大写[ ]?[EeXx]",
    "[Ee][Xx](?<=[0-9].{2})",
)
# Tags that begin a line; others only say how a piece of one looks.
_BREAKS = re.compile(r"</?(?:br|p|div|li|ul|ol|t[rdh]|table|h[1-6])(?![A-Za-z])", re.IGNORECASE)
_IN_ONE_ANOTHER = 3
_LARGEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def decoded(view: View) -> View:
    """The text with every escape read; the view itself where there is none."""
    for _ in range(_IN_ONE_ANOTHER):
        rewriting = Rewriting(view)
        for match in PATTERN.finditer(view.text):
            instead = _READ[match.lastgroup or ""](match.group())
            if instead != match.group():
                rewriting.put(*match.span(), instead)
        if rewriting.view() is view:
            break
        view = rewriting.view()
    return view


def _character(point: int, written: str) -> str:
    return chr(point) if point <= _LARGEST and point not in _SURROGATES else written


def _entity(written: str) -> str:
    name = written[1:].rstrip(";；")
    if name[0] not in "#＃":
        return html5.get(f"{name};", written)
    return _character(int(f"0{name[1:]}", 0) if name[1] in "Xx" else int(name[1:]), written)


def _percent(written: str) -> str:
    try:
        return bytes.fromhex(written.replace("%", "").replace("％", "")).decode()
    except UnicodeDecodeError:
        return written


def _escape(written: str) -> str:
    if written[1] in "ntr":
        return " "
    return _character(int(written[2:].strip("{}"), 16), written)


def _check(_: str) -> str:
    return "X"


def _tag(written: str) -> str:
    return "\n" if _BREAKS.match(written) else ""


_READ: Final[dict[str, Callable[[str], str]]] = {
    "entity": _entity,
    "percent": _percent,
    "escape": _escape,
    "tag": _tag,
    "check": _check,
}

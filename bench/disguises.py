"""How people write a number so that it is not seen for one, and how it happens by itself."""

from __future__ import annotations

from collections.abc import Callable

from bench.identifiers import Dice


def _map(chars: str) -> Callable[[Dice, str], str]:
    table = dict(zip("0123456789", chars, strict=True))
    return lambda _, text: "".join(table.get(char, char) for char in text)


def _between(*signs: str) -> Callable[[Dice, str], str]:
    """One sign between every two characters, the same throughout."""

    def disguise(dice: Dice, text: str) -> str:
        return dice.choice(signs).join(text)

    return disguise


def _any_between(signs: str) -> Callable[[Dice, str], str]:
    """A different sign each time."""

    def disguise(dice: Dice, text: str) -> str:
        return "".join(char + dice.choice(signs) for char in text[:-1]) + text[-1]

    return disguise


def _around(*pairs: str) -> Callable[[Dice, str], str]:
    def disguise(dice: Dice, text: str) -> str:
        pair = dice.choice(pairs)
        left, right = pair[0], pair[1]
        return "".join(left + char + right if char.isdigit() else char for char in text)

    return disguise


def _full_width(_: Dice, text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _grouped(*signs: str) -> Callable[[Dice, str], str]:
    """As people group a number of its length: 3-4-4, 6-8-4, fours."""

    def disguise(dice: Dice, text: str) -> str:
        sizes = {11: (3, 4, 4), 18: (6, 8, 4)}.get(len(text), (4,) * 5)
        groups, rest = [], text
        for size in sizes:
            groups.append(rest[:size])
            rest = rest[size:]
        return dice.choice(signs).join(group for group in groups if group)

    return disguise


def _mixed(dice: Dice, text: str) -> str:
    """Some digits plain, some in numerals, some circled, some full-width."""
    forms = (
        "0123456789",
        "零一二三四五六七八九",
        "〇壹贰叁肆伍陆柒捌玖",
        "⓪①②③④⑤⑥⑦⑧⑨",
        "０１２３４５６７８９",
    )
    return "".join(dice.choice(forms)[int(char)] if char.isdigit() else char for char in text)


def _mixed_and_torn(dice: Dice, text: str) -> str:
    return _any_between(" -·.。、★")(dice, _mixed(dice, text))


def _look_alike(dice: Dice, text: str) -> str:
    """Noughts as O and ones as l, as far as digits still outweigh letters."""
    left = len(text) // 3
    found = []
    for char in text:
        other = {"0": "Oo", "1": "lI"}.get(char) if left else None
        found.append(dice.choice(other) if other else char)
        left -= other is not None
    return "".join(found)


def _keycap(_: Dice, text: str) -> str:
    return "".join(f"{char}\ufe0f\u20e3" if char.isdigit() else char for char in text)


_MATHS = ("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡", "𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵", "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿")


def _one_of(forms: tuple[str, ...]) -> Callable[[Dice, str], str]:
    return lambda dice, text: _map(dice.choice(forms))(dice, text)


Disguise = Callable[[Dice, str], str]
# For every kind: what a keyboard does, and what is not seen.
ANY: dict[str, Disguise] = {
    "plain": lambda _, text: text,
    "full width": _full_width,
    "no width": _between("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"),
}
# For kinds with letters in them as well.
SIGNS: dict[str, Disguise] = {
    "spaces": _between(" ", "\u3000", "\u00a0", "  "),
    "hyphens": _between("-", "—", "–", "－", "_"),
    "dots": _between(".", "·", "。", "・", "…"),
    "numerals": _map("零一二三四五六七八九"),
    "circled": _one_of(("⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "⓪⓵⓶⓷⓸⓹⓺⓻⓼⓽")),
    "brackets": _around("()", "[]", "【】", "（）", "［］", "〔〕", "「」", "<>", "《》"),
    "keycaps": _keycap,
    "super- and subscripts": _one_of(("⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉")),
    "mathematical": _one_of(_MATHS),
    "other scripts": _one_of(("٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯")),
    "signs": _any_between("*#~/\\|;'!?&%^=+·、，★☆♥"),
}
# For kinds of digits alone.
DIGITS_ONLY: dict[str, Disguise] = {
    "cheque numerals": _map("零壹贰叁肆伍陆柒捌玖"),
    "round noughts": _map("〇一二三四五六七八九"),
    "as over a radio": _map("洞幺两三四五六拐八勾"),
    "mixed": _mixed,
    "mixed and torn": _mixed_and_torn,
    "lines": _between("\n", "\r\n"),
    "grouped": _grouped(" ", "-", ".", "—", " - ", "\n", "·", "/"),
    "far apart": _grouped("      ", "------", "......", "\n\n\n\n\n"),
    "grouped in numerals": lambda dice, text: _grouped(" ", "，", "-")(
        dice, _map("零一二三四五六七八九")(dice, text)
    ),
    "little words": _between("加", "点", "杠", "空", "横", "啊"),
    "words between groups": _grouped("加", "杠", "空格", "再加", "然后"),
    "look-alikes": _look_alike,
    "parenthesised": lambda _, text: "".join(
        "⑴⑵⑶⑷⑸⑹⑺⑻⑼"[int(c) - 1] if c in "123456789" else c for c in text
    ),
}

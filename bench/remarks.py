"""Remarks as guards write them, and as somebody would who wants a number to get past: generated, seeded, and of nobody.

Numbers are of ranges that were never given out. `hidden` makes one remark for each kind, disguise and pair of
neighbours; `clean` makes remarks with everything that looks like an identifier and is none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from compliance.detectors import checksums

SEED = 20260302
Dice = random.Random
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One text; `kind` and `disguise` are empty where it holds nothing."""

    text: str
    kind: str = ""
    disguise: str = ""


# -- the identifiers -----------------------------------------------------------------------------------------------


def _digits(dice: Dice, n: int) -> str:
    return "".join(dice.choice("0123456789") for _ in range(n))


def _day(dice: Dice, first: int, last: int) -> str:
    return f"{dice.randint(first, last)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"


def _checked(body: str, check: Callable[[str], bool], alphabet: str) -> str:
    """The body with the one character that makes it right."""
    return next(body + char for char in alphabet if check(body + char))


def resident_id(dice: Dice) -> str:
    area = dice.choice(("100000", "810000", "820000", "830000", "911999", "900000"))
    return _checked(area + _day(dice, 1930, 2015) + _digits(dice, 3), checksums.mod_11_2, "0123456789X")


def old_id(dice: Dice) -> str:
    return "100000" + _day(dice, 1930, 1999)[2:] + _digits(dice, 3)


def mobile(dice: Dice) -> str:
    return dice.choice(("154", "160", "163", "164", "168", "169", "179", "194")) + _digits(dice, 8)


def bank_card(dice: Dice) -> str:
    return _checked("620000" + _digits(dice, dice.choice((9, 10, 11, 12))), checksums.luhn, "0123456789")


def imei(dice: Dice) -> str:
    return _checked("00100100" + _digits(dice, 6), checksums.luhn, "0123456789")


def uscc(dice: Dice) -> str:
    body = "91999999MA" + "".join(dice.choice(_USCC) for _ in range(7))
    return _checked(body, checksums.uscc, _USCC)


def vin(dice: Dice) -> str:
    left, right = "LTEST0" + _digits(dice, 2), dice.choice("ABCDEFG") + "T" + _digits(dice, 6)
    return next(left + check + right for check in "0123456789X" if checksums.vin(left + check + right))


def plate(dice: Dice) -> str:
    head = dice.choice("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼") + dice.choice(
        "ABCDE"
    )
    tail = _digits(dice, 4)
    return head + dice.choice((f"0{tail}", f"D0{tail}", f"0{tail}D", f"{tail}学", f"{tail}挂"))


def passport(dice: Dice) -> str:
    return dice.choice(("E0", "G0", "EA")) + _digits(dice, 7)


def permit(dice: Dice) -> str:
    return dice.choice("HM") + _digits(dice, 8)


def residence_2017(dice: Dice) -> str:
    return "XXX" + _digits(dice, 12)


def landline(dice: Dice) -> str:
    return "0000-2" + _digits(dice, 6)


def email(dice: Dice) -> str:
    return f"visitor{dice.randrange(1000)}@{dice.choice(('', 'mail.'))}example.{dice.choice(('com', 'org', 'net'))}"


def wechat(dice: Dice) -> str:
    return dice.choice(("test_visitor_", "wxid_test00")) + _digits(dice, 2)


def qq(dice: Dice) -> str:
    return "9" + _digits(dice, 9)


def health(dice: Dice) -> str:
    return dice.choice(("健康码", "行程码", "绿码", "核酸阴性", "抗原阳性", "疫苗已打"))


# Kind, how it is made, what has to stand before it for a detector to be certain.
KINDS: dict[str, tuple[str, Callable[[Dice], str], tuple[str, ...]]] = {
    "resident_id": ("resident_id", resident_id, ("", "身份证", "证号：")),
    "old_id": ("resident_id", old_id, ("身份证", "身份证号：")),
    "residence_2017": ("resident_id", residence_2017, ("居留证",)),
    "mobile": ("mobile", mobile, ("", "电话", "手机号：", "打")),
    "bank_card": ("bank_card", bank_card, ("", "卡号", "银行卡")),
    "imei": ("imei", imei, ("串号", "IMEI:")),
    "uscc": ("uscc", uscc, ("", "税号")),
    "vin": ("vin", vin, ("", "车架号")),
    "plate": ("plate", plate, ("", "车牌", "车")),
    "passport": ("passport", passport, ("护照", "护照号：")),
    "permit": ("permit", permit, ("通行证", "回乡证")),
    "landline": ("landline", landline, ("电话", "座机")),
    "email": ("email", email, ("", "邮箱")),
    "wechat": ("wechat", wechat, ("微信", "加微信号：")),
    "qq": ("qq", qq, ("QQ", "扣扣")),
    "health_code": ("health_code", health, ("", "查了")),
}

# -- the disguises -------------------------------------------------------------------------------------------------


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
        left, right = dice.choice(pairs)
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
        other = {"0": "Oo", "1": "lI"}.get(char)
        if other and left:
            char, left = dice.choice(other), left - 1
        found.append(char)
    return "".join(found)


def _keycap(_: Dice, text: str) -> str:
    return "".join(f"{char}\ufe0f\u20e3" if char.isdigit() else char for char in text)


_MATHS = ("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡", "𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵", "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿")


def _one_of(forms: tuple[str, ...]) -> Callable[[Dice, str], str]:
    return lambda dice, text: _map(dice.choice(forms))(dice, text)


_Disguise = Callable[[Dice, str], str]
# For every kind: what a keyboard does, and what is not seen.
ANY: dict[str, _Disguise] = {
    "plain": lambda _, text: text,
    "full width": _full_width,
    "no width": _between("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"),
}
# For kinds with letters in them as well.
SIGNS: dict[str, _Disguise] = {
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
DIGITS_ONLY: dict[str, _Disguise] = {
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
    "parenthesised": lambda dice, text: "".join(
        "⑴⑵⑶⑷⑸⑹⑺⑻⑼"[int(c) - 1] if c in "123456789" else c for c in text
    ),
}
_ALL_DIGITS = {"resident_id", "old_id", "mobile", "bank_card", "imei", "qq"}
_WORDS_ALONE = {"health_code"}
_LEFT_ALONE = {"email", "wechat"}
# Han on both sides, signs, nothing, and a line of its own.
NEIGHBOURS = (
    ("", ""),
    ("访客", "已登记"),
    ("电梯口，", "。"),
    ("请联系", "谢谢"),
    ("房间二", "，已通知"),
    ("\n", "\n"),
    ("来看房 ", " 晚上走"),
    ("（", "）"),
)


def disguises_of(name: str) -> dict[str, _Disguise]:
    if name in _LEFT_ALONE:
        return ANY
    if name in _WORDS_ALONE:
        return ANY | {which: SIGNS[which] for which in ("spaces", "hyphens", "dots")}
    return ANY | SIGNS | (DIGITS_ONLY if name in _ALL_DIGITS else {})


def _fits(name: str, disguise: str, value: str) -> bool:
    """What would make the number another one, or nobody's: numerals beside a serial that is mostly letters, and the like."""
    if name == "plate" and disguise == "numerals":
        return re.search(r"[0-9]{4}", value) is not None
    return not (name == "landline" and disguise in ("hyphens", "lines"))


def hidden(times: int, seed: int = SEED) -> Iterator[Remark]:
    """For each kind, disguise and pair of neighbours, as many remarks as asked."""
    dice = random.Random(seed)
    for name, (kind, make, words) in KINDS.items():
        for disguise, apply in disguises_of(name).items():
            for before, after in NEIGHBOURS:
                for _ in range(times):
                    value = make(dice)
                    if _fits(name, disguise, value):
                        text = f"{before}{dice.choice(words)}{apply(dice, value)}{after}"
                        yield Remark(text=text, kind=kind, disguise=disguise)


# -- and remarks with nothing in them ------------------------------------------------------------------------------


def _room(dice: Dice) -> str:
    building, unit, floor, door = (
        dice.randint(1, 30),
        dice.randint(1, 4),
        dice.randint(1, 33),
        dice.randint(1, 8),
    )
    flat = f"{floor}{door:02}"
    return dice.choice(
        (f"{building}-{unit}-{flat}", f"{building}号楼{unit}单元{flat}室", f"{building}栋{flat}", f"{flat}房")
    )


def _moment(dice: Dice) -> str:
    day = f"2026-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    hour, minute = dice.randint(0, 23), dice.randint(0, 59)
    return dice.choice(
        (
            f"{day} {hour:02}:{minute:02}",
            f"{day.replace('-', '/')} {hour}点",
            f"{day.replace('-', '')}",
            f"{hour:02}:{minute:02}-{hour + 1:02}:00",
            f"{dice.randint(1, 12)}月{dice.randint(1, 28)}日{hour}点{minute}分",
            f"下午{dice.choice('一二三四五六')}点半",
        )
    )


def _order(dice: Dice) -> str:
    return dice.choice(("订单号 ", "订单编号：", "单号", "流水号", "订单")) + dice.choice(
        (
            f"2026{dice.randint(1, 12):02}{dice.randint(1, 28):02}{_digits(dice, dice.randint(6, 12))}",
            _digits(dice, dice.randint(10, 20)),
        )
    )


def _parcel(dice: Dice) -> str:
    code = dice.choice(("SF", "YT", "ZTO", "JD", "EMS", "YD", "JT")) + _digits(
        dice, dice.choice((10, 12, 13))
    )
    return dice.choice(
        (
            f"快递单号 {code}",
            f"运单{code}",
            code,
            f"取件码 {dice.randint(1, 30)}-{dice.randint(1, 9)}-{_digits(dice, 4)}",
        )
    )


def _price(dice: Dice) -> str:
    return dice.choice(
        (
            f"{dice.randint(1, 99999)}元",
            f"¥{dice.randint(1, 9999)}.{_digits(dice, 2)}",
            f"共{dice.randint(1, 99)},{_digits(dice, 3)}元",
            f"押金{dice.randint(1, 9)}00",
        )
    )


def _amount(dice: Dice) -> str:
    return dice.choice(
        (
            f"{dice.randint(1, 20)}箱",
            f"共{dice.randint(1, 9)}人",
            f"沙发{dice.randint(1, 3)}件、床{dice.randint(1, 3)}张",
            f"{dice.randint(1, 9)}大{dice.randint(1, 9)}小",
            f"瓷砖 {dice.randint(100, 900)}x{dice.randint(100, 900)} {dice.randint(10, 99)}片",
        )
    )


def _product(dice: Dice) -> str:
    letters = "".join(dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(dice.randint(1, 4)))
    return dice.choice(("空调", "冰箱", "型号 ", "打印机", "路由器")) + dice.choice(
        (
            f"{letters}-{_digits(dice, dice.randint(2, 6))}",
            f"{letters}{_digits(dice, 3)}{dice.choice('ABC')}{_digits(dice, 2)}/W",
        )
    )


def _password(dice: Dice) -> str:
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return dice.choice(("WiFi密码", "门禁密码", "wifi: ", "无线密码：")) + dice.choice(
        (
            "".join(dice.choice(alphabet) for _ in range(dice.randint(8, 12))),
            _digits(dice, dice.choice((4, 6, 8))),
            "88888888",
            "12345678",
        )
    )


def _rooms(dice: Dice) -> str:
    return dice.choice("、，, /").join(
        f"{dice.randint(1, 33)}0{dice.randint(1, 8)}" for _ in range(dice.randint(2, 6))
    )


def _words(dice: Dice) -> str:
    return dice.choice(_PLAIN)


_SOME = 0.3
_PLAIN = (
    "送快递到楼下", "访客一位，来看房，已通知业主", "外卖，放门口", "三号楼一单元一二零一", "李先生来访", "王师傅修空调", "第二次来",
    "保洁阿姨", "装修队，三个人，一辆货车", "电梯坏了，走楼梯", "业主确认后放行", "身份证已核对，当面归还", "微信支付 50 元", "周三来过",
    "一楼大厅等候", "借了一把梯子，两卷胶带", "送水", "收废品", "看房，中介带", "来接孩子放学", "搬家公司，两辆车", "拜访老同事",
    "请保安帮忙看一下车", "物业维修水管", "ok thanks", "delivery for building three", "二维码已扫", "通行证有效期至年底", "门禁卡丢了，补卡",
    "东门进，西门出", "车停地下二层 B2-135", "400客服来装宽带", "路由器坏了", "中午十二点半到", "五点前离开", "朋友聚会，晚上十点走",
)  # fmt: skip
_PARTS: tuple[Callable[[Dice], str], ...] = (
    _room,
    _moment,
    _order,
    _parcel,
    _price,
    _amount,
    _product,
    _password,
    _rooms,
    _words,
)


def plain(count: int, seed: int = SEED) -> Iterator[Remark]:
    """Remarks of words, some with a room or a time."""
    dice = random.Random(seed + 2)
    for _ in range(count):
        parts = [
            dice.choice(_PLAIN),
            *([dice.choice((_room, _moment, _amount))(dice)] if dice.random() < _SOME else []),
        ]
        yield Remark(text="，".join(parts))


def clean(count: int, seed: int = SEED) -> Iterator[Remark]:
    """Remarks of one to three parts, none of which is an identifier."""
    dice = random.Random(seed + 1)
    for _ in range(count):
        parts = [dice.choice(_PARTS)(dice) for _ in range(dice.choice((1, 1, 2, 2, 3)))]
        yield Remark(text=dice.choice(("，", " ", "。", "；", "\n", "  ")).join(parts))

"""Identifiers of nobody: right in form and check, and of ranges that were never given out."""

from __future__ import annotations

import random
from collections.abc import Callable

from compliance.detectors import checksums

Dice = random.Random
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def digits(dice: Dice, n: int) -> str:
    return "".join(dice.choice("0123456789") for _ in range(n))


def _day(dice: Dice, first: int, last: int) -> str:
    return f"{dice.randint(first, last)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"


def _checked(body: str, check: Callable[[str], bool], alphabet: str) -> str:
    """The body with the one character that makes it right."""
    return next(body + char for char in alphabet if check(body + char))


def resident_id(dice: Dice) -> str:
    area = dice.choice(("100000", "810000", "820000", "830000", "911999", "900000"))
    return _checked(area + _day(dice, 1930, 2015) + digits(dice, 3), checksums.mod_11_2, "0123456789X")


def old_id(dice: Dice) -> str:
    return "100000" + _day(dice, 1930, 1999)[2:] + digits(dice, 3)


def mobile(dice: Dice) -> str:
    return dice.choice(("154", "160", "163", "164", "168", "169", "179", "194")) + digits(dice, 8)


def bank_card(dice: Dice) -> str:
    return _checked("620000" + digits(dice, dice.choice((9, 10, 11, 12))), checksums.luhn, "0123456789")


def imei(dice: Dice) -> str:
    return _checked("00100100" + digits(dice, 6), checksums.luhn, "0123456789")


def uscc(dice: Dice) -> str:
    body = "91999999MA" + "".join(dice.choice(_USCC) for _ in range(7))
    return _checked(body, checksums.uscc, _USCC)


def vin(dice: Dice) -> str:
    left, right = "LTEST0" + digits(dice, 2), dice.choice("ABCDEFG") + "T" + digits(dice, 6)
    return next(left + check + right for check in "0123456789X" if checksums.vin(left + check + right))


def plate(dice: Dice) -> str:
    head = dice.choice("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼") + dice.choice(
        "ABCDE"
    )
    tail = digits(dice, 4)
    return head + dice.choice((f"0{tail}", f"D0{tail}", f"0{tail}D", f"{tail}学", f"{tail}挂"))


def passport(dice: Dice) -> str:
    return dice.choice(("E0", "G0", "EA")) + digits(dice, 7)


def permit(dice: Dice) -> str:
    return dice.choice("HM") + digits(dice, 8)


def residence_2017(dice: Dice) -> str:
    return "XXX" + digits(dice, 12)


def landline(dice: Dice) -> str:
    return "0000-2" + digits(dice, 6)


def email(dice: Dice) -> str:
    return f"visitor{dice.randrange(1000)}@{dice.choice(('', 'mail.'))}example.{dice.choice(('com', 'org', 'net'))}"


def wechat(dice: Dice) -> str:
    return dice.choice(("test_visitor_", "wxid_test00")) + digits(dice, 2)


def qq(dice: Dice) -> str:
    return "9" + digits(dice, 9)


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

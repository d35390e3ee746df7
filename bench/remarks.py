"""Remarks as guards write them, and as somebody would who wants a number to get past: generated, seeded, and of nobody.

Numbers are of ranges that were never given out. `hidden` makes one remark for each kind, disguise and pair of
neighbours; `clean` makes remarks with everything that looks like an identifier and is none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.disguises import ANY, DIGITS_ONLY, SIGNS, Disguise
from bench.identifiers import KINDS, Dice, digits

SEED = 20260302


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One text; `kind` and `disguise` are empty where it holds nothing."""

    text: str
    kind: str = ""
    disguise: str = ""


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


def disguises_of(name: str) -> dict[str, Disguise]:
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
            f"2026{dice.randint(1, 12):02}{dice.randint(1, 28):02}{digits(dice, dice.randint(6, 12))}",
            digits(dice, dice.randint(10, 20)),
        )
    )


def _parcel(dice: Dice) -> str:
    code = dice.choice(("SF", "YT", "ZTO", "JD", "EMS", "YD", "JT")) + digits(dice, dice.choice((10, 12, 13)))
    return dice.choice(
        (
            f"快递单号 {code}",
            f"运单{code}",
            code,
            f"取件码 {dice.randint(1, 30)}-{dice.randint(1, 9)}-{digits(dice, 4)}",
        )
    )


def _price(dice: Dice) -> str:
    return dice.choice(
        (
            f"{dice.randint(1, 99999)}元",
            f"¥{dice.randint(1, 9999)}.{digits(dice, 2)}",
            f"共{dice.randint(1, 99)},{digits(dice, 3)}元",
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
            f"{letters}-{digits(dice, dice.randint(2, 6))}",
            f"{letters}{digits(dice, 3)}{dice.choice('ABC')}{digits(dice, 2)}/W",
        )
    )


def _password(dice: Dice) -> str:
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return dice.choice(("WiFi密码", "门禁密码", "wifi: ", "无线密码：")) + dice.choice(
        (
            "".join(dice.choice(alphabet) for _ in range(dice.randint(8, 12))),
            digits(dice, dice.choice((4, 6, 8))),
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

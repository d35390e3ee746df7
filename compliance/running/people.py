"""The fictional people of the demo: common given names under common surnames, unassigned numbers, plates nobody was issued.

Mobile prefixes 194, 154 and 164 were not assigned to any carrier, and serials of zeros are not issued as plates
(law/requirements.md section 7), so that nobody's number is in here by accident.
"""

from __future__ import annotations

from random import Random
from typing import Final

SURNAMES: Final = "张王李刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN: Final = [
    "三",
    "四",
    "五",
    "六",
    "小明",
    "小红",
    "建国",
    "志强",
    "秀英",
    "桂兰",
    "丽华",
    "晓东",
    "海燕",
    "文静",
    "思远",
    "子涵",
    "雨桐",
    "浩然",
    "佳怡",
    "俊杰",
    "梓萱",
    "明轩",
    "雪梅",
    "春生",
    "立军",
    "国栋",
    "玉兰",
    "婷婷",
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "娟",
    "涛",
    "超",
    "霞",
    "平",
    "刚",
]
PREFIXES: Final = ("194", "154", "164")
PLATES: Final = (
    "京A00000",
    "京AD00000",
    "京AF00000",
    "京A00000D",
    "沪A00000",
    "粤B00000",
    "苏E00000",
    "浙C00000",
)
EMPLOYERS: Final = ("示例家电维修部", "示例装饰公司", "示例家政公司", "示例宽带服务站", "个人")


def name(dice: Random) -> str:
    return dice.choice(SURNAMES) + dice.choice(GIVEN)


def mobile(dice: Random) -> str:
    return dice.choice(PREFIXES) + f"{dice.randrange(10**8):08d}"


def room(dice: Random) -> str:
    return f"{dice.randint(1, 12)}-{dice.randint(1, 3)}-{dice.randint(1, 18):02d}0{dice.randint(1, 4)}"

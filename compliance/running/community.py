"""One day at the gate of a fictional community, as submissions: the same day is always the same day.

Common given names under common surnames, numbers that no carrier was given (prefixes 194, 154, 164) and plates with
serials of zeros, which are not issued (law/requirements.md section 7): nobody real is in here by accident.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

GUARD: Final = "staff-7"
SURNAMES: Final = "张王李刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN: Final = (
    *("三", "四", "五", "六", "小明", "小红", "建国", "志强", "秀英", "桂兰", "丽华", "晓东", "海燕", "文静"),
    *("思远", "子涵", "雨桐", "浩然", "佳怡", "俊杰", "梓萱", "明轩", "雪梅", "春生", "立军", "国栋", "玉兰"),
    *("婷婷", "伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "超", "霞", "平", "刚"),
)
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
#: Visits by hour of the day, from 6 to 22: a little peak before lunch, a big one after work.
_HOURS: Final = (1, 3, 4, 4, 6, 8, 6, 3, 3, 4, 5, 7, 10, 9, 6, 3, 1)
#: What guards used to write down: the report shows what came of it.
_FAULTS: Final[tuple[dict[str, Any], ...]] = (
    *[{"id_number": "100000199001010011"}] * 5,
    *[{"health_code": "绿码"}] * 2,
    {"id_photo": "x"},
    {"visitor_phone": "1940000"},
    {"visit_purpose": "看病"},
    {"visitor_name": ""},
)


class Day:
    """One day until `now`, which is its end or earlier."""

    def __init__(self, day: date, now: datetime, zone: ZoneInfo, seed: int) -> None:
        self._day, self._now, self._zone = day, now, zone
        self._seed = f"{seed} {day}"
        self._dice = Random(self._seed)  # noqa: S311  dice for a play, not for keys

    def visits(self) -> list[dict[str, Any]]:
        """Submissions that the gate admits, each with a key of its own."""
        self._dice.seed(f"{self._seed} visits")
        busy = 1.4 if self._day.weekday() >= 5 else 1.0  # families come at the weekend
        made = [
            *(self._visitor(at) for at in self._moments(6 * busy)),
            *(self.delivery(at) for at in self._moments(10)),
            *(self._works(at) for at in self._moments(2)),
            *(self._vehicle(at) for at in self._moments(4 * busy)),
            *(self._guest(at) for at in self._moments(0.4)),
            *(self._tenant(at) for at in self._moments(0.5)),
        ]
        return [{**one, "key": f"demo-{self._day}-{number}"} for number, one in enumerate(made)]

    def mistakes(self) -> list[dict[str, Any]]:
        """Submissions that the gate refuses: what was always written down, and is not any more."""
        self._dice.seed(f"{self._seed} mistakes")
        return [
            submission(
                "visitor",
                at,
                {"visitor_name": self.name(), "host_room": self._room(), **self._dice.choice(_FAULTS)},
            )
            for at in self._moments(1.2)
        ]

    def delivery(self, at: datetime, left: datetime | None = None) -> dict[str, Any]:
        dice = self._dice
        fields = {
            "platform": dice.choice(
                ["顺丰", "京东", "中通", "圆通", "韵达", "美团", "美团", "饿了么", "邮政"]
            ),
            "courier_name": self.name(),
            "courier_ref": f"{dice.randrange(10**4):04d}",
            "dest_building": f"{dice.randint(1, 12)}栋{dice.randint(1, 3)}单元",
            "verify_method": "平台二维码",
            **self._times(at, 25, left=left),
        }
        if left is not None or dice.random() < 0.3:  # who is written in again, to be seen to go, has a number
            fields["courier_phone"] = self.mobile()
        return submission("delivery", at, fields)

    def name(self) -> str:
        return self._dice.choice(SURNAMES) + self._dice.choice(GIVEN)

    def mobile(self) -> str:
        return self._dice.choice(PREFIXES) + f"{self._dice.randrange(10**8):08d}"

    def _room(self) -> str:
        dice = self._dice
        return f"{dice.randint(1, 12)}-{dice.randint(1, 3)}-{dice.randint(1, 18):02d}0{dice.randint(1, 4)}"

    def _moments(self, mean: float) -> Iterator[datetime]:
        """Moments of entry at hours when people come, those that have been by now."""
        count = int(mean * self._dice.uniform(0.6, 1.4) + self._dice.random())
        for _ in range(count):
            hour = self._dice.choices(range(6, 23), _HOURS)[0]
            at = time(hour, self._dice.randrange(60), self._dice.randrange(60))
            moment = datetime.combine(self._day, at, self._zone)
            if moment < self._now - timedelta(minutes=2):
                yield moment

    def _times(self, entered: datetime, longest: int, *, left: datetime | None = None) -> dict[str, str]:
        """Entry and, where a guard noted it and it has happened by now, the exit."""
        times = {"entry_time": entered.isoformat()}
        noted = self._dice.random() < 0.85
        gone = left or entered + timedelta(minutes=self._dice.randint(4, longest))
        if left is not None or (noted and gone < self._now):
            times["exit_time"] = gone.isoformat()
        return times

    def _visitor(self, at: datetime) -> dict[str, Any]:
        dice = self._dice
        fields: dict[str, Any] = {
            "visitor_name": self.name(),
            "host_room": self._room(),
            "visit_purpose": dice.choice(["探亲访友", "探亲访友", "看房", "商务", "服务", "其他"]),
            **self._times(at, 240),
        }
        if dice.random() < 0.6:
            fields["visitor_phone"] = self.mobile()
        if dice.random() < 0.2:
            fields["party_size"] = dice.randint(1, 4)
        return submission("visitor", at, fields)

    def _works(self, at: datetime) -> dict[str, Any]:
        kinds = ["水电维修", "家电维修", "装修施工", "网络通信", "家政保洁", "搬家"]
        fields = {
            "worker_name": self.name(),
            "worker_phone": self.mobile(),
            "employer_name": self._dice.choice(EMPLOYERS),
            "service_type": self._dice.choice(kinds),
            "service_room": self._room(),
            **self._times(at, 300),
        }
        return submission("service", at, fields)

    def _vehicle(self, at: datetime) -> dict[str, Any]:
        fields = {
            "plate_no": self._dice.choice(PLATES),
            "vehicle_type": "小型",
            "gate": self._dice.choice(["北门", "南门", "地库"]),
            **self._times(at, 400),
        }
        if self._dice.random() < 0.3:
            fields["driver_phone"] = self.mobile()
        return submission("vehicle", at, fields)

    def _guest(self, at: datetime) -> dict[str, Any]:
        fields = {
            "guest_name": self.name(),
            "guest_phone": self.mobile(),
            "room": self._room(),
            "stay_from": at.isoformat(),
            "stay_to": (at + timedelta(days=self._dice.randint(1, 9))).isoformat(),
        }
        return submission("short_stay_guest", at, fields)

    def _tenant(self, at: datetime) -> dict[str, Any]:
        fields = {
            "tenant_name": self.name(),
            "tenant_phone": self.mobile(),
            "room": self._room(),
            "lease_start": at.isoformat(),
            "lease_end": (at + timedelta(days=365)).isoformat(),
            "household_size": self._dice.randint(1, 5),
        }
        return submission("long_term_tenant", at, fields)


def submission(category: str, at: datetime, fields: dict[str, Any]) -> dict[str, Any]:
    """As the desk sends it: the guard read the notice out, the person agreed aloud."""
    return {
        "category": category,
        "channel": "desk",
        "collected_at": at.isoformat(),
        "fields": fields,
        "notice": {"mode": "oral", "by": GUARD},
        "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
    }

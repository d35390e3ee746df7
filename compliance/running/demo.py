"""A fictional community: some weeks of visits, written through the real gate, the same for everybody who tries this.

Nothing here goes round a rule. What would be over its period by now is not submitted, because the gate would refuse it;
and on every start a few deliveries are written whose numbers fall due within minutes, so that one *sees* a sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from compliance.bootstrap import DEMO, Engine
from compliance.domain.errors import ComplianceError, ConfigurationInvalid
from compliance.domain.request import RequestKind
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Role
from compliance.keys.credentials import matches
from compliance.policies.loader import load, read_files, shipped
from compliance.ports import Receipt
from compliance.running import people
from compliance.running.address import is_loopback, parse_bind

PACK: Final = "residential"
GUARD, OFFICER, DIRECTOR = "staff-7", "officer-1", "director-1"
ROLES: Final = {GUARD: Role.GUARD, OFFICER: Role.OFFICER, DIRECTOR: Role.DIRECTOR}
SEEDED: Final = "demo.seeded"
_DAYS = 27  # a visit of today minus 27 days, exit the next day, is still within its thirty
_SEED = 20261101
#: Visits by hour of the day, from 6 to 22: a little peak before lunch, a big one after work.
_HOURS: Final = (1, 3, 4, 4, 6, 8, 6, 3, 3, 4, 5, 7, 10, 9, 6, 3, 1)
_HOUR_PERIOD = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """What there is to show: how many parts fall due within minutes, from when on, and a pass code to try."""

    soon: int
    first_due: datetime
    pass_code: str


def seed(engine: Engine) -> Seeded:
    """Publish the shipped pack and write the community, once; then what falls due soon, on every start.

    Raises:
        ConfigurationInvalid: this is no demo home.
    """
    if engine.kind != DEMO:
        raise ConfigurationInvalid("Demo data goes into a demo home only. 演示数据只能放入演示目录。")
    with engine.books.reading() as books:
        seeded = books.switches.get(SEEDED) is not None
    if not seeded:
        folder = shipped(PACK)
        engine.publishing.publish(load(folder), read_files(folder), OFFICER)
        _write_community(engine)
        with engine.books.writing() as books:
            books.switches.set(SEEDED, "1")
    return _write_soon(engine)


def _write_community(engine: Engine) -> None:
    now = engine.clock.now()
    with engine.books.reading() as books:
        zone = engine.policies.active(books, now).site.timezone
    made = _Community(now, zone, Random(_SEED))  # noqa: S311  the same community for everybody
    # A killed start leaves some of it; the keys make the next one a replay of what is there already.
    outcomes = list(engine.gate.write_many(made.everything(), defaults=Defaults()))
    receipts = [outcome.receipt for outcome in outcomes if outcome.receipt is not None]
    _open_requests(engine, receipts)


def _open_requests(engine: Engine, receipts: list[Receipt]) -> None:
    """One request of each fate: answered, carried out, still to be proven, and one that waits for the officer."""
    visits = [receipt.pass_code for receipt in receipts if receipt.category == "visitor"]
    for kind, code in ((RequestKind.ACCESS, visits[-1]), (RequestKind.DELETION, visits[-2])):
        engine.requests.fulfil(engine.requests.open(kind, pass_code=code).number)
    engine.requests.withdraw_consent(visits[-3])
    engine.requests.open(RequestKind.DELETION, mobile=people.mobile(Random(_SEED)))  # noqa: S311
    scratched = next(receipt for receipt in reversed(receipts) if receipt.category == "vehicle")
    engine.holds.place(
        ground="R8b",
        document="演示-车辆刮擦纠纷-1",
        law_ref="",
        until=engine.clock.now().date() + timedelta(days=30),
        by=OFFICER,
        second=DIRECTOR,
        holding_id=scratched.record,
    )
    engine.requests.fulfil(engine.requests.open(RequestKind.DELETION, pass_code=scratched.pass_code).number)


def admit_staff(engine: Engine) -> dict[str, str]:
    """The demo logins with their passwords, made where they are missing.

    Where other machines can reach the pages, known passwords would be no passwords: then each start makes new ones.
    """
    alone = is_loopback(parse_bind(engine.settings.bind)[0])
    passwords = {staff_id: f"demo-{staff_id}" if alone else engine.ids.secret(12) for staff_id in ROLES}
    for staff_id, password in passwords.items():
        known = engine.access.staff(staff_id)
        if not alone or known is None or not matches(password, known.password):
            engine.access.add_staff(staff_id, ROLES[staff_id], password)
    return passwords


def _write_soon(engine: Engine) -> Seeded:
    """Deliveries of yesterday whose numbers (kept 24 hours from the exit) fall due from one to five minutes from now."""
    now = engine.clock.now()
    dice = Random(int(now.timestamp()))  # noqa: S311
    dues = [now + timedelta(seconds=75 + 20 * number) for number in range(12)]
    stream = [_delivery(dice, due - _HOUR_PERIOD - timedelta(minutes=9), due - _HOUR_PERIOD) for due in dues]
    for submission in stream:
        submission["fields"]["courier_phone"] = people.mobile(dice)
    codes = [
        outcome.receipt.pass_code
        for outcome in engine.gate.write_many(stream, defaults=Defaults())
        if outcome.receipt is not None
    ]
    if not codes:
        raise ComplianceError("The demo's deliveries were refused: this home has another policy in force.")
    return Seeded(soon=len(codes), first_due=dues[0], pass_code=codes[-1])


class _Community:
    """Submissions as guards typed them, oldest first within each category."""

    def __init__(self, now: datetime, zone: ZoneInfo, dice: Random) -> None:
        self._now, self._zone, self._dice = now, zone, dice

    def everything(self) -> Iterator[dict[str, Any]]:
        made = [
            *(self._visitor(at) for at in self._moments(_DAYS, 5)),
            *(self._delivery(at) for at in self._moments(7, 12)),
            *(self._works(at) for at in self._moments(_DAYS, 2)),
            *(self._vehicle(at) for at in self._moments(_DAYS, 4)),
            *(self._guest() for _ in range(8)),
            *(self._tenant() for _ in range(16)),
            *self._refused(),
        ]
        for number, submission in enumerate(made):
            yield {**submission, "key": f"demo-{number}"}

    def _moments(self, days: int, each_day: int) -> Iterable[datetime]:
        """Moments of entry, in the last so many days, at hours when people come."""
        today = self._now.astimezone(self._zone).date()
        for back in range(days, -1, -1):
            for _ in range(max(1, each_day + self._dice.randint(-2, 3))):
                hour = self._dice.choices(range(6, 23), _HOURS)[0]
                at = time(hour, self._dice.randrange(60), self._dice.randrange(60))
                moment = datetime.combine(today - timedelta(days=back), at, self._zone)
                if moment < self._now - timedelta(minutes=2):
                    yield moment

    def _times(self, entered: datetime, longest: int, *, recorded: float = 0.85) -> dict[str, str]:
        """Entry and, where a guard noted it and it has happened by now, the exit."""
        times = {"entry_time": entered.isoformat()}
        left = entered + timedelta(minutes=self._dice.randint(4, longest))
        if left < self._now and self._dice.random() < recorded:
            times["exit_time"] = left.isoformat()
        return times

    def _visitor(self, at: datetime) -> dict[str, Any]:
        dice = self._dice
        fields: dict[str, Any] = {
            "visitor_name": people.name(dice),
            "host_room": people.room(dice),
            "visit_purpose": dice.choice(["探亲访友", "探亲访友", "看房", "商务", "服务", "其他"]),
            **self._times(at, 240),
        }
        if dice.random() < 0.6:
            fields["visitor_phone"] = people.mobile(dice)
        if dice.random() < 0.2:
            fields["party_size"] = dice.randint(1, 4)
        return _submission("visitor", at, fields)

    def _delivery(self, at: datetime) -> dict[str, Any]:
        submission = _delivery(self._dice, at, None)
        submission["fields"] |= self._times(at, 25)
        return submission

    def _works(self, at: datetime) -> dict[str, Any]:
        dice = self._dice
        fields: dict[str, Any] = {
            "worker_name": people.name(dice),
            "worker_phone": people.mobile(dice),
            "employer_name": dice.choice(people.EMPLOYERS),
            "service_type": dice.choice(["水电维修", "家电维修", "装修施工", "网络通信", "家政保洁", "搬家"]),
            "service_room": people.room(dice),
            **self._times(at, 300),
        }
        return _submission("service", at, fields)

    def _vehicle(self, at: datetime) -> dict[str, Any]:
        dice = self._dice
        fields: dict[str, Any] = {
            "plate_no": dice.choice(people.PLATES),
            "vehicle_type": "小型",
            "gate": dice.choice(["北门", "南门", "地库"]),
            **self._times(at, 400),
        }
        if at > self._now - timedelta(hours=20):  # a number to call goes 24 hours after the exit
            fields["driver_phone"] = people.mobile(dice)
        return _submission("vehicle", at, fields)

    def _guest(self) -> dict[str, Any]:
        came = self._now - timedelta(days=self._dice.randint(0, 5), hours=3)
        leaves = self._now + timedelta(days=self._dice.randint(1, 9))
        fields: dict[str, Any] = {
            "guest_name": people.name(self._dice),
            "guest_phone": people.mobile(self._dice),
            "room": people.room(self._dice),
            "stay_from": came.isoformat(),
            "stay_to": leaves.isoformat(),
        }
        return _submission("short_stay_guest", came, fields)

    def _tenant(self) -> dict[str, Any]:
        began = self._now - timedelta(days=self._dice.randint(10, 300))
        fields: dict[str, Any] = {
            "tenant_name": people.name(self._dice),
            "tenant_phone": people.mobile(self._dice),
            "room": people.room(self._dice),
            "lease_start": began.isoformat(),
            "lease_end": (began + timedelta(days=365)).isoformat(),
            "household_size": self._dice.randint(1, 5),
        }
        return _submission("long_term_tenant", self._now - timedelta(hours=1), fields)

    def _refused(self) -> Iterator[dict[str, Any]]:
        """What guards used to write down, so that the report has something to say about it."""
        at = self._now - timedelta(minutes=30)
        for faulty in (
            *[{"id_number": "100000199001010011"}] * 6,
            *[{"health_code": "绿码"}] * 3,
            *[{"id_photo": "x"}] * 2,
            *[{"visitor_phone": "1940000"}] * 2,
            *[{"visit_purpose": "看病"}] * 2,
            {"visitor_name": ""},
        ):
            fields = {"visitor_name": people.name(self._dice), "host_room": people.room(self._dice), **faulty}
            yield _submission("visitor", at, fields)
        unread = _submission("visitor", at, {"visitor_name": people.name(self._dice), "host_room": "1-1-101"})
        yield {name: value for name, value in unread.items() if name != "notice"}


def _delivery(dice: Random, at: datetime, left: datetime | None) -> dict[str, Any]:
    fields = {
        "platform": dice.choice(["顺丰", "京东", "中通", "圆通", "韵达", "美团", "美团", "饿了么", "邮政"]),
        "courier_name": people.name(dice),
        "courier_ref": f"{dice.randrange(10**4):04d}",
        "dest_building": f"{dice.randint(1, 12)}栋{dice.randint(1, 3)}单元",
        "verify_method": "平台二维码",
        "entry_time": at.isoformat(),
    }
    if left is not None:
        fields["exit_time"] = left.isoformat()
    return _submission("delivery", at, fields)


def _submission(category: str, at: datetime, fields: dict[str, Any]) -> dict[str, Any]:
    """As the desk sends it: the guard read the notice out, the person agreed aloud."""
    return {
        "category": category,
        "channel": "desk",
        "collected_at": at.isoformat(),
        "fields": fields,
        "notice": {"mode": "oral", "by": GUARD},
        "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
    }

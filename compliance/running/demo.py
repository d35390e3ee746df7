"""A fictional community that has lived with the engine for some weeks: written, read, asked about and erased for real.

Nothing here goes round a rule. A second engine on the same home is taken through the weeks by a clock of its own (which
only demo and scratch homes allow): each day it writes that day's visits through the gate and sweeps what is due. On
every start the days since the last one are lived through as well, and a few deliveries are written whose numbers fall
due within minutes, so that one *sees* a sweep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from compliance.bootstrap import DEMO, Engine, bootstrap
from compliance.domain.errors import ComplianceError, ConfigurationInvalid
from compliance.domain.policy import Pack
from compliance.domain.request import RequestKind
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Role
from compliance.keys.credentials import matches
from compliance.policies.loader import load, read_files, shipped
from compliance.ports import Receipt
from compliance.running.address import is_loopback, parse_bind
from compliance.running.community import GUARD, Day, submission

PACK: Final = "residential"
OFFICER, DIRECTOR = "officer-1", "director-1"
ROLES: Final = {GUARD: Role.GUARD, OFFICER: Role.OFFICER, DIRECTOR: Role.DIRECTOR}
LIVED_UNTIL: Final = "demo.day"
#: Long enough for the first visits to have been erased, and for last month to compare with.
WEEKS: Final = timedelta(weeks=6)
ASSESSED: Final = {
    "lawfulness": "演示：车牌只用于开闸和计费，证件只看不留，目的明确，均有不提供也能进入的办法。",
    "effect": "演示：长期积累的车牌可能反映行踪；期限短、不能按车牌查询，影响有限。",
    "measures": "演示：加密保存、限定人员查看、到期自动删除，与风险程度相适应。",
    "opinion": "演示：风险可控，同意启用，一年后复评。",
}
_SEED: Final = 20261101
_HOUR_PERIOD: Final = timedelta(hours=24)
_CLOSING: Final = time(23, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """What there is to show: how many parts fall due within minutes, from when on, and a pass code to try."""

    soon: int
    first_due: datetime
    pass_code: str


def seed(engine: Engine) -> Seeded:
    """Live through the days since the last start (the first time: some weeks); then write what falls due soon.

    Raises:
        ConfigurationInvalid: this is no demo home.
    """
    if engine.kind != DEMO:
        raise ConfigurationInvalid("Demo data goes into a demo home only. 演示数据只能放入演示目录。")
    clock = _Wound(engine.clock.now())
    with bootstrap(engine.settings, kind=DEMO, clock=clock) as past:
        folder = shipped(PACK)
        pack = load(folder)
        zone = pack.site.timezone
        for day in _days(past, clock.at, zone):
            clock.at = min(datetime.combine(day, _CLOSING, zone), engine.clock.now())
            with past.books.reading() as books:
                unpublished = books.packs.latest_digest() is None
            if unpublished:
                _assess(past, pack)
                past.publishing.publish(pack, read_files(folder), OFFICER)
            _live(past, day, zone)
        _dispute(past)
    return _write_soon(engine, zone)


def _assess(engine: Engine, pack: Pack) -> None:
    """What is sensitive is assessed before it is collected (PIPL 55): fictional, like all the rest."""
    if engine.assessments.of(pack) is None:
        drafted = engine.assessments.draft(pack, OFFICER, ASSESSED)
        engine.assessments.approve(drafted.id, DIRECTOR)


class _Wound:
    """A clock that is where it was put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def boot(self) -> str:
        return ""


def _days(engine: Engine, now: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The days not lived through yet, today included. A start that was killed goes on with the day after its last."""
    today = now.astimezone(zone).date()
    with engine.books.reading() as books:
        last = books.switches.get(LIVED_UNTIL)
    first = today - WEEKS
    if last is not None:
        first = max(first, date.fromisoformat(last) + timedelta(days=1))
    for number in range((today - first).days + 1):
        yield first + timedelta(days=number)


def _live(engine: Engine, day: date, zone: ZoneInfo) -> None:
    """Sweep as beats would have, then write what came, and answer who asked."""
    engine.retention.forecast()
    engine.retention.sweep()
    scene = Day(day, engine.clock.now(), zone, _SEED)
    outcomes = list(engine.gate.write_many(scene.visits(), defaults=Defaults()))
    list(engine.gate.write_many(scene.mistakes(), defaults=Defaults()))
    _ask(engine, day, scene, [outcome.receipt for outcome in outcomes if outcome.receipt is not None])
    engine.requests.resume()
    with engine.books.writing() as books:
        books.switches.set(LIVED_UNTIL, day.isoformat())


def _ask(engine: Engine, day: date, scene: Day, receipts: list[Receipt]) -> None:
    """A request now and then, each of another fate."""
    visits = [receipt.pass_code for receipt in receipts if receipt.category == "visitor"]
    turn = day.toordinal() % 12
    if turn in (0, 4) and visits:
        engine.requests.open(RequestKind.ACCESS if turn else RequestKind.DELETION, pass_code=visits[0])
    elif turn == 6 and visits:
        engine.requests.withdraw_consent(visits[0])
    elif turn == 8:
        engine.requests.open(RequestKind.ACCESS, mobile=scene.mobile())


def _dispute(engine: Engine) -> None:
    """A scratched car: its record is held for both sides, its driver asks for deletion, and the officer has to decide."""
    now = engine.clock.now()
    with engine.books.reading() as books:
        if books.holds.standing():
            return
        zone = engine.policies.active(books, now).site.timezone
    at = now - timedelta(hours=3)
    fields = {"plate_no": "京A00000", "vehicle_type": "小型", "entry_time": at.isoformat()}
    scratched = engine.gate.write(submission("vehicle", at, fields))
    today = now.astimezone(zone).date()
    engine.holds.place(
        ground="R8b",
        document=f"演示-车辆刮擦纠纷-{today}",
        law_ref="",
        until=today + timedelta(days=60),
        by=OFFICER,
        second=DIRECTOR,
        holding_id=scratched.record,
    )
    engine.requests.open(RequestKind.DELETION, pass_code=scratched.pass_code)
    engine.requests.resume()


def _write_soon(engine: Engine, zone: ZoneInfo) -> Seeded:
    """Deliveries of yesterday whose numbers (kept 24 hours from the exit) fall due from one to five minutes from now."""
    now = engine.clock.now()
    scene = Day(now.date(), now, zone, int(now.timestamp()))
    dues = [now + timedelta(seconds=75 + 20 * number) for number in range(12)]
    lefts = [due - _HOUR_PERIOD for due in dues]
    stream = [scene.delivery(left - timedelta(minutes=9), left) for left in lefts]
    codes = [
        outcome.receipt.pass_code
        for outcome in engine.gate.write_many(stream, defaults=Defaults())
        if outcome.receipt is not None
    ]
    if not codes:
        raise ComplianceError("The demo's deliveries were refused: this home has another policy in force.")
    return Seeded(soon=len(codes), first_due=dues[0], pass_code=codes[-1])


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

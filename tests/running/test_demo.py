"""The fictional community: through the real gate, the same for everybody, and never beside real data."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from compliance.bootstrap import DEMO, REAL, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Role
from compliance.policies.loader import load, read_files, shipped
from compliance.running import demo, people

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


class StandingClock:
    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def boot(self) -> str:
        return "boot"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def engine(tmp_path: Path, clock: StandingClock) -> Iterator[Engine]:
    with bootstrap(Settings(home=tmp_path / "home"), kind=DEMO, clock=clock) as opened:
        yield opened


def community(engine: Engine) -> list[dict[str, object]]:
    with engine.books.reading() as books:
        zone = engine.policies.active(books, NOW).site.timezone
    return list(demo._Community(NOW, zone, Random(demo._SEED)).everything())


def active_parts(engine: Engine) -> int:
    with engine.books.reading() as books:
        return books.holdings.count_in("active")


@pytest.mark.parametrize("hours", [0, 4, 9, 16, 17, 21])
def test_whatever_the_hour_the_gate_refuses_only_what_is_meant_to_be(
    engine: Engine, clock: StandingClock, hours: int
) -> None:
    clock.at = NOW + timedelta(hours=hours)
    shown = demo.seed(engine)
    assert shown.soon == 12
    with engine.books.reading() as books:
        zone = engine.policies.active(books, clock.at).site.timezone
        made = list(demo._Community(clock.at, zone, Random(demo._SEED)).everything())
    meant = list(demo._Community(clock.at, zone, Random(demo._SEED))._refused())
    stripped = [{name: one[name] for name in one if name != "key"} for one in made]
    outcomes = list(engine.gate.write_many(stripped, defaults=Defaults()))
    assert [outcome.receipt is None for outcome in outcomes] == [
        number >= len(made) - len(meant) for number in range(len(made))
    ]
    assert len(made) > 300


def test_the_community_is_written_once_and_what_is_due_soon_at_every_start(engine: Engine) -> None:
    demo.seed(engine)
    once = active_parts(engine)
    demo.seed(engine)
    again = active_parts(engine) - once
    assert 0 < again <= 4 * 12


def test_what_is_shown_falls_due_from_one_to_five_minutes_from_now(
    engine: Engine, clock: StandingClock
) -> None:
    shown = demo.seed(engine)
    engine.retention.sweep()
    before = active_parts(engine)
    assert clock.at + timedelta(minutes=1) <= shown.first_due
    clock.at += timedelta(minutes=5, seconds=1)
    engine.retention.sweep()
    assert before - active_parts(engine) >= shown.soon


def test_the_pass_code_that_is_shown_opens_a_request(engine: Engine) -> None:
    from compliance.domain.request import RequestKind

    shown = demo.seed(engine)
    receipt = engine.requests.open(RequestKind.ACCESS, pass_code=shown.pass_code)
    engine.requests.fulfil(receipt.number)
    assert engine.requests.package(receipt.number, receipt.access_token or "")


def test_the_officer_finds_a_request_to_decide(engine: Engine) -> None:
    demo.seed(engine)
    assert [view.number for view in engine.requests.list_open() if view.waits_for_officer]


def test_the_logins_that_are_printed_let_in(engine: Engine) -> None:
    for staff_id, password in demo.admit_staff(engine).items():
        row = engine.access.login(staff_id, password)
        assert row is not None
        assert Role(row.role) == demo.ROLES[staff_id]


def test_passwords_are_not_the_known_ones_where_other_machines_can_try_them(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "open", bind="0.0.0.0:8437")
    with bootstrap(settings, kind=DEMO) as reachable:
        first = demo.admit_staff(reachable)
        assert first != demo.admit_staff(reachable)
        assert reachable.access.login(demo.GUARD, f"demo-{demo.GUARD}") is None


def test_demo_data_never_joins_real_data(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "real")
    with bootstrap(settings, kind=REAL) as real:
        folder = shipped("residential")
        real.publishing.publish(load(folder), read_files(folder), "officer-1")
        with pytest.raises(ConfigurationInvalid):
            demo.seed(real)
    with pytest.raises(ConfigurationInvalid):
        bootstrap(settings, kind=DEMO)


def test_everybody_in_it_is_fictional() -> None:
    dice = Random(1)
    assert all(re.fullmatch(r"(194|154|164)\d{8}", people.mobile(dice)) for _ in range(100))
    assert all("0000" in plate for plate in people.PLATES)


def test_nobody_of_it_lies_about_in_clear(engine: Engine) -> None:
    """The numbers are there for who may read them, and in no file under the home."""
    demo.seed(engine)
    said = [value for one in community(engine) for value in _numbers(one)]
    assert len(said) > 150
    (home,) = {engine.settings.home}
    engine.sealing.seal()
    everything = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"main" in everything  # the scan does see the database: the site's name is in clear by design
    for value in said:
        assert value.encode() not in everything


def _numbers(submission: dict[str, object]) -> list[str]:
    fields = submission["fields"]
    assert isinstance(fields, dict)
    return [str(value) for name, value in fields.items() if name.endswith("phone") and len(str(value)) == 11]

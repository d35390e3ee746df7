"""Who is let in: passwords and keys are kept as digests, and who tries too fast waits, known or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.vocabulary import Channel, Role
from compliance.services.access import FREE_TRIES, Access, Hashes

GOOD = "correct horse battery"


class Clock:
    ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def boot(self) -> str:
        return ""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with bootstrap(Settings(home=tmp_path), kind=SCRATCH) as engine:
        yield engine


@pytest.fixture
def access(engine: Engine, clock: Clock) -> Access:
    """With hashes that cost nothing: what they are worth is tested where they are made."""
    plain = Hashes(
        phc=lambda text: f"phc:{text}",
        matches=lambda text, phc: phc == f"phc:{text}",
        fingerprint=lambda text: text.encode().ljust(32)[:32],
    )
    made = Access(books=engine.books, clock=clock, ids=engine.ids, hashes=plain)
    made.add_staff("staff-7", Role.GUARD, GOOD)
    return made


def test_the_right_password_lets_in(access: Access) -> None:
    row = access.login("staff-7", GOOD)

    assert row is not None
    assert row.role == "guard"


@pytest.mark.parametrize(
    ("id", "password"), [("staff-7", "wrong"), ("staff-8", GOOD), ("", ""), ("张三", GOOD)]
)
def test_nothing_else_does(access: Access, id: str, password: str) -> None:
    assert access.login(id, password) is None


@pytest.mark.parametrize("id", ["staff-7", "staff-404"])
def test_who_tries_too_fast_waits(access: Access, clock: Clock, id: str) -> None:
    access.add_staff("staff-404", Role.GUARD, GOOD)
    for _ in range(FREE_TRIES):
        assert access.login(id, "wrong") is None
    assert access.login(id, GOOD) is None

    clock.ahead += 31

    assert access.login(id, GOOD) is not None


def test_a_failure_long_ago_is_forgiven(access: Access, clock: Clock) -> None:
    for _ in range(FREE_TRIES - 1):
        access.login("staff-7", "wrong")
    clock.ahead += 3600
    access.login("staff-7", "wrong")

    assert access.login("staff-7", GOOD) is not None


def test_guesses_of_many_ids_are_not_remembered_for_ever(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.services.access.MOST_REMEMBERED", 3)
    for number in range(10):
        access.login(f"staff-{number + 100}", "wrong")

    assert len(access._failures) == 3


@pytest.mark.parametrize(
    ("id", "role", "password"),
    [
        ("张三", Role.GUARD, GOOD),
        ("staff-8", Role.SUBJECT, GOOD),
        ("staff-8", Role.GUARD, "short"),
        ("staff-8", Role.GUARD, "x" * 201),
    ],
)
def test_a_login_is_an_opaque_id_with_a_password_worth_the_name(
    access: Access, id: str, role: Role, password: str
) -> None:
    with pytest.raises(ConfigurationInvalid):
        access.add_staff(id, role, password)


def test_a_key_says_what_it_is_for(access: Access) -> None:
    key = access.issue_api_key("main", ["visitor", "vehicle"], [Channel.KIOSK])

    caller = access.caller_for(key.secret)

    assert caller is not None
    assert (caller.id, caller.site) == (key.id, "main")
    assert caller.categories == ("visitor", "vehicle")
    assert caller.channels == (Channel.KIOSK,)
    assert key.secret not in repr(key)


def test_a_revoked_key_and_no_key_are_the_same(access: Access) -> None:
    key = access.issue_api_key("main")
    access.revoke_api_key(key.id)

    assert access.caller_for(key.secret) is None
    assert access.caller_for("ck_NOSUCH") is None
    assert access.caller_for("x" * 1000) is None


def test_a_category_is_one_word(access: Access) -> None:
    with pytest.raises(ConfigurationInvalid):
        access.issue_api_key("main", ["two words"])


def test_neither_password_nor_key_is_in_the_home(engine: Engine) -> None:
    engine.access.add_staff("staff-7", Role.GUARD, "canary-password-1")
    key = engine.access.issue_api_key("main")
    engine.books.settle()

    kept = b"".join(path.read_bytes() for path in engine.settings.home.rglob("*") if path.is_file())

    assert b"staff-7" in kept
    assert b"canary-password-1" not in kept
    assert key.secret.encode() not in kept

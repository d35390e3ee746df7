"""`doctor` names what is wrong and what to do, and touches nothing."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from compliance.bootstrap import bootstrap
from compliance.config import Settings
from compliance.policies.loader import load, read_files, shipped
from compliance.running.doctor import Finding, doctor
from tests.builders import MovedClock, assessed


def faults(found: list[Finding]) -> list[str]:
    return [one.en for one in found if not one.ok]


@pytest.fixture
def settings(tmp_path: Path, seeded_home: Path) -> Settings:
    return Settings(home=shutil.copytree(seeded_home, tmp_path / "home"))


def test_nothing_is_wrong_with_a_demo_that_was_just_started(settings: Settings) -> None:
    assert faults(doctor(settings)) == []


def test_a_detector_that_never_fired_is_named(settings: Settings) -> None:
    (said,) = [one for one in doctor(settings) if "从未命中" in one.zh]
    assert said.ok
    assert "车架号" in said.zh


def test_the_mode_is_said_in_words(settings: Settings) -> None:
    assert [one.zh for one in doctor(settings) if one.zh.startswith("登记模式")] == ["登记模式：严格执行"]


def test_every_finding_speaks_both_languages_and_every_fault_says_what_to_do(tmp_path: Path) -> None:
    for one in doctor(Settings(home=tmp_path / "nothing", bind="nonsense")):
        assert one.zh
        assert one.en
        assert one.ok or one.instead


def test_a_home_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    assert faults(doctor(Settings(home=tmp_path / "nothing"))) == ["There is no database yet"]
    assert not (tmp_path / "nothing").exists()


def test_keys_that_others_can_read_are_found(settings: Settings) -> None:
    settings.keys_folder.chmod(0o750)
    assert faults(doctor(settings)) == ["The key folder is its owner's alone (750)"]


def test_keys_set_apart_into_the_same_backup_are_found(settings: Settings) -> None:
    beside = settings.model_copy(update={"keys": settings.home / "keys"})
    assert any("keys lie inside the home" in fault for fault in faults(doctor(beside)))


def test_keys_that_lie_apart_are_right(settings: Settings, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    settings.keys_folder.rename(moved)
    apart = settings.model_copy(update={"keys": moved})
    assert faults(doctor(apart)) == []


def test_a_missing_journal_is_found(settings: Settings) -> None:
    settings.journal_path.unlink()
    assert faults(doctor(settings)) == ["The acts journal is there"]


def test_a_ledger_that_nobody_seals_is_found(settings: Settings) -> None:
    with bootstrap(settings) as engine, engine.books.writing() as books:
        books.switches.set("demo.seeded", "1")
        from compliance.domain.ledger import Act, Entry

        engine.sealing.write(books, Entry(act=Act.PAUSED, site="", category="", day="2026-11-23", count=1))
        # Sealing happens when the engine closes; a crash is what leaves an entry behind.
        engine.sealing.seal = lambda: 0  # type: ignore[method-assign]
    now = datetime.now(UTC)
    assert faults(doctor(settings, MovedClock(now))) == []
    (fault,) = faults(doctor(settings, MovedClock(now + timedelta(minutes=2))))
    assert "The ledger lags" in fault


def test_a_clock_behind_the_last_head_is_found(settings: Settings) -> None:
    yesterday = MovedClock(datetime.now(UTC) - timedelta(days=1))
    assert any("not before the last signed head" in fault for fault in faults(doctor(settings, yesterday)))


def test_a_broker_that_does_not_answer_is_found(settings: Settings, valkey_url: str) -> None:
    right = settings.model_copy(update={"broker": valkey_url})
    wrong = settings.model_copy(update={"broker": "redis://127.0.0.1:1/0"})
    assert faults(doctor(right)) == []
    assert faults(doctor(wrong)) == ["The broker does not answer"]


def test_a_home_without_a_policy_is_found(tmp_path: Path) -> None:
    bare = Settings(home=tmp_path / "bare")
    bootstrap(bare).close()
    assert faults(doctor(bare)) == ["No policy is in force, so the gate is closed"]


def test_example_contacts_are_found_in_a_real_home_only(tmp_path: Path) -> None:
    real = Settings(home=tmp_path / "real")
    with bootstrap(real) as engine:
        folder = shipped("residential")
        assessed(engine, load(folder))
        engine.publishing.publish(load(folder), read_files(folder), "officer-1")
    assert faults(doctor(real)) == ["The officer and the controller can be reached"]


def test_pages_that_other_machines_reach_without_tls_are_found(settings: Settings) -> None:
    reachable = settings.model_copy(update={"bind": "0.0.0.0:8437"})
    assert any("no public address" in fault for fault in faults(doctor(reachable)))


def test_an_older_database_is_found_and_not_touched(settings: Settings) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert faults(doctor(settings)) == ["The database is at revision 0000"]
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0000"
    engine.dispose()

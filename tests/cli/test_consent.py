"""`compliance consent` at the front desk: what was agreed to, and taking it back."""

import json
from pathlib import Path

import pytest

from compliance.bootstrap import SCRATCH, bootstrap
from compliance.config import Settings
from compliance.ports import Receipt
from tests.builders import MovedClock, a_submission
from tests.cli.test_wrong_input import home, ran, told

__all__ = ["home"]
AT = ("--at", "2026-03-02T10:00+08:00")


@pytest.fixture
def visit(home: Path) -> Receipt:
    with bootstrap(Settings(home=home), clock=MovedClock(), kind=SCRATCH) as engine:
        return engine.gate.write(a_submission())


def test_shows_the_evidence_of_a_record_or_of_a_pass(home: Path, visit: Receipt) -> None:
    by_record = ran(home, "consent", "show", visit.record, *AT, "--json")
    by_pass = ran(home, "consent", "show", "--pass-code", visit.pass_code, *AT, "--json")

    assert by_record.returncode == by_pass.returncode == 0
    assert by_record.stdout == by_pass.stdout
    (line,) = [json.loads(one) for one in by_record.stdout.splitlines()]
    assert (line["kind"], line["act"], line["notice"]) == ("plain", "spoken", "oral:staff-7")
    assert line["covers"] == ["visitor_name", "host_room", "entry_time", "exit_time"]
    assert visit.pass_code not in by_record.stdout
    assert "姓名" in ran(home, "consent", "show", visit.record, *AT).stdout


def test_takes_it_back_and_shows_that_it_was(home: Path, visit: Receipt) -> None:
    done = ran(home, "consent", "withdraw", "--pass-code", visit.pass_code, *AT, "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["state"] == "closed"
    shown = ran(home, "consent", "show", visit.record, *AT, "--json")
    assert json.loads(shown.stdout)["withdrawn_on"] == "2026-03-02"
    told(ran(home, "consent", "withdraw", "--pass-code", visit.pass_code, *AT), 1)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "2603-nothing"), 1),
        (("show", "--pass-code", "0000-0000-0000"), 1),
        (("show", "--pass-code", "张三"), 1),
        (("withdraw", "--pass-code", "'; DROP TABLE consent; --"), 1),
    ],
)
def test_what_nobody_has_is_one_sentence(home: Path, words: tuple[str, ...], code: int) -> None:
    assert words[-1] not in told(ran(home, "consent", *words, *AT), code)


@pytest.mark.parametrize("words", [(), ("2603-x", "--pass-code", "0000-0000-0000")])
def test_a_record_or_a_pass_and_not_both(home: Path, words: tuple[str, ...]) -> None:
    assert ran(home, "consent", "show", *words, *AT).returncode == 2

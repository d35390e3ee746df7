"""docs/law.yaml, held to what there is: every requirement has its row, and every row its module and its tests."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
MAP = ROOT / "docs" / "law.yaml"
STATES = {"done", "part", "not yet"}
TYPES = {"ENF", "REC", "REN", "REM", "CAL", "CTX"}

# The requirements as they were collected from the statutes; a new one is a new row there and a new id here.
_IDS = """
P04-1 P05-1 P06-1 P06-2 P06-3 P07-1 P08-1 P09-1 P13-1 P13-2 P13-3 P14-1 P14-2 P15-1 P16-1 P17-1 P17-2 P17-3 P17-4 P18-1
P19-1 P19-2 P20-1 P21-1 P22-1 P23-1 P24-1 P25-1 P26-1 P26-2 P28-1 P29-1 P30-1 P31-1 P38-1 P41-1 P44-50 P47-1 P47-2 P47-3
P50-1 P51-1 P51-2 P51-3 P51-4 P51-5 P52-1 P54-1 P55-1 P56-1 P56-2 P57-1 P59-1 P66-1 P69-1
N09 N11 N12 N14 N20 N21 N22 N23 N24 N25 N27 N28
F04 F05 F06 F07 F08 F09 F10 F11 F12 F13 F14 F15 F19
A03 A04 A05 A06 A11 A12 A15
V07 V08 V13 V14 V16 V17 V20 V21 V22 B25 B29 T32 T2021 E84 C23 C42 M3236 M37 I09 Z10 H50 SH22 SZ19 BJ65 R08 R945 X39 Q AP
G37 K03 ID
"""

Row = dict[str, object]


@cache
def rows() -> tuple[Row, ...]:
    return tuple(dict(row) for row in YAML(typ="safe").load(MAP.read_text(encoding="utf-8")))


def named_tests(row: Row) -> list[str]:
    named = row.get("tests", [])
    assert isinstance(named, list)
    return [str(one) for one in named]


def built() -> list[Row]:
    return [row for row in rows() if row["state"] != "not yet"]


def test_every_requirement_has_exactly_one_row() -> None:
    assert Counter(row["id"] for row in rows()) == Counter(_IDS.split())


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row["id"]))
def test_a_row_says_what_it_is(row: Row) -> None:
    assert set(row) <= {"id", "article", "type", "state", "module", "tests", "note"}
    assert row["article"]
    assert set(str(row["type"]).split("/")) <= TYPES
    assert row["state"] in STATES


@pytest.mark.parametrize("row", built(), ids=lambda row: str(row["id"]))
def test_what_is_built_names_its_module_and_its_tests(row: Row) -> None:
    assert (ROOT / str(row["module"])).is_file()
    assert named_tests(row)
    if row["state"] == "part":
        assert row.get("note"), "what is missing has to be said"


def test_what_is_not_built_claims_nothing() -> None:
    claims = [
        row["id"] for row in rows() if row["state"] == "not yet" and ("module" in row or "tests" in row)
    ]

    assert claims == []


def test_every_named_test_is_collected(request: pytest.FixtureRequest) -> None:
    """By pytest itself, parameters included: a renamed test, or one that is no longer generated, leaves its row behind."""
    named = {test for row in built() for test in named_tests(row)}
    # A run of the whole suite has collected them already; only what it left out is collected here.
    found = with_and_without_parameters(item.nodeid for item in request.session.items)
    left_out = sorted({test.partition("::")[0] for test in named - found})

    assert sorted(named - found - with_and_without_parameters(collected(left_out))) == []


def with_and_without_parameters(names: Iterable[str]) -> set[str]:
    whole = set(names)
    return whole | {name.partition("[")[0] for name in whole}


def collected(files: list[str]) -> list[str]:
    if not files:
        return []
    command = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files)
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout.splitlines()


def test_every_file_of_the_specification_is_named() -> None:
    named = {test.partition("::")[0] for row in built() for test in named_tests(row)}
    files = {str(path.relative_to(ROOT)) for path in Path(__file__).parent.glob("test_*.py")} - {
        str(Path(__file__).relative_to(ROOT))
    }

    assert sorted(files - named) == []

"""How often each detector spoke is counted, by kind and certainty: never where it stood, never what it was."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.detectors import DETECTORS
from compliance.domain.errors import CollectionRefused
from compliance.domain.report import DetectorFigures, canonical_json, figures_of
from compliance.domain.submission import Defaults
from compliance.notices.detection_table import NEVER_FOUND, detections
from compliance.policies.loader import read_files, shipped
from tests.builders import START, MovedClock, a_submission, an_engine, bytes_at_rest, published, sql

PHONE, PASSPORT = "19474747401", "E74747474"
VISITOR = read_files(shipped("residential"))["visitor.yaml"].replace(
    "\nfields:\n",
    "\nfields:\n  remark: {label: 备注, type: text, purpose: entry_security, necessity: 请保安多看一眼的小事情, "
    "sensitivity: normal, basis: consent, on_identifier: ACTIONS}\n",
    1,
)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Publishing takes longest by far: a home for each way of dealing with findings, copied for each test."""
    made = {}
    for name, actions in (("usual", "refuse"), ("strips", "{certain: strip, possible: strip}")):
        made[name] = tmp_path_factory.mktemp(name)
        with an_engine(made[name]) as engine:
            published(engine, **{"visitor.yaml": VISITOR.replace("ACTIONS", actions)})
    return made


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock().forward(days=1)


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock, homes: dict[str, Path]) -> Iterator[Engine]:
    shutil.copytree(homes["usual"], tmp_path, dirs_exist_ok=True)
    with an_engine(tmp_path, clock) as engine:
        yield engine


@pytest.fixture
def stripping(tmp_path: Path, clock: MovedClock, homes: dict[str, Path]) -> Iterator[Engine]:
    shutil.copytree(homes["strips"], tmp_path, dirs_exist_ok=True)
    with an_engine(tmp_path, clock) as engine:
        yield engine


def remark(text: str, **changes: Any) -> dict[str, Any]:
    return a_submission(fields={"remark": text}, **changes)


def counted(engine: Engine) -> list[tuple[Any, ...]]:
    return sql(engine, "SELECT site, day, kind, certainty, outcome, n FROM detection ORDER BY id")


class TestWhatIsCounted:
    def test_a_refusal_is(self, engine: Engine, tmp_path: Path) -> None:
        with pytest.raises(CollectionRefused):
            engine.gate.write(remark(f"电话{PHONE}和{PHONE}"))

        assert counted(engine) == [("main", "2026-03-03", "mobile", "certain", "refused", 2)]
        assert not any(PHONE.encode() in content for content in bytes_at_rest(tmp_path).values())

    def test_a_flag_is_and_the_receipt_names_the_field_but_not_the_value(self, engine: Engine) -> None:
        receipt = engine.gate.write(remark(f"{PASSPORT} 已看"))

        assert [(one.code.value, one.field) for one in receipt.flagged] == [("identifier_in_text", "remark")]
        assert "备注" in receipt.flagged[0].zh
        assert PASSPORT not in repr(receipt)
        assert counted(engine) == [("main", "2026-03-03", "passport", "possible", "flagged", 1)]

    def test_a_field_left_out_is(self, stripping: Engine) -> None:
        receipt = stripping.gate.write(remark(f"电话{PHONE}"))

        assert [one.field for one in receipt.stripped] == ["remark"]
        assert receipt.flagged == ()
        assert counted(stripping) == [("main", "2026-03-03", "mobile", "certain", "stripped", 1)]

    def test_a_replay_is_not_counted_again(self, engine: Engine) -> None:
        engine.gate.write(remark(PASSPORT, key="k"))
        assert engine.gate.write(remark(PASSPORT, key="k")).replayed

        assert [row[-1] for row in counted(engine)] == [1]

    def test_a_check_counts_nothing(self, engine: Engine, clock: MovedClock) -> None:
        pack = engine.active_pack()
        engine.gate.check(remark(f"电话{PHONE}"), pack, Defaults())

        assert counted(engine) == []

    def test_a_clean_remark_leaves_nothing(self, engine: Engine) -> None:
        assert engine.gate.write(remark("送快递到楼下")).flagged == ()

        assert counted(engine) == []


class TestWhereItIsSeen:
    def test_the_month_names_every_detector_and_says_which_never_spoke(self, engine: Engine) -> None:
        engine.gate.write(remark(PASSPORT))
        figures = engine.reports.month("2026-03")

        by_kind = {one.kind: one for one in figures.detectors}
        assert list(by_kind) == [detector.kind for detector in DETECTORS]
        spoke = by_kind["passport"]
        assert (spoke.certain, spoke.possible, spoke.flagged, spoke.last) == (0, 1, 1, "2026-03-03")
        assert by_kind["vin"].last == ""
        rows = {row[0].value: row[-1].value for row in detections(figures.detectors).rows}
        assert rows[f"{spoke.label_zh} {spoke.label_en}"] == "2026-03-03"
        assert list(rows.values()).count(NEVER_FOUND) == len(DETECTORS) - 1

    def test_another_month_still_knows_that_it_once_spoke(self, engine: Engine, clock: MovedClock) -> None:
        engine.gate.write(remark(PASSPORT))
        clock.to(START + timedelta(days=40))
        figures = engine.reports.month("2026-04")

        spoke = next(one for one in figures.detectors if one.kind == "passport")
        assert (spoke.possible, spoke.last) == (0, "2026-03-03")

    def test_the_command_says_so_too(self, engine: Engine, tmp_path: Path) -> None:
        engine.gate.write(remark(PASSPORT))
        said = subprocess.run(
            [sys.executable, "-m", "compliance", "report", "detectors", "--at", "2026-03-20T10:00+08:00"],
            env={**os.environ, "COMPLIANCE_HOME": str(tmp_path), "COLUMNS": "160"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

        (line,) = [line for line in said.splitlines() if "passport" in line]
        assert "2026-03-03" in line
        assert "从未命中" in said


def test_a_report_that_was_signed_before_keeps_its_bytes(engine: Engine) -> None:
    figures = engine.reports.month("2026-03")
    before = figures_of(b"%b" % canonical_json(figures).replace(b'"detectors"', b'"unheard_of"'))

    assert before.detectors == ()
    assert b"detectors" not in canonical_json(before)
    assert figures.detectors[0] == DetectorFigures(
        kind=figures.detectors[0].kind,
        label_zh=figures.detectors[0].label_zh,
        label_en=figures.detectors[0].label_en,
    )

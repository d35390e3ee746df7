"""The guide for an existing register says what happens: its counts are those of the real register."""

import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.submission import parse_time
from compliance.policies.loader import load_text, read_files
from compliance.policies.mapping import load_csv_mapping
from compliance.services.imports import read_csv

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "existing-register"
GUIDE = (ROOT / "docs" / "guides" / "existing-register.md").read_text(encoding="utf-8")
THEN = "2023-01-20T00:00:00+08:00"


def told(section: str) -> dict[str, int]:
    """The counts that the guide prints under a marker."""
    found = re.search(rf"<!-- counts: {section} -->\n(.*?)\n\n", GUIDE + "\n\n", re.DOTALL)
    assert found, section
    return {name: int(n) for name, n in re.findall(r"^\| ([^|]+) \| (\d+) \|$", found[1], re.MULTILINE)}


@contextmanager
def home(folder: Path, at: str | None, change: Mapping[str, str] | None = None) -> Iterator[Engine]:
    files = read_files(EXAMPLE / "policies")
    for old, new in (change or {}).items():
        assert old in files["site.yaml"]
        files["site.yaml"] = files["site.yaml"].replace(old, new)
    with bootstrap(
        Settings(home=folder), at=parse_time(at) if at is not None else None, kind=SCRATCH
    ) as engine:
        engine.publishing.publish(load_text(files), files, "staff-1")
        yield engine


def imported(engine: Engine, mapping: str, visits: Path) -> dict[str, int]:
    counts: Counter[str] = Counter(admitted=0, refused=0)
    with visits.open("rb") as stream:
        rows = read_csv(stream, load_csv_mapping(EXAMPLE / mapping))
        for outcome in engine.gate.write_many(raw for _, raw in rows):
            counts["admitted" if outcome.receipt else "refused"] += 1
            counts.update(f"{reason.code}:{reason.field or '*'}" for reason in outcome.reasons)
    return dict(counts)


@pytest.mark.parametrize(
    ("section", "mapping", "at"),
    [
        ("everything", "visits.csv.yaml", THEN),
        ("minimised", "visits-minimised.csv.yaml", THEN),
        ("today", "visits-minimised.csv.yaml", None),
    ],
)
def test_an_import_is_judged_line_by_line_as_the_guide_counts_it(
    section: str, mapping: str, at: str | None, tmp_path: Path, visits_csv: Path
) -> None:
    with home(tmp_path / "home", at) as engine:
        counts = imported(engine, mapping, visits_csv)
        assert engine.sealing.verify().pending == 0

    assert counts == told(section)


@pytest.mark.long
def test_a_site_in_strip_mode_drops_what_is_too_much_and_takes_the_rest(
    tmp_path: Path, visits_csv: Path
) -> None:
    with home(tmp_path / "home", THEN, {"mode: enforce": "mode: strip"}) as engine:
        counts = imported(engine, "visits.csv.yaml", visits_csv)

    assert {name: counts[name] for name in ("admitted", "refused")} == told("stripped")


@pytest.mark.long
def test_an_import_that_is_run_again_stores_no_line_twice(tmp_path: Path, visits_csv: Path) -> None:
    with home(tmp_path / "home", THEN) as engine:
        first = imported(engine, "visits-minimised.csv.yaml", visits_csv)
        parts = sum(line.parts for line in engine.retention.plan().later)
        again = imported(engine, "visits-minimised.csv.yaml", visits_csv)

        assert again == first
        assert sum(line.parts for line in engine.retention.plan().later) == parts == first["admitted"]


@pytest.fixture
def register(tmp_path: Path, visits_csv: Path) -> Path:
    """The table, made as the guide makes it, and its mapping in the home's folder."""
    table = tmp_path / "register.db"
    subprocess.run([sys.executable, EXAMPLE / "make_table.py", visits_csv, table], check=True)
    stores = tmp_path / "home" / "stores"
    stores.mkdir(parents=True)
    mapping = (EXAMPLE / "visits.table.yaml").read_text(encoding="utf-8")
    (stores / "visits.yaml").write_text(
        mapping.replace("sqlite:///register.db", f"sqlite:///{table}"), encoding="utf-8"
    )
    return table


def asked(table: Path, query: str) -> tuple[int, ...]:
    connection = sqlite3.connect(table)
    try:
        return tuple(connection.execute(query).fetchone())
    finally:
        connection.close()


def test_an_adopted_table_is_swept_to_what_the_policy_allows(tmp_path: Path, register: Path) -> None:
    with home(tmp_path / "home", THEN) as engine:
        scan = engine.adoption.scan("visits")
        report = engine.adoption.adopt("visits", strip=True)
        engine.retention.forecast()
        swept = engine.retention.sweep()
        kept = asked(
            register,
            "SELECT count(*), count(NAMEMID), count(BDGNBR), count(VISITEE_NAMELAST), count(CALLER_NAME_LAST) FROM visits",
        )
        step = engine.adoption.reconcile("visits")
        engine.sealing.verify()

    assert len([one for one in scan.columns if one.role == "unmapped" and one.filled]) == 11
    assert {
        "rows": report.rows,
        "adopted": report.adopted,
        "past_period": report.past_period,
        "undated": report.undated,
        "stripped columns": len(set(report.stripped) - {"host_room"}),
        **report.unfit,
    } == told("adopted")
    assert {
        "erased": swept.disposed.erased_records,
        "left on re-reading": swept.left,
        "still in the table": kept[0],
    } == told("swept")
    assert swept.disposed.waiting_parts == 0
    assert kept[1:] == (0, 0, 0, 0)
    assert (step.checked, step.vanished, step.adoption.adopted) == (kept[0], 0, 0)


@pytest.mark.long
def test_the_last_of_it_goes_when_its_period_ends(tmp_path: Path, register: Path) -> None:
    with home(tmp_path / "home", THEN) as engine:
        engine.adoption.adopt("visits", strip=True)
    with home(tmp_path / "home", "2023-03-01T00:00:00+08:00") as engine:
        engine.retention.forecast()
        swept = engine.retention.sweep()

    assert (swept.disposed.waiting_parts, swept.left) == (0, 0)
    assert asked(register, "SELECT count(*) FROM visits") == (0,)


def test_a_table_that_is_adopted_today_is_due_as_a_whole(tmp_path: Path, register: Path) -> None:
    with home(tmp_path / "home", None) as engine:
        report = engine.adoption.adopt("visits")
        engine.retention.forecast()
        swept = engine.retention.sweep()

    assert {
        "past_period": report.past_period,
        "erased": swept.disposed.erased_records,
        "still in the table": asked(register, "SELECT count(*) FROM visits")[0],
    } == told("adopted today")


@pytest.mark.long
def test_the_commands_of_the_guide_run_as_they_are_printed(tmp_path: Path, visits_csv: Path) -> None:
    blocks = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    script = "".join(blocks).replace("\n$ ", "\n").removeprefix("$ ")
    for old, new in {
        "/tmp/": f"{tmp_path}/",
        "../shared/data/visits.csv": str(visits_csv),
        "\ncompliance ": f"\n{sys.executable} -m compliance ",
        "\npython3 ": f"\n{sys.executable} ",
    }.items():
        assert old in script
        script = script.replace(old, new)

    ran = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "Traceback" not in ran.stderr
    for section in ("everything", "minimised"):
        for name, n in told(section).items():
            assert re.search(rf"\b{n}\b +{re.escape(name)}|\b{n} {name}\b", ran.stderr), name
    assert f"Erased {told('swept')['erased']} records" in ran.stdout
    assert f"{told('swept')['still in the table']} known already" in ran.stdout

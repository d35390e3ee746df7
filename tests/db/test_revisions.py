"""Every revision goes up, down and up again, and what was written before it is there after."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

SCRIPTS = Path(__file__).parents[2] / "alembic"
BEFORE: dict[str, dict[str, int | str]] = {
    "policy_version": {
        "version": 1,
        "name": "residential",
        "digest": "0" * 64,
        "files": "{}",
        "effective_from": 0,
        "published_by": "staff-1",
    },
    "switch": {"name": "demo.day", "value": "2026-03-02"},
    "hold": {
        "id": "h1",
        "site": "main",
        "category": "",
        "holding_id": "",
        "ground": "R8",
        "document": "示例〔2026〕1号",
        "law_ref": "刑事诉讼法 54",
        "until": "2026-05-01",
        "placed_by": "staff-1",
        "second_by": "",
    },
}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/books.sqlite"
    return str(request.getfixturevalue("postgres_database"))


def config(url: str) -> Config:
    made = Config(attributes={"url": url})
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return made


def write(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for table, row in BEFORE.items():
            names = ", ".join(row)
            slots = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({slots})"), row)
    engine.dispose()


def kept(url: str) -> dict[str, dict[str, int | str]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table: dict(connection.execute(text(f"SELECT {', '.join(row)} FROM {table}")).mappings().one())
            for table, row in BEFORE.items()
        }
    engine.dispose()
    return found


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_what_was_written_before_assessments_survives_them(url: str) -> None:
    made = config(url)
    command.upgrade(made, "0001")
    write(url)

    command.upgrade(made, "0002")
    assert {"assessment", "policy_draft"} <= tables(url)
    assert kept(url) == BEFORE
    command.downgrade(made, "0001")
    assert not {"assessment", "policy_draft"} & tables(url)
    assert kept(url) == BEFORE
    command.upgrade(made, "head")
    assert {"assessment", "policy_draft"} <= tables(url)
    assert kept(url) == BEFORE


def test_what_was_written_before_detections_were_counted_survives_them(url: str) -> None:
    made = config(url)
    command.upgrade(made, "0002")
    write(url)

    command.upgrade(made, "0003")
    assert "detection" in tables(url)
    assert kept(url) == BEFORE
    command.downgrade(made, "0002")
    assert "detection" not in tables(url)
    assert kept(url) == BEFORE


def test_what_was_written_before_disclosures_survives_them(url: str) -> None:
    made = config(url)
    command.upgrade(made, "0005")
    write(url)

    command.upgrade(made, "0006")
    assert "disclosure" in tables(url)
    assert kept(url) == BEFORE
    command.downgrade(made, "0005")
    assert "disclosure" not in tables(url)
    assert kept(url) == BEFORE
    command.upgrade(made, "head")
    assert "disclosure" in tables(url)
    assert kept(url) == BEFORE


CONSENTS = """INSERT INTO consent (id, holding_id, site, category, policy_version, kind, covers, "by", act, notice, channel,
    day, erase_on, withdrawn_on) VALUES (:id, '2603-x', 'main', 'visitor', 1, 'plain', '', 'self', 'spoken', 'oral:staff-7',
    'desk', '2026-03-02', '2029-04-05', :withdrawn)"""


def rows(url: str, statement: str, *values: dict[str, str | None]) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.begin() as connection:
        done = connection.execute(text(statement), list(values) or None)
        found = [tuple(row) for row in done] if done.returns_rows else []
    engine.dispose()
    return found


def test_a_withdrawal_that_was_written_over_its_evidence_stands_beside_it(url: str) -> None:
    made = config(url)
    command.upgrade(made, "0003")
    write(url)
    rows(url, CONSENTS, {"id": "stands", "withdrawn": None}, {"id": "gone", "withdrawn": "2026-03-09"})
    evidence = rows(url, "SELECT * FROM consent ORDER BY id")

    command.upgrade(made, "0004")
    assert rows(url, "SELECT * FROM withdrawal") == [("gone", "2026-03-09", "2029-04-05")]
    assert rows(url, "SELECT * FROM consent ORDER BY id") == evidence
    rows(url, "INSERT INTO withdrawal VALUES ('stands', '2026-03-10', '2029-04-05')")
    command.downgrade(made, "0003")
    assert rows(url, "SELECT id, withdrawn_on FROM consent ORDER BY id") == [
        ("gone", "2026-03-09"),
        ("stands", "2026-03-10"),
    ]
    command.upgrade(made, "head")
    assert len(rows(url, "SELECT * FROM withdrawal")) == 2
    assert kept(url) == BEFORE


def test_the_newest_revision_is_what_the_code_was_written_for(url: str) -> None:
    made = config(url)
    command.upgrade(made, "head")
    command.check(made)


def test_parts_written_before_own_keys_survive_them(url: str) -> None:
    made = config(url)
    command.upgrade(made, "0006")
    engine = create_engine(url)
    columns = "holding_no, part_no, retention_class, readable_until, erase_at, key, state, tokens"
    written = (1, 0, 0, 10, 10, "window/main/2026-04-02", "active", b"t")
    slots = ", ".join(f":{name}" for name in columns.split(", "))
    with engine.begin() as connection:
        named = dict(zip(columns.split(", "), written, strict=True))
        connection.execute(text(f"INSERT INTO part ({columns}) VALUES ({slots})"), named)

    def parts(what: str) -> list[tuple[object, ...]]:
        with engine.connect() as connection:
            rows = connection.execute(text(f"SELECT {what} FROM part")).all()
        return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in rows]

    command.upgrade(made, "0007")
    assert parts("*") == [(*written, None, None)]
    command.downgrade(made, "0006")
    assert parts("*") == [written]
    command.upgrade(made, "head")
    assert parts(f"{columns}, wrapped, ref") == [(*written, None, None)]
    engine.dispose()

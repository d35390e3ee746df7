"""alembic/env.py: an upgrade happens whole or not at all, once, whoever else is upgrading."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

SCRIPTS = Path(__file__).parents[2] / "alembic"
REVISION = '''
"""Add {name}."""

import time

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = {after}


def upgrade():
    op.create_table("{name}", sa.Column("n", sa.Integer))
    {then}


def downgrade():
    op.drop_table("{name}")
'''
FALL = 'raise RuntimeError("the power went")'


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/books.sqlite"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Our env.py over revisions of the test's own, in a folder whose name is a trap for ConfigParser."""
    folder = tmp_path / "50% off"
    (folder / "versions").mkdir(parents=True)
    shutil.copy(SCRIPTS / "env.py", folder)
    return folder


def add_revision(scripts: Path, number: str, after: str | None, name: str, then: str = "pass") -> None:
    body = REVISION.format(number=number, after=repr(after), name=name, then=then)
    (scripts / "versions" / f"{number}_{name}.py").write_text(body)


def upgrade(scripts: Path, url: str) -> None:
    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    command.upgrade(config, "head")


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names()) - {"alembic_version"}
    engine.dispose()
    return found


def test_an_upgrade_that_falls_half_way_leaves_no_half_revision(scripts: Path, url: str) -> None:
    add_revision(scripts, "0001", None, "first")
    upgrade(scripts, url)
    add_revision(scripts, "0002", "0001", "second", then=FALL)

    with pytest.raises(RuntimeError, match="the power went"):
        upgrade(scripts, url)
    assert tables(url) == {"first"}

    add_revision(scripts, "0002", "0001", "second")
    upgrade(scripts, url)
    assert tables(url) == {"first", "second"}


def test_two_upgraders_at_once_apply_each_revision_once(scripts: Path, url: str) -> None:
    add_revision(scripts, "0001", None, "first", then="time.sleep(0.5)")
    with ThreadPoolExecutor(2) as starters:
        done = list(starters.map(lambda _: _upgrade_in_a_process(scripts, url), range(2)))

    assert done == [0, 0]
    assert tables(url) == {"first"}


def _upgrade_in_a_process(scripts: Path, url: str) -> int:
    """Alembic's context is global to a process, so two upgraders are two processes."""
    script = f"from tests.house.test_upgrades import *; upgrade(Path({str(scripts)!r}), {url!r})"
    return subprocess.run([sys.executable, "-c", script], check=False, cwd=SCRIPTS.parent).returncode


def test_a_table_lock_on_postgres_is_given_up_rather_than_waited_for(
    scripts: Path, postgres_database: str
) -> None:
    limits = "raise RuntimeError(op.get_bind().exec_driver_sql('SHOW lock_timeout').scalar())"
    add_revision(scripts, "0001", None, "first", then=limits)

    with pytest.raises(RuntimeError, match="4s"):
        upgrade(scripts, postgres_database)


def test_a_callers_own_connection_keeps_its_transaction(scripts: Path, url: str) -> None:
    add_revision(scripts, "0001", None, "first")
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

        assert connection.scalar(text("SELECT count(*) FROM first")) == 0
    engine.dispose()
    assert tables(url) == {"first"}


def test_an_upgrade_without_a_database_says_what_to_set(scripts: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))

    with pytest.raises(SystemExit, match="COMPLIANCE_DATABASE"):
        command.upgrade(config, "head")

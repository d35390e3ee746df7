"""One engine for our own books, set so that what is committed is durable and what is deleted is gone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

READ_ONLY = "compliance_read_only"
#: Marks the engines that only the gate and the disposal write through, for guards that watch every other.
OURS = "compliance_ours"


def open_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL; raises SQLAlchemy's errors where the URL or the server is wrong."""
    # A driver's error would quote the parameters: sealed bytes and tokens, but not for a log all the same.
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=not url.startswith("sqlite"),
        execution_options={OURS: True},
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # Transactions are ours: the driver's own mode would begin late and deadlock two writers on the upgrade.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # in WAL mode, NORMAL loses acknowledged commits with the power
        "secure_delete = ON",  # a deleted envelope's bytes are overwritten, not only unlinked
        "busy_timeout = 30000",
        "temp_store = MEMORY",
        "cache_size = -65536",
        # 40 MB of log at most: a batch of a large register touches a thousand pages, and copying them back after each
        # would write every page twice and flush three times. What is erased does not wait for it: see `settle`.
        "wal_autocheckpoint = 10000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def begin_writing(connection: Connection) -> None:
    """Open a writing transaction in SQLite's driver, which whoever calls commits there; SQLAlchemy's own, if a statement
    begins one, is inside it. PostgreSQL's driver begins by itself, with the first statement.
    """
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


def _begin_sqlite(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if driver is not None and driver.in_transaction:
        return  # begun by `begin_writing`
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.connection.cursor().execute("BEGIN" if read_only else "BEGIN IMMEDIATE")

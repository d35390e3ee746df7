"""How a migration meets a database: which one, under which lock, and for how long it may wait.

The database is, first found: `config.attributes["connection"]` (an Engine, or a Connection whose transaction belongs
to the caller), `config.attributes["url"]`, the environment variable COMPLIANCE_DATABASE.

PostgreSQL: one session-wide advisory lock lets a second upgrader wait and then find nothing to do; each revision is one
transaction, gives up a table lock after 4 seconds rather than queue everybody behind it, and a statement after 60. A
revision that honestly needs longer says so with `SET LOCAL statement_timeout`.
SQLite: the whole upgrade is one immediate transaction, so a second upgrader waits, and a kill in the middle leaves the
schema as it was. The driver's own mode would commit each statement on its own.
"""

import os
from collections.abc import Iterable
from typing import Any

from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, pool, text

from compliance.db.tables import metadata

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"
WAIT_FOR_ANOTHER_UPGRADER = "60s"
ADVISORY_LOCK = 0x50495F4C  # "PIPL": any number will do, as long as every upgrader takes the same one


def number_revision(
    migration: MigrationContext,
    revision: str | Iterable[str | None] | Iterable[str],
    directives: list[MigrationScript],
) -> None:
    """Number revisions 0001, 0002, …: two branches that both add 0007 then collide in git, where it is cheap."""
    head = ScriptDirectory.from_config(context.config).get_current_head()
    for script in directives:
        script.rev_id = f"{int(head or 0) + 1:04d}"


def engine_for(url: str) -> Engine:
    """An engine of our own for one upgrade; no pool, so closing it releases the advisory lock."""
    engine = create_engine(url, poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hand_transactions_to_us)
        event.listen(engine, "begin", _begin_immediately)
    return engine


def _hand_transactions_to_us(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 60000")
    connection.execute("PRAGMA secure_delete = ON")


def _begin_immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def wait_for_our_turn(connection: Connection) -> None:
    """Hold the upgrade lock until the connection closes, then bound every later wait."""
    connection.execute(text(f"SET lock_timeout = '{WAIT_FOR_ANOTHER_UPGRADER}'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()


def migrate(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=sqlite,  # SQLite cannot alter a column in place
        transactional_ddl=True,
        transaction_per_migration=not sqlite,
        process_revision_directives=number_revision,
    )
    with context.begin_transaction():
        context.run_migrations()


def run() -> None:
    given = context.config.attributes.get("connection")
    if isinstance(given, Connection):
        migrate(given)
        return
    url = context.config.attributes.get("url") or os.environ.get("COMPLIANCE_DATABASE")
    if given is None and not url:
        message = "No database: set COMPLIANCE_DATABASE, for example sqlite:////tmp/scratch.sqlite"
        raise SystemExit(message)
    engine = given if given is not None else engine_for(str(url))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            wait_for_our_turn(connection)
        migrate(connection)


if context.is_offline_mode():
    message = "Offline SQL is not offered: an upgrade takes a lock, and reads what is there."
    raise SystemExit(message)
run()

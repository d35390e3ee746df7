"""The ledger's rows, and the tombstones that certificates are made from."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from compliance.db.tables.schema import NUMBER, metadata

# Entries that are written but not yet numbered.
ledger_pending = Table(
    "ledger_pending",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("act_id", String(32), nullable=False),
    Column("written_at", BigInteger, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
)

# The ledger. The columns beside `canonical` repeat it for counting and are checked against it by `ledger verify`.
ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("act_id", String(32), nullable=False, unique=True),
    Column("act", String(32), nullable=False),
    Column("site", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("count", Integer, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Index("ix_ledger_entry_day_act", "day", "act"),
)

# Hash tiles of height 8 (C2SP tlog-tiles), the right edge partial.
ledger_tile = Table(
    "ledger_tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", NUMBER, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("size", NUMBER, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
)

# What one batch disposed of, for certificates.
tombstone = Table(
    "tombstone",
    metadata,
    Column("act_id", String(32), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("act", String(32), nullable=False),
    Column("cause", String(32), nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("members", Text, nullable=False),
)

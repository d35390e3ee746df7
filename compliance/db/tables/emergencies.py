"""Emergencies: which profile was open, on whose word and document, until when, and what became of it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    String,
    Table,
    Text,
)

from compliance.db.tables.schema import metadata

# `ends_at` only ever moves earlier: closing by an act brings it forward, and nothing extends it. `affected` counts the
# records by category when it ended (JSON); `tell_by` is the day by which people are told afterwards (PIPL 18(2)).
emergency = Table(
    "emergency",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("document", String(200), nullable=False),
    Column("authority", String(200), nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("closed_by", String(64)),
    Column("affected", Text),
    Column("tell_by", String(10)),
    Column("destroyed_on", String(10)),
    Column("told_by", String(64)),
    Column("told_on", String(10)),
)

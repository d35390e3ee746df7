"""What follows a consent: its withdrawal, and the time in which nobody is asked again. Rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from compliance.db.tables.schema import NUMBER, metadata

# One consent taken back. The evidence that it was given stays as it was; this goes with it, on the same day.
withdrawal = Table(
    "withdrawal",
    metadata,
    Column("consent_id", String(32), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("erase_on", String(10), nullable=False),
)

# A consent that a record takes over from an earlier one, by the pass of its holder: it falls with that one.
reliance = Table(
    "reliance",
    metadata,
    Column("consent_id", String(32), primary_key=True),
    Column("on_consent", String(32), nullable=False, index=True),
    Column("holding_id", String(32), nullable=False),
    Column("erase_on", String(10), nullable=False),
)

# That a pass holder said no to a field: keyed like any token, and gone when they may be asked again.
cool_down = Table(
    "cool_down",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("digest", LargeBinary(16), nullable=False),
    Column("category", String(64), nullable=False),
    Column("field", String(64), nullable=False),
    Column("until", String(10), nullable=False),
    Index("ix_cool_down_token", "epoch", "digest"),
)

"""Records given to authorities: the register that is kept for three years (网数条例 12(1)), and what waits for a signature."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from compliance.db.tables.schema import metadata

# One request of an authority, whatever came of it: service numbers, documents, opaque record ids, and no person's data.
disclosure = Table(
    "disclosure",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("authority", String(32), nullable=False),
    Column("unit", String(128), nullable=False),
    Column("document", String(128), nullable=False),
    Column("ground", String(64), nullable=False),
    Column("officers", Text, nullable=False),
    Column("approval", String(128), nullable=False),
    Column("category", String(64), nullable=False),
    Column("fields", Text, nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("records", Text, nullable=False),
    Column("hold_until", String(10), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("seen", String(32), nullable=False),
    Column("called_back", BigInteger, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("asked_on", String(10), nullable=False),
    Column("signed_by", String(64), nullable=False),
    Column("signed_on", String(10), nullable=False),
    Column("sign_due", BigInteger, nullable=False),
    Column("given_by", String(64), nullable=False),
    Column("given_on", String(10), nullable=False),
    Column("n", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("members", Text, nullable=False),
    Column("refused_by", String(64), nullable=False),
    Column("refusal", String(32), nullable=False),
    Column("alarmed_at", BigInteger, nullable=False),
    Column("keep_until", String(10), nullable=False),
    Index("ix_disclosure_state", "state"),
    Index("ix_disclosure_keep_until", "keep_until"),
)

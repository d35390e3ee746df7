"""The officer's reports: counts only, kept as long as the ledger."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    String,
    Table,
    Text,
)

from compliance.db.tables.schema import metadata

# A signed report: its figures as canonical JSON, whose SHA-256 the ledger holds under the act. Never changed.
review = Table(
    "review",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("month", String(7), nullable=False, index=True),
    Column("reviewed_by", String(64), nullable=False),
    Column("reviewed_on", String(10), nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("figures", Text, nullable=False),
    Column("act_id", String(32), nullable=False),
)

# What the officer found in it; only its closing is ever added.
finding = Table(
    "finding",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("review_id", String(32), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("closed_by", String(64)),
    Column("closed_on", String(10)),
)

"""Who may come in, and small durable facts."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    LargeBinary,
    String,
    Table,
    Text,
)

from compliance.db.tables.schema import metadata

# Small durable facts: whether disposal is paused, what the clock said.
switch = Table(
    "switch",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# Staff who may log in: opaque ids, never names.
staff = Table(
    "staff",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password", String(255), nullable=False),
)

# API keys as digests, scoped.
api_key = Table(
    "api_key",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("site", String(64), nullable=False),
    Column("categories", Text, nullable=False),
    Column("channels", Text, nullable=False),
    Column("revoked_on", String(10)),
)

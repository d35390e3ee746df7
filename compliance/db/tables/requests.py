"""Subjects' requests: kept three years without any identifier (requirements 4.3)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from compliance.db.tables.schema import NUMBER, metadata

# One request; `sealed`, `code` go at its end, what remains is a kind, days and states.
request = Table(
    "request",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("site", String(64), nullable=False),
    Column("way", String(16), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("received_on", String(10), nullable=False),
    Column("state", String(32), nullable=False),
    Column("moved_at", BigInteger, nullable=False),
    Column("house_due", String(10), nullable=False),
    Column("legal_due", String(10), nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("sealed", LargeBinary),
    Column("access", LargeBinary(16)),
    Column("code", LargeBinary(16)),
    Column("code_until", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("codes", Integer, nullable=False),
    Column("letter", Text, nullable=False),
    Index("ix_request_state", "state"),
    Index("ix_request_received_on", "received_on"),
)

# One move of one request; the act id finds its ledger entry, which knows no number.
request_step = Table(
    "request_step",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("state", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
    Column("act_id", String(32), nullable=False),
)

# That a one-time code was made for a keyed number; goes after the hour that the limit looks back.
request_code = Table(
    "request_code",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("token", LargeBinary(16), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
)

# The sealed copy that answers an access request; goes with its key when its days are over.
package = Table(
    "package",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("envelope", LargeBinary, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)

# Messages on their way out, destination and body sealed; a row goes when it was sent.
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(96), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("claimed_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
)

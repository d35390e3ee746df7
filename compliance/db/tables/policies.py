"""What surrounds a policy before it decides: drafts, and the impact assessments that it needs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    String,
    Table,
    Text,
)

from compliance.db.tables.schema import metadata

# An impact assessment: its document as canonical JSON, whose SHA-256 the ledger holds once it is approved. Kept at least
# until `keep_until` (PIPL 56(2)); a draft that nobody approved may go at any time.
assessment = Table(
    "assessment",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("scope_hash", String(64), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("document", Text, nullable=False),
    Column("drafted_on", String(10), nullable=False),
    Column("approved_on", String(10)),
    Column("keep_until", String(10)),
)

# A policy that somebody is writing: the files of a pack as JSON. `wanted_by` asked for it to be published, `nonce` makes
# the link for the second signature good for once, `version` is what it became.
policy_draft = Table(
    "policy_draft",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("files", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("wanted_by", String(64)),
    Column("nonce", String(32)),
    Column("version", Integer),
)

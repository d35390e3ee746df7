"""The duty of each record: holdings, parts, tokens, counts, consents, holds; and our vault, the default store."""

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

# One published version of the pack: immutable, kept while any record or evidence relies on it.
policy_version = Table(
    "policy_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("files", Text, nullable=False),
    Column("effective_from", BigInteger, nullable=False),
    Column("published_by", String(64), nullable=False),
)

# The duty of one record; goes with its last part.
holding = Table(
    "holding",
    metadata,
    Column("no", NUMBER, primary_key=True, autoincrement=False),
    Column("id", String(32), nullable=False, unique=True),
    Column("site", String(64), nullable=False),
    Column("store", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("ref", String(255)),
    Column("content", LargeBinary),
)

# One due moment of one record. Where the store cannot erase, the part is sealed under a key of its own: `wrapped` is
# that key under the window's, and goes with the row; `ref` is where the store laid the part.
part = Table(
    "part",
    metadata,
    Column("holding_no", NUMBER, primary_key=True, autoincrement=False),
    Column("part_no", Integer, primary_key=True, autoincrement=False),
    Column("retention_class", Integer, nullable=False),
    Column("readable_until", BigInteger, nullable=False),
    Column("erase_at", BigInteger, nullable=False),
    Column("key", String(96), nullable=False),
    Column("state", String(16), nullable=False),
    Column("tokens", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary),
    Column("ref", String(255)),
    Index("ix_part_erase_at", "erase_at"),
    Index("ix_part_key", "key"),
    sqlite_with_rowid=False,
)

# The vault: sealed parts, our default store. One envelope a row; a row goes when its part is erased.
vault = Table(
    "vault",
    metadata,
    Column("holding_no", NUMBER, primary_key=True, autoincrement=False),
    Column("part_no", Integer, primary_key=True, autoincrement=False),
    Column("envelope", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# The blind index: keyed per epoch (a month); a token goes with the part that holds its field.
token = Table(
    "token",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(16), primary_key=True),
    Column("holding_no", NUMBER, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Idempotency keys as keyed digests, until their epoch ends.
mark = Table(
    "mark",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(16), primary_key=True),
    Column("holding_id", String(32), nullable=False),
    sqlite_with_rowid=False,
)

# Counts that left the gate unlinked; never joined to a record.
tally = Table(
    "tally",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("daypart", Integer, nullable=False),
    Column("category", String(64), nullable=False),
    Column("gate", String(64), nullable=False),
    Column("n", Integer, nullable=False),
    Column("show_after", BigInteger, nullable=False),
    Index("ix_tally_site_day", "site", "day"),
)

# How often the gate refused, dropped or only observed what: names of fields that a policy knows, never what was sent.
refusal = Table(
    "refusal",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("day", String(10), nullable=False),
    Column("code", String(32), nullable=False),
    Column("field", String(64), nullable=False),
    Column("n", Integer, nullable=False),
    Column("verdict", String(16), nullable=False, server_default="refused"),
    Index("ix_refusal_site_day", "site", "day"),
)

# How often each detector spoke, by kind and certainty, and what became of the field. Counts only: never where, never what.
detection = Table(
    "detection",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("certainty", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("n", Integer, nullable=False),
    Index("ix_detection_site_day", "site", "day"),
)

# Parts that fall due on a day by acts that the ledger knows, since the last forecast was made.
expectation = Table(
    "expectation",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("due_day", String(10), nullable=False),
    Column("n", Integer, nullable=False),
)

# The last sealed forecast: what the blast-radius bound compares with.
forecast = Table(
    "forecast",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("category", String(64), primary_key=True),
    Column("due_day", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("made_on", String(10), nullable=False),
)

# Evidence of consent; outlives the record as an opaque row until `erase_on`, and is never written over.
consent = Table(
    "consent",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("holding_id", String(32), nullable=False, index=True),
    Column("site", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("covers", Text, nullable=False),
    Column("by", String(16), nullable=False),
    Column("act", String(16), nullable=False),
    Column("notice", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("day", String(10), nullable=False),
    Column("erase_on", String(10), nullable=False),
    Column("withdrawn_on", String(10)),  # neither read nor written since revision 0004: see `withdrawal`
)

# Legal holds; a released one stays as the record of its own life.
hold = Table(
    "hold",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("holding_id", String(32), nullable=False),
    Column("ground", String(16), nullable=False),
    Column("document", String(128), nullable=False),
    Column("law_ref", String(128), nullable=False),
    Column("until", String(10), nullable=False),
    Column("placed_by", String(64), nullable=False),
    Column("second_by", String(64), nullable=False),
    Column("released_by", String(64)),
    Column("released_on", String(10)),
)

# Adoption: a row of somebody else's table is answered for once. The vault's holdings have no ref and cost nothing.
Index(
    "ix_holding_store_ref",
    holding.c.store,
    holding.c.ref,
    unique=True,
    sqlite_where=holding.c.ref.is_not(None),
    postgresql_where=holding.c.ref.is_not(None),
)

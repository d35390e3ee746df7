"""Our own books. They hold the duty, never the content: ids, dates, counts, keyed tokens and sealed bytes.

Moments are whole epoch seconds (UTC); days are ISO dates in the site's timezone. Every table says what lives in it and
when a row goes.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes a 64-bit rowid only of the word INTEGER; elsewhere numbers of rows outgrow 32 bits.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

# Numbers of holdings, by the block (PostgreSQL only).
holding_block = Sequence("holding_block", metadata=metadata)

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
    Column("no", _NUMBER, primary_key=True, autoincrement=False),
    Column("id", String(32), nullable=False, unique=True),
    Column("site", String(64), nullable=False),
    Column("store", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("ref", String(255)),
    Column("content", LargeBinary),
)

# One due moment of one record.
part = Table(
    "part",
    metadata,
    Column("holding_no", _NUMBER, primary_key=True, autoincrement=False),
    Column("part_no", Integer, primary_key=True, autoincrement=False),
    Column("retention_class", Integer, nullable=False),
    Column("readable_until", BigInteger, nullable=False),
    Column("erase_at", BigInteger, nullable=False),
    Column("key", String(96), nullable=False),
    Column("state", String(16), nullable=False),
    Column("tokens", LargeBinary, nullable=False),
    Index("ix_part_erase_at", "erase_at"),
    Index("ix_part_key", "key"),
    sqlite_with_rowid=False,
)

# The vault: sealed parts, our default store. One envelope a row; a row goes when its part is erased.
vault = Table(
    "vault",
    metadata,
    Column("holding_no", _NUMBER, primary_key=True, autoincrement=False),
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
    Column("holding_no", _NUMBER, primary_key=True, autoincrement=False),
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
    Column("id", _NUMBER, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("daypart", Integer, nullable=False),
    Column("category", String(64), nullable=False),
    Column("gate", String(64), nullable=False),
    Column("n", Integer, nullable=False),
    Column("show_after", BigInteger, nullable=False),
    Index("ix_tally_site_day", "site", "day"),
)

# How often the gate refused what: names of fields that a policy knows, never what was sent.
refusal = Table(
    "refusal",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("day", String(10), nullable=False),
    Column("code", String(32), nullable=False),
    Column("field", String(64), nullable=False),
    Column("n", Integer, nullable=False),
    Index("ix_refusal_site_day", "site", "day"),
)

# Parts that fall due on a day by acts that the ledger knows, since the last forecast was made.
expectation = Table(
    "expectation",
    metadata,
    Column("id", _NUMBER, primary_key=True),
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

# Evidence of consent; outlives the record as an opaque row until `erase_on`.
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
    Column("withdrawn_on", String(10)),
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

# Entries that are written but not yet numbered.
ledger_pending = Table(
    "ledger_pending",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("act_id", String(32), nullable=False),
    Column("written_at", BigInteger, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
)

# The ledger. The columns beside `canonical` repeat it for counting and are checked against it by `ledger verify`.
ledger_entry = Table(
    "ledger_entry",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
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
    Column("index", _NUMBER, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("size", _NUMBER, primary_key=True, autoincrement=False),
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

# -- subjects' requests: kept three years without any identifier (requirements 4.3) ------------------------------

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
    Column("id", _NUMBER, primary_key=True),
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

# -- the officer's reports: counts only, kept as long as the ledger ----------------------------------------------

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


# Adoption: a row of somebody else's table is answered for once. The vault's holdings have no ref and cost nothing.
Index(
    "ix_holding_store_ref",
    holding.c.store,
    holding.c.ref,
    unique=True,
    sqlite_where=holding.c.ref.is_not(None),
    postgresql_where=holding.c.ref.is_not(None),
)

"""The one schema that every table belongs to."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Integer,
    MetaData,
    Sequence,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes a 64-bit rowid only of the word INTEGER; elsewhere numbers of rows outgrow 32 bits.
NUMBER = BigInteger().with_variant(Integer, "sqlite")

# Numbers of holdings, by the block (PostgreSQL only).
holding_block = Sequence("holding_block", metadata=metadata)

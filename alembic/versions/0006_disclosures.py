"""Keep the register of what authorities asked for and were given.

Revision 0006, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: None = None
depends_on: None = None

_DAY = sa.String(length=10)
_STAFF = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("authority", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=128), nullable=False),
        sa.Column("document", sa.String(length=128), nullable=False),
        sa.Column("ground", sa.String(length=64), nullable=False),
        sa.Column("officers", sa.Text(), nullable=False),
        sa.Column("approval", sa.String(length=128), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("first_day", _DAY, nullable=False),
        sa.Column("last_day", _DAY, nullable=False),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("hold_until", _DAY, nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.String(length=32), nullable=False),
        sa.Column("called_back", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", _STAFF, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_on", _DAY, nullable=False),
        sa.Column("signed_by", _STAFF, nullable=False),
        sa.Column("signed_on", _DAY, nullable=False),
        sa.Column("sign_due", sa.BigInteger(), nullable=False),
        sa.Column("given_by", _STAFF, nullable=False),
        sa.Column("given_on", _DAY, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("refused_by", _STAFF, nullable=False),
        sa.Column("refusal", sa.String(length=32), nullable=False),
        sa.Column("alarmed_at", sa.BigInteger(), nullable=False),
        sa.Column("keep_until", _DAY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index(op.f("ix_disclosure_state"), "disclosure", ["state"])
    op.create_index(op.f("ix_disclosure_keep_until"), "disclosure", ["keep_until"])


def downgrade() -> None:
    op.drop_index(op.f("ix_disclosure_keep_until"), table_name="disclosure")
    op.drop_index(op.f("ix_disclosure_state"), table_name="disclosure")
    op.drop_table("disclosure")

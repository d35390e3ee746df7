"""Count what a mode dropped or only observed apart from what was refused, and keep emergencies.

Revision 0005, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    # What was counted before there were other verdicts was refused.
    verdict = sa.Column("verdict", sa.String(length=16), server_default="refused", nullable=False)
    op.add_column("refusal", verdict)
    op.create_table(
        "emergency",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("affected", sa.Text(), nullable=True),
        sa.Column("tell_by", sa.String(length=10), nullable=True),
        sa.Column("destroyed_on", sa.String(length=10), nullable=True),
        sa.Column("told_by", sa.String(length=64), nullable=True),
        sa.Column("told_on", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency")),
    )


def downgrade() -> None:
    op.drop_table("emergency")
    op.drop_column("refusal", "verdict")

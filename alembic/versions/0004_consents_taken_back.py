"""Keep a withdrawal beside the evidence of the consent it takes back, and how long nobody is asked again.

Copies the day of each withdrawal from `consent.withdrawn_on` into `withdrawal` (PIPL 15: the evidence that was given is
never written over). The old column is neither read nor written from here on; the release after this one drops it.

Revision 0004, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("consent_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("erase_on", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_withdrawal")),
    )
    op.execute(
        "INSERT INTO withdrawal (consent_id, day, erase_on) "
        "SELECT id, withdrawn_on, erase_on FROM consent WHERE withdrawn_on IS NOT NULL"
    )
    op.create_table(
        "cool_down",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cool_down")),
    )
    op.create_index("ix_cool_down_token", "cool_down", ["epoch", "digest"])
    op.create_table(
        "reliance",
        sa.Column("consent_id", sa.String(length=32), nullable=False),
        sa.Column("on_consent", sa.String(length=32), nullable=False),
        sa.Column("holding_id", sa.String(length=32), nullable=False),
        sa.Column("erase_on", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_reliance")),
    )
    op.create_index(op.f("ix_reliance_on_consent"), "reliance", ["on_consent"])


def downgrade() -> None:
    op.drop_index(op.f("ix_reliance_on_consent"), table_name="reliance")
    op.drop_table("reliance")
    op.execute(
        "UPDATE consent SET withdrawn_on = "
        "(SELECT day FROM withdrawal WHERE withdrawal.consent_id = consent.id) "
        "WHERE id IN (SELECT consent_id FROM withdrawal)"
    )
    op.drop_index("ix_cool_down_token", table_name="cool_down")
    op.drop_table("cool_down")
    op.drop_table("withdrawal")

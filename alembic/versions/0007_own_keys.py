"""Give each part of a store that cannot erase a key of its own.

Revision 0007, after 0006. `part.wrapped` is that key, sealed under the window's; `part.ref` is where the store laid
the part. Both are empty for every part that was written before: its store can erase, and its key is its window's.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("part", sa.Column("wrapped", sa.LargeBinary(), nullable=True))
    op.add_column("part", sa.Column("ref", sa.String(length=255), nullable=True))


def downgrade() -> None:
    op.drop_column("part", "ref")
    op.drop_column("part", "wrapped")

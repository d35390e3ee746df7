<%doc>The rules stand as a comment in every new file, because that is where they are read.</%doc>\
"""${message[:1].upper() + message[1:].rstrip(".")}.

Revision ${up_revision}, after ${down_revision or "nothing"}.
"""

# Rules of the house. Delete this block when they are met.
# - The file is NNNN_slug.py and changes structure. Content (policies, notices, law) is a file in the package, never a row
#   that a revision writes.
# - A revision that copies, moves or drops a personal column says so in its docstring: which column, where to, and under
#   which article (for example PIPL 47: erased with its column). Sealed blobs move as they are, never decrypted.
# - Taking away takes two releases: the first stops reading and writing the column, the second drops it. A rename takes
#   three: add and write both, move the readers, drop.
# - It goes up, down and up again on SQLite and PostgreSQL, and rows written before are still there after.
# - A new column on a filled table has a server default or may be NULL. On PostgreSQL an index on a filled table is made
#   in an autocommit block with postgresql_concurrently=True.
# - A table lock is given up after 4 s and a statement after 60 s; what needs longer goes in batches, or says
#   `SET LOCAL statement_timeout` and why.

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}

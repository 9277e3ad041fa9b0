"""stored bytes

What an address has stored today, under a keyed index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade():
    op.create_table(
        "stored_bytes",
        sa.Column("address_index", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address_index", "day", name=op.f("pk_stored_bytes")),
    )
    op.create_index(op.f("ix_stored_bytes_day"), "stored_bytes", ["day"])


def downgrade():
    op.drop_table("stored_bytes")

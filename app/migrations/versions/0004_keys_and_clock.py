"""what is known of keys, and how late it was for certain"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade():
    op.create_table(
        "clock_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_mark")),
    )
    op.create_table(
        "key_canary",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("retired_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key_id", name=op.f("pk_key_canary")),
    )
    op.create_table(
        "own_key",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_own_key")),
    )
    op.create_table(
        "replaced_object",
        sa.Column("storage_key", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("storage_key", name=op.f("pk_replaced_object")),
    )
    op.create_table(
        "index_pair",
        sa.Column("old", sa.String(length=64), nullable=False),
        sa.Column("new", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("old", name=op.f("pk_index_pair")),
    )
    op.create_table(
        "rotation_mark",
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("last", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_rotation_mark")),
    )


def downgrade():
    for name in ("rotation_mark", "index_pair", "replaced_object", "own_key", "key_canary", "clock_mark"):
        op.drop_table(name)

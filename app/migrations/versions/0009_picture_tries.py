"""picture tries

Pictures that the worker is opening, so that one that ends its process is known afterwards.
"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0009"
down_revision = "0008"


def upgrade():
    op.create_table(
        "picture_try",
        sa.Column("picture_index", sa.String(length=64), nullable=False),
        sa.Column("began_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("picture_index", name=op.f("pk_picture_try")),
    )
    with op.batch_alter_table("picture_try", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_picture_try_began_at"), ["began_at"], unique=False)


def downgrade():
    op.drop_table("picture_try")

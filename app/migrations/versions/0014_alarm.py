"""alarm: what is wrong now and was told"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0014"
down_revision = "0013"


def upgrade():
    op.create_table(
        "alarm",
        sa.Column("key", sa.String(30), nullable=False),
        sa.Column("problem", sa.String(300), nullable=False),
        sa.Column("since", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alarm")),
    )


def downgrade():
    op.drop_table("alarm")

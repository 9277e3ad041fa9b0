"""a suggestion may be quoted, and what failed is counted"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0020"
down_revision = "0019"


def upgrade():
    with op.batch_alter_table("survey_answer") as table:
        table.add_column(sa.Column("quotable", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "server_fault",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("page", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(8), nullable=False),
        sa.Column("last_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", "page", name="pk_server_fault"),
    )


def downgrade():
    op.drop_table("server_fault")
    with op.batch_alter_table("survey_answer") as table:
        table.drop_column("quotable")

"""one act on many cases, with its result for each"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0015"
down_revision = "0014"


def upgrade():
    op.create_table(
        "case_bulk",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("list_name", sa.String(20), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("staff_id", sa.String(32), sa.ForeignKey("staff.id", name="fk_case_bulk_staff_id"), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("typed_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("undone_at", UtcDateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_case_bulk"),
    )
    bulk = sa.ForeignKey("case_bulk.id", name="fk_case_bulk_item_bulk_id")
    op.create_table(
        "case_bulk_item",
        sa.Column("bulk_id", sa.String(32), bulk, nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("bulk_id", "case_id", name="pk_case_bulk_item"),
    )


def downgrade():
    op.drop_table("case_bulk_item")
    op.drop_table("case_bulk")

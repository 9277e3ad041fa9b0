"""how each person looks at a list"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade():
    op.create_table(
        "case_view",
        sa.Column("staff_id", sa.String(32), sa.ForeignKey("staff.id", name="fk_case_view_staff_id"), nullable=False),
        sa.Column("list_name", sa.String(20), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "list_name", "name", name="pk_case_view"),
    )


def downgrade():
    op.drop_table("case_view")

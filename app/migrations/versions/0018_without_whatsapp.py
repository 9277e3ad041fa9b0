"""residents without WhatsApp, the kelurahan of lists, labels and reminders of cases"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0018"
down_revision = "0017"


def upgrade():
    op.add_column("application", sa.Column("reached_by", sa.String(10), nullable=False, server_default=""))
    op.add_column("application", sa.Column("village_index", sa.String(64), nullable=True))
    op.create_table(
        "case_label",
        sa.Column("about_kind", sa.String(20), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("label", sa.String(30), nullable=False),
        sa.PrimaryKeyConstraint("about_kind", "case_id", "label", name="pk_case_label"),
    )
    op.create_index("ix_case_label_word", "case_label", ["about_kind", "label", "case_id"])
    op.create_table(
        "case_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about_kind", sa.String(20), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("to_id", sa.String(32), sa.ForeignKey("staff.id", name="fk_case_reminder_to_id_staff"), nullable=False),
        sa.Column("by_id", sa.String(32), sa.ForeignKey("staff.id", name="fk_case_reminder_by_id_staff"), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_reminder"),
    )
    op.create_index("ix_case_reminder_at", "case_reminder", ["at"])
    op.create_index("ix_case_reminder_to", "case_reminder", ["to_id", "about_kind", "at"])


def downgrade():
    op.drop_table("case_reminder")
    op.drop_table("case_label")
    op.drop_column("application", "village_index")
    op.drop_column("application", "reached_by")

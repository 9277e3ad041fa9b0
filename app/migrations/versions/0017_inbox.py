"""dismissals a supervisor goes through, ready answers of the office, who is phoning"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0017"
down_revision = "0016"


def upgrade():
    op.add_column("ticket", sa.Column("dismissal_unseen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_ticket_dismissal_unseen", "ticket", [
        "dismissal_unseen", "due_at", "id", "kind", "unit", "category", "channel", "assigned_to", "about_staff",
        "about_staff_id",
    ])
    op.add_column("call_task", sa.Column("claimed_by", sa.String(32), nullable=False, server_default=""))
    op.add_column("call_task", sa.Column("claimed_name", sa.String(120), nullable=False, server_default=""))
    op.add_column("call_task", sa.Column("claimed_until", UtcDateTime(timezone=True), nullable=True))
    op.create_table(
        "ready_answer",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(32), sa.ForeignKey("staff.id", name="fk_ready_answer_changed_by")),
        sa.PrimaryKeyConstraint("id", name="pk_ready_answer"),
        sa.UniqueConstraint("name", name="uq_ready_answer_name"),
    )


def downgrade():
    op.drop_table("ready_answer")
    op.drop_column("call_task", "claimed_until")
    op.drop_column("call_task", "claimed_name")
    op.drop_column("call_task", "claimed_by")
    op.drop_index("ix_ticket_dismissal_unseen", "ticket")
    op.drop_column("ticket", "dismissal_unseen")

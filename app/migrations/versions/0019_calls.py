"""a call to whom a message did not reach is worked on like every case"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0019"
down_revision = "0018"

MOMENTS = ("claim_until", "taken_up_at", "warn_at", "next_warning_at", "due_at")
PEOPLE = ("claimed_by", "assigned_to")


def upgrade():
    with op.batch_alter_table("call_task") as table:
        for column in ("claimed_by", "claimed_name", "claimed_until"):
            table.drop_column(column)
    with op.batch_alter_table("call_task") as table:
        table.add_column(sa.Column("status", sa.String(10), nullable=False, server_default="open"))
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("claim_token", sa.String(32)))
        for column in MOMENTS:
            table.add_column(sa.Column(column, UtcDateTime(timezone=True)))
        for column in PEOPLE:
            table.add_column(sa.Column(column, sa.String(32)))
            table.create_foreign_key(f"fk_call_task_{column}", "staff", [column], ["id"])
    op.execute("UPDATE call_task SET status = 'tried' WHERE calls > 0")
    op.execute("UPDATE call_task SET status = 'closed' WHERE closed_at IS NOT NULL")
    # whatever waits already is due by the moment it was asked for: it has waited longest
    op.execute(
        "UPDATE call_task SET due_at = opened_at, warn_at = opened_at, next_warning_at = opened_at"
        " WHERE closed_at IS NULL"
    )
    op.create_index("ix_call_task_open", "call_task", ["status", "opened_at", "id"])
    op.create_index("ix_call_task_closed", "call_task", ["status", "closed_at", "id"])


def downgrade():
    op.drop_index("ix_call_task_closed", table_name="call_task")
    op.drop_index("ix_call_task_open", table_name="call_task")
    with op.batch_alter_table("call_task") as table:
        for column in PEOPLE:
            table.drop_constraint(f"fk_call_task_{column}", type_="foreignkey")
            table.drop_column(column)
        for column in ("status", "version", "claim_token", *MOMENTS):
            table.drop_column(column)
    op.add_column("call_task", sa.Column("claimed_by", sa.String(32), nullable=False, server_default=""))
    op.add_column("call_task", sa.Column("claimed_name", sa.String(120), nullable=False, server_default=""))
    op.add_column("call_task", sa.Column("claimed_until", UtcDateTime(timezone=True), nullable=True))

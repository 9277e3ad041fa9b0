"""requests about data and for another number are worked on like every case"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0011"
down_revision = "0010"

TABLES = ("rights_request", "account_request")


def upgrade():
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
            table.add_column(sa.Column("claim_token", sa.String(32)))
            for column in ("claim_until", "taken_up_at", "warn_at", "next_warning_at"):
                table.add_column(sa.Column(column, UtcDateTime(timezone=True)))
            for column in ("claimed_by", "assigned_to"):
                table.add_column(sa.Column(column, sa.String(32)))
                table.create_foreign_key(f"fk_{name}_{column}", "staff", [column], ["id"])
            if name == "account_request":
                table.add_column(sa.Column("due_at", UtcDateTime(timezone=True)))
    op.create_index("ix_rights_request_answered", "rights_request", ["status", "answered_at", "id"])
    # whatever waits already is looked at once its time is over
    op.execute("UPDATE rights_request SET next_warning_at = due_at WHERE status = 'open'")


def downgrade():
    op.drop_index("ix_rights_request_answered", table_name="rights_request")
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            for column in ("claimed_by", "assigned_to"):
                table.drop_constraint(f"fk_{name}_{column}", type_="foreignkey")
                table.drop_column(column)
            for column in ("version", "claim_token", "claim_until", "taken_up_at", "warn_at", "next_warning_at"):
                table.drop_column(column)
            if name == "account_request":
                table.drop_column("due_at")

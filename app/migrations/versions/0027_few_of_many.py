"""what few tickets have, as an e-mail address or a registration, is found along indexes of these few alone"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

DATED = ("phone_index", "email_index")  # before this too
FOUND_BY = (*DATED, "application_id", "merged_into_id", "split_from_id", "incident_id")


def upgrade():
    for column in FOUND_BY:
        op.drop_index(_name(column), table_name="ticket")
        rest = sa.text(f"{column} IS NOT NULL")
        op.create_index(_name(column), "ticket", [column, "received_at"], sqlite_where=rest, postgresql_where=rest)


def downgrade():
    for column in FOUND_BY:
        op.drop_index(_name(column), table_name="ticket")
        op.create_index(_name(column), "ticket", [column, "received_at"] if column in DATED else [column])


def _name(column: str) -> str:
    return f"ix_ticket_{column.removesuffix('_index')}"

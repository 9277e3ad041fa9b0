"""rows whose index is still to be written are found without reading all"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

UNPLACED = "village_index IS NULL"
UNPLACED_SENT = f"{UNPLACED} AND personal_sealed IS NOT NULL"
INDEXES = (
    ("ix_ticket_unplaced", "ticket", "id", UNPLACED),
    ("ix_application_unplaced", "application", "id", UNPLACED_SENT),
    ("ix_application_name_word_undated", "application_name_word", "application_id", "sent_at IS NULL"),
)


def upgrade():
    for name, table, column, rest in INDEXES:
        op.create_index(name, table, [column], sqlite_where=sa.text(rest), postgresql_where=sa.text(rest))


def downgrade():
    for name, table, *_ in INDEXES:
        op.drop_index(name, table_name=table)

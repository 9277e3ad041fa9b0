"""a name is found newest first through an index"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "0021"
down_revision = "0020"

TABLE, NEWEST, OLD = "application_name_word", "ix_application_name_word_newest", "ix_application_name_word_word_index"


def upgrade():
    op.add_column(TABLE, sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True))
    op.execute(
        f"UPDATE {TABLE} SET sent_at = (SELECT submitted_at FROM application WHERE application.id = application_id)"  # noqa: S608
    )
    op.create_index(NEWEST, TABLE, ["word_index", "sent_at", "application_id"])
    op.drop_index(OLD, table_name=TABLE)


def downgrade():
    op.create_index(OLD, TABLE, ["word_index"])
    op.drop_index(NEWEST, table_name=TABLE)
    with op.batch_alter_table(TABLE) as table:
        table.drop_column("sent_at")

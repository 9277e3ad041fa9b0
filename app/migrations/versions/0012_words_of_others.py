"""words of others

Why a message in a ticket may not be the resident's, what a person found, and which WhatsApp message it came
with, so that what came in follows the rule of visibility of the ticket it belongs to. Messages that were taken
over before are found again by the keyed index of their outside id.
"""

import sqlalchemy as sa
from alembic import op

from app.base.services import sealer

revision = "0012"
down_revision = "0011"
TOLD_APART = ("kind", "unit", "category", "channel", "assigned_to", "about_staff", "about_staff_id")
BATCH = 500


def upgrade():
    with op.batch_alter_table("ticket_message") as batch:
        batch.add_column(sa.Column("doubt", sa.String(20), nullable=False, server_default=""))
        batch.add_column(sa.Column("doubt_answer", sa.String(10), nullable=False, server_default=""))
        batch.add_column(sa.Column("sender_sealed", sa.LargeBinary()))
        batch.add_column(sa.Column("inbound_id", sa.String(32)))
        batch.add_column(sa.Column("split_into_id", sa.String(32)))
        batch.create_index("ix_ticket_message_inbound_id", ["inbound_id"])
    with op.batch_alter_table("ticket") as batch:
        batch.add_column(sa.Column("unsure", sa.Boolean(), nullable=False, server_default=sa.false()))
        # last of the lists' indexes: without statistics SQLite takes the index made last
        batch.create_index("ix_ticket_unsure", ["unsure", "due_at", "id", *TOLD_APART])
    _name_what_came_in()


def _name_what_came_in():
    """Keyed indexes are made by the sealer alone: the database cannot compare them by itself."""
    connection = op.get_bind()
    channels = list(connection.scalars(sa.text(
        "SELECT DISTINCT channel FROM ticket_message WHERE direction = 'in' AND external_index IS NOT NULL"
    )))
    if not channels:
        return
    inbound = connection.execute(sa.text("SELECT id, provider_id FROM inbound_message")).all()
    name = sa.text("UPDATE ticket_message SET inbound_id = :id WHERE external_index = :outside")
    pairs = [
        {"id": row.id, "outside": sealer().index("complaint-external", f"{channel}:{row.provider_id}")}
        for row in inbound for channel in channels
    ]
    for start in range(0, len(pairs), BATCH):
        connection.execute(name, pairs[start:start + BATCH])


def downgrade():
    with op.batch_alter_table("ticket") as batch:
        batch.drop_index("ix_ticket_unsure")
        batch.drop_column("unsure")
    with op.batch_alter_table("ticket_message") as batch:
        batch.drop_index("ix_ticket_message_inbound_id")
        for column in ("split_into_id", "inbound_id", "sender_sealed", "doubt_answer", "doubt"):
            batch.drop_column(column)

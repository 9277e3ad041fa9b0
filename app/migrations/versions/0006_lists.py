"""a registration is found by half of its number, complaints are sorted by arrival"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade():
    op.create_index("ix_application_number_end", "application", [sa.literal_column("substr(number, 6)")])
    op.create_index("ix_ticket_arrival", "ticket", ["tray", "received_at", "id"])


def downgrade():
    op.drop_index("ix_ticket_arrival", table_name="ticket")
    op.drop_index("ix_application_number_end", table_name="application")

"""the kelurahan a complaint is about"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade():
    op.add_column("ticket", sa.Column("village_index", sa.String(64), nullable=True))


def downgrade():
    op.drop_column("ticket", "village_index")

"""what is typed and not yet sent: of a registration and of a complaint"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0007"
down_revision = "0006"


def upgrade():
    op.add_column("application", sa.Column("typed_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("application", sa.Column("left_token_hash", sa.String(64), nullable=True))
    op.create_index("ix_application_left_token_hash", "application", ["left_token_hash"])
    op.create_table(
        "complaint_draft",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", app.base.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_complaint_draft"),
    )
    op.create_index("ix_complaint_draft_updated_at", "complaint_draft", ["updated_at"])


def downgrade():
    op.drop_table("complaint_draft")
    op.drop_index("ix_application_left_token_hash", "application")
    op.drop_column("application", "left_token_hash")
    op.drop_column("application", "typed_sealed")

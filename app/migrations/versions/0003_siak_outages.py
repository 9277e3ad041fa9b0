"""when SIAK was away"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0003"
down_revision = "0002"


def upgrade():
    op.create_table(
        "siak_outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("began_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at > began_at", name=op.f("ck_siak_outage_ends_after_it_began"),
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_siak_outage_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_siak_outage")),
    )
    op.create_index(op.f("ix_siak_outage_began_at"), "siak_outage", ["began_at"])


def downgrade():
    op.drop_table("siak_outage")

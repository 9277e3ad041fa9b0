"""months signed off, notices of the office, weekly notes, steps of the form counted"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0010"
down_revision = "0009"


def upgrade():
    op.create_table(
        "month_signed",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("jabatan", sa.String(20), nullable=False),
        sa.Column("remark_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_month_signed_staff_id")),
        sa.PrimaryKeyConstraint("month", "staff_id", name=op.f("pk_month_signed")),
    )
    op.create_table(
        "office_notice",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("instead", sa.Text(), nullable=False),
        sa.Column("begins_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(32), nullable=False),
        sa.Column("made_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_office_notice_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_office_notice_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_notice")),
    )
    op.create_index("ix_office_notice_shown", "office_notice", ["ends_at", "begins_at"])
    op.create_table(
        "weekly_note",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_weekly_note_staff_id")),
        sa.PrimaryKeyConstraint("week", "staff_id", name=op.f("pk_weekly_note")),
    )
    op.create_table(
        "step_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "step", name=op.f("pk_step_count")),
    )


def downgrade():
    for table in ("step_count", "weekly_note", "office_notice", "month_signed"):
        op.drop_table(table)

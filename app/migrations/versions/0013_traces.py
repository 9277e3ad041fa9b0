"""traces

Where a journal line came from, when the journal's head last went out of the house, how staff are reached,
requests that a second person decides, and the first of the two people behind a changed number.
"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0013"
down_revision = "0012"
TWO_PEOPLE = "decided_by IS NULL OR status <> 'approved' OR (decided_by <> asked_by AND decided_by <> staff_id)"


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    op.add_column("journal_line", sa.Column("address_mark", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "journal_address",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("full", sa.String(45), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("short", sa.String(45), nullable=False),
        sa.Column("full_mark", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_address")),
    )
    # PostgreSQL reserves the word "full": written as SQLAlchemy writes it in the model
    whole = sa.text("\"full\" <> ''")
    op.create_index(
        "ix_journal_address_whole", "journal_address", ["at", "seq"], sqlite_where=whole, postgresql_where=whole
    )
    op.create_table(
        "journal_anchor",
        sa.Column("place", sa.String(10), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_journal_anchor")),
    )
    op.add_column("staff", sa.Column("contact_sealed", sa.LargeBinary()))
    _create_staff_request(moment)
    with op.batch_alter_table("account_request") as batch_op:
        batch_op.add_column(sa.Column("proposed_by", sa.String(32)))
        batch_op.add_column(sa.Column("proposed_at", moment))
        batch_op.create_foreign_key(
            batch_op.f("fk_account_request_proposed_by"), "staff", ["proposed_by"], ["id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_account_request_two_people"),
            "status <> 'approved' OR proposed_by IS NULL OR decided_by <> proposed_by",
        )
    # a letter to a member of staff is about no ticket
    with op.batch_alter_table("mail_out") as batch_op:
        batch_op.alter_column("ticket_id", existing_type=sa.String(32), nullable=True)


def _create_staff_request(moment):
    op.create_table(
        "staff_request",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("asked_by", sa.String(32), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("decided_by", sa.String(32)),
        sa.Column("decided_at", moment),
        sa.CheckConstraint("kind IN ('reset', 'supervisor')", name=op.f("ck_staff_request_known_kind")),
        sa.CheckConstraint(
            "status IN ('open', 'approved', 'recovered', 'refused')", name=op.f("ck_staff_request_known_status")
        ),
        sa.CheckConstraint(TWO_PEOPLE, name=op.f("ck_staff_request_two_people")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_request_staff_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_staff_request_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_staff_request_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_request")),
    )
    op.create_index("ix_staff_request_waiting", "staff_request", ["status", "expires_at"])
    op.create_index(op.f("ix_staff_request_staff_id"), "staff_request", ["staff_id"])


def downgrade():
    op.execute("DELETE FROM mail_out WHERE ticket_id IS NULL")
    with op.batch_alter_table("mail_out") as batch_op:
        batch_op.alter_column("ticket_id", existing_type=sa.String(32), nullable=False)
    with op.batch_alter_table("account_request") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_account_request_two_people"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_account_request_proposed_by"), type_="foreignkey")
        batch_op.drop_column("proposed_at")
        batch_op.drop_column("proposed_by")
    op.drop_table("staff_request")
    op.drop_column("staff", "contact_sealed")
    op.drop_table("journal_anchor")
    op.drop_table("journal_address")
    op.drop_column("journal_line", "address_mark")

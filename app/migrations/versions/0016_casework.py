"""casework

One set of lists for every kind of case, and the clock of a complaint written down as that of a registration.
"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0016"
down_revision = "0015"

OLD, NEW = "'new', 'progress', 'answered', 'done'", "'new', 'work', 'outside', 'done'"


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    for name in ("warn_at", "next_warning_at", "taken_up_at"):
        op.add_column("ticket", sa.Column(name, moment, nullable=True))
    op.add_column("ticket", sa.Column("claim_token", sa.String(32), nullable=True))
    op.alter_column("ticket", "claimed_until", new_column_name="claim_until")
    op.execute("ALTER TABLE application ADD COLUMN assigned_to VARCHAR(32) REFERENCES staff (id)")
    op.create_index("ix_application_assigned_to", "application", ["assigned_to"],
                    sqlite_where=sa.text("assigned_to IS NOT NULL"),
                    postgresql_where=sa.text("assigned_to IS NOT NULL"))
    op.create_index("ix_ticket_next_warning_at", "ticket", ["next_warning_at"],
                    sqlite_where=sa.text("next_warning_at IS NOT NULL"),
                    postgresql_where=sa.text("next_warning_at IS NOT NULL"))
    _rename_trays()
    _share_notes(moment)


def _share_notes(moment):
    op.drop_table("case_note")
    op.drop_table("ticket_presence")
    staff = sa.ForeignKey("staff.id")
    about = (
        sa.Column("about_kind", sa.String(20), primary_key=True), sa.Column("case_id", sa.String(32), primary_key=True),
    )
    op.create_table(
        "case_note", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("about_kind", sa.String(20), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False), sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("staff_id", sa.String(32), staff, nullable=False), sa.Column("at", moment, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_case_note_case", "case_note", ["case_id", "about_kind", "kind"])
    op.create_table(
        "case_draft", *about, sa.Column("form", sa.String(20), primary_key=True),
        sa.Column("staff_id", sa.String(32), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("at", moment, nullable=False), sa.Column("typed_sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_case_draft_at", "case_draft", ["at"])
    op.create_table(
        "case_presence", *(column._copy() for column in about),
        sa.Column("staff_id", sa.String(32), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("seen_at", moment, nullable=False), sa.Column("writing_at", moment, nullable=True),
    )
    op.create_table(
        "case_act", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("about_kind", sa.String(20), nullable=False), sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("act", sa.String(20), nullable=False), sa.Column("event_id", sa.Integer, nullable=False),
        sa.Column("staff_id", sa.String(32), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("at", moment, nullable=False), sa.Column("version", sa.Integer, nullable=False),
        sa.Column("before", sa.JSON, nullable=False), sa.Column("messages", sa.JSON, nullable=False),
        sa.Column("undone_at", moment, nullable=True),
    )
    op.create_index("ix_case_act_case", "case_act", ["case_id", "about_kind", "id"])
    op.add_column("ticket_message", sa.Column("taken_back_at", moment, nullable=True))
    op.add_column("ticket_message", sa.Column("shown_at", moment, nullable=True))
    op.create_index("ix_case_presence_seen_at", "case_presence", ["seen_at"])


def _rename_trays():
    """SQLite changes a constraint only by making the table anew; here its text is changed instead."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA writable_schema = 1")
        op.get_bind().execute(sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = 'ticket'"),
                              {"old": OLD, "new": NEW})
        op.execute("PRAGMA writable_schema = RESET")
    else:
        op.drop_constraint("ck_ticket_known_tray", "ticket")
    op.execute("UPDATE ticket SET tray = 'work' WHERE tray = 'progress'")
    op.execute("UPDATE ticket SET tray = 'outside' WHERE tray = 'answered'")
    if op.get_bind().dialect.name != "sqlite":
        op.create_check_constraint("ck_ticket_known_tray", "ticket", f"tray IN ({NEW})")

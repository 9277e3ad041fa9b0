"""casework

One set of lists for every kind of case, and the clock of a complaint written down as that of a registration.
"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0016"
down_revision = "0014"

OLD, NEW = "'new', 'progress', 'answered', 'done'", "'new', 'work', 'outside', 'done'"


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    op.add_column("ticket", sa.Column("warn_at", moment, nullable=True))
    op.add_column("ticket", sa.Column("next_warning_at", moment, nullable=True))
    op.create_index("ix_ticket_next_warning_at", "ticket", ["next_warning_at"],
                    sqlite_where=sa.text("next_warning_at IS NOT NULL"),
                    postgresql_where=sa.text("next_warning_at IS NOT NULL"))
    _rename_trays()


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

"""working minutes of a registration are stored with its decision; old rows are filled by a job of the worker"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

MINUTES = ("minutes_until_declared", "minutes_mending", "minutes_until_decided")
DECIDED = "decided_at IS NOT NULL"
UNCOUNTED = "minutes_until_decided IS NULL AND declared_complete_at IS NOT NULL AND decided_at IS NOT NULL"
COUNTED = ("decided_at", "status", "mended", "declared_complete_at", "due_at", *MINUTES)
TICKETS = [
    "received_at", "id", "status", "outcome", "kind", "channel", "category", "secret", "is_open", "resolve_due_at",
    "first_answered_at", "reopened", "rating",
]


def upgrade():
    for name in MINUTES:
        op.add_column("application", sa.Column(name, sa.Integer(), nullable=True))
    op.drop_index("ix_application_decided", table_name="application")
    _index("ix_application_decided", COUNTED, DECIDED)
    _index("ix_application_uncounted", ("id",), UNCOUNTED)
    op.create_index("ix_clock_warning_due", "clock_warning", ["clock", "level", "due_at"])
    op.create_index("ix_clock_warning_at", "clock_warning", ["at", "level"])
    op.drop_index("ix_ticket_received", table_name="ticket")
    op.create_index("ix_ticket_received", "ticket", TICKETS)
    where = sa.text("siak = 'unavailable'")
    op.create_index("ix_case_evidence_unavailable", "case_evidence", ["at"], sqlite_where=where, postgresql_where=where)


def downgrade():
    op.drop_index("ix_case_evidence_unavailable", table_name="case_evidence")
    op.drop_index("ix_ticket_received", table_name="ticket")
    op.create_index("ix_ticket_received", "ticket", ["received_at", "id"])
    op.drop_index("ix_clock_warning_at", table_name="clock_warning")
    op.drop_index("ix_clock_warning_due", table_name="clock_warning")
    op.drop_index("ix_application_uncounted", table_name="application")
    op.drop_index("ix_application_decided", table_name="application")
    op.create_index("ix_application_decided", "application", ["decided_at"])
    for name in MINUTES:
        op.drop_column("application", name)


def _index(name: str, columns: tuple[str, ...], rest: str) -> None:
    op.create_index(name, "application", columns, sqlite_where=sa.text(rest), postgresql_where=sa.text(rest))

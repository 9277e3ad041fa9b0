"""indexes along which figures of those who oversee are counted: moves by moment, and the few that are late or in hand"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

BROKEN = "decided_at > due_at"
HELD = "assigned_to IS NOT NULL OR claimed_by IS NOT NULL"
LATE = "first_answered_at IS NULL OR first_answered_at > resolve_due_at"
INDEXES = (
    ("ix_status_change_at", "status_change", ["at", "from_status", "to_status"], {}),
    ("ix_application_broken", "application", ["due_at", "status", "declared_complete_at", "decided_at", "id"],
     {"sqlite_where": BROKEN, "postgresql_where": BROKEN}),
    ("ix_application_held", "application", ["status", "assigned_to", "claimed_by", "claim_until"],
     {"sqlite_where": HELD, "postgresql_where": HELD}),
    ("ix_application_decided_by", "application", ["decided_by", "decided_at"], {}),
    ("ix_ticket_open", "ticket", ["resolve_due_at", "received_at", "status", "outcome", "reopened", "about_staff",
                                  "assigned_to", "claimed_by", "claim_until"],
     {"sqlite_where": "is_open IS 1", "postgresql_where": "is_open IS true"}),
    ("ix_ticket_late", "ticket", ["resolve_due_at", "received_at", "first_answered_at", "closed_at", "is_open",
                                  "status", "outcome"],
     {"sqlite_where": LATE, "postgresql_where": LATE}),
    ("ix_ticket_closed", "ticket", ["closed_at", "status"], {}),
)


def upgrade():
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, **{dialect: sa.text(rest) for dialect, rest in where.items()})


def downgrade():
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)

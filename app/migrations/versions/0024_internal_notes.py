"""internal notes of complaints lie where every desk keeps its notes"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

# as they were sealed: only a key opens them, and a migration has none
MOVED = """
INSERT INTO case_note (about_kind, case_id, kind, staff_id, at, text_sealed, sealed_as)
SELECT 'ticket', ticket_id, 'internal', (SELECT staff.id FROM staff WHERE staff.id = author_id), created_at,
       body_sealed, 'ticket_message:' || id || '\\:body'
FROM ticket_message WHERE direction = 'note' ORDER BY ticket_id, position
"""
MOVED_BACK = """
INSERT INTO ticket_message (id, ticket_id, position, direction, channel, body_sealed, author_kind, author_id, at,
                            created_at, final, call_outcome)
SELECT substr(sealed_as, 16, 32), case_id,
       (SELECT max(position) FROM ticket_message WHERE ticket_id = case_id)
           + row_number() OVER (PARTITION BY case_id ORDER BY id),
       'note', 'note', text_sealed, CASE WHEN staff_id IS NULL THEN 'system' ELSE 'staff' END, coalesce(staff_id, ''),
       at, at, false, ''
FROM case_note WHERE sealed_as LIKE 'ticket_message:%'
"""


# what an old process writes while this runs has no copy and stays; the desk shows it where it is
COPIED = """
DELETE FROM ticket_message WHERE direction = 'note'
   AND 'ticket_message:' || id || '\\:body' IN (SELECT sealed_as FROM case_note)
"""


def upgrade():
    with op.batch_alter_table("case_note") as table:
        table.alter_column("staff_id", existing_type=sa.String(32), nullable=True)
        table.add_column(sa.Column("sealed_as", sa.String(60), nullable=False, server_default=""))
    op.execute(MOVED)
    op.execute(COPIED)


def downgrade():
    """Raises RuntimeError where something was noted since: its words open only by what this migration keeps of it."""
    since = op.get_bind().execute(sa.text("SELECT count(*) FROM case_note WHERE sealed_as = 'row'")).scalar()
    if since:
        raise RuntimeError(f"{since} notes were written since; restore the backup made before the upgrade instead")
    op.execute(MOVED_BACK)
    op.execute("DELETE FROM case_note WHERE sealed_as LIKE 'ticket_message:%'")
    with op.batch_alter_table("case_note") as table:
        table.drop_column("sealed_as")

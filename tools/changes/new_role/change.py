"""A new role, the head of the office, who reads figures and the journal and decides nothing."""

MOST = 3
MIGRATION = '''"""a new role"""

from alembic import op

from app.accounts.models import Staff

revision = "9001"
down_revision = HEAD


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("staff", recreate="always", copy_from=Staff.__table__):
            pass
        return
    op.drop_constraint(op.f("ck_staff_known_role"), "staff")
    op.create_check_constraint(
        op.f("ck_staff_known_role"), "staff", "role IN ('petugas', 'operator', 'supervisor', 'admin', 'kepala')"
    )


def downgrade():
    raise NotImplementedError
'''
EDITS = [
    ("app/web/access.py", 'SUPERVISOR: "Pengawas", ADMIN: "Admin",\n', 'SUPERVISOR: "Pengawas", ADMIN: "Admin",\n    "kepala": "Kepala dinas",\n'),
    ("app/web/access.py", '"read_journal": frozenset({"supervisor"})', '"read_journal": frozenset({"supervisor", "kepala"})'),
    ("app/web/access.py", '"read_figures": frozenset({"supervisor"})', '"read_figures": frozenset({"supervisor", "kepala"})'),
    ("app/migrations/versions/9001_new_role.py", "", MIGRATION),
]

"""The journal in lanes, so that writers on PostgreSQL do not wait for each other's disk

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LANES = 16


def upgrade() -> None:
    op.add_column("journal_line", sa.Column("lane", sa.Integer(), server_default="1", nullable=False))
    op.add_column("journal_line", sa.Column("place", sa.Integer(), server_default="0", nullable=False))
    if op.get_bind().dialect.name != "postgresql":
        return
    last = op.get_bind().scalar(text("SELECT seq FROM journal_head WHERE id = 1")) or 0
    op.execute(f"CREATE SEQUENCE journal_number START WITH {last + 1}")
    heads = sa.table("journal_head", sa.column("id"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(heads, [{"id": lane, "seq": 0, "hash": "0" * 64} for lane in range(2, LANES + 1)])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DELETE FROM journal_head WHERE id > 1")
        op.execute("DROP SEQUENCE journal_number")
    op.drop_column("journal_line", "place")
    op.drop_column("journal_line", "lane")

"""letters kept whole, words that are no news, incidents"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0009"
down_revision = "0008"


def upgrade():
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", app.base.database.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.Column("closed_at", app.base.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_incident_created_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_created_at"), "incident", ["created_at"])
    # added in place: a rebuilt table would get its indexes in another order, and SQLite goes by that order
    op.execute("ALTER TABLE ticket ADD COLUMN incident_id VARCHAR(32) "
               "CONSTRAINT fk_ticket_incident_id_incident REFERENCES incident (id)")
    op.create_index(op.f("ix_ticket_incident_id"), "ticket", ["incident_id"])
    op.add_column("ticket_message", sa.Column("quoted_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("ticket_message", sa.Column("unread", sa.String(length=100), server_default="", nullable=False))
    op.add_column("ticket_message",
                  sa.Column("is_courtesy", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("mail_in", sa.Column("heading_sealed", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("ticket_attachment") as batch:
        batch.alter_column("content_type", existing_type=sa.String(length=60), type_=sa.String(length=80),
                           existing_nullable=False)
    with op.batch_alter_table("inbound_attachment") as batch:
        batch.alter_column("content_type", existing_type=sa.String(length=40), type_=sa.String(length=80),
                           existing_nullable=False)


def downgrade():
    for table, column in (("mail_in", "heading_sealed"), ("ticket_message", "is_courtesy"),
                          ("ticket_message", "unread"), ("ticket_message", "quoted_sealed")):
        op.drop_column(table, column)
    op.drop_index(op.f("ix_ticket_incident_id"), "ticket")
    with op.batch_alter_table("ticket") as batch:
        batch.drop_constraint("fk_ticket_incident_id_incident", type_="foreignkey")
        batch.drop_column("incident_id")
    op.drop_table("incident")

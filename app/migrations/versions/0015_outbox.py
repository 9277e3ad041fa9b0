"""outbox

E-mails are messages of the one outbox; how long a channel rests is one row a channel; the mailbox knows no ticket.
"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0015"
down_revision = "0014"

MOMENT = app.base.database.UtcDateTime(timezone=True)


def upgrade():
    op.drop_table("mail_out")
    op.drop_table("wa_channel")
    op.create_table(
        "channel_state",
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column("slowdowns", sa.Integer(), nullable=False),
        sa.Column("stopped_code", sa.String(length=60), nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_state")),
    )
    with op.batch_alter_table("outbox_message") as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=10), nullable=False, server_default="whatsapp"))
        batch_op.add_column(sa.Column("to_office", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("reply_index", sa.String(length=64), nullable=True))
        batch_op.alter_column("check_code", existing_type=sa.String(length=9), nullable=True)
        batch_op.alter_column("error_code", existing_type=sa.String(length=20), type_=sa.String(length=60))
        batch_op.create_unique_constraint(batch_op.f("uq_outbox_message_reply_index"), ["reply_index"])
        batch_op.drop_index("ix_outbox_turn")
        batch_op.create_index("ix_outbox_turn", ["channel", "state", "share", "next_try_at", "id"])
    with op.batch_alter_table("outbox_attempt") as batch_op:
        batch_op.alter_column("code", existing_type=sa.String(length=20), type_=sa.String(length=60))
    with op.batch_alter_table("call_task") as batch_op:
        batch_op.alter_column("reason", existing_type=sa.String(length=20), type_=sa.String(length=60))
    op.drop_table("mail_trouble")
    op.create_table(
        "mail_trouble",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("pause_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_trouble")),
    )
    with op.batch_alter_table("mail_in") as batch_op:
        batch_op.add_column(sa.Column("about_id", sa.String(length=32), nullable=True))
        batch_op.drop_constraint(op.f("fk_mail_in_ticket_id"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_mail_in_ticket_id"))
        batch_op.drop_column("ticket_id")
        batch_op.create_index(op.f("ix_mail_in_about_id"), ["about_id"])


def downgrade():
    raise NotImplementedError("e-mails of the one outbox do not fit the old tables")

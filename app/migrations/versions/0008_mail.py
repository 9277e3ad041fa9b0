"""mail

What is read from the mailbox, and what an outgoing e-mail needs to be found again by its Message-ID. The
indexes of the inbox hold everything a list is narrowed by.
"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0008"
down_revision = "0007"
OLD_LISTS = {
    "ix_ticket_tray": ["tray", "due_at", "id"],
    "ix_ticket_open": ["is_open", "due_at", "id"],
    "ix_ticket_mine": ["assigned_to", "is_open", "due_at", "id"],
    "ix_ticket_channel": ["channel", "tray", "due_at", "id"],
    "ix_ticket_category": ["category", "tray", "due_at", "id"],
}
# least selective first: without statistics SQLite takes the index made last
FILTERED = ("kind", "unit", "category", "channel", "assigned_to")


def upgrade():
    op.create_table(
        "mail_box",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("folder_index", sa.String(length=64), nullable=False),
        sa.Column("uidvalidity", sa.String(length=20), nullable=False),
        sa.Column("next_uid", sa.BigInteger(), nullable=False),
        sa.Column("started_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("looked_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_box")),
        sa.UniqueConstraint("folder_index", "uidvalidity", name=op.f("uq_mail_box_folder_index_uidvalidity")),
    )
    op.create_table(
        "mail_trouble",
        sa.Column("side", sa.String(length=4), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("since", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("pause_until", app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("side", name=op.f("pk_mail_trouble")),
    )
    op.create_table(
        "mail_in",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("mailbox_id", sa.String(length=32), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("message_index", sa.String(length=64), nullable=True),
        sa.Column("fate", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.String(length=32), nullable=True),
        sa.Column("thread_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("flagged_at", app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "fate IN ('taken', 'known', 'automatic', 'own', 'flood', 'bounce', 'failing')",
            name=op.f("ck_mail_in_known_fate"),
        ),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mail_box.id"], name=op.f("fk_mail_in_mailbox_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_mail_in_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_in")),
        sa.UniqueConstraint("mailbox_id", "uid", name=op.f("uq_mail_in_mailbox_id_uid")),
        sa.UniqueConstraint("message_index", name=op.f("uq_mail_in_message_index")),
    )
    with op.batch_alter_table("mail_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_in_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_in_created_at"), ["created_at"], unique=False)
    with op.batch_alter_table("mail_out", schema=None) as batch_op:
        batch_op.add_column(sa.Column("message_index", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("first_try_at", app.base.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("to_office", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_unique_constraint(batch_op.f("uq_mail_out_message_index"), ["message_index"])
    for name in OLD_LISTS:
        op.drop_index(name, "ticket")
    for first in ("tray", *FILTERED):
        columns = dict.fromkeys((first, "tray", "due_at", "id", *FILTERED, "about_staff", "about_staff_id"))
        op.create_index(f"ix_ticket_{first}", "ticket", list(columns))
    op.add_column("ticket", sa.Column("lost_message_id", sa.String(length=32), nullable=True))
    _date_name_words()


def _date_name_words():
    op.add_column("ticket_name_word", sa.Column("received_at", app.base.database.UtcDateTime(timezone=True)))
    op.execute(
        "UPDATE ticket_name_word SET received_at = "
        "(SELECT received_at FROM ticket WHERE ticket.id = ticket_name_word.ticket_id)"
    )
    with op.batch_alter_table("ticket_name_word", schema=None) as batch_op:
        batch_op.alter_column("received_at", existing_type=app.base.database.UtcDateTime(timezone=True), nullable=False)
        batch_op.drop_index("ix_ticket_name_word_word_index")
        batch_op.create_index("ix_ticket_name_word_newest", ["word_index", "received_at", "ticket_id"])


def downgrade():
    with op.batch_alter_table("ticket_name_word", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_name_word_newest")
        batch_op.create_index("ix_ticket_name_word_word_index", ["word_index"])
        batch_op.drop_column("received_at")
    op.drop_column("ticket", "lost_message_id")
    for first in ("tray", *FILTERED):
        op.drop_index(f"ix_ticket_{first}", "ticket")
    for name, columns in OLD_LISTS.items():
        op.create_index(name, "ticket", columns)
    with op.batch_alter_table("mail_out", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_mail_out_message_index"), type_="unique")
        batch_op.drop_column("to_office")
        batch_op.drop_column("first_try_at")
        batch_op.drop_column("message_index")
    op.drop_table("mail_in")
    op.drop_table("mail_trouble")
    op.drop_table("mail_box")

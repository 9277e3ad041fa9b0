"""shares of the message channel; bursts of registrations that wait to be looked at"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0010"
down_revision = "0009"

ORDER = ["due_at", "submitted_at", "id"]
# class of each message there is (app/messages/catalogue.py SHARES); what is not named is a result, 1
SHARE_OF = {
    0: ("kode_reset_sandi", "kode_ganti_nomor"),
    2: ("pengaduan_ditanya", "jawaban_pengaduan", "pengaduan_dijawab"),
    3: ("permintaan_ganti_nomor",),
    4: ("pengingat_perbaikan", "pendaftaran_ditutup", "sandi_diganti", "nomor_diganti"),
    5: ("pendaftaran_diterima", "nik_sudah_punya_akun", "pendaftaran_dibatalkan", "pengaduan_diterima"),
}


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    op.add_column("outbox_message", sa.Column("share", sa.SmallInteger(), nullable=False, server_default="1"))
    message = sa.table("outbox_message", sa.column("share"), sa.column("template"))
    for share, templates in SHARE_OF.items():
        op.execute(message.update().where(message.c.template.in_(templates)).values(share=share))
    op.create_index("ix_outbox_turn", "outbox_message", ["state", "share", "next_try_at", "id"])
    op.add_column("outbox_attempt", sa.Column("counted", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index("ix_outbox_attempt_started_at", "outbox_attempt", ["started_at"])
    op.add_column("application", sa.Column("to_look", sa.Boolean(), nullable=False, server_default=sa.false()))
    _index_lists(["to_look"])
    op.create_table(
        "submission_mark",
        sa.Column("application_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("value_index", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.CheckConstraint(
            "kind IN ('network', 'kk', 'phone', 'name', 'nik_run', 'photo')", name=op.f("ck_submission_mark_known_kind")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_submission_mark_application_id")),
        sa.PrimaryKeyConstraint("application_id", "kind", "value_index", name=op.f("pk_submission_mark")),
    )
    op.create_index("ix_submission_mark_at", "submission_mark", ["at"])
    op.create_index("ix_submission_mark_alike", "submission_mark", ["kind", "value_index", "at"])
    op.create_table(
        "burst_look",
        sa.Column("application_id", sa.String(32), nullable=False),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("found_at", moment, nullable=False),
        sa.Column("looked_at", moment),
        sa.Column("looked_by", sa.String(32)),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_burst_look_application_id")),
        sa.ForeignKeyConstraint(["looked_by"], ["staff.id"], name=op.f("fk_burst_look_looked_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_burst_look")),
    )


def downgrade():
    op.drop_table("burst_look")
    op.drop_table("submission_mark")
    _index_lists([])
    op.drop_column("application", "to_look")
    op.drop_index("ix_outbox_attempt_started_at", "outbox_attempt")
    op.drop_column("outbox_attempt", "counted")
    op.drop_index("ix_outbox_turn", "outbox_message")
    op.drop_column("outbox_message", "share")


def _index_lists(narrowed_by):
    """The indexes that the tabs of the queue walk."""
    indexes = {"queue": [*narrowed_by, *ORDER, "warn_at"], "mended": ["mended", *narrowed_by, *ORDER],
               "doubtful": ["doubtful", *narrowed_by, *ORDER]}
    for name, columns in indexes.items():
        op.drop_index(f"ix_application_{name}", "application")
        op.create_index(f"ix_application_{name}", "application", ["status", *columns])

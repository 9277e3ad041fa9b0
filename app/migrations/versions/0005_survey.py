"""survey: answers without persons, links, invitations, taps, notices"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0005"
down_revision = "0004"

CODES = ("u1", "u2", "u3", "u4", "u5", "u6", "u7", "sarpras", "aduan")
CHOICES = {
    "sex": ("", "L", "P"), "age": ("", "17", "26", "41", "61"),
    "education": ("", "sd", "smp", "sma", "s1", "s2", "s3"),
    "work": ("", "pns", "tni", "polri", "swasta", "wirausaha", "lainnya"),
}
SERVICES = ("registration", "complaint", "office")


def upgrade():
    op.create_table(
        "survey_answer",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("service", sa.String(12), nullable=False),
        *(sa.Column(code, sa.SmallInteger(), nullable=False) for code in CODES),
        *(sa.Column(key, sa.String(10), nullable=False) for key in CHOICES),
        sa.Column("suggestion_sealed", sa.LargeBinary()),
        sa.CheckConstraint("way IN ('link', 'qr', 'paper')", name=op.f("ck_survey_answer_known_way")),
        sa.CheckConstraint(f"service IN {SERVICES}", name=op.f("ck_survey_answer_known_service")),
        sa.CheckConstraint(
            " AND ".join(f"{code} BETWEEN 1 AND 4" for code in CODES), name=op.f("ck_survey_answer_marks_1_to_4"),
        ),
        *(sa.CheckConstraint(f"{key} IN {choices}", name=op.f(f"ck_survey_answer_known_{key}"))
          for key, choices in CHOICES.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
    )
    op.create_index("ix_survey_answer_month", "survey_answer", ["month"])
    op.create_table(
        "survey_link",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("service", sa.String(12), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.CheckConstraint(f"service IN {SERVICES}", name=op.f("ck_survey_link_known_service")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_survey_link")),
    )
    op.create_index(op.f("ix_survey_link_until"), "survey_link", ["until"])
    op.create_table(
        "survey_invitation",
        sa.Column("about_kind", sa.String(20), nullable=False),
        sa.Column("about_id", sa.String(32), nullable=False),
        sa.Column("invited_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("about_kind", "about_id", name=op.f("pk_survey_invitation")),
    )
    op.create_table(
        "survey_tap",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place", sa.String(10), nullable=False),
        sa.Column("value", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("place IN ('sent', 'account')", name=op.f("ck_survey_tap_known_place")),
        sa.CheckConstraint("value BETWEEN 1 AND 5", name=op.f("ck_survey_tap_value_1_to_5")),
        sa.PrimaryKeyConstraint("month", "place", "value", name=op.f("pk_survey_tap")),
    )
    _notice("survey_notice", "answer_id", "survey_answer", sa.Column("opened_on", sa.Date(), nullable=False))
    _notice("rating_notice", "ticket_id", "ticket", sa.Column("opened_at", _moment(), nullable=False))
    op.add_column("ticket", sa.Column("survey_consent", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade():
    op.drop_column("ticket", "survey_consent")
    for table in ("rating_notice", "survey_notice", "survey_tap", "survey_invitation", "survey_link", "survey_answer"):
        op.drop_table(table)


def _notice(name: str, key: str, about: str, opened: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column(key, sa.String(32), nullable=False),
        opened,
        sa.Column("settled_at", _moment()),
        sa.Column("settled_by", sa.String(32)),
        sa.Column("remark_sealed", sa.LargeBinary()),
        sa.ForeignKeyConstraint([key], [f"{about}.id"], name=op.f(f"fk_{name}_{key}")),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f(f"fk_{name}_settled_by")),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_settled_at"), name, ["settled_at"])


def _moment():
    return app.base.database.UtcDateTime(timezone=True)

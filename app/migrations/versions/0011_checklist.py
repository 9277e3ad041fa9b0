"""checklist

Answers belong to the person who gave them, an account rests on a row whose constraints are the rules, and
accounts approved while SIAK was closed wait to be looked at again.
"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0011"
down_revision = "0010"
MOMENT = app.base.database.UtcDateTime(timezone=True)
BASIS = (
    ("two_people", "alone OR declared_by <> decided_by"), ("nik_was_read", "nik = 'equal'"),
    ("certain", "ktp = 'ya' AND name = 'ya' AND face = 'ya' AND card = 'ya'"),
    ("signature_not_refused", "signature IN ('ya', 'tidak_pasti')"),
    ("siak_not_against", "siak IN ('found', 'unavailable')"), ("doubles_settled", "open_doubles = 0"),
)


def upgrade():
    _answers_by_person()
    op.add_column("citizen", sa.Column("provisional_until", MOMENT))
    _create_second_look()
    _create_basis()
    op.create_table(
        "one_person_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(32), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_one_person_day_opened_by")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_one_person_day")),
    )


def downgrade():
    for table in ("one_person_day", "siak_recheck", "account_basis", "second_look"):
        op.drop_table(table)
    op.drop_column("citizen", "provisional_until")
    columns = "change_id, nik_read_sealed, answers, siak, staff_id, at"
    # the newest stands for all, as it did before
    _make_evidence_anew(["change_id"], columns, columns, (
        " AS one WHERE NOT EXISTS (SELECT 1 FROM case_evidence_kept AS other WHERE other.change_id = one.change_id"
        " AND (other.at > one.at OR (other.at = one.at AND other.staff_id > one.staff_id)))"
    ))


def _answers_by_person():
    columns = "change_id, staff_id, nik_read_sealed, answers, siak, at"
    _make_evidence_anew(
        ["change_id", "staff_id"], f"{columns}, first_answers", f"{columns}, '{{}}'", "",
        sa.Column("first_answers", sa.JSON(), nullable=False), sa.Column("sentences_sealed", sa.LargeBinary()),
    )


def _make_evidence_anew(key, columns, values, which, *more):
    """The key changes, so the rows wait in another table meanwhile."""
    op.execute("CREATE TABLE case_evidence_kept AS SELECT * FROM case_evidence")
    op.drop_table("case_evidence")
    op.create_table(
        "case_evidence",
        sa.Column("change_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("nik_read_sealed", sa.LargeBinary()),
        sa.Column("answers", sa.JSON(), nullable=False),
        *more,
        sa.Column("siak", sa.String(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["status_change.id"], name=op.f("fk_case_evidence_change_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_evidence_staff_id")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_case_evidence")),
    )
    op.execute(f"INSERT INTO case_evidence ({columns}) SELECT {values} FROM case_evidence_kept{which}")  # noqa: S608
    op.drop_table("case_evidence_kept")


def _create_second_look():
    op.create_table(
        "second_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.String(32), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(32), nullable=False),
        sa.Column("asked_of", sa.String(32)),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint(
            "asked_of IS NULL OR asked_of <> asked_by", name=op.f("ck_second_look_another_person")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_second_look_application_id")),
        sa.ForeignKeyConstraint(["change_id"], ["status_change.id"], name=op.f("fk_second_look_change_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_second_look_asked_by")),
        sa.ForeignKeyConstraint(["asked_of"], ["staff.id"], name=op.f("fk_second_look_asked_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index("uq_second_look_open", "second_look", ["application_id"], unique=True,
                    sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_second_look_change", "second_look", ["change_id", "asked_by"])


def _create_basis():
    op.create_table(
        "account_basis",
        sa.Column("application_id", sa.String(32), nullable=False),
        sa.Column("declared_by", sa.String(32), nullable=False),
        sa.Column("decided_by", sa.String(32), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(12), nullable=False)
          for name in ("nik", "ktp", "name", "face", "card", "signature")),
        sa.Column("siak", sa.String(20), nullable=False),
        sa.Column("open_doubles", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_account_basis_{name}")) for name, rule in BASIS),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_account_basis_application_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["staff.id"], name=op.f("fk_account_basis_declared_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_account_basis_decided_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_account_basis")),
    )
    op.create_table(
        "siak_recheck",
        sa.Column("application_id", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.String(32), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("checked_at", MOMENT),
        sa.Column("checked_by", sa.String(32)),
        sa.CheckConstraint("(checked_at IS NULL) = (result = '')", name=op.f("ck_siak_recheck_checked_is_whole")),
        sa.CheckConstraint("result <> 'unavailable'", name=op.f("ck_siak_recheck_not_put_off")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["account_basis.application_id"], name=op.f("fk_siak_recheck_application_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_siak_recheck_owner_id")),
        sa.ForeignKeyConstraint(["checked_by"], ["staff.id"], name=op.f("fk_siak_recheck_checked_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_siak_recheck")),
    )
    standing = sa.text("checked_at IS NULL")
    op.create_index("ix_siak_recheck_open", "siak_recheck", ["due_at"],
                    sqlite_where=standing, postgresql_where=standing)

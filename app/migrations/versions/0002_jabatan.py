"""the five functions of oversight on the staff account"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

GOES_WITH = (
    "jabatan = '' OR jabatan = 'kepala_dinas' AND role IN ('supervisor') "
    "OR jabatan = 'sekretaris' AND role IN ('supervisor') OR jabatan = 'kepala_bidang' AND role IN ('supervisor') "
    "OR jabatan = 'analis_kebijakan' AND role IN ('supervisor') "
    "OR jabatan = 'operator_go' AND role IN ('admin', 'operator', 'supervisor')"
)


def upgrade():
    column = "ALTER TABLE staff ADD COLUMN jabatan VARCHAR(20) DEFAULT '' NOT NULL"
    # SQLite takes a rule with a new column only; rebuilding the table would touch every key that points to it
    op.execute(f"{column} CONSTRAINT ck_staff_known_jabatan CHECK ({GOES_WITH})")
    op.add_column("staff_request", sa.Column("jabatan", sa.String(20), server_default="", nullable=False))


def downgrade():
    op.drop_column("staff_request", "jabatan")
    with op.batch_alter_table("staff") as batch:
        batch.drop_constraint("ck_staff_known_jabatan", type_="check")
        batch.drop_column("jabatan")

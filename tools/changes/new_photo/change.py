"""A fourth photo, of the Kartu Keluarga."""

MOST = 6
MIGRATION = '''"""a fourth photo"""

from alembic import op
from sqlalchemy.schema import CreateIndex

from app.registration.models import Photo

revision = "9001"
down_revision = HEAD


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("photo", recreate="always", copy_from=Photo.__table__):
            pass
        for index in Photo.__table__.indexes:  # the new table has lost those of single columns
            op.execute(CreateIndex(index, if_not_exists=True))
        return
    op.drop_constraint(op.f("ck_photo_known_kind"), "photo")
    op.create_check_constraint(op.f("ck_photo_known_kind"), "photo", "kind IN ('ktp', 'signature', 'selfie', 'kk')")


def downgrade():
    raise NotImplementedError
'''
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 160"><rect width="240" height="160" fill="#e8f1fa"/></svg>\n'
EDITS = [
    ("app/registration/photo_kinds.py", "\n)\nKINDS: tuple", '''
    PhotoKind(
        "kk", "kartu-keluarga", "Foto Kartu Keluarga", "Kartu Keluarga", "ktp", take="Ambil foto Kartu Keluarga",
        how="Letakkan Kartu Keluarga di tempat datar dan terang, lalu foto dari atas.", ask="Kartu Keluarga terbaca?",
        look="Lihat fotonya: semua tulisan harus terbaca.", use="Semua tulisan terbaca? Pakai foto ini.",
        good=("utuh dan terbaca", "Kartu Keluarga tampak utuh."), bad=("terpotong", "Kartu Keluarga terpotong."),
        on_desk="Kartu Keluarga", desk_place=4,
        front=("Foto Kartu Keluarga", "Letakkan di tempat datar dan terang."),
    ),
)
KINDS: tuple'''),
    ("app/registration/reasons.py", '        CatalogueReason("SELFIE_BEDA_ORANG"', '''        CatalogueReason("KK_BURAM", RETURN, "kk", "Foto KK buram", "Foto Kartu Keluarga kurang jelas. Mohon foto ulang."),
        CatalogueReason("SELFIE_BEDA_ORANG"'''),
    ("static/img/kk-good.svg", "", PICTURE),
    ("static/img/kk-bad.svg", "", PICTURE),
    ("app/migrations/versions/9001_fourth_photo.py", "", MIGRATION),
]

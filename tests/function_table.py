"""What each of the five functions of oversight opens, line by line (tests/test_jabatan.py walks them all)."""

from tests.access_table_reports import PREPARING, REGISTERS, REPORTS_READ, STANDARD

# What a function of oversight (line L of the service standard) opens, as supervisor with that jabatan: every line of
# the office that does not answer 403. The Kepala Bidang opens what a supervisor opens, but for the pages of the others.
OF_EVERYBODY = """
GET /petugas/draf POST /petugas/draf
POST /petugas/massal POST /petugas/massal/kerjakan GET /petugas/massal/<bulk_id> POST /petugas/massal/<bulk_id>/batalkan
GET /petugas/ GET /petugas/hak GET /petugas/kabar GET /petugas/hitungan GET /petugas/kontak POST /petugas/kontak
GET /petugas/pin POST /petugas/pin GET /petugas/bertugas POST /petugas/bertugas
GET /petugas/buktikan POST /petugas/buktikan GET /petugas/kunci POST /petugas/kunci POST /petugas/buka
GET /petugas/sesi POST /petugas/sesi
"""
FUNCTIONS = {
    "kepala_dinas": f"""
        {REPORTS_READ} POST /petugas/evaluasi/<year_id>/tanda-tangan
        GET /petugas/angka GET /petugas/ringkasan GET /petugas/ringkasan/terlambat
        GET /petugas/bulan POST /petugas/bulan
    """,
    "sekretaris": f"""
        {REPORTS_READ} {REGISTERS}
        GET /petugas/angka GET /petugas/beban-kerja GET /petugas/bulan POST /petugas/bulan
        GET /petugas/pengumuman POST /petugas/pengumuman POST /petugas/pengumuman/<notice_id>/cabut
        GET /petugas/permintaan-akun GET /petugas/permintaan-akun/<request_id>
        POST /petugas/permintaan-akun/<request_id>/setujui POST /petugas/permintaan-akun/<request_id>/tolak
        GET /petugas/satu-orang POST /petugas/satu-orang
    """,
    "analis_kebijakan": f"""
        {REPORTS_READ} {PREPARING} {STANDARD}
        GET /petugas/angka GET /petugas/analisis GET /petugas/bulan POST /petugas/bulan
    """,
    "operator_go": """
        GET /petugas/pemeriksaan GET /petugas/pesan POST /petugas/pesan/saluran GET /petugas/sistem GET /petugas/bulan
        POST /petugas/bulan GET /petugas/pengumuman POST /petugas/pengumuman
        POST /petugas/pengumuman/<notice_id>/cabut
    """,
}
CLOSED_TO_KEPALA_BIDANG = """
POST /petugas/evaluasi/<year_id>/tanda-tangan
GET /petugas/ringkasan GET /petugas/ringkasan/terlambat GET /petugas/beban-kerja GET /petugas/analisis
GET /petugas/sistem
"""

"""The yearly evaluation from the reminder to the signature, and the registers that feed it."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from app.accounts.models import Staff
from app.base.database import db, transaction
from app.evaluation import evaluating
from app.evaluation.models import Evaluation, Facility, Finding, StaffTraining
from app.process import fsck
from tests.browser import Browser
from tests.builders import add_staff, photo_files, sign_in_staff
from tests.complaints import PDF
from tests.year import a_year

FINDING = {"letter": "C", "what": "Foto KTP buram.", "action": "Foto diperiksa di HP sebelum dikirim.",
           "owner": "Kepala Bidang PIAK", "due_on": "2026-03-31"}


class Head(Browser):
    """Somebody of the office who works on evaluations."""

    def sends(self, address: str, **data):
        carried = {name: self.page.field(name) for name in ("version", "fingerprint")}
        return self.send(address, {**carried, **data})

    def signs(self, year: int, **data):
        self.open(f"/petugas/evaluasi/{year}")
        return self.sends(f"/petugas/evaluasi/{year}/tanda-tangan", **data)


@pytest.fixture
def head(staff_client):
    return Head(staff_client("supervisor"))


def as_kepala_dinas(app) -> Head:
    add_staff(app, "kepala", "supervisor")
    with app.app_context(), transaction():
        db.session.execute(update(Staff).where(Staff.username == "kepala").values(jabatan="kepala_dinas"))
    return Head(sign_in_staff(app.test_client(), "kepala"))


def prepared(head: Head, year: int) -> None:
    head.open("/petugas/evaluasi")
    head.send("/petugas/evaluasi", {"year": str(year)})
    head.sends(f"/petugas/evaluasi/{year}/angka")
    head.sends(f"/petugas/evaluasi/{year}/temuan", **{**FINDING, "due_on": f"{year + 1}-03-31"})
    head.sends(f"/petugas/evaluasi/{year}/kesimpulan", conclusion="Pelayanan membaik.")


def test_a_year_is_collected_frozen_signed_by_the_kepala_dinas_and_printed(app, time):
    add_staff(app, "sri", "supervisor")
    head = Head(sign_in_staff(app.test_client(), "sri"))
    time.moment = datetime(2026, 1, 12, 3, 0, tzinfo=UTC)
    a_year(app, 2025)
    prepared(head, 2025)
    assert "Menunggu Kepala Dinas." not in head.page.text, "without a Kepala Dinas a supervisor may"
    chief = as_kepala_dinas(app)
    assert "Menunggu Kepala Dinas." in head.open("/petugas/evaluasi/2025").text
    with app.app_context():
        frozen = db.session.get(Evaluation, 2025).figures
    a_year(app, 2024)  # rows that come later change nothing that is frozen
    assert "sudah ditandatangani" in chief.signs(2025, remark="Lanjutkan.").text
    page = chief.open("/petugas/evaluasi/2025/cetak")
    assert "Pelayanan membaik." in page.text and "Foto KTP buram." in page.text
    assert all(one["value"] in page.text and one["definition"] in page.text for one in frozen["figures"])
    with app.app_context():
        row = db.session.get(Evaluation, 2025)
        assert row.figures == frozen and row.fingerprint == evaluating.fingerprint_of(frozen)
    for part, data in (("angka", {}), ("kesimpulan", {"conclusion": "Lain."}), ("temuan", FINDING)):
        head.open("/petugas/evaluasi/2025")
        assert head.sends(f"/petugas/evaluasi/2025/{part}", **data).status == 409, "what is signed stays"


def test_nothing_is_signed_before_it_is_whole_nor_what_was_not_seen(app, time, head):
    time.moment = datetime(2026, 1, 12, 3, 0, tzinfo=UTC)
    head.open("/petugas/evaluasi")
    head.send("/petugas/evaluasi", {"year": "2025"})
    assert "Angkanya belum dibekukan." in head.page.text
    assert head.signs(2025).status == 422
    prepared(head, 2025)
    head.open("/petugas/evaluasi/2025")
    assert head.send("/petugas/evaluasi/2025/tanda-tangan", {
        "version": head.page.field("version"), "fingerprint": "0" * 64,
    }).status == 409
    head.open("/petugas/evaluasi/2025")
    old_tab = head.send("/petugas/evaluasi/2025/kesimpulan", {"version": "1", "conclusion": "Tab lama."})
    assert old_tab.status == 409 and old_tab.field("conclusion") == "Tab lama.", "nothing that was typed is lost"


def test_last_years_actions_are_looked_at_before_this_year_is_signed(app, time, head):
    time.moment = datetime(2025, 1, 12, 3, 0, tzinfo=UTC)
    prepared(head, 2024)
    head.signs(2024)
    time.moment = datetime(2026, 1, 12, 3, 0, tzinfo=UTC)
    head = Head(sign_in_staff(app.test_client(), "supervisor1"))
    prepared(head, 2025)
    assert "Tindakan tahun 2024 belum semuanya dilihat lagi." in head.page.text
    with app.app_context():
        old = db.session.scalar(select(Finding.id).where(Finding.year == 2024))
    told = f"/petugas/evaluasi/temuan/{old}/kabar"
    assert "Tulis hasilnya atau alasannya." in head.send(told, {"state": "done", "news": "", "shown": "2025"}).text
    page = head.send(told, {"state": "done", "news": "Sudah dipasang.", "shown": "2025"})
    assert "1 dari 1 tindakan tahun 2024 selesai" in page.text
    assert "sudah ditandatangani" in head.signs(2025).text
    assert "1 dari 1 selesai." in head.open("/petugas/evaluasi/2025/cetak").text


def test_the_workbook_holds_every_table_and_runs_no_formula(app, time, head):
    time.moment = datetime(2026, 1, 12, 3, 0, tzinfo=UTC)
    a_year(app, 2025)
    prepared(head, 2025)
    head.sends("/petugas/evaluasi/2025/temuan", **{**FINDING, "what": "=HYPERLINK(\"http://jahat\")"})
    book = load_workbook(io.BytesIO(head.client.get("/petugas/evaluasi/2025/unduh.xlsx").data))
    with app.app_context():
        content = db.session.get(Evaluation, 2025).figures
    assert len(book.sheetnames) == len(content["tables"]) + 3
    main = [[cell.value for cell in row] for row in book["Angka utama"].iter_rows(min_row=2)]
    assert [row[1] for row in main] == [one["value"] for one in content["figures"]]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)


def test_month_eleven_reminds_and_month_thirteen_says_it_is_late(app, time, head):
    words = {}
    with app.app_context():
        for month in ((2026, 10), (2026, 11), (2027, 1)):
            time.moment = datetime(*month, 12, 3, 0, tzinfo=UTC)
            db.session.remove()
            words[month] = evaluating.due_words(time.moment.date())
    assert words[(2026, 10)] == "" or "2025" in words[(2026, 10)]
    assert words[(2026, 11)].startswith("Evaluasi pelayanan tahun 2026 perlu disiapkan")
    assert words[(2027, 1)] == "Evaluasi pelayanan tahun 2026 terlambat: belum ditandatangani Kepala Dinas."


def test_the_standard_says_since_when_it_is_in_force_and_a_changed_text_is_noticed(app, client, head):
    assert "Teks standar pelayanan belum tercatat" in head.open("/petugas/").text
    head.open("/petugas/standar")
    page = head.send("/petugas/standar", {"valid_from": "2026-03-01", "approved_by": "", "change": "Pertama."})
    assert page.status == 422 and "Isi bagian ini." in page.text
    head.send("/petugas/standar", {"valid_from": "2026-03-01", "approved_by": "Kepala Dinas", "document": "188/12",
                                   "change": "Pertama."})
    shown = client.get("/standar-pelayanan").text
    assert "Versi 1, berlaku sejak Minggu, 1 Maret 2026. Disetujui Kepala Dinas, 188/12." in shown
    assert "Teks standar pelayanan belum tercatat" not in head.open("/petugas/").text


def test_the_register_of_competence_keeps_the_proof_sealed_and_fsck_knows_it(app, head, tmp_path):
    page = head.open("/petugas/kompetensi")
    assert "Belum diperiksa" in page.text
    address = page.soup.select_one(".list a")["href"]
    head.open(address)
    assert "Pilih satu." in head.send(address, {"education": ""}).text
    head.open(address)
    head.send(address, {"education": "s1", "computer": "y", "procedure": "y", "communication": "y"})
    assert "Lengkap" in head.page.text
    for data, name in ((PDF, "bukti.pdf"), (photo_files()["ktp"], "bukti.jpg")):
        head.open(address)
        head.send(f"{address}/pelatihan", {
            "title": "Pelayanan prima", "held_on": "2026-05-04", "valid_until": "2026-06-01",
            "evidence": (io.BytesIO(data), name),
        }, multipart=True)
        assert "Pelatihan tersimpan." in head.page.text
    head.open(address)
    bad = head.send(f"{address}/pelatihan", {
        "title": "Lain", "held_on": "2026-05-04", "evidence": (io.BytesIO(b"MZ" * 50), "x.exe"),
    }, multipart=True)
    assert bad.status == 422 and bad.field("title") == "Lain"
    with app.app_context():
        rows = db.session.scalars(select(StaffTraining)).all()
        assert len(rows) == 2 and fsck.check() == []
    stored = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(PDF[:20] in content for content in stored)
    link = head.open(address).soup.find("a", href=lambda href: href and "/bukti/" in href)["href"]
    assert head.client.get(link).headers["Content-Disposition"].startswith("attachment")


def test_a_broken_printer_and_a_contract_that_ends_are_said_until_they_are_mended(app, head, time):
    time.moment = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    head.open("/petugas/sarana/tambah")
    printer = {"kind": "printer", "name": "Printer loket 1", "quantity": "1", "least": "0", "repairer": "CV Servis",
               "valid_until": "2026-12-31"}
    assert head.send("/petugas/sarana/tambah", {**printer, "quantity": "dua"}).status == 422
    assert head.page.field("name") == "Printer loket 1", "what was typed is kept"
    head.send("/petugas/sarana/tambah", printer)
    head.open("/petugas/sarana/tambah")
    head.send("/petugas/sarana/tambah", {"kind": "supplies", "name": "Kertas A4", "quantity": "2", "least": "5"})
    assert "Masa berlaku Printer loket 1 berakhir 31-12-2026." in head.page.text
    assert "Kertas A4 tinggal 2, paling sedikit 5." in head.page.text
    with app.app_context():
        printer_id = db.session.scalar(select(Facility.id).where(Facility.kind == "printer"))
    head.open(f"/petugas/sarana/{printer_id}")
    head.send(f"/petugas/sarana/{printer_id}/gangguan", {
        "what": "kertas macet", "began_on": "2026-11-20", "repairer": "CV Servis", "due_on": "",
    })
    assert "3 hal pada sarana dan pelatihan perlu perhatian." in head.open("/petugas/").text
    head.open(f"/petugas/sarana/{printer_id}")
    done = head.page.soup.select_one("form[action$=selesai]")["action"]
    head.send(done, {})
    assert "Selesai Senin, 23 November 2026" in head.page.text
    assert head.send(done, {}).status == 409


def test_a_breach_of_data_is_told_within_three_days_or_shown_as_late(head, time):
    time.moment = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    head.open("/petugas/pelindungan-data")
    breach = {"found_at": "2026-11-20T09:00", "what": "Lembar tertinggal di printer.", "people": "1",
              "action": "Lembar dimusnahkan."}
    assert "sebelum kejadian" in head.send("/petugas/pelindungan-data", {**breach, "told_at": "2026-11-19T09:00"}).text
    head.send("/petugas/pelindungan-data", {**breach, "told_at": "2026-11-21T09:00"})
    assert "Diberitahukan tepat waktu" in head.page.text
    head.send("/petugas/pelindungan-data", {**breach, "told_at": ""})
    assert "Terlambat atau belum diberitahukan" in head.page.text

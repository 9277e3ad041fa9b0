"""Figures, the public summary and the exports."""

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from app.base import clock, spreadsheets
from app.base.database import db, transaction
from app.complaints.reports import figures
from app.complaints.ticket.models import Ticket
from tests.complaints import Handler, a_ticket

HOSTILE = "=HYPERLINK(\"http://127.0.0.1\",\"x\")"


@pytest.fixture
def supervisor(staff_client):
    return Handler(staff_client("supervisor"))


def read_csv(answer) -> list[list[str]]:
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";"))


def test_figures_count_by_kind_channel_and_category(app, supervisor):
    for channel, kind in (("radio", "complaint"), ("radio", "information"), ("web", "complaint")):
        a_ticket(app, channel, kind=kind, phone="")
    answered = a_ticket(app)
    supervisor.answers(answered)
    with app.app_context(), transaction() as session:
        session.get(Ticket, answered).rating = 5
    page = supervisor.open("/petugas/pengaduan/angka")
    rows = {row.th.get_text(): [cell.get_text() for cell in row.find_all("td")] for row in page.soup.select("tbody tr")}
    assert rows["Semua"][:2] == ["4", "1"] and rows["Radio Suara Kota"][0] == "2"
    assert rows["Pengaduan"][3] == "100%" and rows["Pengaduan"][-1] == "5 dari 5"


@pytest.mark.parametrize("query", ["dari=x", "dari=2026-13-01", "dari=2199-01-01&sampai=1", "sampai=%00"])
def test_nonsense_dates_show_the_year(app, supervisor, query):
    assert supervisor.open(f"/petugas/pengaduan/angka?{query}").status == 200


def test_the_public_summary_holds_counts_only_and_keeps_small_groups_to_itself(app, client):
    for i in range(3):
        a_ticket(app, phone=f"+62812000050{i:02d}")
    a_ticket(app, category="conduct", secret=True, text="Rahasia sekali", phone="")
    page = Handler(client).open("/pengaduan/ringkasan")
    assert "Rahasia sekali" not in page.text and "Sikap petugas" not in page.text
    assert "Pelayanan lambat" in page.text and "BUDI" not in page.text
    names = [row.th.get_text() for row in page.soup.select("tbody tr")]
    assert "Semua" not in names
    assert page.soup.select_one("dl.rows dd").get_text() == "4"


def test_an_export_holds_what_the_filters_show(app, supervisor):
    a_ticket(app, "radio", phone="")
    wanted = a_ticket(app, "facebook", phone="", text="Loket tutup")
    rows = read_csv(supervisor.client.get("/petugas/pengaduan/unduh.csv?tab=terbuka&kanal=facebook"))
    assert rows[0] == list(figures.EXPORT_COLUMNS) and len(rows) == 2
    with app.app_context():
        assert rows[1][0] == db.session.get(Ticket, wanted).number
    assert rows[1][-1] == "Loket tutup"


def test_secret_words_and_anonymous_names_are_not_exported(app, supervisor):
    a_ticket(app, secret=True, anonymous=True, text="Isi rahasia")
    for address in ("unduh.csv?tab=semua", "lapor.csv?tab=semua"):
        text = supervisor.client.get(f"/petugas/pengaduan/{address}").get_data(as_text=True)
        assert "Isi rahasia" not in text and "BUDI" not in text and "81200002001" not in text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("text", [HOSTILE, "+1+1", "-2", "@SUM(A1)", " =1+1", "\t=1", "＝1+1", '"=1+1', "|cmd"])
def test_a_formula_in_a_complaint_is_defused(app, supervisor, kind, text):
    a_ticket(app, text=text, name=text)
    answer = supervisor.client.get(f"/petugas/pengaduan/unduh.{kind}?tab=semua")
    if kind == "csv":
        row = read_csv(answer)[1]
    else:
        sheet = load_workbook(io.BytesIO(answer.data)).active
        cells = list(sheet.iter_rows())[1]
        assert all(cell.data_type != "f" for cell in cells)
        row = [cell.value or "" for cell in cells]
    assert row[-1].startswith("'") and row[-3].startswith("'")


def test_a_plain_text_is_exported_as_it_is():
    assert spreadsheets.defused("Antrean = lama, 5 - 6 jam") == "Antrean = lama, 5 - 6 jam"
    assert spreadsheets.defused(5) == 5


def test_the_columns_that_lapor_asks_for(app, supervisor):
    ticket_id = a_ticket(app, "radio", outside_reference="7712345", place="Loket 2", happened_on=clock.today())
    supervisor.answers(ticket_id, "Sudah dibenahi.")
    rows = read_csv(supervisor.client.get("/petugas/pengaduan/lapor.csv?tab=semua"))
    row = dict(zip(*rows, strict=True))
    assert row["Klasifikasi"] == "Pengaduan" and row["Tracking ID"] == "7712345"
    assert row["Lokasi Kejadian"] == "Loket 2" and "Sudah dibenahi." in row["Tindak Lanjut"]
    assert row["Nomor Telepon"].lstrip("'") == "+6281200002001"


@pytest.mark.parametrize("role", ["petugas", "operator", "admin"])
def test_only_a_supervisor_takes_lists_along_and_that_is_journalled(app, staff_client, role):
    assert staff_client(role).get("/petugas/pengaduan/unduh.csv").status_code == 403


def test_taking_a_list_along_is_a_journal_line(app, supervisor):
    from app.base import journal

    supervisor.client.get("/petugas/pengaduan/unduh.csv?tab=semua")
    with app.app_context():
        [line] = journal.lines_about("complaints", "pengaduan.csv")
        assert line.action == "complaints_exported" and '"tab": "semua"' in line.detail


def test_a_reopened_ticket_is_judged_by_its_first_answer(app, supervisor):
    ticket_id = a_ticket(app, received_at=clock.now() - timedelta(days=90))
    supervisor.answers(ticket_id, late_reason="Arsip lama.")
    with app.app_context(), transaction() as session:
        ticket = session.get(Ticket, ticket_id)
        ticket.reopened, ticket.resolve_due_at = 1, clock.now() + timedelta(days=9)
    rows = read_csv(supervisor.client.get("/petugas/pengaduan/unduh.csv?tab=semua"))
    assert dict(zip(*rows, strict=True))["Tepat waktu"] == "Tidak"

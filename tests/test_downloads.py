"""Tables to take along: without personal data, streamed, harmless to a spreadsheet, each one journalled."""

import csv
import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.base import journal
from app.base.database import db, transaction
from app.base.journal_line import JournalLine
from app.evaluation import downloads
from app.office import journal_page
from app.registration.models import Application
from tests.browser import Browser
from tests.builders import RESIDENT, an_application
from tests.desk import declare
from tests.year import a_year

SPAN = "?dari=2025-01-01&sampai=2025-12-31"


@pytest.fixture
def analyst(staff_client):
    person = Browser(staff_client("supervisor"))
    person.open("/petugas/unduh")
    return person


def taken(person: Browser, address: str):
    answer = person.client.get(address)
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(answer) -> list[list[str]]:
    if "csv" in answer.mimetype:
        return list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")), delimiter=";"))
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    return [[("" if cell.value is None else str(cell.value)) for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("name", list(downloads.DOWNLOADS))
def test_csv_and_xlsx_hold_the_same_rows_and_every_tap_is_a_line(app, time, analyst, monkeypatch, name):
    monkeypatch.setattr(downloads, "STEP", 7)  # so that a page ends in the middle of everything
    a_year(app, 2025)
    found = [rows_of(taken(analyst, f"/petugas/unduh/{name}.{kind}{SPAN}")) for kind in ("csv", "xlsx")]
    assert found[0] == found[1] and found[0][0] == list(downloads.DOWNLOADS[name].columns)
    with app.app_context():
        lines = db.session.scalars(select(JournalLine.detail).where(JournalLine.action == "data_exported")).all()
        assert len(lines) == 2 and all(name in line for line in lines)
        expected = {"pendaftaran": select(Application.id).where(
            Application.submitted_at >= datetime(2024, 12, 31, 17, tzinfo=UTC),
            Application.submitted_at < datetime(2025, 12, 31, 17, tzinfo=UTC),
        )}
        if name in expected:
            codes = [row[0] for row in found[0][1:]]
            assert sorted(codes) == sorted(map(downloads.code_of, db.session.scalars(expected[name])))


def test_no_download_tells_who_registered(app, analyst):
    case = an_application(app)
    declare(app, case)
    whole = "".join(
        "".join(map(str, rows_of(taken(analyst, f"/petugas/unduh/{name}.csv")))) for name in downloads.DOWNLOADS
    )
    with app.app_context():
        number = db.session.get(Application, case).number
    for secret in (*RESIDENT.values(), "SITI", number, case, "Contoh Mawar"):
        assert secret not in whole
    assert "Dinyatakan lengkap', 'Baru" in whole, "what happened to it does stand there"


def test_the_journal_is_taken_along_as_it_was_filtered_and_that_is_a_line_too(app, analyst, monkeypatch):
    monkeypatch.setattr(journal_page, "STEP", 3)  # so that several steps make one file
    case = an_application(app)
    declare(app, case)
    with app.app_context(), transaction():
        for _ in range(8):
            journal.record("case_viewed", actor=journal.SYSTEM, about=("application", case), detail={"name": "=1+1"})
        number = db.session.get(Application, case).number
    found = [rows_of(taken(analyst, f"/petugas/jurnal/unduh.{kind}?tindakan=case_viewed&tentang={number}"))
             for kind in ("csv", "xlsx")]
    assert found[0] == found[1] and found[0][0] == list(journal_page.COLUMNS)
    with app.app_context():
        of_case = JournalLine.action == "case_viewed", JournalLine.about_id == case
        expected = db.session.scalars(select(JournalLine.seq).where(*of_case).order_by(JournalLine.seq)).all()
        noted = db.session.scalars(select(JournalLine.detail).where(JournalLine.action == "data_exported")).all()
    assert [int(row[0]) for row in found[0][1:]] == expected and len(expected) > 8
    assert len(noted) == 2 and all("jurnal" in line and number not in line for line in noted)
    assert not [cell for row in found[0] for cell in row if cell.startswith("=")]
    whole = rows_of(taken(analyst, "/petugas/jurnal/unduh.csv"))
    with app.app_context():
        assert len(whole) - 1 == db.session.scalar(select(func.count()).select_from(JournalLine)) - 1, "but for itself"


def test_who_may_not_download_gets_nothing_and_an_unknown_table_is_none(staff_client, analyst):
    assert staff_client("petugas").get("/petugas/unduh/survei.csv").status_code == 403
    taken(analyst, "/petugas/unduh/survei.csv")
    assert analyst.client.get("/petugas/unduh/rahasia.csv").status_code == 404

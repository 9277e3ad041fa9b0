"""A card is handed in, stands in its list with its time, is held by one person, warned of, and fetched."""

from importlib import import_module

from app.base.database import db
from app.casework import watch
from tests.browser import Officer

LIST = "/petugas/kartu-hilang"


def test_a_new_kind_of_case_has_list_claim_clock_history_and_page(app, staff_client, time):
    service = import_module("app.lost_card.service")

    rina, dewi = Officer(staff_client("petugas", "rina")), Officer(staff_client("operator", "dewi"))
    rina.open(LIST)
    assert rina.send(LIST, {"place": " "}).status == 200, "nothing typed, nothing kept"
    page = rina.send(LIST, {"place": "Alun-alun"})
    case = rina.address
    assert page.heading == "Alun-alun" and "Cari pemilik: sisa" in page.text
    listed = dewi.open(LIST)
    [line] = listed.soup.select("tbody tr")
    assert "Alun-alun" in line.text and "sisa" in line.text and "Petugas Contoh" in line.text
    assert "sedang menangani kartu ini" in dewi.open(case).text
    late = dewi.send(f"{case}/call", {"version": page.field("version"), "note": "Saya telepon juga."})
    assert late.status == 409 and "Saya telepon juga." in late.text, "what was typed is kept"
    assert rina.open(case) and rina.sends_back(f"{case}/call", {"note": ""}).status == 422
    assert "Menunggu diambil" in rina.sends_back(f"{case}/call", {"note": "Sudah ditelepon."}).text
    time.moves(days=9)
    with app.app_context():
        assert (watch.record_warnings(service.WATCH), watch.record_warnings(service.WATCH)) == (1, 0)
        assert db.session.query(service.LostCard).one().due_at is not None
    sari = Officer(staff_client("petugas", "sari"))
    assert "lewat" in sari.open(LIST).text
    sari.open(case)
    done = sari.sends_back(f"{case}/fetch", {"note": "Diambil."})
    assert "Kartu sudah diambil." in done.text and "Petugas Contoh" in done.soup.select_one(".log").text

"""The same word means the same number on every page: what is late, and by how much."""

import re
from datetime import datetime, timedelta

from app.base import clock
from app.base.clock import WIB
from app.complaints.reports import figures as reports
from app.oversight import figures
from tests.browser import Page
from tests.complaints import Handler, a_ticket, the
from tests.desk import a_case, declare, name_staff, nik_of, officer, row
from tests.test_oversight import months_of_work  # noqa: F401

FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=WIB)


def number_of(page: Page, tab: str) -> int:
    return int(page.soup.select_one(f"#jumlah-{tab}").get_text())


def figure_of(head: Page, title: str) -> str:
    found = next(one for one in head.soup.select(".five li") if one.h2.get_text() == title)
    return found.select_one(".big b").get_text()


def words_beside(page: Page, number: str) -> str:
    """How late the line of this case says it is."""
    line = next(line for line in page.soup.select("tr") if number in line.get_text())
    found = re.search(r"(?:lewat )?(\d+ (?:hari kerja|jam|menit)(?: \d+ menit)?)", line.get_text(" ", strip=True))
    return found[1]


def test_what_is_late_and_by_how_much_is_the_same_on_every_page(months_of_work, time, staff_client):  # noqa: F811
    app = months_of_work
    time.moment = datetime(2026, 11, 24, 9, 0, tzinfo=WIB)
    case, other = a_case(app, 1), a_case(app, 2)
    for number, one in ((1, case), (2, other)):
        declare(app, one, nik_of(number))
    time.moment = FRIDAY
    broken = a_ticket(app, received_at=FRIDAY - timedelta(days=25), text="Sudah lama sekali tidak dijawab.")
    behind = a_ticket(app, received_at=FRIDAY - timedelta(days=11), text="Belum ada yang memeriksa.")
    a_ticket(app, received_at=FRIDAY - timedelta(hours=1), text="Baru saja.")
    late_number, behind_number = the(app, broken, "number"), the(app, behind, "number")
    assert the(app, broken, "due_at") < the(app, broken, "resolve_due_at") < clock.now()

    head = Page(staff_client("supervisor", jabatan="kepala_dinas").get("/petugas/ringkasan"))
    sri = Handler(staff_client("supervisor", "sri2"))
    inbox, queue = sri.open("/petugas/pengaduan?tab=terlambat"), officer(app, "bayu").open("/petugas/?tab=lewat")

    assert figure_of(head, "Pengaduan terlambat") == "1" == str(number_of(inbox, "terlambat"))
    said = words_beside(head, late_number)
    assert said == words_beside(inbox, late_number) and said.endswith(("hari kerja", "jam", "menit"))
    assert f"Jawaban: lewat {said}" in sri.reads(broken).text
    assert behind_number not in inbox.text and behind_number not in head.text
    stage = sri.open("/petugas/pengaduan?tab=lewat-tahap")
    assert number_of(stage, "lewat-tahap") == 1 and behind_number in stage.text and late_number not in stage.text

    late = [line for line in head.soup.select("table.late tbody tr") if "Pendaftaran" in line.get_text()]
    numbers = {line.th.contents[0].get_text(strip=True) for line in late}
    assert {row(app, case).number, row(app, other).number} <= numbers
    assert number_of(queue, "lewat") == len(numbers)
    assert words_beside(head, row(app, case).number) == words_beside(queue, row(app, case).number)
    handed = sri.open("/petugas/terlambat")
    assert handed.soup.select_one(".lead b").get_text() == str(len(numbers))
    assert handed.soup.select_one(".lead a").get_text() == "1 pengaduan terlambat dijawab"
    assert words_beside(handed, row(app, case).number) == words_beside(head, row(app, case).number)

    home = sri.open("/petugas/").text
    assert f"{len(numbers)} pendaftaran terlambat (janji)" in home and "1 pengaduan terlambat dijawab" in home
    with app.app_context():
        assert figures.late_registrations() == len(numbers)
        assert reports.of_period(FRIDAY.date() - timedelta(days=60), FRIDAY.date()).total.late_open == 1


def test_what_somebody_has_in_hand_is_one_number_on_the_roster_and_the_page_of_the_secretary(
    app, time, staff_client,
):
    time.moment = FRIDAY
    case, other = a_case(app, 1), a_case(app, 2)
    dewi, sri = officer(app, "dewi"), officer(app, "sri", "supervisor")
    name = name_staff(app, "dewi", "Dewi Contoh")
    name_staff(app, "sri", "Sri Contoh")
    dewi.opens_case(case)  # nobody's, and worked on
    share = {"list": "registrations", "bulk": "ambil-alih", "confirm": "ya", "to": name, "reason": "Bagi rata."}
    sri.open("/petugas/?tab=semua")
    assert "1 dari 1 berhasil" in sri.send("/petugas/massal/kerjakan", {**share, "case": [other]}).heading
    roster = dewi.open("/petugas/bertugas")
    office = Page(staff_client("supervisor", jabatan="sekretaris").get("/petugas/beban-kerja"))
    line = next(line for line in office.soup.select("tbody tr") if "Dewi Contoh" in line.get_text())
    held = line.select("td")[1].get_text()
    assert held in next(one for one in roster.soup.select("tbody tr") if "Dewi Contoh" in one.get_text()).get_text()
    assert held == "2"

"""The table of rights in words, and the menu that follows it."""

import pytest

from app.web.access import PERMISSION_WORDS, PERMISSIONS
from tests.browser import Page


def test_every_permission_is_said_in_words():
    assert set(PERMISSION_WORDS) == set(PERMISSIONS), "write the words in app/web/access.py beside the permission"


def test_the_table_of_rights_is_shown_as_it_is(staff_client):
    page = Page(staff_client("petugas").get("/petugas/hak"))
    page.audit(fragment=False)
    held = {
        row.th.get_text(): [cell.get_text() for cell in row.select("td")] for row in page.soup.select("tbody tr")
    }
    assert held["Menyetujui atau menolak pendaftaran"] == ["Tidak", "Ya", *["Tidak"] * 7]
    assert len(held) == len(PERMISSIONS)


@pytest.mark.parametrize("role, shown, hidden", [
    ("admin", {"Pegawai", "Kalender kantor", "Alasan", "Wewenang tiap peran"}, {"Jurnal", "Angka pendaftaran"}),
    ("supervisor", {"Jurnal", "Angka pendaftaran", "Wewenang tiap peran"}, {"Pegawai", "Kalender kantor"}),
    ("petugas", {"Wewenang tiap peran", "PIN layar"}, {"Pegawai", "Jurnal", "Kalender kantor"}),
])
def test_the_menu_holds_what_the_role_may_open(staff_client, role, shown, hidden):
    page = Page(staff_client(role).get("/petugas/hak"))
    links = {link.get_text(strip=True) for link in page.soup.select(".tabs-top .menu a")}
    assert shown <= links and not hidden & links

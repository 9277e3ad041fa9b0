"""Lists in the order of what no database can sort: names and NIK, which are sealed, and who holds a case just now."""

import pytest

from app.casework import lists
from tests.builders import add_staff
from tests.desk import a_case, details_of, officer, row
from tests.test_desk_queue import numbers, set_columns


@pytest.fixture
def petugas(app, time):
    return officer(app, "rina", "petugas")


def test_names_and_nik_are_sorted_by_opening_a_list_that_is_short_enough_and_that_is_written_down(
    app, time, petugas, monkeypatch,
):
    """No database sorts what is sealed; a page begins behind a row, so that no name stands in an address."""
    wanted = [row(app, a_case(app, number, full_name=name)).number
              for number, name in ((3, "AMINAH CONTOH"), (1, "CITRA CONTOH"), (2, "BUDI CONTOH"))]
    by_name = [wanted[0], wanted[2], wanted[1]]
    assert numbers(petugas.open("/petugas/?tab=semua&urut=nama")) == by_name
    assert numbers(petugas.open("/petugas/?tab=semua&urut=-nama")) == by_name[::-1]
    assert numbers(petugas.open("/petugas/?tab=semua&urut=nik")) == [wanted[1], wanted[2], wanted[0]]
    lines = details_of(app, "list_opened_to_sort")
    assert len(lines) == 3 and "CONTOH" not in lines[0]

    monkeypatch.setattr(lists, "PAGE", 2)
    first = petugas.open("/petugas/?tab=semua&urut=nama")
    assert numbers(first) == by_name[:2]
    older = first.soup.select_one(".pages a[href*=sesudah]")["href"]
    assert "AMINAH" not in older and "BUDI" not in older
    assert numbers(petugas.open(older)) == by_name[2:]
    monkeypatch.setattr(lists, "MOST_OPENED", 2)
    told = petugas.open("/petugas/?tab=semua&urut=nama")
    assert "saring dulu" in told.text and len(numbers(told)) == 2


def test_what_renews_itself_or_stands_beside_a_case_opens_no_list_to_sort_it(app, time, petugas, monkeypatch):
    cases = [a_case(app, number, full_name=name) for number, name in ((1, "CITRA CONTOH"), (2, "BUDI CONTOH"))]
    petugas.open("/petugas/?tab=semua&urut=nama")
    monkeypatch.setattr(lists, "_opened_rows", lambda *_: pytest.fail("opened without a line of the journal"))
    answer = petugas.client.get("/petugas/hitungan?tab=semua&urut=nama")
    assert (answer.status_code, answer.text) == (204, "")
    case = petugas.opens_case(cases[0])
    aside = case.soup.select_one("[data-beside]")
    assert "urut=nama" in aside["data-back"], "the way back is the list as it was"
    beside = petugas.client.get(aside["data-beside"])
    assert beside.status_code == 200 and all(row(app, one).number in beside.text for one in cases)
    assert f"/petugas/pendaftaran/{cases[1]}" in case.response.text, "the neighbour of the plain order"


def test_a_claim_that_has_lapsed_is_nobodys_in_the_order_of_holders(app, time, petugas):
    held, owned = a_case(app, 1), a_case(app, 2)
    officer(app, "zaki", "petugas").opens_case(held)
    adi = add_staff(app, "adi", "operator")  # whose name comes before a petugas'
    set_columns(app, owned, assigned_to=adi)
    both = [row(app, held).number, row(app, owned).number]
    assert numbers(petugas.open("/petugas/?tab=semua&urut=pemegang")) == both[::-1]
    time.moves(minutes=11)
    page = petugas.open("/petugas/?tab=semua&urut=pemegang")
    assert numbers(page) == both and page.text.count("belum dipegang") == 1

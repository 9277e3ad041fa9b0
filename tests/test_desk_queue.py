"""The lists of the office: what is in which tab, who gets which case next, how cases are found."""

import pytest
from sqlalchemy import event, select, update

from app.base.database import db, transaction
from app.casework import lists
from app.registration.models import Application, NameWord
from app.registration.personal import date_names, name_word_index
from app.review import search, worklist
from bench import queue as waiting
from tests.builders import RESIDENT, an_application
from tests.desk import a_case, declare, details_of, name_staff, nik_of, officer, row

MAYANGAN = {"address": "Jl. Contoh 2, RT 01/RW 01, Mayangan, Mayangan", "village": "Mayangan"}


def numbers(page) -> list[str]:
    """Registration numbers of the list, in its order."""
    return page.tree.xpath("//td//a[contains(concat(' ', @class, ' '), ' number ')]/text()")


def tab_counts(page) -> dict[str, str]:
    counts = page.tree.xpath("//*[contains(@class, 'tabs')]//b[starts-with(@id, 'jumlah-')]")
    return {b.get("id").removeprefix("jumlah-"): b.text_content() for b in counts}


def next_page(page) -> str:
    return page.tree.xpath("string(//a[text()='Berikutnya']/@href)")


def set_columns(app, application_id: str, **values) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Application).where(Application.id == application_id).values(**values))


@pytest.fixture
def petugas(app, time):
    return officer(app, "rina", "petugas")


def test_every_tab_holds_its_cases_and_says_how_many(app, time, petugas):
    bayu = officer(app, "bayu")
    new, complete, returned = (a_case(app, number) for number in (1, 2, 3))
    bayu.acts(complete, "lengkap", nik_read=nik_of(2))
    bayu.acts(returned, "kembalikan", reasons=["KTP_BURAM"])
    petugas.opens_case(new)
    page = petugas.sees_queue()
    assert tab_counts(page) | {"ganda": "-"} == {
        "untuk-saya": "1", "semua": "2", "baru": "1", "diperbaiki": "0", "lengkap": "1", "hampir-lewat": "0",
        "lewat": "0", "lewat-target": "0", "ganda": "-", "perlu-dilihat": "0", "menunggu-pemohon": "1",
        "orang-kedua": "0", "siak": "0", "saya": "1",
    }
    shown = {tab: numbers(petugas.open(f"/petugas/?tab={tab}")) for tab in worklist.TABS}
    assert shown["baru"] == shown["saya"] == [row(app, new).number]
    assert shown["lengkap"] == [row(app, complete).number]
    assert shown["menunggu-pemohon"] == [row(app, returned).number]


def test_least_time_left_comes_first_and_a_mended_case_stands_at_its_old_place(app, time, petugas):
    first = a_case(app, 1)
    time.moves(days=1)
    petugas = officer(app, "rina", "petugas")
    second = a_case(app, 2)
    set_columns(app, first, mended=True)
    wanted = [row(app, first).number, row(app, second).number]
    assert numbers(petugas.sees_queue()) == wanted
    assert "Sudah diperbaiki" in petugas.page.soup.select_one("tbody").get_text()


def test_near_and_late_cases_have_a_tab_of_their_own(app, time):
    application_id = a_case(app)
    time.moves(days=1, hours=4)  # Tuesday 14.00, closing at 16.00
    petugas = officer(app, "rina", "petugas")
    page = petugas.open("/petugas/?tab=hampir-lewat")
    assert numbers(page) == [row(app, application_id).number] and "sisa 1 jam 59 menit" in page.text
    time.moves(hours=3)
    petugas = officer(app, "rina", "petugas")
    page = petugas.open("/petugas/?tab=lewat-target")
    assert numbers(page) == [row(app, application_id).number] and "baru lewat" in page.text
    assert tab_counts(page)["hampir-lewat"] == "0"


def test_the_next_case_is_the_one_with_least_time_left_that_nobody_holds(app, time, petugas):
    first, second = a_case(app, 1), a_case(app, 2)
    set_columns(app, second, due_at=row(app, first).submitted_at)
    dewi = officer(app, "dewi", "petugas")
    petugas.sees_queue()
    assert row(app, second).number in petugas.send("/petugas/berikutnya", {}).heading
    dewi.sees_queue()
    assert row(app, first).number in dewi.send("/petugas/berikutnya", {}).heading
    petugas.sees_queue()
    assert "Tidak ada berkas yang menunggu Anda sekarang." in petugas.send("/petugas/berikutnya", {}).text


def test_a_petugas_is_never_handed_a_case_only_an_operator_decides(app, time, petugas):
    application_id = a_case(app)
    bayu = officer(app, "bayu")
    declare(app, application_id)
    petugas.sees_queue()
    assert "Tidak ada berkas yang menunggu Anda sekarang." in petugas.send("/petugas/berikutnya", {}).text
    bayu.sees_queue()
    assert row(app, application_id).number in bayu.send("/petugas/berikutnya", {}).heading


def test_a_case_is_found_by_nik_phone_or_name_and_nothing_of_it_is_written_down(app, time, petugas):
    wanted = a_case(app, 1)
    a_case(app, 2, full_name="BUDI CONTOH", whatsapp_number="0812-0000-2002", kk_number="3574010101100002")
    petugas.sees_queue()
    typed = (nik_of(1), "3574 0145 0590 0001", "0812-0000-1001", "+62 812 0000 1001", "aminah", "Siti Contoh")
    for words in typed:
        assert numbers(petugas.send("/petugas/cari", {"q": words})) == [row(app, wanted).number], words
    lines = details_of(app, "case_search")
    assert len(lines) == len(typed) and not any(words in line for words in typed for line in lines)


def test_of_many_namesakes_the_newest_fifty_are_found(app, petugas):
    with app.app_context():
        waiting.fill(1, 1_201)
        with transaction() as session:
            known = (Application.id, Application.number, Application.submitted_at)
            rows = session.execute(select(*known).where(Application.status != "active")).all()
            session.add_all(
                NameWord(application_id=one.id, word_index=name_word_index(word), sent_at=one.submitted_at)
                for one in rows for word in ("SITI", "CONTOH")
            )
    assert len(rows) == 120
    newest = sorted(rows, key=lambda one: (one.submitted_at, one.id), reverse=True)[:50]
    petugas.sees_queue()
    assert numbers(petugas.send("/petugas/cari", {"q": "contoh siti"})) == [one.number for one in newest]


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_names_an_older_process_sent_are_dated_afterwards(request, which):
    app = request.getfixturevalue(which)
    case, draft = a_case(app, 1), an_application(app, send=False, nik=nik_of(2))
    with app.app_context():
        with transaction() as session:
            session.execute(update(NameWord).values(sent_at=None))
        assert date_names() == len(RESIDENT["full_name"].split())
        dates = db.session.execute(select(NameWord.application_id, NameWord.sent_at).distinct()).all()
        assert dict(dates) == {case: db.session.get(Application, case).submitted_at, draft: None}
        assert date_names() == 0


@pytest.mark.usefixtures("on_sqlite")
def test_namesakes_are_found_along_an_index(app_context):
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    dict(search._meanings("SITI CONTOH"))
    event.remove(db.engine, "before_cursor_execute", note)
    ask = db.session.connection().exec_driver_sql
    named = [one for one in asked if "application_name_word" in one[0]]
    lines = [row[-1] for one in named for row in ask(f"EXPLAIN QUERY PLAN {one[0]}", one[1])]
    assert any("ix_application_name_word_newest (word_index=?)" in line for line in lines)
    assert not any("TEMP B-TREE" in line or line.startswith("SCAN application") for line in lines), lines


def test_a_case_is_found_by_its_number_in_small_letters_without_dash(app, time, petugas):
    wanted = row(app, a_case(app, 1)).number
    a_case(app, 2)
    petugas.sees_queue()
    typed = wanted.lower() if any(char.isdigit() for char in wanted) else wanted
    assert numbers(petugas.send("/petugas/cari", {"q": typed})) == [wanted]


def test_a_case_is_found_by_one_half_of_its_number_as_people_read_it_out(app, time, petugas):
    wanted = row(app, a_case(app, 1)).number
    a_case(app, 2)
    petugas.sees_queue()
    for half in wanted.lower().split("-"):
        assert wanted in numbers(petugas.send("/petugas/cari", {"q": half})), half


def test_a_list_is_sorted_by_a_column_and_narrowed_and_keeps_both_from_tab_to_tab(app, time, petugas):
    early = row(app, a_case(app, 1)).number
    time.moves(minutes=5)
    late = row(app, a_case(app, 2)).number
    page = petugas.open("/petugas/?tab=semua")
    (head,) = (one for one in page.soup.select("thead a") if one.get_text(strip=True) == "Dikirim")
    page = petugas.open(head["href"])
    assert numbers(page) == [early, late] and "Dikirim" in page.soup.select_one("[aria-sort=ascending]").get_text()
    (head,) = (one for one in page.soup.select("thead a") if one.get_text(strip=True).startswith("Dikirim"))
    assert numbers(petugas.open(head["href"])) == [late, early]
    page = petugas.open(f"{head['href']}&pemegang=bebas&sisa=lewat")
    assert numbers(page) == [] and "Tidak ada yang cocok dengan saringan ini" in page.text
    tabs = [link["href"] for link in page.soup.select("ul.tabs a")]
    assert all("sisa=lewat" in address and "urut=-dikirim" in address for address in tabs)
    assert tab_counts(page)["semua"] == "0"


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_every_column_sorts_and_pages_go_on_in_its_order(request, time, monkeypatch, which):
    app = request.getfixturevalue(which)
    ids = [a_case(app, number, **where) for number, where in enumerate(({}, MAYANGAN, {}), 1)]
    by_id = {row(app, one).number: one for one in ids}
    monkeypatch.setattr(lists, "PAGE", 2)
    person = officer(app, "rina", "petugas")
    name_staff(app, "rina", "Rina Contoh")
    person.opens_case(ids[1])
    for sort in ("nomor", "status", "pemegang", "dikirim", "sisa"):
        for way in ("", "-"):
            first = person.open(f"/petugas/?tab=semua&urut={way}{sort}")
            shown = numbers(first)
            shown += numbers(person.open(next_page(first)))
            assert sorted(shown) == sorted(by_id), f"{way}{sort} shows each once"
            if sort == "nomor":
                assert shown == sorted(by_id, reverse=bool(way))
            if sort == "pemegang":
                assert shown.index(row(app, ids[1]).number) == (0 if way else 2), "nobody comes before somebody"
    assert len(numbers(person.open("/petugas/?tab=semua&kelurahan=Ketapang"))) == 2
    assert numbers(person.open("/petugas/?tab=semua&kelurahan=Mayangan")) == [row(app, ids[1]).number]


def test_a_nonsense_filter_finds_nothing_and_a_nonsense_order_is_none(app, time, petugas):
    a_case(app)
    for asked in ("sisa=x", "dikirim=x", "pemegang=x", "kanal=x", "tanda=%27", "urut=-", "urut=x"):
        page = petugas.open(f"/petugas/?tab=semua&{asked}")
        assert page.status == 200 and len(numbers(page)) == int(asked.startswith("urut")), asked


def test_a_search_that_finds_nothing_says_so(petugas):
    petugas.sees_queue()
    assert "Tidak ada yang cocok" in petugas.send("/petugas/cari", {"q": "zzz"}).text


def test_pages_follow_each_other_without_gap_or_repeat_and_cost_the_same(app, time, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)
    ids = [a_case(app, number) for number in range(1, 6)]
    petugas = officer(app, "rina", "petugas")
    statements = []

    def note(_connection, _cursor, statement, *_):
        if "personal_sealed" in statement:
            statements.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    seen, address = [], "/petugas/?tab=semua"
    while address:
        page = petugas.open(address)
        seen += numbers(page)
        address = next_page(page)
    assert len(statements) == 3, "one query for each page"
    assert seen == [row(app, application_id).number for application_id in sorted(ids)], "all sent at one moment"


def test_a_page_asks_the_database_no_more_often_for_many_rows_than_for_one(app, time, petugas):
    asked = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    a_case(app, 1)

    def questions() -> int:
        asked.clear()
        petugas.sees_queue()
        return len(asked)

    questions()
    one = questions()
    for number in range(2, 6):
        a_case(app, number)
    assert questions() == one


def test_a_nonsense_place_means_the_beginning(app, time, petugas):
    a_case(app)
    for place in ("abc", "-", "1-x", "1-2-3-4", "9" * 20 + "-1-" + "0" * 32, "²-1-" + "0" * 32):
        assert len(numbers(petugas.open(f"/petugas/?sesudah={place}"))) == 1, place


def test_an_admin_sees_the_numbers_but_no_people(app, time):
    a_case(app)
    page = officer(app, "agus", "admin").sees_queue()
    assert numbers(page) == [] and tab_counts(page)["baru"] == "1"

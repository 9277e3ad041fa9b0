"""Lists of both desks: pages by place, counts that renew themselves, and what was handed over stays one's own."""

from datetime import UTC, datetime

import pytest

from app.casework.lists import COUNT_CAP, place_of, read_place
from app.complaints.ticket.models import Ticket
from tests.complaints import Handler, a_ticket
from tests.desk import a_case, name_staff, nik_of, officer, row


def test_a_case_handed_over_stays_the_new_owners_long_after_the_claim(app, time):
    mine, other = a_case(app), a_case(app, 2)
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    dewi_id = name_staff(app, "dewi", "Dewi Contoh")
    rina.opens_case(mine)
    rina.sends_act(mine, "serahkan", to=dewi_id)
    time.moves(minutes=30)
    dewi, bayu = officer(app, "dewi"), officer(app, "bayu")  # idle sessions have ended
    assert "untuk Dewi Contoh" in bayu.open("/petugas/?tab=semua").text
    assert row(app, mine).number in dewi.open("/petugas/?tab=saya").text
    bayu.send("/petugas/berikutnya", {})
    assert row(app, other).number in bayu.page.text, "what is Dewi's is handed to nobody else"
    dewi.open("/petugas/")
    dewi.send("/petugas/berikutnya", {})
    assert row(app, mine).number in dewi.page.text


def test_a_case_that_others_must_decide_is_nobodys_own_any_more(app, time):
    application_id = a_case(app)
    rina, dewi = officer(app, "rina", "petugas"), officer(app, "dewi", "petugas")
    dewi_id = name_staff(app, "dewi", "Dewi Contoh")
    rina.opens_case(application_id)
    rina.sends_act(application_id, "serahkan", to=dewi_id)
    dewi.acts(application_id, "lengkap", nik_read=nik_of(1))
    assert (row(app, application_id).status, row(app, application_id).assigned_to) == ("complete", None)


@pytest.mark.parametrize("page", ["/petugas/", "/petugas/pengaduan?tab=terbuka&kanal=web&kategori=late"])
def test_an_open_list_renews_itself_under_the_same_filters_and_says_when_nothing_changed(app, time, page):
    a_case(app)
    rina = officer(app, "rina")
    shown = rina.open(page).soup.select_one("[data-renew]")["data-renew"]
    before = rina.client.get(shown)
    assert rina.client.get(shown, headers={"If-None-Match": before.headers["ETag"]}).status_code == 204
    a_ticket(app)
    a_ticket(app, "radio")
    a_case(app, 2)
    now = rina.client.get(shown, headers={"If-None-Match": before.headers["ETag"]})
    assert now.status_code == 200 and now.headers["ETag"] != before.headers["ETag"]
    assert now.text.count("data-case=") == (1 if "pengaduan" in page else 2), "the one by radio is filtered out"


def test_how_one_looks_at_a_list_is_kept_for_the_way_back_the_neighbours_and_the_next_visit(app, time):
    ids = [a_case(app, number) for number in (1, 2, 3)]
    first, second, third = sorted(ids)
    rina = officer(app, "rina")
    rina.open("/petugas/?tab=semua&kanal=web")
    page = rina.opens_case(second)
    way = {link.get_text(" ", strip=True): link["href"] for link in page.soup.select(".around a, a.back")}
    assert way["Antrean"] == "/petugas/?tab=semua&kanal=web"
    assert way["Sebelumnya ["].endswith(first) and way["Berikutnya ]"].endswith(third)
    assert rina.client.get("/petugas/").location == "/petugas/?tab=untuk-saya&kanal=web"
    rina.open("/petugas/?tab=semua&kanal=web")
    rina.send("/petugas/tampilan", {"name": "Isi sendiri"})
    assert rina.page.soup.find("a", string="Isi sendiri")["href"] == "/petugas/?tab=semua&kanal=web"
    rina.send("/petugas/tampilan", {"name": "Isi sendiri", "hapus": "y"})
    assert rina.page.soup.find("a", string="Isi sendiri") is None
    assert "Beri nama tampilan ini." in rina.send("/petugas/tampilan", {"name": " "}).text


def test_every_page_hears_of_new_work_and_of_what_was_handed_to_this_person(app, time):
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    dewi_id = name_staff(app, "dewi", "Dewi Contoh")
    dewi.open("/petugas/pengaduan")
    quiet = dewi.client.get("/petugas/kabar")
    mine = a_case(app)
    a_ticket(app)
    told = dewi.client.get("/petugas/kabar", headers={"If-None-Match": quiet.headers["ETag"]})
    assert {key: told.json["waiting"][key]["words"] for key in ("antrean", "pengaduan")} == {
        "antrean": "1", "pengaduan": "1"}
    assert told.json["handed"] == []
    rina.opens_case(mine)
    rina.sends_act(mine, "serahkan", to=dewi_id)
    told = dewi.client.get("/petugas/kabar")
    assert [one["words"] for one in told.json["handed"]] == [f"Pendaftaran {row(app, mine).number}"]
    again = dewi.client.get("/petugas/kabar", headers={"If-None-Match": told.headers["ETag"]})
    assert again.status_code == 204
    boss = officer(app, "agus", "admin")
    assert boss.client.get("/petugas/kabar").json["handed"] == []


def test_a_place_in_a_list_survives_its_address():
    moment = datetime(2026, 11, 23, 3, 0, 0, 123456, tzinfo=UTC)
    by_time, by_words = (Ticket.due_at, Ticket.id), (Ticket.number, Ticket.id)
    assert read_place(place_of(moment, "abc"), by_time) == (moment, "abc")
    assert read_place(place_of("ADU-2026-000001 é", "abc"), by_words) == ("ADU-2026-000001 é", "abc")
    for nonsense in ("", "abc", "1-2-3", "x-abc", "x41-abc", "99999999999999999-abc"):
        assert read_place(nonsense, by_time) is None
    assert read_place("1-abc", by_words) is None and read_place("xzz-abc", by_words) is None
    assert COUNT_CAP == 99


def test_who_else_has_a_registration_open_is_shown(app, time):
    application_id = a_case(app)
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    name_staff(app, "dewi", "Dewi Contoh")
    rina.opens_case(application_id)
    dewi.opens_case(application_id)
    assert dewi.client.get(f"/petugas/pendaftaran/{application_id}/pegangan").status_code == 200
    data = {name: rina.page.field(name) for name in ("csrf_token", "claim_token")}
    told = rina.client.post(f"/petugas/pendaftaran/{application_id}/denyut", data={**data, "active": "1"}).text
    assert "Dewi Contoh juga membuka" in told
    time.moves(minutes=3)
    assert "Dewi Contoh" not in rina.opens_case(application_id).soup.select_one("#pegangan").get_text()


def test_a_complaint_taken_over_keeps_the_reason_and_whoever_was_writing_reads_it(app):
    ticket_id = a_ticket(app)
    rina, boss = Handler(officer(app, "rina").client), Handler(officer(app, "sri", "supervisor").client)
    name_staff(app, "sri", "Sri Contoh")
    rina.acts(ticket_id, "klaim")
    rina.reads(ticket_id)
    assert boss.acts(ticket_id, "ambil-alih", reason=" ").status == 422
    boss.acts(ticket_id, "ambil-alih", reason="Rina sakit hari ini.")
    token = rina.page.field("csrf_token")
    told = rina.client.post(
        f"/petugas/pengaduan/{ticket_id}/hadir?menulis&versi={rina.page.field('version')}",
        data={"claim_token": rina.page.field("claim_token")}, headers={"X-CSRFToken": token},
    ).text
    assert "Sri Contoh mengambil alih: Rina sakit hari ini." in told
    late = rina.send(f"/petugas/pengaduan/{ticket_id}/jawab", {
        **{name: rina.page.field(name) for name in ("version", "claim_token")},
        "text": "Jawaban saya.", "via": "chosen", "outcome": "proven", "act": "final"})
    assert late.status == 409 and late.field("text") == "Jawaban saya."

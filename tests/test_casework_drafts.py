"""What is typed into a form of the office is kept until it is sent."""

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.base.database import db
from app.casework.models import CaseDraft
from tests.builders import add_staff
from tests.complaints import Handler, a_ticket
from tests.desk import a_case, officer
from tests.desk_screen import brings_a_session
from tests.live import served

WORDS = "Foto terpotong di sisi kiri."


def kept(person, draft: str) -> dict:
    answer = person.client.get("/petugas/draf", query_string={"draft": draft})
    return json.loads(answer.text) if answer.status_code == 200 else {}


def test_words_of_a_return_stay_through_a_refusal_and_a_lost_claim_and_go_when_it_is_done(app, time):
    case = a_case(app)
    rina, draft = officer(app, "rina"), f"application:{case}:kembalikan"
    rina.opens_case(case)
    page = rina.sends_act(case, "kembalikan", draft=draft, note_KTP_BURAM=WORDS)
    assert page.status == 422 and kept(rina, draft) == {"note_KTP_BURAM": [WORDS]}
    assert kept(officer(app, "dewi"), draft) == {}, "one's own words only"
    with app.app_context():
        assert WORDS.encode() not in db.session.scalars(select(CaseDraft)).one().typed_sealed
    rina.opens_case(case)
    assert rina.sends_act(case, "kembalikan", draft=draft, reasons=["KTP_BURAM"], note_KTP_BURAM=WORDS).status == 200
    assert kept(rina, draft) == {}


def test_every_form_with_free_text_names_what_it_keeps(app, time, staff_client):
    case, petugas = a_case(app), Handler(staff_client("petugas"))
    fields = officer(app, "rina").opens_case(case).soup.select("[name=draft]")
    names = [field["value"].rpartition(":")[2] for field in fields]
    assert {"kembalikan"} <= set(names)
    assert petugas.open("/petugas/pengaduan/catat").field("draft") == "entry:baru:catat"


def test_a_draft_of_a_case_one_must_not_see_is_neither_kept_nor_told(app, staff_client):
    ticket = a_ticket(app, category="conduct", about_staff=True)
    petugas = Handler(staff_client("petugas"))
    petugas.open("/petugas/pengaduan")
    for draft in (f"ticket:{ticket}:note", "ticket:nothing:note", "staff:x:y", "", "::", f"application:{'x' * 40}:a"):
        assert petugas.client.get("/petugas/draf", query_string={"draft": draft}).status_code == 404
        data = {"csrf_token": petugas.page.field("csrf_token"), "draft": draft, "note": WORDS}
        assert petugas.client.post("/petugas/draf", data=data).status_code == 404


@pytest.mark.browser
def test_typed_words_survive_the_death_of_the_tab_and_stand_in_the_next_one(app, time, chromium):
    case = a_case(app)
    add_staff(app, "rina", "petugas")
    with served(app) as address:
        context = chromium.new_context(base_url=address)
        brings_a_session(app, context, address, "rina")
        page = context.new_page()
        page.goto(f"/petugas/pendaftaran/{case}")
        page.locator("[data-key=k]").click()
        with page.expect_response(lambda answer: answer.ok and answer.url.endswith("/petugas/draf")
                                  and "terpotong" in (answer.request.post_data or "")):
            page.check("#r-KTP_BURAM")
            page.fill("[name=note_KTP_BURAM]", WORDS)
        page.close()
        again = context.new_page()
        again.goto(f"/petugas/pendaftaran/{case}")
        expect(again.locator("[name=note_KTP_BURAM]")).to_have_value(WORDS)
        expect(again.locator("#r-KTP_BURAM")).to_be_checked()
        context.close()

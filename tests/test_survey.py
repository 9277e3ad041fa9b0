"""The survey, from the invitation to the index, and that nobody can say who answered."""

import random
import re
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from app.base import clock
from app.base.database import db, transaction
from app.complaints.ticket.models import Ticket
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload
from app.survey import answering, inviting
from app.survey.elements import CODES, index_of
from app.survey.models import RatingNotice, SurveyAnswer, SurveyInvitation
from tests.accounts import an_account
from tests.browser import Browser, Resident
from tests.builders import CITIZEN_PASSWORD, RESIDENT
from tests.complaints import Complainant, Handler, a_ticket
from tests.survey import GOOD, Respondent, Typist, decided, one, this_month
from tests.test_survey_index import sheets

HEADING = "Survei Kepuasan Masyarakat"


@pytest.mark.parametrize("htmx", [False, True], ids=["without htmx", "with htmx"])
def test_four_screens_from_the_code_at_the_counter_to_the_thanks(app, client, htmx):
    person = Respondent(client, htmx)
    assert person.open("/survei").heading == HEADING
    assert "Bagian 1 dari 4" in person.page.text and not person.page.soup.select("[checked]")
    missing = person.send("/survei/bagian/1", {"u1": "4", "u3": "5"})
    assert missing.status == 422 and missing.text.count("Pilih satu jawaban.") == 4  # beside the field and above
    assert missing.soup.select_one("#u1-4[checked]"), "what was answered is kept"
    assert person.answers(GOOD, suggestion="Tambah kursi tunggu.", sex="P").heading == "Terima kasih"
    with app.app_context():
        kept = db.session.scalars(select(SurveyAnswer)).one()
        assert {code: kept.mark(code) for code in CODES} == GOOD
        assert (kept.way, kept.service, kept.sex, kept.age) == ("qr", "office", "P", "")
        assert b"kursi" not in kept.suggestion_sealed and answering.suggestion_of(kept) == "Tambah kursi tunggu."
    assert person.open("/survei/bagian/4").heading == HEADING, "nothing is left in a browser that many use"


def test_back_reload_and_a_second_tap_on_send_make_one_answer(app, client):
    person = Respondent(client)
    person.open("/survei")
    person.send("/survei/bagian/1", {"u1": "1", "u2": "2", "u3": "3"})
    assert person.open("/survei/bagian/4").heading == HEADING, "the second screen, which is not answered yet"
    assert "Bagian 2 dari 4" in person.page.text
    back = person.open("/survei/bagian/1")
    assert back.soup.select_one("#u1-1[checked]") and back.soup.select_one("#u3-3[checked]")
    for part in (1, 2, 3):
        person.send(f"/survei/bagian/{part}", {element.code: "4" for element in answering.elements_of(part)})
    held, token = client.get_cookie("survei").value, person.page.field("csrf_token")
    assert person.send("/survei/bagian/4", {}).heading == "Terima kasih"
    client.set_cookie("survei", held)
    assert client.post("/survei/bagian/4", data={"csrf_token": token}).status_code == 410
    assert len(one(app, select(SurveyAnswer))) == 1


def test_a_day_after_the_decision_who_consented_is_asked_once_by_a_link_for_one_answer(app, time):
    client = app.test_client()
    consented, silent = decided(app, time, consent=True), decided(app, time, consent=False, phone="0812-0000-1009")
    with app.app_context():
        assert inviting.invite_due() == 0, "not on the day itself"
        time.moves(days=1, minutes=1)
        assert (inviting.invite_due(), inviting.invite_due()) == (1, 0)
        message = db.session.scalars(select(OutboxMessage)).one()
        assert message.about == ("application", consented) and message.template == "undangan_survei"
        link = open_payload(message).variables["tautan"]
        assert re.fullmatch(r"http\S+/survei/t/[0-9a-f]{32}", link)
        assert silent not in db.session.scalars(select(SurveyInvitation.about_id)).all()
    path = "/survei/t/" + link.rsplit("/", 1)[1]
    assert client.get(path).status_code == client.get(path).status_code == 303, "a look uses nothing up"
    assert Respondent(client).answers(GOOD, start=path).heading == "Terima kasih"
    assert Respondent(app.test_client()).open(path).status == 410
    assert [(row.way, row.service) for row in one(app, select(SurveyAnswer))] == [("link", "registration")]
    assert (this_month(app).index.value, this_month(app).served) == (Decimal("100.00"), 2)


def test_a_closed_complaint_asks_too_but_nobody_twice_in_a_month_and_nobody_at_night(app, time):
    decided(app, time, consent=True)
    ticket_id = a_ticket(app, phone="+6281200001001", survey_consent=True)
    other_id = a_ticket(app, phone="+6281200002009", survey_consent=True)
    with app.app_context():
        with transaction():
            db.session.execute(update(Ticket).where(Ticket.id.in_((ticket_id, other_id))).values(
                status="closed", tray="done", is_open=False, outcome="proven", closed_at=clock.now(),
                version=Ticket.version + 1,
            ))
        time.moves(days=1, hours=11)
        assert inviting.invite_due() == 0, "in the evening"
        time.moves(hours=14)
        inviting.invite_due()
        asked = db.session.scalars(select(OutboxMessage.about_id).where(OutboxMessage.template == inviting.TEMPLATE))
        assert other_id in (found := asked.all()) and ticket_id not in found


def test_paper_is_typed_once_a_sheet_and_a_gap_is_told(app, staff_client):
    typist = Typist(staff_client("petugas"))
    gap = typist.types({**GOOD, "u7": 9})
    assert gap.status == 422 and "Pilih satu jawaban." in gap.text
    assert "Lembar tersimpan." in typist.types(sheets()[0], suggestion="Baik").text
    form = {"token": "0" * 32, "month": clock.today().replace(day=1).isoformat(), **dict.fromkeys(CODES, "4")}
    assert "sudah tersimpan" in typist.send("/petugas/survei/kertas", form).text
    assert len(one(app, select(SurveyAnswer))) == 1


def test_ten_sheets_give_the_worked_example_on_the_page_of_the_office_and_of_the_public(app, client, staff_client):
    typist = Typist(staff_client("petugas"))
    assert "Belum ada 10 jawaban" in client.get("/skm").text
    for sheet in sheets():
        typist.types(sheet)
    for page in (staff_client("supervisor").get("/petugas/survei").text, client.get("/skm").text):
        assert "85,00" in page and "mutu B" in page
    with app.app_context():
        found = this_month(app)
        assert [row.element.code for row in found.lowest_first[:3]] == ["u2", "u3", "sarpras"]
        assert found.lowest_first[0].score.mean == Decimal("3.10")


def test_browser_and_paper_give_the_same_index_to_the_cent(app, staff_client):
    chance = random.Random(14)
    many = [{code: chance.choice((1, 2, 3, 3, 4, 4)) for code in CODES} for _ in range(7)]
    for marks in many:
        Respondent(app.test_client()).answers(marks)
    by_browser = this_month(app)
    typist = Typist(staff_client("petugas"))
    for marks in many:
        typist.types(marks)
    both = this_month(app)
    assert (by_browser.answers, both.answers) == (7, 14)
    expected = sum(Decimal(sum(marks.values())) for marks in many) * 25 / (9 * len(many))
    assert by_browser.index == both.index == index_of(
        {code: sum(marks[code] for marks in many) for code in CODES}, len(many)
    )
    assert abs(both.index.value - expected) <= Decimal("0.005")


@pytest.mark.long
def test_a_thousand_answers_by_browser_and_a_thousand_on_paper_agree(app, staff_client):
    app.config["WTF_CSRF_ENABLED"] = False
    chance = random.Random(2017)
    many = [{code: chance.choice((1, 2, 3, 4)) for code in CODES} for _ in range(1000)]
    for number, marks in enumerate(many):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"10.0.{number // 250}.{number % 250}"
        Respondent(client).answers(marks)
    by_browser = this_month(app).index
    typist = Typist(staff_client("petugas"))
    for marks in many:
        typist.types(marks)
    exact = index_of({code: sum(marks[code] for marks in many) for code in CODES}, len(many))
    assert by_browser == this_month(app).index == exact and this_month(app).answers == 2000


def test_somebody_who_paid_and_the_worst_mark_reach_the_supervisor_at_once(app, client, staff_client):
    Respondent(client).answers(GOOD)
    Respondent(client).answers({**GOOD, "u4": 2}, suggestion="Diminta uang rokok.")
    Respondent(client).answers({**GOOD, "u7": 1})
    supervisor = Browser(staff_client("supervisor"))
    assert "2 jawaban survei atau nilai pengaduan perlu Anda lihat." in supervisor.open("/petugas/").text
    page = supervisor.open("/petugas/survei/perhatian")
    assert "Biaya/tarif: Cukup mahal" in page.text and "Diminta uang rokok." in page.text
    assert page.text.index("Cukup mahal") < page.text.index("Tidak sopan"), "money first"
    address = page.soup.select("form[action*=perhatian]")[0]["action"]
    assert "Tulis apa yang sudah dilakukan" in supervisor.send(address, {"remark": "ok"}).text
    supervisor.send(address, {"remark": "Petugas loket ditanya, dicatat sebagai pengaduan."})
    assert "Cukup mahal" not in supervisor.page.text and "Tidak sopan" in supervisor.page.text


def test_what_names_nobody_may_be_quoted_to_the_kepala_dinas(app, client, staff_client):
    Respondent(client).answers(GOOD, suggestion="Bu Rina di loket dua ketus.")
    Respondent(client).answers(GOOD, suggestion="Fotonya diminta dua kali.")
    head = Browser(staff_client("supervisor", jabatan="kepala_dinas"))
    assert "diminta dua kali" not in head.open("/petugas/ringkasan").text
    assert head.open("/petugas/survei/saran").status == 403, "who steers by figures reads no free text"
    supervisor = Browser(staff_client("supervisor"))
    page = supervisor.open("/petugas/survei/saran")
    panel = next(one for one in page.soup.select("section.panel") if "dua kali" in one.get_text())
    address = panel.select_one("form")["action"]
    supervisor.send(address, {"quotable": "ya"})
    quoted = head.open("/petugas/ringkasan").text
    assert "Fotonya diminta dua kali." in quoted and "Dari 2 saran" in quoted and "Rina" not in quoted
    supervisor.open("/petugas/survei/saran")
    supervisor.send(address, {"quotable": "tidak"})
    assert "diminta dua kali" not in head.open("/petugas/ringkasan").text


def test_a_complaint_rated_1_is_looked_at_and_opened_again(app, client, staff_client):
    person = Complainant(client)
    person.complains()
    ticket_id = one(app, select(Ticket.id))[0]
    Handler(staff_client("petugas")).answers(ticket_id)
    person.follows()
    person.rates("1", "Tidak dijawab.", settled=True)
    supervisor = Browser(staff_client("supervisor"))
    page = supervisor.open("/petugas/survei/perhatian")
    assert person.number in page.text and "Tidak dijawab." in page.text
    address = f"/petugas/survei/perhatian/pengaduan/{ticket_id}"
    supervisor.send(address, {"remark": "Jawabannya memang kurang.", "reopen": "ya"})
    assert person.number not in supervisor.page.text
    assert one(app, select(Ticket.status)) == ["in_progress"]
    assert supervisor.send(address, {"remark": "Sekali lagi."}).status == 409


def test_five_faces_count_one_tap_a_person_and_keep_nobody(app, client):
    resident = Resident(client)
    done = resident.registers()
    assert "Seberapa puas Anda dengan layanan ini?" in done.text
    resident.send("/survei/ketuk", {"place": "sent", "value": "5"})
    assert "Terima kasih atas penilaian Anda." in resident.page.text and "Satu ketukan" not in resident.page.text
    resident.send("/survei/ketuk", {"place": "sent", "value": "1"})
    taps = this_month(app).taps
    assert (taps.count, taps.mean, taps.satisfied) == (1, Decimal("5.00"), 100)
    assert app.test_client().post("/survei/ketuk", data={"place": "sent", "value": "5"}).status_code in (400, 404)


def test_the_account_page_asks_as_well(app, client):
    an_account(app)
    person = Resident(client)
    person.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    assert person.open("/akun").soup.select_one(".faces")
    assert person.send("/survei/ketuk", {"place": "account", "value": "2"}).soup.select_one(".faces") is None


def test_a_better_rating_afterwards_ends_the_notice_and_the_worst_again_opens_it(app, client, staff_client):
    person = Complainant(client)
    person.complains()
    Handler(staff_client("petugas")).answers(one(app, select(Ticket.id))[0])
    person.follows()
    person.rates("1")
    person.rates("4")
    assert one(app, select(RatingNotice.settled_at)) != [None]
    person.rates("1")
    assert one(app, select(RatingNotice.settled_at)) == [None]


def test_links_end_after_their_days(app, time):
    with app.app_context():
        with transaction():
            token = answering.new_link("complaint").rsplit("/", 1)[1]
        assert answering.works(token)
        time.moves(days=answering.LINK_DAYS + 1)
        assert not answering.works(token)
        assert answering.forget_expired() == 1

"""The public form and following by number and PIN."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.base import clock
from app.base.database import db
from app.base.ids import new_id
from app.complaints.ticket.models import Ticket, TicketAttachment, TicketMessage
from app.complaints.ticket.personal import body_of, open_contact, open_pin
from app.messages.models import OutboxMessage
from tests.builders import photo_files
from tests.complaints import FORM, PDF, WORDS, Complainant, a_ticket


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def complainant(client):
    return Complainant(client)


@pytest.mark.parametrize("htmx", [False, True], ids=["without htmx", "with htmx"])
def test_a_complaint_ends_with_number_pin_and_the_day_of_the_answer(app, client, htmx):
    person = Complainant(client, htmx=htmx)
    page = person.complains()
    assert page.heading == "Pengaduan terkirim"
    assert person.number == f"ADU-{clock.today().year}-000001"
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        assert person.pin == open_pin(ticket)
        assert open_contact(ticket).phone == "+6281200002001"
        assert [body_of(message) for message in ticket.messages] == [WORDS]
        assert db.session.scalars(select(OutboxMessage.template)).all() == ["pengaduan_diterima"]
    assert "Kami jawab paling lambat" in page.text


def test_words_and_contact_are_sealed_in_the_database(app, complainant):
    complainant.complains()
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        message = ticket.messages[0]
        held = ticket.content_sealed + ticket.contact_sealed + ticket.pin_sealed + message.body_sealed
        for secret in (WORDS[:12], "BUDI", "81200002001", complainant.pin):
            assert secret.encode() not in held


def test_numbers_of_a_year_have_no_gaps_even_when_one_fails(app, complainant, monkeypatch):
    from app.complaints.arriving import intake
    from app.complaints.ticket import notices

    complainant.complains()
    monkeypatch.setattr(notices, "confirm", lambda *_: 1 / 0)
    with app.app_context(), pytest.raises(ZeroDivisionError):
        intake.receive("web", intake.Contact(), "gagal")
    monkeypatch.undo()
    complainant.complains()
    assert complainant.number.endswith("-000002")


def test_nobody_has_to_leave_a_name_or_a_contact(app, complainant):
    page = complainant.complains(answer_by="page", whatsapp_number="", name="")
    assert page.heading == "Pengaduan terkirim" and count(app, OutboxMessage) == 0


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("text", "", "Tulis apa yang terjadi"),
    ("text", "x" * 5001, "terlalu panjang"),
    ("text", "a\x00b", "tidak dapat dibaca"),
    ("category", "", "Pilih tentang apa"),
    ("category", "nothing", "Pilih tentang apa"),
    ("kind", "rahasia", "Pilih pengaduan"),
    ("happened_on", "31-02-2026", "Isi tanggal"),
    ("happened_on", "2199-01-01", "belum terjadi"),
    ("happened_on", "kemarin", "Isi tanggal"),
    ("whatsapp_number", "", "Isi nomor WhatsApp"),
    ("whatsapp_number", "123", "Nomor ini"),
    ("email", "salah@", "tidak lengkap"),
    ("email", "a@b.id\r\nBcc: c@d.id", "tidak lengkap"),
    ("answer_by", "pos", "Pilih ke mana"),
    ("name", "N" * 300, "terlalu panjang"),
])
def test_a_wrong_value_is_explained_and_nothing_typed_is_lost(app, complainant, field, value, sentence):
    page = complainant.complains(**{field: value})
    assert page.status == 422 and sentence in page.text
    for name in ("text", "place", "whatsapp_number", "name"):
        if name != field:
            assert page.field(name) == FORM[name]
    assert count(app, Ticket) == 0


def test_a_repeated_field_is_refused_and_not_halved(app, complainant):
    page = complainant.complains(text=["satu", "dua"])
    assert page.status == 422 and "terkirim dua kali" in page.text


@pytest.mark.parametrize("typed", ["2026-03-05", "5-3-2026", "05/03/2026", "5.3.2026"])
def test_the_day_may_be_typed_in_the_usual_ways(app, complainant, typed):
    complainant.complains(happened_on=typed)
    with app.app_context():
        assert db.session.scalars(select(Ticket.happened_on)).one().isoformat() == "2026-03-05"


def test_photos_and_a_pdf_come_along_sealed(app, complainant):
    photo = photo_files()["ktp"]
    page = complainant.complains(files=[("a.jpg", photo), ("b.jpg", photo), ("c.pdf", PDF)])
    assert page.heading == "Pengaduan terkirim"
    with app.app_context():
        kinds = [row.kind for row in db.session.scalars(select(TicketAttachment).order_by(TicketAttachment.position))]
    assert kinds == ["photo", "photo", "pdf"]
    seen = complainant.follows()
    links = [a["href"] for a in seen.soup.select(".files a")]
    answers = [complainant.client.get(link) for link in links]
    assert [answer.mimetype for answer in answers] == ["image/jpeg", "image/jpeg", "application/pdf"]
    assert answers[2].headers["Content-Disposition"].startswith("attachment")
    assert {answer.headers["Content-Security-Policy"] for answer in answers} == {"default-src 'none'; sandbox"}


@pytest.mark.parametrize("content", [b"MZ\x90\x00", b"", b"<svg onload=alert(1)>", b"PK\x03\x04 arsip"])
def test_a_file_that_is_no_proof_is_refused_and_the_words_stay(app, complainant, content):
    page = complainant.complains(files=[("x.jpg", content)])
    assert page.status == 422 and "Berkas ke-1" in page.text
    assert page.field("text") == WORDS and count(app, TicketAttachment) == 0


def test_four_files_are_one_too_many(complainant):
    page = complainant.complains(files=[(f"{i}.pdf", PDF) for i in range(4)])
    assert page.status == 422 and "Paling banyak 3 berkas" in page.text


def test_the_same_form_sent_twice_makes_one_ticket(app, complainant):
    submission = new_id()
    complainant.complains(submission_id=submission)
    first = complainant.number
    complainant.complains(submission_id=submission)
    assert complainant.number == first
    assert (count(app, Ticket), count(app, TicketMessage), count(app, OutboxMessage)) == (1, 1, 1)


def test_a_flood_from_one_number_is_slowed_and_the_words_stay(app, complainant):
    for _ in range(10):
        assert complainant.complains().heading == "Pengaduan terkirim"
    page = complainant.complains()
    assert page.status == 429 and int(page.response.headers["Retry-After"]) > 0
    assert page.field("text") == WORDS and count(app, Ticket) == 10


def test_number_and_pin_open_the_ticket_and_either_alone_tells_nothing(app, client, complainant):
    complainant.complains()
    number, pin = complainant.number, complainant.pin
    stranger = Complainant(app.test_client())
    wrong_pin = stranger.follows(number, "00000001" if pin != "00000001" else "00000002")
    wrong_number = stranger.follows("ADU-2026-999999", pin)
    assert wrong_pin.status == wrong_number.status == 422
    assert wrong_pin.text.replace(number, "") == wrong_number.text.replace("ADU-2026-999999", "")
    assert WORDS in stranger.follows(number.lower().replace("-", " "), f" {pin[:3]} {pin[3:]}").text


@pytest.mark.parametrize("data", [
    {}, {"number": "ADU-2026-000001"}, {"number": "' OR 1=1 --", "pin": "000000"},
    {"number": "ADU-2026-٠٠٠٠٠١", "pin": "١٢٣٤٥٦"}, {"number": "x" * 9999, "pin": "9" * 9999},
])
def test_nonsense_at_the_tracking_page_is_a_miss_and_no_error(complainant, data):
    complainant.open("/pengaduan/lacak")
    assert complainant.send("/pengaduan/lacak", data).status == 422


def test_files_of_others_are_not_found(app, complainant):
    complainant.complains(files=[("a.pdf", PDF)])
    with app.app_context():
        attachment = db.session.scalars(select(TicketAttachment.id)).one()
    assert app.test_client().get(f"/pengaduan/lacak/berkas/{attachment}").status_code == 404
    other = Complainant(app.test_client())
    other.complains(whatsapp_number="0812-0000-2002")
    assert other.client.get(f"/pengaduan/lacak/berkas/{attachment}").status_code == 404


def test_a_reply_joins_the_ticket(app, complainant):
    complainant.complains()
    complainant.follows()
    page = complainant.replies("Kejadiannya pukul sembilan pagi.")
    assert "Kejadiannya pukul sembilan pagi." in page.text
    assert (count(app, Ticket), count(app, TicketMessage)) == (1, 2)


def test_an_empty_reply_is_explained(complainant):
    complainant.complains()
    complainant.follows()
    page = complainant.replies("  ")
    assert page.status == 422 and "Tulis balasan Anda dulu" in page.text


def test_nothing_can_be_judged_before_an_answer(complainant):
    complainant.complains()
    complainant.follows()
    assert complainant.rates("5").status == 409


def test_the_receipt_belongs_to_the_browser_that_sent_it(app, complainant):
    complainant.complains()
    stranger = Complainant(app.test_client())
    assert stranger.open("/pengaduan/selesai").heading == "Lacak Pengaduan"


def test_sixteen_complaints_four_at_a_time_get_sixteen_numbers(app):
    with ThreadPoolExecutor(4) as pool:  # each may need a second connection for a key, of ten
        list(pool.map(lambda i: a_ticket(app, phone=f"+62812000030{i:02d}"), range(16)))
    with app.app_context():
        numbers = sorted(db.session.scalars(select(Ticket.number)))
    assert [int(number[-6:]) for number in numbers] == list(range(1, 17))

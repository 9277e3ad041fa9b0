"""What the desk says the resident will read is what the phone and the letter get, word for word."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.base import clock
from app.base.database import db
from app.complaints.desk import ready
from app.correspondence.call_task import CallTask
from app.messages import dispatcher, texts
from app.messages.catalogue import MESSAGES
from app.messages.models import OutboxMessage
from app.messages.whatsapp import events
from app.messages.whatsapp.templates import ANY_CODE
from tests.builders import add_staff, sign_in_staff
from tests.complaints import Handler, a_ticket
from tests.messaging import Outside
from tests.whatsapp import approved, call_back, open_window, twilio, wa_app  # noqa: F401

HERS = "+6281200002001"
SHORT = "Di loket nomor berapa, Bu?"
LINES = "Yth. Ibu Budi,\n\nsemua layanan kami gratis:\n- KTP\n- KK\n\nTerima kasih."
LONG = "Kami sudah memeriksa rekaman pintu depan dan menanyai petugas loket satu per satu. " * 8
TOO_LONG = LONG * 3


@pytest.fixture
def desk(wa_app, approved):
    add_staff(wa_app, "petugas1", "petugas")
    return Handler(Outside(sign_in_staff(wa_app.test_client(), "petugas1")))


def asked_and_sent(desk, twilio, words: str, outcome: str) -> tuple[str, str, dict]:
    """(what the desk shows beforehand, what the phone got, the request that carried it)."""
    ticket_id = a_ticket(desk.client.application, channel="whatsapp", phone=HERS)
    page = desk.acts(ticket_id, "jawab", act="preview", text=words, via="chosen", outcome=outcome)
    shown, says = page.tree.xpath("string(//*[@id='dibaca']//p[contains(@class, 'message')])"), page.text
    desk.answers(ticket_id, words, outcome=outcome, act="final" if outcome else "ask")
    dispatcher.deliver_due()
    row = db.session.scalars(select(OutboxMessage).where(
        OutboxMessage.about_id == ticket_id, OutboxMessage.template != "pengaduan_diterima")).one()
    sent = twilio.messages[row.provider_id]
    form = next(form for method, _, form in reversed(twilio.requests) if method == "POST")
    return shown.replace(ANY_CODE, row.check_code), sent["body"], {**form, "says": says}


@pytest.mark.parametrize(("words", "outcome"), [
    pytest.param(SHORT, "", id="short-question"), pytest.param(LONG, "", id="long-question"),
    pytest.param(LINES, "proven", id="lines-answer"),
    pytest.param(LINES, "", id="lines-question", marks=pytest.mark.long),
    pytest.param(SHORT, "proven", id="short-answer", marks=pytest.mark.long),
    pytest.param(LONG, "proven", id="long-answer", marks=pytest.mark.long),
])
@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
def test_the_phone_gets_word_for_word_what_the_desk_showed(desk, twilio, words, outcome, inside):
    open_window(clock.now() - timedelta(hours=1 if inside else 30), HERS)
    if not inside and words == LONG:
        words = LONG[:330]
    shown, got, form = asked_and_sent(desk, twilio, words, outcome)
    assert got == shown
    assert (words.strip() if inside else " ".join(words.split())) in got
    assert ("ContentSid" in form) is not inside
    assert "terkirim utuh" in form["says"] if inside else "tanpa baris baru" in form["says"]


@pytest.mark.parametrize("inside", [True, False])
def test_only_what_cannot_travel_becomes_a_link_and_the_desk_says_so_first(desk, twilio, inside):
    open_window(clock.now() - timedelta(hours=1 if inside else 30), HERS)
    shown, got, form = asked_and_sent(desk, twilio, TOO_LONG, "proven")
    assert got == shown and "Kami sudah memeriksa" not in got and "/pengaduan/lacak" in got
    assert "hanya menerima tautan" in form["says"] and "Kelebihan" in form["says"]


def test_every_ready_answer_fits_a_template_with_its_greeting(desk):
    message = MESSAGES["jawaban_pengaduan"]
    for one in (*ready.all_answers(), ready.Ready("x", "x" * ready.LONGEST, False)):
        words = f"Yth. Bapak/Ibu,\n\n{one.text}\n\nTerima kasih."
        values = texts.on_one_line(message, texts.cleaned(message, {**message.variables, "jawaban": words}))
        assert len(texts.full_text(message, values, ANY_CODE)) <= texts.LONGEST


def test_the_conversation_shows_the_true_state_and_a_failure_what_to_do(desk, wa_app, twilio):
    open_window(clock.now() - timedelta(minutes=1), HERS)
    ticket_id = a_ticket(wa_app, channel="whatsapp", phone=HERS)
    page = desk.answers(ticket_id, SHORT, within_the_minute=True, act="ask", outcome="")
    assert "Menunggu dikirim" in page.text and "disampaikan." not in page.text
    desk.answers(ticket_id, "Satu lagi, Bu.", act="ask", outcome="")
    dispatcher.deliver_due()
    row = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "kabar_pengaduan", OutboxMessage.provider_id.is_not(None))
    ).first()
    client = Outside(wa_app.test_client())
    for status, said in (("sent", "Terkirim"), ("delivered", "Sampai"), ("read", "dibaca")):
        call_back(client, twilio, row.provider_id, status)
        events.apply_new()
        assert said in desk.reads(ticket_id).text
    other = a_ticket(wa_app, channel="whatsapp", phone=HERS)
    desk.answers(other, SHORT, act="ask", outcome="")
    dispatcher.deliver_due()
    sid = list(twilio.messages)[-1]
    call_back(client, twilio, sid, "failed", "63024")
    events.apply_new()
    page = desk.reads(other)
    task = db.session.scalars(select(CallTask)).one()
    assert "Gagal terkirim" in page.text and f"/petugas/telepon/{task.id}" in str(page.soup)

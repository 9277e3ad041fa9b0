"""The channel cannot be used up: what strangers can cause to one number, and what the page says instead."""

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, select

from app.base import clock
from app.base.database import db, transaction
from app.messages import contacts, outbox, states
from app.messages.addresses import contact_index
from app.messages.catalogue import MESSAGES, SHARES
from app.messages.models import OutboxMessage
from app.messages.quota import NUMBER_FULL, ONE_RECEIPT
from tests.accounts import an_account
from tests.browser import Resident
from tests.builders import RESIDENT
from tests.complaints import Complainant
from tests.desk import officer
from tests.messaging import PHONE, a_message
from tests.own_account import forgets, last_code

SAMPLES = {key: message.variables for key, message in MESSAGES.items()}
BY_STRANGERS = [key for key, message in MESSAGES.items() if SHARES[message.share].by_strangers]


def fates(app, template: str) -> list[tuple[str, str | None]]:
    """(state, reason) of each such message, oldest first."""
    with app.app_context():
        query = select(OutboxMessage.state, OutboxMessage.error_code).where(OutboxMessage.template == template)
        return [tuple(row) for row in db.session.execute(query.order_by(OutboxMessage.created_at))]


def proves(app, number: str = PHONE) -> None:
    """The holder of the number writes to us, long ago."""
    with app.app_context(), transaction():
        contacts.heard_from(contact_index(number), None, clock.now() - timedelta(days=30))


def test_a_number_nobody_proved_gets_one_receipt_and_the_pages_say_so(app, time):
    first, second = Complainant(app.test_client()), Complainant(app.test_client())
    assert "tidak kami kirim lewat WhatsApp" not in first.complains(whatsapp_number="0812-0000-1001").text
    page = second.complains(whatsapp_number="0812-0000-1001")
    assert "Nomor dan PIN ini tidak kami kirim lewat WhatsApp" in page.text
    assert page.soup.select("dl.code dd")[1].get_text(), "the page is all there is, so it shows the PIN"
    assert fates(app, "pengaduan_diterima") == [(states.PENDING, None), (states.CANCELLED, ONE_RECEIPT)]
    time.moves(days=3)
    Complainant(app.test_client()).complains(whatsapp_number="0812-0000-1001")
    assert fates(app, "pengaduan_diterima")[2] == (states.CANCELLED, ONE_RECEIPT)


def test_a_registration_whose_receipt_is_withheld_is_received_and_says_what_it_can_promise(app, time):
    Complainant(app.test_client()).complains(whatsapp_number=RESIDENT["whatsapp_number"])
    resident = Resident(app.test_client())
    page = resident.registers()
    assert page.heading == "Registrasi selesai"
    assert "Bukti pendaftaran ini tidak kami kirim lewat WhatsApp" in page.text
    assert fates(app, "pendaftaran_diterima") == [(states.CANCELLED, ONE_RECEIPT)]
    _, number, pin = (dd.get_text() for dd in page.soup.select("dl.code dd"))
    resident.open("/lacak?pin=1")
    page = resident.send("/lacak", {"number": number, "pin": pin})
    assert "Pendaftaran diterima" in page.text and "Tidak dikirim" in page.text
    desk = officer(app, "bayu")
    assert "Nomor belum terbukti dan sudah mendapat satu bukti" in desk.open("/petugas/pesan").text


def test_a_proven_number_gets_receipts_at_a_pace_that_leaves_room_for_the_owners_codes(app, time):
    proves(app, "+6281200001001")
    an_account(app)
    for _ in range(4):
        Complainant(app.test_client()).complains(whatsapp_number="0812-0000-1001")
    assert [state for state, _ in fates(app, "pengaduan_diterima")] == [states.PENDING] + [states.CANCELLED] * 3
    forgets(app)
    assert fates(app, "kode_reset_sandi") == [(states.PENDING, None)], "strangers must not use up the owner's codes"
    time.moves(minutes=61)
    Complainant(app.test_client()).complains(whatsapp_number="0812-0000-1001")
    assert fates(app, "pengaduan_diterima")[-1] == (states.PENDING, None)


def test_the_code_page_promises_no_more_than_is_sent(app, time):
    an_account(app)
    page = forgets(app).page
    assert "paling banyak 3 kode" in page.text
    for _ in range(2):
        forgets(app)
    assert fates(app, "kode_reset_sandi")[-1] == (states.CANCELLED, NUMBER_FULL)


def test_whatever_strangers_do_a_number_gets_three_messages_an_hour_and_six_a_day(app_context, time):
    """A day of every act a stranger can cause, in any order, every few minutes."""
    chance = random.Random(7)
    proves(app_context)
    for _ in range(300):
        template = chance.choice(BY_STRANGERS)
        a_message(template, variables=SAMPLES[template], on_record=True)
        time.moves(minutes=chance.randint(0, 12))
    sent = list(db.session.scalars(
        select(OutboxMessage.created_at).where(OutboxMessage.state == states.PENDING).order_by(OutboxMessage.created_at)
    ))
    assert 6 <= len(sent) <= 12
    for moment in sent:
        assert sum(moment - timedelta(hours=1) < at <= moment for at in sent) <= 3
        assert sum(moment - timedelta(days=1) < at <= moment for at in sent) <= 6


@pytest.mark.parametrize("flooded", [key for key in BY_STRANGERS if key != "permintaan_ganti_nomor"])
def test_the_warning_of_a_number_change_comes_through_whatever_else_strangers_caused(app_context, time, flooded):
    proves(app_context)
    for _ in range(20):
        a_message(flooded, variables=SAMPLES[flooded])
    warning = a_message("permintaan_ganti_nomor", variables=SAMPLES["permintaan_ganti_nomor"])
    assert db.session.get(OutboxMessage, warning).state == states.PENDING


def test_results_are_never_held_back_by_what_strangers_caused(app_context, time):
    for _ in range(20):
        a_message("pengaduan_diterima", variables=SAMPLES["pengaduan_diterima"])
    assert db.session.get(OutboxMessage, a_message("akun_aktif")).state == states.PENDING


def is_proven(number: str) -> bool:
    return db.session.scalar(select(contacts.proven(bindparam("to", contact_index(number)))))


def test_typing_a_code_that_was_sent_proves_the_number(app, time):
    an_account(app)
    with app.app_context():
        assert not is_proven("+6281200001001")
    forgets(app).send("/lupa-sandi/kode", {"code": last_code(app)})
    with app.app_context():
        assert is_proven("+6281200001001")


def test_the_office_may_send_by_hand_what_was_withheld(app, time):
    for _ in range(2):
        Complainant(app.test_client()).complains(whatsapp_number="0812-0000-1001")
    desk = officer(app, "bayu")
    with app.app_context():
        [held] = db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.state == states.CANCELLED))
    desk.open(f"/petugas/pesan/{held}")
    desk.send(f"/petugas/pesan/{held}/kirim-ulang", {})
    with app.app_context():
        row = db.session.get(OutboxMessage, held)
        assert (row.state, SHARES[row.share].dropped) == (states.PENDING, False)


def test_what_was_erased_counts_for_nobody(app_context, time):
    first = a_message("pengaduan_diterima", variables=SAMPLES["pengaduan_diterima"])
    with transaction() as session:
        outbox.erase_payload(session.get(OutboxMessage, first))
    again = a_message("pengaduan_diterima", variables=SAMPLES["pengaduan_diterima"])
    assert db.session.get(OutboxMessage, again).state == states.PENDING


def test_on_postgresql_the_number_is_counted_by_one_at_a_time(pg_app):
    """Several at once: the second waits for the row of the number and then counts the first."""
    def writes():
        with pg_app.app_context():
            a_message("pengaduan_diterima", variables=SAMPLES["pengaduan_diterima"])

    threads = [threading.Thread(target=writes) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(state for state, _ in fates(pg_app, "pengaduan_diterima")) == [states.CANCELLED] * 5 + [
        states.PENDING]


def test_a_number_that_was_only_held_leaves_no_row_behind(app_context, time):
    with transaction():
        contacts.opt_in(contact_index(PHONE))
    proves(app_context, "+6281200009999")
    assert contacts.forget_empty() == 1
    assert is_proven("+6281200009999"), "who wrote to us is not forgotten"

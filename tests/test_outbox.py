"""What is written into the outbox, channel by channel, what staff and lists see of it, and what stays of a message that
is erased."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, select

from app.base import clock
from app.base.database import db, transaction
from app.messages import delivery, outbox, quota, states
from app.messages.addresses import CALL, EMAIL, LETTER, VISIT, WHATSAPP, Recipient, by_email
from app.messages.catalogue import RECEIPT, RESULT, UNPROVEN
from app.messages.gateway import Accepted
from app.messages.outbox import Payload, Wording
from tests.messaging import PERSON, PHONE, a_message, message
from tests.test_message_outcomes import CODE, RECEIVED, SMS_ID, answered, claimed, lines, told  # noqa: F401

# ruff: noqa: F811 - a fixture is imported and named as argument
ENVELOPE = "SITI CONTOH AMINAH\nJalan Mawar 1\nProbolinggo"
HOW = {WHATSAPP: PHONE, EMAIL: "siti@example.org", LETTER: ENVELOPE, CALL: PHONE, VISIT: "SITI CONTOH AMINAH"}


@pytest.mark.parametrize("key", HOW)
def test_a_message_is_written_as_its_channel_needs_it(told, key):
    later = clock.now() + timedelta(hours=1)
    row = message(a_message(to=Recipient(key, HOW[key]), about=("ticket", "t1"), not_before=later))
    assert (row.channel, row.about, row.state, row.share, row.to_office) == (
        key, ("ticket", "t1"), states.PENDING, RESULT, False,
    )
    assert (row.next_try_at, row.created_at, row.state_at) == (later, clock.now(), clock.now())
    payload = outbox.open_payload(row)
    assert payload.to == HOW[key] and payload.variables == {"nama": "Siti C.", "tautan": PERSON["tautan"]}
    assert (row.check_code is not None and len(row.check_code) == 9) is (key == WHATSAPP)
    assert (row.reply_index is not None) is bool(payload.message_id) is (key == EMAIL)
    assert payload.automatic and payload.words == "" and payload.subject == ("Akun aktif" if key == EMAIL else "")
    assert message(a_message(to=Recipient(key, HOW[key]), to_office=True)).to_office is True
    assert message(a_message(to=Recipient(key, HOW[key]))).next_try_at == clock.now()


@pytest.mark.parametrize("key", [LETTER, CALL, VISIT])
def test_a_code_is_not_said_by_a_person_and_a_receipt_was_given_on_paper(told, key):
    code, receipt = (message(a_message(to=Recipient(key, HOW[key]), **what)) for what in (CODE, RECEIVED))
    assert (code.state, code.error_code) == (states.CANCELLED, "no_phone_code")
    assert (receipt.state, receipt.error_code, receipt.share) == (states.CANCELLED, "on_paper", RECEIPT)


def test_a_letter_may_say_its_own_words_above_the_message_or_nothing_but_them(told):
    wording = Wording("Jawaban pengaduan", "Terima kasih atas laporan Anda.", automatic=False)
    row = message(a_message(to=by_email("siti@example.org"), wording=wording))
    payload = outbox.open_payload(row)
    assert (payload.subject, payload.words, payload.automatic) == (wording.subject, wording.words, False)
    text = outbox.text_of(row)
    assert text.startswith("Terima kasih atas laporan Anda.\n\n") and "sudah aktif" in text
    assert "Terima kasih" not in outbox.office_text_of(row) and outbox.OWN_WORDS in outbox.office_text_of(row)
    assert outbox.subject_of(row) == "Jawaban pengaduan"
    alone = message(a_message(
        "pengaduan_terlambat", to=by_email("siti@example.org"), variables={}, wording=Wording("Terlambat", "Hari ini."),
    ))
    assert (outbox.text_of(alone), alone.share) == ("Hari ini.", RESULT)
    for template in ("pengaduan_terlambat", "tidak_ada"):
        with pytest.raises(ValueError):
            a_message(template, variables={})
    plain = message(a_message(to=by_email("siti@example.org")))
    assert outbox.OWN_WORDS not in outbox.office_text_of(plain) and outbox.subject_of(plain) == "Akun aktif"


def test_nothing_of_a_person_is_printed_with_a_payload():
    values = {"nama": "AMINAH"}
    payload = Payload(PHONE, values, subject="Subjek", words="Rahasia", message_id="<1@x>")
    assert repr(payload) == "Payload(automatic=True)"
    assert repr(Wording("Subjek", "Rahasia")) == "Wording(automatic=True)"


def test_what_strangers_cause_may_be_left_to_the_page_and_is_told_so(told):
    rows = [message(a_message(about=("application", f"a{n}"), **RECEIVED)) for n in range(2)]
    first, second = rows
    assert (first.state, first.share, outbox.is_withheld(first)) == (states.PENDING, UNPROVEN, False)
    assert second.state == states.CANCELLED and second.error_code in quota.WITHHELD and outbox.is_withheld(second)
    assert lines(second.id) == ["message_withheld"] and lines(first.id) == []
    known = message(a_message(about=("application", "a9"), on_record=True, **RECEIVED))
    assert known.share == RECEIPT
    first.state, first.error_code = states.CANCELLED, "held_back"
    second.state = states.PENDING
    assert not outbox.is_withheld(first) and not outbox.is_withheld(second) and outbox.is_withheld(None) is False


def test_a_page_asks_whether_the_message_about_its_record_was_withheld(told):
    for number in range(2):
        a_message(about=("application", f"a{number}"), **RECEIVED)

    def is_withheld(kind: str, id: str, template: str) -> bool:
        return db.session.scalar(select(outbox.withheld_about(kind, bindparam("id"), template)), {"id": id})

    assert is_withheld("application", "a1", "pendaftaran_diterima")
    assert not is_withheld("application", "a0", "pendaftaran_diterima"), "that one goes out"
    assert not is_withheld("ticket", "a1", "pendaftaran_diterima")
    assert not is_withheld("application", "a1", "akun_aktif")


@pytest.mark.parametrize(("key", "shown"), [
    (WHATSAPP, "081"), (EMAIL, "@example.org"), (LETTER, "S"), (CALL, "081"), (VISIT, "S"),
])
def test_a_list_shows_the_recipient_cut_short(told, key, shown):
    row = message(a_message(to=Recipient(key, HOW[key])))
    said = outbox.recipient_of(row)
    assert said and said != HOW[key] and "\n" not in said and "Mawar" not in said and "AMINAH" not in said
    if key in (LETTER, VISIT):
        assert said == outbox.mask_name("SITI CONTOH AMINAH")
    with transaction():
        outbox.erase_payload(delivery.locked(row.id))
    assert outbox.recipient_of(message(row.id)) == outbox.mask_address("")


def test_of_an_erased_message_only_that_it_was_sent_stays(told, time):
    sent, index = answered(Accepted(SMS_ID)), message(a_message()).to_index
    time.moves(minutes=1)
    with transaction():
        outbox.forget_message(delivery.locked(sent))
    row = message(sent)
    assert (row.state, row.provider_id, row.erased_at) == (states.ACCEPTED, SMS_ID, clock.now())
    assert row.to_index != index and outbox.open_payload(row).to == ""
    assert set(outbox.open_payload(row).variables.values()) == {outbox.ERASED}
    assert outbox.ERASED in outbox.text_of(row)
    time.moves(minutes=1)
    with transaction():
        outbox.forget_message(delivery.locked(sent))
    assert message(sent).erased_at == clock.now() - timedelta(minutes=1), "erased once"


def test_an_erased_letter_keeps_the_id_its_thread_refers_to_and_no_reply_finds_it(told):
    letter = a_message(to=by_email("siti@example.org"))
    known = outbox.open_payload(message(letter)).message_id
    with transaction():
        outbox.erase_payload(delivery.locked(letter))
    assert outbox.open_payload(message(letter)).message_id == known and message(letter).reply_index
    with transaction():
        outbox.forget_message(delivery.locked(letter))
    assert message(letter).reply_index is None


@pytest.mark.parametrize("state", states.ALL)
def test_what_is_forgotten_before_it_went_out_never_goes_out(told, state):
    sent = a_message()
    if state == states.SENDING:
        claimed(sent)
    with transaction():
        row = delivery.locked(sent)
        row.state = state
        outbox.forget_message(row)
    row = message(sent)
    waited = state in (states.PENDING, states.SENDING, states.UNKNOWN)
    assert (row.state, row.error_code) == ((states.CANCELLED, "erased") if waited else (state, None))
    assert row.lease_token is row.lease_until is None and row.state_at == clock.now()


def test_a_record_has_its_messages_oldest_first_and_no_other(told, time):
    mine = []
    for _ in range(2):
        mine.append(a_message(about=("ticket", "t1")))
        time.moves(seconds=1)
    a_message(about=("ticket", "t2"))
    a_message(about=("application", "t1"))
    assert [row.id for row in outbox.messages_about("ticket", "t1")] == mine


def test_what_does_not_open_is_said_and_stops_nothing(told):
    broken, other = a_message(), a_message()
    anothers = message(other).payload_sealed
    with transaction():
        delivery.locked(broken).payload_sealed = anothers
    row = message(broken)
    assert outbox.readable_payload(row) is None
    assert outbox.office_text_of(row) == outbox.recipient_of(row) == outbox.UNREADABLE
    past = message(other)
    past.template = "of_the_past"
    assert outbox.office_text_of(past) == outbox.UNREADABLE and outbox.subject_of(past) == "of_the_past"
    db.session.rollback()


def test_what_staff_read_does_not_open_anything_in_a_persons_name(told):
    row = message(a_message(**CODE))
    assert "483920" in outbox.text_of(row) and "483920" not in outbox.office_text_of(row)
    spoken = message(a_message(to=Recipient(CALL, PHONE)))
    assert "sudah aktif" in outbox.text_of(spoken) and "cek-pesan" not in outbox.text_of(spoken)
    short = message(a_message())
    assert short.check_code in outbox.text_of(short)

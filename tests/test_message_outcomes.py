"""What becomes of each answer of a gateway, rule by rule: the state, when the next try is, and who hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.base import clock, journal
from app.base.database import db, transaction
from app.messages import audience, channel, delivery, dispatcher, outbox, states
from app.messages.addresses import EMAIL, WHATSAPP, by_email
from app.messages.catalogue import CODE_LIFETIME, RESULT, UNPROVEN
from app.messages.choose_gateway import CHANNELS
from app.messages.delivery import Claim
from app.messages.gateway import Accepted, Refused, Unclear
from app.messages.models import OutboxAttempt, OutboxReceipt
from tests.messaging import FakeGateway, a_message, message, use_gateway

CODE = {"template": "kode_reset_sandi", "variables": {"kode": "483920"}}
RECEIVED = {"template": "pendaftaran_diterima", "variables": {
    "nama": "SITI CONTOH AMINAH", "tgl_jam": "Senin", "kode": "7KMP-3QXR", "tautan": "http://127.0.0.1:8000/lacak"}}
SMS_ID, OTHER_ID = "SM" + "1" * 32, "SM" + "2" * 32


@pytest.fixture
def told(app_context, time, monkeypatch) -> list[str]:
    """What others hear; WhatsApp and e-mail are there and take everything."""
    for way in (WHATSAPP, EMAIL):
        use_gateway(app_context, FakeGateway(), way)
    news: list[str] = []
    monkeypatch.setattr(audience, "LISTENERS", [lambda row, word: news.append(word)])
    return news


def claimed(sent: str, key: str = WHATSAPP) -> Claim:
    claim = dispatcher.claim_next(key)
    assert claim.message_id == sent
    return claim


def answered(outcome, key: str = WHATSAPP, **what) -> str:
    """Id of a message that the gateway answered so."""
    sent = a_message(**what)
    assert delivery.record(claimed(sent, key), outcome) is True
    return sent


def lines(sent: str) -> list[str]:
    return [line.action for line in journal.lines_about("message", sent)]


def attempts(sent: str) -> list[tuple]:
    query = select(OutboxAttempt).where(OutboxAttempt.message_id == sent).order_by(OutboxAttempt.id)
    return [(one.outcome, one.code, one.ended_at) for one in db.session.scalars(query)]


def test_what_was_taken_is_on_its_way_and_tells_when_it_arrived(told):
    sent, other = answered(Accepted(SMS_ID)), a_message()
    row = message(sent)
    assert (row.state, row.provider_id, row.state_at, row.attempts) == (states.ACCEPTED, SMS_ID, clock.now(), 1)
    assert row.lease_token is row.lease_until is row.error_code is None
    assert attempts(sent) == [("accepted", None, clock.now())] and told == []
    kept, = db.session.scalars(select(OutboxReceipt))
    assert (kept.message_id, kept.provider_id, kept.learned_from, kept.failed) == (sent, SMS_ID, "answer", False)
    assert not delivery.has_failed(SMS_ID) and not delivery.has_failed("never heard of")
    with transaction():
        delivery.arrive_at(delivery.locked(sent), states.SENT, SMS_ID)
    assert told == []
    with transaction():
        delivery.arrive_at(delivery.locked(sent), states.DELIVERED, SMS_ID)
    assert told == [audience.ARRIVED] and message(other).state == states.PENDING


def test_a_letter_that_was_taken_has_arrived_as_far_as_anybody_ever_knows(told):
    answered(Accepted("smtp-1", states.SENT), EMAIL, to=by_email("siti@example.org"))
    assert told == [audience.ARRIVED]


def test_a_doubt_is_looked_into_after_a_minute_and_slows_the_channel(told):
    sent = answered(Unclear("read_timeout"))
    row = message(sent)
    assert (row.state, row.error_code) == (states.UNKNOWN, "read_timeout")
    assert row.next_try_at == clock.now() + timedelta(seconds=60)
    assert lines(sent) == ["message_unknown"] and told == [audience.IN_DOUBT]
    assert attempts(sent) == [("unclear", "read_timeout", clock.now())]
    assert not channel.may_send()


def test_a_doubt_about_a_letter_slows_nothing(told):
    answered(Unclear("read_timeout"), EMAIL, to=by_email("siti@example.org"))
    assert told == [audience.IN_DOUBT] and channel.may_send(EMAIL)


def test_a_lease_ends_after_its_last_moment_and_only_that_of_a_message_being_sent(told, time):
    sent, waiting = a_message(), a_message()
    claimed(sent)
    time.moves(seconds=CHANNELS[WHATSAPP].lease.total_seconds())
    for one in (sent, waiting):
        delivery.lose(one)
    assert (message(sent).state, message(waiting).state) == (states.SENDING, states.PENDING)
    time.moves(seconds=1)
    for one in (sent, waiting):
        delivery.lose(one)
    assert (message(sent).state, message(sent).error_code) == (states.UNKNOWN, "lease")
    assert message(waiting).state == states.PENDING


@pytest.mark.parametrize(("meanwhile", "outcome", "state"), [
    (states.PENDING, Accepted(SMS_ID), states.ACCEPTED), (states.UNKNOWN, Accepted(SMS_ID), states.ACCEPTED),
    (states.FAILED, Accepted(SMS_ID), states.FAILED), (states.DELIVERED, Accepted(SMS_ID), states.DELIVERED),
    (states.PENDING, Refused("21211"), states.PENDING), (states.UNKNOWN, Unclear("lost"), states.UNKNOWN),
])
def test_a_worker_that_comes_late_tells_what_it_knows_and_overrules_nothing(told, meanwhile, outcome, state):
    sent = a_message()
    late = claimed(sent)
    with transaction():
        delivery.move(delivery.locked(sent), meanwhile)
    assert delivery.record(late, outcome) is False
    assert message(sent).state == state and len(attempts(sent)) == 1 and attempts(sent)[0][0]


def test_a_worker_that_comes_late_does_not_take_the_message_from_the_next_one(told):
    sent = a_message()
    late = claimed(sent)
    with transaction():
        delivery.send_again(delivery.locked(sent))
    newer = claimed(sent)
    assert delivery.record(late, Accepted(SMS_ID)) is False
    assert message(sent).state == states.SENDING and message(sent).lease_token == newer.token
    assert [outcome for outcome, *_ in attempts(sent)] == ["accepted", ""]
    assert delivery.record(newer, Accepted(OTHER_ID)) is True and message(sent).provider_id == OTHER_ID


def test_a_send_that_was_reported_as_failed_meanwhile_is_not_believed_any_more(told):
    sent = a_message()
    late = claimed(sent)
    with transaction() as session:
        delivery.keep_receipt(sent, SMS_ID, "callback")
        session.get(OutboxReceipt, SMS_ID).failed = True
        delivery.move(delivery.locked(sent), states.UNKNOWN)
    assert delivery.has_failed(SMS_ID)
    delivery.record(late, Accepted(SMS_ID))
    assert message(sent).state == states.UNKNOWN


def test_what_is_refused_for_good_reaches_a_person(told):
    sent = answered(Refused("21211"))
    assert (message(sent).state, message(sent).error_code) == (states.FAILED, "21211")
    assert lines(sent) == ["message_failed"] and told == [audience.LOST]
    assert attempts(sent) == [("refused", "21211", clock.now())]
    answered(Refused("21211"), **CODE)
    assert told == [audience.LOST], "nobody phones about a code"
    long = answered(Refused("x" * 70))
    assert message(long).error_code == attempts(long)[0][1] == "x" * 60


def test_a_letter_with_a_code_that_failed_is_told_all_the_same(told):
    answered(Refused("unreadable"), EMAIL, to=by_email("siti@example.org"), **CODE)
    assert told == [audience.LOST]


@pytest.mark.parametrize("code", ["held_back", "too_late"])
def test_what_is_held_back_on_purpose_is_cancelled_and_nobody_phones(told, code):
    sent = answered(Refused(code))
    assert (message(sent).state, message(sent).error_code) == (states.CANCELLED, code)
    assert lines(sent) == ["message_cancelled"] and told == []


def test_a_country_that_is_closed_fails_this_number_and_stops_the_channel_for_our_own(told, time):
    abroad = answered(Refused("21408"), to="+60123456789")
    assert (message(abroad).state, message(abroad).error_code) == (states.FAILED, "abroad_closed")
    assert not channel.is_stopped()
    ours = answered(Refused("21408"))
    assert (message(ours).state, message(ours).error_code) == (states.PENDING, "21408") and channel.is_stopped()
    assert message(ours).next_try_at == clock.now() + channel.PROBE_EVERY and message(ours).first_try_at is None
    elsewhere = answered_in(ours, time, minutes=15)
    assert message(elsewhere).state == states.PENDING


def answered_in(sent: str, time, **by) -> str:
    """The same message, refused once more after that time."""
    time.moves(**by)
    code = message(sent).error_code
    assert delivery.record(claimed(sent), Refused(code)) is True
    return sent


def test_one_message_that_stops_the_channel_does_so_once(told, time):
    """Another went through meanwhile: so the account is in order, and it is this message."""
    sent = answered(Refused("21408"))
    with transaction():
        channel.went_well()
    assert not channel.is_stopped()
    assert message(answered_in(sent, time, minutes=15)).state == states.FAILED and told == [audience.LOST]
    assert not channel.is_stopped()


def test_outside_the_window_the_template_is_tried_at_once_and_once(told):
    sent = answered(Refused("63016"))
    row = message(sent)
    assert (row.state, row.as_template, row.next_try_at, row.error_code) == (
        states.PENDING, True, clock.now(), "63016",
    )
    assert delivery.record(claimed(sent), Refused("63016")) and message(sent).state == states.FAILED


def test_what_may_pass_once_is_tried_once_more_after_a_quarter_of_an_hour(told, time, monkeypatch):
    once = next(code for code in map(str, range(63000, 64000))
                if CHANNELS[WHATSAPP].error(code).retry is delivery.Retry.ONCE)
    sent = answered(Refused(once))
    assert message(sent).state == states.PENDING and message(sent).next_try_at == clock.now() + timedelta(minutes=15)
    assert message(answered_in(sent, time, minutes=15)).state == states.FAILED


def test_a_code_is_tried_again_only_while_it_is_worth_something(told, time):
    sent = a_message(**CODE)
    with transaction():
        row = delivery.locked(sent)
        delivery.refuse(row, "no_connection")
    assert message(sent).state == states.PENDING, "tried at once, as if it was the first time"
    time.moves(minutes=14, seconds=59)
    with transaction():
        row = delivery.locked(sent)
        row.attempts = 2
        delivery.refuse(row, "no_connection")
    assert message(sent).state == states.FAILED


def test_a_message_that_may_pass_is_tried_until_four_hours_after_the_first_try(told, time):
    sent = a_message()
    for minutes, state in ((200, states.PENDING), (230, states.FAILED)):  # the next delay is half an hour, more or less
        with transaction():
            row = delivery.locked(sent)
            row.attempts, row.first_try_at = 9, clock.now() - timedelta(minutes=minutes)
            delivery.refuse(row, "no_connection")
        assert message(sent).state == state


@pytest.mark.parametrize(("what", "share", "age", "state", "code"), [
    ({}, RESULT, 0, states.PENDING, "waits_for_room"), ({}, RESULT, 9999, states.PENDING, "waits_for_room"),
    (RECEIVED, UNPROVEN, 0, states.CANCELLED, "day_full"),
    (CODE, 0, CODE_LIFETIME.total_seconds() - 601, states.PENDING, "waits_for_room"),
    (CODE, 0, CODE_LIFETIME.total_seconds() - 600, states.CANCELLED, "too_late"),
])
def test_without_room_today_a_message_waits_or_is_left_to_the_page(told, time, what, share, age, state, code):
    sent = a_message(**what)
    time.moves(seconds=age)
    with transaction():
        row = delivery.locked(sent)
        row.share = share
        delivery.wait_for_room(row)
    row = message(sent)
    assert (row.state, row.error_code) == (state, code)
    assert lines(sent) == ([] if state == states.PENDING else ["message_cancelled"])
    if state == states.PENDING:
        assert row.next_try_at == clock.now() + timedelta(minutes=10)
    assert outbox.is_withheld(row) is (code == "day_full")


@pytest.mark.parametrize(("in_doubt", "resends"), [({}, 1), ({"in_doubt": True}, 1), ({"in_doubt": False}, 0)])
def test_what_is_sent_again_starts_anew_and_shows_that_it_may_arrive_twice(told, time, in_doubt, resends):
    sent = answered(Refused("21211"))
    time.moves(minutes=5)
    with transaction():
        delivery.send_again(delivery.locked(sent), **in_doubt)
    row = message(sent)
    assert (row.state, row.resends) == (states.PENDING, resends) and row.next_try_at == row.state_at == clock.now()
    assert row.first_try_at is row.provider_id is row.error_code is None

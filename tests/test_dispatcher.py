"""What the dispatcher takes, how much at once, and whether it goes as free text, as a template or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.base import clock
from app.base.database import db, transaction
from app.messages import channel, contacts, delivery, dispatcher, outbox, states, texts
from app.messages.addresses import CALL, EMAIL, WHATSAPP, Recipient, by_email, contact_index
from app.messages.catalogue import CODE_LIFETIME, MESSAGES, message_for
from app.messages.choose_gateway import CHANNELS
from app.messages.models import MessageTemplate, OutboxAttempt
from app.messages.whatsapp import templates
from tests.messaging import PHONE, FakeGateway, a_message, message, use_gateway
from tests.test_message_outcomes import CODE

WINDOW = timedelta(hours=24)


@pytest.fixture
def ways(app_context, time) -> dict[str, FakeGateway]:
    """Both channels that send by themselves."""
    return {key: use_gateway(app_context, FakeGateway(), key) for key in (WHATSAPP, EMAIL)}


@pytest.fixture
def meta(app_context, time) -> FakeGateway:
    """A way that wants templates outside the window; each message has one."""
    with transaction() as session:
        for known in MESSAGES.values():
            session.add(MessageTemplate(
                name=f"{known.key}_v1", key=known.key, version=1, names=list(texts.template_names(known)),
                status="approved", body_hash=templates.body_hash(known), provider_id=f"HX{known.key}",
            ))
    return use_gateway(app_context, FakeGateway(templates=True, window=WINDOW))


def some(many: int, to=None) -> list[str]:
    return [a_message(to=to or f"+62812000{number:05d}") for number in range(many)]


def states_of(sent: list[str]) -> list[str]:
    return [message(one).state for one in sent]


def test_a_round_sends_so_many_of_each_channel_and_says_how_many(ways, time):
    short, letters = some(3), some(3, by_email("siti@example.org"))
    assert dispatcher.deliver_due(limit=2) == 4
    assert states_of(short).count(states.PENDING) == states_of(letters).count(states.PENDING) == 1
    assert dispatcher.deliver_due(should_stop=lambda: True) == 0, "the worker is told to end"
    assert dispatcher.deliver_due() == 2 and dispatcher.deliver_due() == 0


def test_whoever_is_asked_by_hand_is_asked_in_each_round(ways, monkeypatch):
    asked = []
    monkeypatch.setattr(dispatcher, "ON_BY_HAND", [lambda: asked.append("one"), lambda: asked.append("other")])
    phoned = a_message(to=Recipient(CALL, PHONE))
    assert dispatcher.deliver_due() == 0 and asked == ["one", "other"]
    assert message(phoned).state == states.PENDING, "that is a person's work"


def test_what_is_due_this_very_moment_goes_and_a_second_later_not(ways):
    now, later = (a_message(not_before=clock.now() + timedelta(seconds=seconds)) for seconds in (0, 1))
    assert dispatcher.deliver_due() == 1 and states_of([now, later]) == [states.ACCEPTED, states.PENDING]


def test_each_try_is_written_down_before_the_call_and_is_a_lease(ways, time):
    sent, other = a_message(), a_message()
    claim = dispatcher.claim_next()
    sent, other = (sent, other) if claim.message_id == sent else (other, sent)
    row = message(sent)
    assert (row.state, row.attempts, row.lease_token) == (states.SENDING, 1, claim.token)
    assert row.lease_until == clock.now() + CHANNELS[WHATSAPP].lease and row.first_try_at == row.state_at == clock.now()
    tried, = db.session.scalars(select(OutboxAttempt))
    assert (tried.message_id, tried.token, tried.started_at, tried.counted) == (sent, claim.token, clock.now(), True)
    assert message(other).state == states.PENDING and message(other).attempts == 0
    began = clock.now()
    time.moves(minutes=2)
    with transaction():
        row = delivery.locked(sent)
        delivery.move(row, states.PENDING, next_try_at=began - timedelta(minutes=1))
    assert dispatcher.claim_next().message_id == sent
    assert (message(sent).attempts, message(sent).first_try_at) == (2, began)


def test_a_letter_counts_for_no_quota(ways):
    a_message(to=by_email("siti@example.org"))
    assert dispatcher.claim_next(EMAIL) is not None and dispatcher.claim_next(EMAIL) is None
    assert [one.counted for one in db.session.scalars(select(OutboxAttempt))] == [False]


def test_a_channel_that_is_shut_sends_nothing_and_keeps_all(ways, app_context):
    sent = some(2)
    with transaction():
        channel.stop("20003")
    assert dispatcher.deliver_due() == 0 and states_of(sent) == [states.PENDING] * 2
    dispatcher.deliver_now(sent[0])
    assert states_of(sent) == [states.PENDING] * 2
    with transaction():
        channel.went_well()
    use_gateway(app_context, None)
    assert dispatcher.deliver_due() == 0
    dispatcher.deliver_now(sent[0])
    assert states_of(sent) == [states.PENDING] * 2


def test_one_message_can_be_sent_at_once_without_a_worker_and_only_once(ways):
    sent, other = some(2)
    for _ in range(2):
        dispatcher.deliver_now(sent)
    assert [one.reference for one in ways[WHATSAPP].sent] == [sent] and states_of([sent, other]) == [
        states.ACCEPTED, states.PENDING,
    ]
    dispatcher.deliver_now("no such message")
    phoned = a_message(to=Recipient(CALL, PHONE))
    dispatcher.deliver_now(phoned)
    assert message(phoned).state == states.PENDING


def test_only_leases_that_ran_out_are_lost(ways, time):
    sent = some(2)
    claimed = dispatcher.claim_next().message_id
    time.moves(seconds=CHANNELS[WHATSAPP].lease.total_seconds())
    dispatcher.lose_expired()
    assert message(claimed).state == states.SENDING
    time.moves(seconds=1)
    dispatcher.lose_expired()
    assert sorted(states_of(sent)) == [states.PENDING, states.UNKNOWN] and message(claimed).state == states.UNKNOWN


@pytest.mark.parametrize(("seconds", "sent"), [(-1, True), (0, False), (60, False)])
def test_a_code_is_sent_until_its_last_second(ways, time, seconds, sent):
    code, lasting = a_message(**CODE), a_message()
    time.moves(seconds=CODE_LIFETIME.total_seconds() + seconds)
    dispatcher.deliver_due()
    assert message(code).state == (states.ACCEPTED if sent else states.CANCELLED)
    assert message(code).error_code == (None if sent else "too_late") and message(lasting).state == states.ACCEPTED


def test_what_is_erased_or_does_not_open_is_not_sent(ways):
    erased, broken, whole = some(3)
    anothers = message(whole).payload_sealed
    with transaction():
        outbox.erase_payload(delivery.locked(erased))
        delivery.locked(broken).payload_sealed = anothers
    dispatcher.deliver_due()
    assert [(message(one).state, message(one).error_code) for one in (erased, broken, whole)] == [
        (states.FAILED, "erased"), (states.FAILED, "unreadable"), (states.ACCEPTED, None),
    ]


def heard_from(address: str) -> None:
    with transaction():
        contacts.heard_from(contact_index(address), None, clock.now())


def test_in_the_window_free_text_goes_and_outside_it_the_template(meta, time):
    heard_from(PHONE)
    for free in (True, False):
        a_message()
        assert dispatcher.deliver_due() == 1
        outgoing = meta.sent[-1]
        assert (outgoing.template is None) is free and "sudah aktif" in outgoing.text
        time.moves(days=1)
    assert outgoing.template.provider_id == "HXakun_aktif" and outgoing.template.values[0] == "Siti C."


def test_a_code_and_what_was_refused_as_free_text_go_as_a_template_even_in_the_window(meta):
    heard_from(PHONE)
    code, refused, free = a_message(**CODE), a_message(), a_message()
    with transaction():
        row = delivery.locked(refused)
        row.as_template = True
    dispatcher.deliver_due()
    by_template = {one.reference: one.template is not None for one in meta.sent}
    assert by_template == {code: True, refused: True, free: False}
    outgoing = next(one for one in meta.sent if one.reference == code)
    assert outgoing.lifetime == CODE_LIFETIME and outgoing.title == message_for("kode_reset_sandi").title


def test_a_way_that_knows_no_templates_gets_free_text(ways):
    a_message(**CODE)
    dispatcher.deliver_due()
    assert ways[WHATSAPP].sent[0].template is None and "483920" in ways[WHATSAPP].sent[0].text


def test_without_an_approved_template_nothing_is_sent(meta):
    with transaction() as session:
        session.get_one(MessageTemplate, "akun_aktif_v1").status = "paused"
    sent = a_message()
    dispatcher.deliver_due()
    assert meta.sent == [] and message(sent).error_code == "no_template"


def test_an_answer_too_long_for_a_template_is_phoned_and_in_the_window_it_goes(meta):
    answer = next(one for one in MESSAGES.values() if one.own_words)
    words = {**answer.variables, answer.own_words: "Terima kasih atas laporan Anda. " * 60}
    for inside, short in ((False, False), (False, True), (True, False)):
        if inside:
            heard_from(PHONE)
        sent = a_message(answer.key, variables=dict(answer.variables) if short else words)
        dispatcher.deliver_due()
        assert (message(sent).error_code == templates.TOO_LONG) is not (inside or short), (inside, short)
    assert len(meta.sent) == 2

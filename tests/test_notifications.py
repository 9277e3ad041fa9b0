"""The outbox and its dispatcher: written with the decision, sent once, every doubt kept."""

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.base import clock, journal
from app.base.database import db, transaction
from app.messages import delivery, dispatcher, outbox, states
from app.messages.choose_gateway import CHANNELS
from app.messages.console import ConsoleGateway
from app.messages.errors import PLANS, Retry
from app.messages.gateway import Accepted, Refused, Unclear
from app.messages.models import OutboxMessage
from tests.messaging import FakeGateway, a_message, message, use_gateway

NAMES_OF_THE_PERSON = ("SITI CONTOH AMINAH", "Siti Contoh Aminah", "081200001001", "6281200001001")


@pytest.fixture
def fake(app_context):
    return use_gateway(app_context, FakeGateway())


def test_a_message_is_written_with_its_decision_or_not_at_all(app_context):
    with pytest.raises(RuntimeError), transaction():
        a_message(inside=True)
        raise RuntimeError("the decision failed")
    assert db.session.query(OutboxMessage).count() == 0


def test_recipient_and_text_are_sealed_in_the_row(app_context):
    row = message(a_message())
    assert b"SITI" not in row.payload_sealed and b"6281200001001" not in row.payload_sealed
    assert outbox.open_payload(row).to == "+6281200001001"
    assert "Siti C." in outbox.text_of(row) and "AMINAH" not in outbox.text_of(row)


def test_a_due_message_is_sent_once(fake):
    sent = a_message()
    assert dispatcher.deliver_due() == 1
    assert dispatcher.deliver_due() == 0
    assert [outgoing.reference for outgoing in fake.sent] == [sent]
    assert message(sent).state == states.ACCEPTED


def test_a_message_for_later_waits(fake, monkeypatch):
    later = clock.now() + timedelta(hours=1)
    a_message(not_before=later)
    assert dispatcher.deliver_due() == 0
    monkeypatch.setattr(clock, "now", lambda: later)
    assert dispatcher.deliver_due() == 1


def test_sending_is_committed_before_the_call_and_no_transaction_is_open_during_it(app_context):
    seen = []

    class Looking(FakeGateway):
        def send(self, outgoing):
            seen.append(db.session().in_transaction())
            with db.engine.connect() as elsewhere:
                seen.append(elsewhere.scalar(select(OutboxMessage.state)))
            return super().send(outgoing)

    use_gateway(app_context, Looking())
    a_message()
    dispatcher.deliver_due()
    assert seen == [False, states.SENDING]


def test_a_refusal_that_may_pass_is_tried_again_and_then_given_up(fake, monkeypatch):
    started = moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    fake.outcomes = [Refused("no_connection")] * 100
    sent = a_message()
    tries = []
    while message(sent).state == states.PENDING:
        moment = max(moment, message(sent).next_try_at) + timedelta(seconds=1)
        tries += [moment - started] * dispatcher.deliver_due(limit=1)
    assert message(sent).state == states.FAILED
    assert 8 <= len(tries) <= 14
    assert timedelta(hours=3) < tries[-1] <= PLANS[Retry.BACKOFF].gives_up_after + timedelta(minutes=5)


def test_what_twilio_refuses_for_good_is_not_tried_again(fake):
    fake.outcomes = [Refused("21211")]
    sent = a_message()
    dispatcher.deliver_due()
    assert message(sent).state == states.FAILED and message(sent).error_code == "21211"
    assert [line.action for line in journal.lines_about("message", sent)] == ["message_failed"]
    assert dispatcher.deliver_due() == 0


@pytest.mark.parametrize("broken", [Unclear("read_timeout"), RuntimeError("unforeseen")])
def test_an_unclear_outcome_is_never_blindly_sent_again(fake, broken):
    fake.outcomes = [broken]
    sent = a_message()
    dispatcher.deliver_due()
    assert message(sent).state == states.UNKNOWN
    assert dispatcher.deliver_due() == 0


def test_a_worker_that_died_leaves_an_unknown_message(fake, monkeypatch):
    sent = a_message()
    dispatcher.claim_next()
    later = clock.now() + CHANNELS["whatsapp"].lease + timedelta(seconds=1)
    dispatcher.lose_expired()
    assert message(sent).state == states.SENDING
    monkeypatch.setattr(clock, "now", lambda: later)
    dispatcher.lose_expired()
    assert message(sent).state == states.UNKNOWN


def test_a_worker_that_wakes_up_late_is_refused_but_what_it_knows_is_kept(fake, monkeypatch):
    sent = a_message()
    claim = dispatcher.claim_next()
    later = clock.now() + CHANNELS["whatsapp"].lease + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    dispatcher.lose_expired()
    assert delivery.record(claim, Accepted("SM" + "1" * 32)) is False
    assert message(sent).state == states.ACCEPTED and message(sent).provider_id == "SM" + "1" * 32


def test_a_late_refusal_changes_nothing(fake, monkeypatch):
    sent = a_message()
    claim = dispatcher.claim_next()
    later = clock.now() + CHANNELS["whatsapp"].lease + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    dispatcher.lose_expired()
    assert delivery.record(claim, Refused("21211")) is False
    assert message(sent).state == states.UNKNOWN


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_each_message_is_claimed_once_whatever_the_number_of_workers(request, which):
    app = request.getfixturevalue(which)
    for workers in (2, 8):
        sent, wanted = sent_by(app, workers, messages=20)
        assert sent == wanted, workers


def sent_by(app, workers, messages) -> tuple[list[str], list[str]]:
    """(what went out, what should), sorted."""
    with app.app_context():
        fake = use_gateway(app, FakeGateway())
        wanted = sorted(a_message() for _ in range(messages))
        db.session.remove()

    def work():
        with app.app_context():
            while dispatcher.deliver_due():
                pass

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        while dispatcher.deliver_due():  # a worker that met only claimed rows went home early
            pass
    return sorted(outgoing.reference for outgoing in fake.sent), wanted


def test_the_console_prints_the_message_without_name_and_number(app_context):
    stream = io.StringIO()
    use_gateway(app_context, ConsoleGateway(stream))
    sent = a_message()
    dispatcher.deliver_due()
    printed = stream.getvalue()
    assert "Akun aktif" in printed and "sudah aktif" in printed and message(sent).check_code in printed
    assert not any(secret in printed for secret in NAMES_OF_THE_PERSON)
    assert message(sent).state == states.SENT


def test_one_time_codes_go_first(fake):
    ordinary = a_message()
    code = a_message(template="kode_reset_sandi", variables={"kode": "483920"})
    dispatcher.deliver_due()
    assert [outgoing.reference for outgoing in fake.sent] == [code, ordinary]

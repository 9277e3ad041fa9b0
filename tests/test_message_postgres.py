"""The same on PostgreSQL: conflicts without errors, locks, and the life of a message from end to end."""

import threading

import pytest

from app.base.database import db, transaction
from app.correspondence import calls
from app.messages import channel, contacts, dispatcher, proving, states
from app.messages.addresses import contact_index
from app.messages.gateway import InboundNews, Refused, StatusNews
from app.messages.inbound import inbox
from app.messages.models import InboundMessage, StatusEvent
from app.messages.whatsapp import events
from tests.messaging import PHONE, FakeGateway, a_message, message, use_gateway
from tests.whatsapp import sid

ABOUT = ("application", "a" * 32)


@pytest.fixture
def fake(pg_app):
    with pg_app.app_context():
        yield use_gateway(pg_app, FakeGateway())


def keep(kept, **kwargs) -> bool:
    with transaction():
        return kept(**kwargs)


def test_a_message_travels_from_the_outbox_to_the_reader(fake):
    sent = a_message()
    dispatcher.deliver_due()
    for status in ("read", "sent", "delivered"):
        assert keep(events.keep, news=StatusNews(message(sent).provider_id, sent, status))
        assert not keep(events.keep, news=StatusNews(message(sent).provider_id, sent, status))
    events.apply_new()
    assert message(sent).state == states.READ


def test_a_failure_opens_one_call_task_and_slows_the_channel(fake):
    fake.outcomes = [Refused("63003"), Refused("20429")]
    a_message()
    a_message()
    dispatcher.deliver_due()
    assert calls.count_waiting() == 1
    assert not channel.may_send()


def test_an_inbound_message_is_kept_once_understood_and_proves_the_number(fake):
    with transaction():
        code = proving.code_for(ABOUT)
    news = InboundNews(provider_id=sid(1), contact=PHONE, text=f"Kode: {code}", external_id="ID.abc")
    assert [keep(inbox.keep, news=news, source="webhook") for _ in range(3)] == [True, False, False]
    inbox.handle_new()
    assert proving.is_proven(ABOUT, PHONE)
    assert contacts.same_person(contact_index("ID.abc")) == {contact_index(PHONE), contact_index("ID.abc")}
    assert db.session.query(InboundMessage).one().handled_at is not None


def test_workers_that_apply_the_same_reports_at_once_apply_each_once(fake, pg_app):
    sent = [a_message() for _ in range(10)]
    dispatcher.deliver_due()
    for message_id in sent:
        provider_id = message(message_id).provider_id
        for status in ("sent", "delivered"):
            keep(events.keep, news=StatusNews(provider_id, message_id, status))
    applied = []

    def work():
        with pg_app.app_context():
            applied.append(events.apply_new())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(applied) == 20
    assert {message(message_id).state for message_id in sent} == {states.DELIVERED}
    assert db.session.query(StatusEvent).filter(StatusEvent.applied_at.is_(None)).count() == 0

"""Trouble of the account, of one country and of a day: who waits, who does not, and when a person hears."""

from datetime import timedelta

import pytest

from app.base import clock, journal
from app.base.database import db, transaction
from app.correspondence import calls
from app.messages import channel, dispatcher, resolver, states
from app.messages.gateway import Refused, StatusNews, Unclear
from app.messages.models import MessageTemplate, StatusEvent
from app.messages.whatsapp import events, templates
from app.process import worker
from tests.fake_twilio import Fault
from tests.messaging import FakeGateway, a_message, message, use_gateway
from tests.whatsapp import approved, sid, twilio, wa_app  # noqa: F401 (fixtures)

ABROAD = "+60123456789"


@pytest.fixture
def fake(app_context):
    return use_gateway(app_context, FakeGateway())


@pytest.fixture
def time(monkeypatch):
    class Time:
        now = clock.now()

        def passes(self, **kwargs):
            self.now += timedelta(**kwargs)

    made = Time()
    monkeypatch.setattr(clock, "now", lambda: made.now)
    return made


class RefusesAbroad(FakeGateway):
    code = "21408"

    def send(self, outgoing):
        taken = super().send(outgoing)
        return Refused(self.code) if outgoing.to == ABROAD else taken


def test_one_number_in_a_country_that_is_not_enabled_never_stops_the_city(app_context):
    use_gateway(app_context, RefusesAbroad())
    foreign, home = a_message(to=ABROAD), a_message()
    dispatcher.deliver_due()
    assert (message(foreign).state, message(foreign).error_code) == (states.FAILED, "abroad_closed")
    assert message(home).state == states.ACCEPTED
    assert calls.count_waiting() == 1 and not channel.is_stopped()


def test_our_own_country_closed_is_an_error_of_the_account(fake):
    fake.outcomes = [Refused("21408")]
    sent = a_message()
    dispatcher.deliver_due()
    assert message(sent).state == states.PENDING and channel.is_stopped()


def test_what_seems_trouble_of_the_account_but_meets_one_number_only_does_not_stop_the_city(app_context, time):
    gateway = use_gateway(app_context, RefusesAbroad())
    gateway.code = "21606"
    foreign = a_message(to=ABROAD)
    time.passes(seconds=1)
    home = a_message()
    for _ in range(4):
        dispatcher.deliver_due()
        time.passes(minutes=16)
    assert message(home).state == states.ACCEPTED
    assert (message(foreign).state, message(foreign).error_code) == (states.FAILED, "21606")
    assert calls.count_waiting() == 1 and not channel.is_stopped()


def test_while_the_account_is_refused_another_message_makes_the_next_probe(fake, time):
    fake.outcomes = [Refused("20003"), Refused("20003")]
    sent = [a_message(), a_message()]
    dispatcher.deliver_due()
    time.passes(minutes=16)
    dispatcher.deliver_due()
    assert {outgoing.reference for outgoing in fake.sent} == set(sent)
    channel.try_now(journal.Actor("staff", "x"))
    assert dispatcher.deliver_due() == 2, "whoever says that it is mended need not wait"


@pytest.mark.parametrize(("code", "hours", "tries"), [("63018", 25, 20), ("63038", 25, 20), ("63049", 25, 3)])
def test_a_limit_of_the_day_is_outlasted_and_not_told_by_phone_after_four_hours(fake, time, code, hours, tries):
    fake.outcomes = [Refused(code)] * 100
    sent, tried = a_message(), 0
    begun = time.now + timedelta(minutes=2)  # the first try
    while message(sent).state == states.PENDING:
        time.now = max(message(sent).next_try_at, time.now + timedelta(minutes=2))
        tried += dispatcher.deliver_due(limit=1)
    assert tried >= tries and timedelta(hours=12) < time.now - begun <= timedelta(hours=hours)
    assert calls.count_waiting() == 1


def test_a_message_goes_through_when_the_limit_of_the_day_has_passed(fake, time):
    fake.outcomes = [Refused("63018")] * 4
    sent = a_message()
    for _ in range(8):
        time.passes(hours=2)
        dispatcher.deliver_due()
    assert message(sent).state == states.ACCEPTED


def test_the_longest_wait_counts_messages_between_two_tries_and_none_meant_for_later(fake, time):
    assert channel.figures_of_messages().oldest_age is None
    a_message(not_before=time.now + timedelta(hours=5))
    assert channel.figures_of_messages().oldest_age is None
    fake.outcomes = [Refused("no_template")] * 10
    a_message()
    for minutes in (0, 1, 4):
        time.passes(minutes=minutes)
        dispatcher.deliver_due()
    time.passes(minutes=3)
    assert channel.figures_of_messages().oldest_age == timedelta(minutes=8)


def test_reports_of_our_messages_outlast_an_hour_without_a_worker(fake, time):
    sent = a_message()
    dispatcher.deliver_due()
    with transaction():
        events.keep(StatusNews(message(sent).provider_id, sent, "read"))
        events.keep(StatusNews(sid(99), "", "read"))
    time.passes(hours=1)
    assert events.drop_unmatched() == 1, "only the one that was never ours"
    assert db.session.query(StatusEvent).filter(StatusEvent.applied_at.is_(None)).count() == 1
    events.apply_new()
    assert message(sent).state == states.READ


def test_an_unknown_one_time_code_is_found_by_the_code_itself(approved, twilio, time):  # noqa: F811
    """Its text is Meta's own, which does not carry our code for checking."""
    twilio.faults = [Fault("reset", taken=True)]
    sent = a_message("kode_reset_sandi", variables={"kode": "483920"})
    dispatcher.deliver_due()
    assert message(sent).state == states.UNKNOWN
    time.passes(seconds=61)
    resolver.resolve_unknown()
    events.apply_new()
    assert message(sent).state == states.ACCEPTED
    assert len(twilio.messages) == 1


def test_the_worker_takes_over_what_meta_decides(approved, twilio):  # noqa: F811
    [job] = [job for job in worker.JOBS if job.name == "follow-templates"]
    with transaction() as session:
        session.query(MessageTemplate).update({"status": "pending"})
    for content in twilio.content.templates.values():
        content["approval_requests"] = {"status": "approved"}
    assert templates.not_ready()
    job.function()
    db.session.rollback()
    assert templates.not_ready() == []


def test_a_gateway_without_templates_has_nothing_to_follow(fake):
    assert next(job for job in worker.JOBS if job.name == "follow-templates").function() == 0


def test_what_twilio_took_although_it_said_nothing_is_not_told_to_be_unknown(fake, client):
    """The person holds the message and its code; only our record is in doubt."""
    fake.outcomes = [Unclear("read_timeout")]
    sent = a_message()
    dispatcher.deliver_due()
    assert "Ya, kode ini dari kami" in client.get(f"/cek-pesan?kode={message(sent).check_code}").text

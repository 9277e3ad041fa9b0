"""Doubt, errors and failures: each ends with the message delivered or with a person."""

from datetime import timedelta

import pytest

from app.base import clock, journal
from app.base.database import db, transaction
from app.correspondence import calls
from app.correspondence.call_task import CallTask
from app.messages import channel, contacts, delivery, dispatcher, resolver, states
from app.messages.addresses import contact_index
from app.messages.catalogue import CODE_LIFETIME
from app.messages.errors import Effect, Retry
from app.messages.gateway import CannotTell, Found, NotThere, Refused, StatusNews, Unclear
from app.messages.whatsapp import errors, events, templates
from tests.messaging import PHONE, FakeGateway, Outside, a_message, message, open_calls, use_gateway
from tests.whatsapp import approved, call_back, sid, twilio, wa_app  # noqa: F401 (fixtures)


class Time:
    """The clock of a test, moved by hand."""

    def __init__(self, monkeypatch):
        self.now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def passes(self, **kwargs) -> None:
        self.now += timedelta(**kwargs)


@pytest.fixture
def fake(app_context):
    return use_gateway(app_context, FakeGateway())


@pytest.fixture
def time(monkeypatch):
    return Time(monkeypatch)


def an_unknown_message(fake, **kwargs) -> str:
    fake.outcomes = [Unclear("read_timeout")]
    sent = a_message(**kwargs)
    dispatcher.deliver_due()
    assert message(sent).state == states.UNKNOWN
    return sent


def look_until_decided(fake, time, sent, finding, rounds=60) -> None:
    for _ in range(rounds):
        if message(sent).state != states.UNKNOWN:
            return
        time.passes(minutes=2, seconds=1)
        fake.findings = [finding]
        resolver.resolve_unknown()


def test_an_unknown_message_is_left_to_the_callbacks_for_a_minute(fake, time):
    an_unknown_message(fake)
    time.passes(seconds=59)
    assert resolver.resolve_unknown() == 0


def test_an_unknown_message_that_the_provider_has_is_not_sent_again(fake, time):
    sent = an_unknown_message(fake)
    time.passes(seconds=61)
    fake.findings = [Found(StatusNews(sid(7), "", "delivered"))]
    resolver.resolve_unknown()
    assert (message(sent).state, message(sent).provider_id) == (states.DELIVERED, sid(7))
    assert len(fake.sent) == 1


def test_an_unknown_message_that_failed_at_the_provider_ends_at_a_person(fake, time):
    sent = an_unknown_message(fake)
    time.passes(seconds=61)
    fake.findings = [Found(StatusNews(sid(7), "", "failed", "63003"))]
    resolver.resolve_unknown()
    events.apply_new()
    assert (message(sent).state, message(sent).error_code) == (states.FAILED, "63003")
    assert calls.count_waiting() == 1


def test_an_unknown_message_that_never_arrived_is_sent_once_more_and_then_told_by_phone(fake, time):
    sent = an_unknown_message(fake)
    look_until_decided(fake, time, sent, NotThere())
    assert (message(sent).state, message(sent).resends) == (states.PENDING, 1)
    time.passes(minutes=2)
    fake.outcomes = [Unclear("connection_lost")]
    dispatcher.deliver_due()
    look_until_decided(fake, time, sent, NotThere())
    assert message(sent).state == states.FAILED
    assert len(fake.sent) == 2
    assert [task.reason for task in open_calls()] == ["never_confirmed"]


def test_a_provider_that_cannot_tell_leaves_the_message_to_a_person(fake, time):
    sent = an_unknown_message(fake)
    look_until_decided(fake, time, sent, CannotTell())
    assert message(sent).state == states.FAILED and calls.count_waiting() == 1
    assert len(fake.sent) == 1


def test_a_one_time_code_is_never_sent_again_by_itself_and_never_told_by_phone(fake, time):
    sent = an_unknown_message(fake, template="kode_reset_sandi", variables={"kode": "483920"})
    look_until_decided(fake, time, sent, NotThere())
    assert message(sent).state == states.FAILED
    assert len(fake.sent) == 1 and calls.count_waiting() == 0


def test_a_code_that_waited_too_long_is_not_sent(fake, time):
    sent = a_message("kode_reset_sandi", variables={"kode": "483920"})
    time.passes(seconds=CODE_LIFETIME.total_seconds())
    dispatcher.deliver_due()
    assert (message(sent).state, message(sent).error_code) == (states.CANCELLED, "too_late")
    assert fake.sent == []


def test_a_message_sent_twice_is_marked(fake, time):
    sent = an_unknown_message(fake)
    look_until_decided(fake, time, sent, NotThere())
    time.passes(minutes=2)
    dispatcher.deliver_due()
    with transaction():
        events.keep(StatusNews(sid(77), sent, "delivered"))
    events.apply_new()
    assert len({receipt.provider_id for receipt in message(sent).receipts}) == 2
    assert message(sent).state == states.DELIVERED


def line(code: str) -> tuple:
    """What decides how a message with this error ends."""
    error = errors.TABLE[code]
    return error.retry, error.effect, code in delivery.NOT_SENT_ON_PURPOSE


ONE_OF_EACH = {line(code): code for code in sorted(errors.TABLE)}.values()


@pytest.mark.parametrize("code", [
    pytest.param(code, marks=() if code in ONE_OF_EACH else pytest.mark.long) for code in sorted(errors.TABLE)
])
def test_every_error_of_the_table_ends_as_its_line_says(fake, time, code):
    error = errors.TABLE[code]
    fake.outcomes = [Refused(code)]
    sent = a_message()
    dispatcher.deliver_due(limit=1)
    row = message(sent)
    if code in delivery.NOT_SENT_ON_PURPOSE:
        assert row.state == states.CANCELLED
    elif error.retry is Retry.NEVER:
        assert row.state == states.FAILED and calls.count_waiting() == 1
    else:
        assert row.state == states.PENDING and calls.count_waiting() == 0
    assert row.as_template is (error.retry is Retry.AS_TEMPLATE)
    assert channel.may_send() is (error.effect not in (Effect.SLOW_CHANNEL, Effect.STOP_CHANNEL))
    assert contacts.has_opted_out(row.to_index) is (error.effect is Effect.OPT_OUT)


def test_every_error_of_the_table_is_explained_and_says_what_to_do():
    assert [code for code, error in errors.TABLE.items() if not (error.meaning and error.advice)] == []


@pytest.mark.parametrize("code", ["63003", "63016", "63018", "63010", "21610", "99999"])
def test_the_same_error_weighs_the_same_when_it_comes_later(approved, wa_app, twilio, code):  # noqa: F811
    client = Outside(wa_app.test_client())
    sent = a_message()
    dispatcher.deliver_due()
    call_back(client, twilio, message(sent).provider_id, "undelivered", code)
    events.apply_new()
    row = message(sent)
    if errors.for_code(code).retry is Retry.NEVER:
        assert row.state == states.FAILED and calls.count_waiting() == 1
    else:
        assert row.state == states.PENDING
    assert row.as_template is (code == "63016")


def test_an_unknown_code_is_final_and_reaches_a_person(fake):
    fake.outcomes = [Refused("64999")]
    sent = a_message()
    dispatcher.deliver_due()
    assert message(sent).state == states.FAILED
    assert errors.for_code("64999").meaning
    assert calls.count_waiting() == 1


def test_passing_trouble_is_tried_once_more_after_a_quarter_of_an_hour(fake, time):
    fake.outcomes = [Refused("63010"), Refused("63010")]
    sent = a_message()
    dispatcher.deliver_due()
    time.passes(minutes=14)
    assert dispatcher.deliver_due() == 0
    time.passes(minutes=2)
    assert dispatcher.deliver_due() == 1
    assert message(sent).state == states.FAILED


def test_too_many_requests_slow_the_channel_for_all_and_success_ends_it(fake, time):
    fake.outcomes = [Refused("20429")]
    a_message()
    other = a_message()
    assert dispatcher.deliver_due() == 1, "the next message waits too"
    time.passes(seconds=2)
    assert dispatcher.deliver_due() == 2
    assert message(other).state == states.ACCEPTED
    assert channel.state().slowdowns == 0


def test_rests_grow_up_to_a_minute(fake, time):
    lengths = []
    for _ in range(10):
        with transaction():
            channel.slow_down()
        lengths.append((channel.state().paused_until - time.now).total_seconds())
        time.passes(minutes=2)
    assert lengths[0] < 2 < lengths[2] < lengths[4] < lengths[6] <= 66 and max(lengths) <= 66


def test_an_error_of_the_account_stops_the_channel_and_loses_no_message(fake, time):
    fake.outcomes = [Refused("20003")]
    sent = a_message()
    dispatcher.deliver_due()
    assert channel.state().stopped_code == "20003"
    assert message(sent).state == states.PENDING
    time.passes(minutes=14)
    assert dispatcher.deliver_due() == 0
    time.passes(minutes=2)
    assert dispatcher.deliver_due() == 1, "a mended account needs nobody"
    assert message(sent).state == states.ACCEPTED and channel.state().stopped_code is None
    actions = [line.action for line in journal.lines_about("channel", "whatsapp")]
    assert actions == ["channel_stopped", "channel_resumed"]


def test_a_channel_that_stays_stopped_for_days_still_loses_nothing(fake, time):
    fake.outcomes = [Refused("20003")] * 1000
    sent = a_message()
    for _ in range(60):
        dispatcher.deliver_due()
        time.passes(minutes=80)
    assert message(sent).state == states.PENDING
    fake.outcomes = []
    dispatcher.deliver_due()
    assert message(sent).state == states.ACCEPTED


def test_staff_may_have_the_channel_tried_at_once(fake, time):
    fake.outcomes = [Refused("63007")]
    sent = a_message()
    dispatcher.deliver_due()
    channel.try_now(journal.Actor("staff", "x"))
    dispatcher.deliver_due()
    assert message(sent).state == states.ACCEPTED


def test_a_template_that_meta_paused_is_not_used_again(approved, wa_app, twilio):  # noqa: F811
    sent = a_message()
    dispatcher.deliver_due()
    call_back(Outside(wa_app.test_client()), twilio, message(sent).provider_id, "failed", "63041")
    events.apply_new()
    assert ("akun_aktif", "paused") in [(known.key, status) for known, status in templates.not_ready()]
    second = a_message()
    dispatcher.deliver_due()
    assert message(second).error_code == "no_template"


def test_who_wrote_stop_is_phoned_instead(fake):
    with transaction():
        contacts.opt_out(contact_index(PHONE))
    sent = a_message()
    dispatcher.deliver_due()
    assert fake.sent == [] and message(sent).error_code == "opted_out"
    assert calls.count_waiting() == 1


def test_in_trial_mode_only_the_listed_numbers_receive(app_context, fake):
    settings = app_context.extensions["loket"]
    object.__setattr__(settings, "whatsapp_allow", frozenset({"+6281200009999"}))
    held, sent = a_message(), a_message(to="+6281200009999")
    dispatcher.deliver_due()
    assert (message(held).state, message(held).error_code) == (states.CANCELLED, "held_back")
    assert message(sent).state == states.ACCEPTED
    assert [outgoing.reference for outgoing in fake.sent] == [sent]


def test_a_message_that_never_arrives_becomes_a_call_after_two_days(fake, time):
    sent = a_message()
    dispatcher.deliver_due()
    time.passes(hours=47)
    assert calls.ask_about_undelivered() == 0
    time.passes(hours=2)
    assert calls.ask_about_undelivered() == 1
    assert calls.ask_about_undelivered() == 0
    with transaction():
        events.keep(StatusNews(message(sent).provider_id, "", "delivered"))
    events.apply_new()
    assert db.session.query(CallTask).one().outcome == "arrived", "it came through after all: no call"

"""Every gateway is a twin of the console: the same tests for all."""

import io

import pytest

from app.base import clock
from app.messages import states
from app.messages.choose_gateway import gateway
from app.messages.console import ConsoleGateway
from app.messages.gateway import (
    Accepted,
    Attachment,
    AttachmentRefused,
    BadCallback,
    CannotTell,
    Capabilities,
    ForeignCallback,
    Found,
    NotThere,
    Outgoing,
    Sought,
)
from tests.messaging import PHONE
from tests.whatsapp import twilio, wa_app  # noqa: F401 (fixtures)

MESSAGE = Outgoing(
    reference="a" * 32, to=PHONE, title="Akun aktif", text="Yth. Siti C.\n\nKode pesan: ABCD-EFGH",
    masked="Yth. Siti C.\n\nKode pesan: ABCD-EFGH",
)


@pytest.fixture(params=["console", "twilio"])
def twin(request):
    if request.param == "console":
        return ConsoleGateway(io.StringIO())
    request.getfixturevalue("wa_app")
    return gateway()


def test_a_sent_message_gets_an_id_and_is_on_its_way(twin):
    outcome = twin.send(MESSAGE)
    assert isinstance(outcome, Accepted) and outcome.provider_id
    assert outcome.state in states.ON_THE_WAY


def test_two_messages_get_different_ids(twin):
    other = Outgoing(**{**MESSAGE.__dict__, "reference": "b" * 32})
    assert twin.send(MESSAGE).provider_id != twin.send(other).provider_id


def test_a_look_up_finds_it_or_says_that_it_cannot_tell(twin):
    twin.send(MESSAGE)
    assert isinstance(twin.look_up(Sought(PHONE, "ABCD-EFGH", clock.now())), Found | CannotTell)
    assert isinstance(twin.look_up(Sought(PHONE, "ZZZZ-2222", clock.now())), NotThere | CannotTell)


def test_what_it_can_do_is_said(twin):
    assert isinstance(twin.capabilities, Capabilities) and twin.name in ("console", "twilio")


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "x"}])
def test_an_unsigned_callback_is_never_believed(twin, headers):
    assert twin.verify("https://loket.example/wa/masuk", {"Body": "Halo"}, headers) is False


def test_a_callback_without_sense_is_refused_by_name(twin):
    for read in (lambda: twin.read_inbound({}), lambda: twin.read_status({}, {})):
        with pytest.raises((BadCallback, ForeignCallback)):
            read()


def test_a_file_elsewhere_is_never_fetched(twin):
    with pytest.raises(AttachmentRefused) as refused:
        twin.fetch(Attachment("https://evil.example/x.jpg", "image/jpeg"))
    assert refused.value.permanent


def test_the_list_of_inbound_messages_can_be_read(twin):
    assert list(twin.inbound_since(clock.now())) == []

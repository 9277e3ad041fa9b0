"""The channels there are, one row each, and the gateway that the settings choose for it.

A further channel, such as SMS, is a row here, its settings, and one file with its gateway and its errors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from app.base.services import settings
from app.messages.addresses import CALL, EMAIL, LETTER, VISIT, WHATSAPP
from app.messages.console import ConsoleGateway
from app.messages.email import smtp as email_errors
from app.messages.email.smtp import SmtpGateway
from app.messages.errors import SendError, in_our_words
from app.messages.gateway import Gateway, TemplateOffice, TwoWayGateway
from app.messages.models import OutboxMessage
from app.messages.whatsapp import errors as whatsapp_errors


@dataclass(frozen=True)
class Channel:
    """`build` makes the gateway, None while there is none: messages wait. `lease` is longer than one call of
    the gateway may take. `error` says what a code of this channel means.

    `limited`: Meta's quota, the pace and the limits of a number hold (docs/channel.md). `followed`: the provider
    reports what becomes of a message, can be asked about one in doubt, and what fails is said by phone; on any
    other channel a message that was taken has arrived as far as anybody ever knows, and a doubt is for a person.
    `letters`: with a subject, free words and a thread instead of a check code. `by_hand`: nothing is sent, what is due
    becomes a task of the office (calls.py).
    """

    label: str
    build: Callable[[], Gateway | None]
    lease: timedelta
    error: Callable[[str], SendError]
    limited: bool = False
    followed: bool = False
    letters: bool = False
    by_hand: bool = False


def _whatsapp() -> Gateway:
    if settings().whatsapp_gateway == "twilio":
        from app.messages.whatsapp.twilio import TwilioGateway  # half a second to load

        return TwilioGateway(settings().twilio, settings().public_base_url)
    return ConsoleGateway()


def _nobody() -> None:
    """A person does it."""


def _by_hand(label: str) -> Channel:
    return Channel(label, _nobody, timedelta(0), in_our_words, by_hand=True)


def _email() -> Gateway | None:
    if settings().mail.smtp:
        return SmtpGateway(settings().mail.smtp)
    return ConsoleGateway(label="E-mail") if settings().demo else None


CHANNELS: dict[str, Channel] = {
    # connecting and reading may take 4 s + 12 s
    WHATSAPP: Channel(
        "WhatsApp", _whatsapp, timedelta(seconds=60), whatsapp_errors.for_code, limited=True, followed=True,
    ),
    # at most ten steps of 10 s
    EMAIL: Channel("E-mail", _email, timedelta(minutes=3), email_errors.for_code, letters=True),
    LETTER: _by_hand("Surat"), CALL: _by_hand("Telepon"), VISIT: _by_hand("Datang kembali"),
}


def gateway(channel: str = WHATSAPP) -> Gateway | TwoWayGateway | None:
    """The gateway of a channel in this app, built at first use. None: there is none, what is due waits."""
    made = current_app.extensions.setdefault("loket_gateways", {})
    if channel not in made:
        made[channel] = CHANNELS[channel].build()
    return made[channel]


def template_office() -> TemplateOffice | None:
    """None when the gateway of the settings knows no templates."""
    if settings().twilio is None:
        return None
    from app.messages.whatsapp.twilio import TwilioTemplates

    return TwilioTemplates(settings().twilio)


def channel_of(row: OutboxMessage) -> Channel:
    return CHANNELS[row.channel]


def by_hand() -> list[str]:
    """Keys of the channels on which the office says it itself."""
    return [key for key, channel in CHANNELS.items() if channel.by_hand]


def followed() -> list[str]:
    """Keys of the channels whose provider tells what becomes of a message."""
    return [key for key, channel in CHANNELS.items() if channel.followed]


def error_for(code: str, channel: str = WHATSAPP) -> SendError:
    """What a code means on this channel; for the pages."""
    return CHANNELS[channel].error(code)

"""The settings of the Twilio account, checked by us: the library itself would send to
`/Accounts/None/` without complaint (docs/whatsapp.md, facts 8)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

E164 = re.compile(r"\+[1-9][0-9]{7,14}")
LEAST_SECRET = 16
NEEDED = ("TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_AUTH_TOKEN")
AUTH_TOKENS = ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_PREVIOUS")


class BadTwilioSetting(ValueError):
    """`name` is the setting; the text never shows its value."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name} {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True)
class TwilioSettings:
    """The API key sends, the auth token signs what Twilio sends to us; both are needed.

    `auth_tokens` holds the current token and, during a rotation, the one before it. `sender` is
    E.164 or empty when a Messaging Service chooses it. `api_base` points tests at their fake.
    """

    account_sid: str
    api_key: str
    api_secret: str = field(repr=False)
    auth_tokens: tuple[str, ...] = field(repr=False)
    sender: str
    messaging_service: str
    api_base: str


def read_twilio(env: Mapping[str, str], production: bool) -> TwilioSettings:
    """Raises BadTwilioSetting, naming the setting that is missing or cannot be right."""
    for name in NEEDED:
        if not env.get(name):
            raise BadTwilioSetting(name, "is missing (WHATSAPP_GATEWAY is twilio)")
    made = TwilioSettings(
        account_sid=_sid(env, "TWILIO_ACCOUNT_SID", "AC"),
        api_key=_sid(env, "TWILIO_API_KEY", "SK"),
        api_secret=env["TWILIO_API_SECRET"],
        auth_tokens=tuple(env[name] for name in AUTH_TOKENS if env.get(name)),
        sender=_sender(env),
        messaging_service=_sid(env, "TWILIO_MESSAGING_SERVICE_SID", "MG"),
        api_base=env.get("TWILIO_API_BASE", ""),
    )
    if not (made.sender or made.messaging_service):
        raise BadTwilioSetting("TWILIO_WHATSAPP_FROM", "or TWILIO_MESSAGING_SERVICE_SID is missing")
    if "_" in (urlsplit(env.get("PUBLIC_BASE_URL", "")).hostname or ""):
        raise BadTwilioSetting("PUBLIC_BASE_URL", "must have no underscore in its host: Twilio would not report to it")
    if production:
        _check_for_production(env)
    return made


def _check_for_production(env: Mapping[str, str]) -> None:
    if env.get("TWILIO_API_BASE"):
        raise BadTwilioSetting("TWILIO_API_BASE", "is for the demo and tests only")
    for name in ("TWILIO_API_SECRET", *AUTH_TOKENS):
        if 0 < len(env.get(name, "")) < LEAST_SECRET:
            raise BadTwilioSetting(name, f"is shorter than {LEAST_SECRET} characters")


def _sid(env: Mapping[str, str], name: str, prefix: str) -> str:
    value = env.get(name, "")
    if value and not re.fullmatch(prefix + "[0-9a-fA-F]{32}", value):
        raise BadTwilioSetting(name, f"must be {prefix} and 32 hexadecimal digits")
    return value


def _sender(env: Mapping[str, str]) -> str:
    value = env.get("TWILIO_WHATSAPP_FROM", "").removeprefix("whatsapp:")
    if value and not E164.fullmatch(value):
        raise BadTwilioSetting("TWILIO_WHATSAPP_FROM", "must look like +628123456789")
    return value

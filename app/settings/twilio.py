"""The settings of the Twilio account, checked by us: the library itself would send to
`/Accounts/None/` without complaint (docs/whatsapp.md, facts 8)."""

import re
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field
from pydantic_settings import SettingsConfigDict

from app.settings.reading import Group, must, refuse_first

E164 = re.compile(r"\+[1-9][0-9]{7,14}")
LEAST_SECRET = 16


def _sid(prefix: str) -> BeforeValidator:
    return must(re.compile(prefix + "[0-9a-fA-F]{32}").fullmatch, f"must be {prefix} and 32 hexadecimal digits")


Sender = Annotated[
    str, must(E164.fullmatch, "must look like +628123456789"),
    BeforeValidator(lambda text: text.removeprefix("whatsapp:")),
]


class TwilioSettings(Group):
    """The API key sends, the auth token signs what Twilio sends to us; both are needed. During a
    rotation the token before it counts, too. `sender` is E.164 or empty when a Messaging Service
    chooses it. `api_base` points tests, the demo and staging at a stand-in (app/rehearsal/)."""

    model_config = SettingsConfigDict(alias_generator=lambda name: f"TWILIO_{name.upper()}")
    missing: ClassVar[str] = "is missing (WHATSAPP_GATEWAY is twilio)"

    account_sid: Annotated[str, _sid("AC")]
    api_key: Annotated[str, _sid("SK")]
    api_secret: str = Field(repr=False)
    auth_token: str = Field(repr=False)
    auth_token_previous: str = Field("", repr=False)
    sender: Sender = Field("", alias="TWILIO_WHATSAPP_FROM")
    messaging_service: Annotated[str, _sid("MG")] = Field("", alias="TWILIO_MESSAGING_SERVICE_SID")
    api_base: str = ""

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        return tuple(token for token in (self.auth_token, self.auth_token_previous) if token)

    def check(self, production: bool) -> None:
        """Raises BadSetting."""
        short = f"is shorter than {LEAST_SECRET} characters"
        refuse_first([
            (not (self.sender or self.messaging_service),
             "TWILIO_WHATSAPP_FROM", "or TWILIO_MESSAGING_SERVICE_SID is missing"),
            (production and self.api_base, "TWILIO_API_BASE", "is for the demo, staging and tests only"),
            *((production and 0 < len(getattr(self, name)) < LEAST_SECRET, f"TWILIO_{name.upper()}", short)
              for name in ("api_secret", "auth_token", "auth_token_previous")),
        ])

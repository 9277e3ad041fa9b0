"""The office's mailbox and the server its e-mails leave by: every MAIL_* setting, checked at the start.

Without any of them there is no e-mail: the demo prints what it would send.
"""

import re
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from app.settings.reading import BadSetting, Group, is_number, must, refuse_first

TLS, STARTTLS, PLAIN = "tls", "starttls", "off"
IMAP_PORTS = {TLS: 993, STARTTLS: 143, PLAIN: 143}
SMTP_PORTS = {TLS: 465, STARTTLS: 587, PLAIN: 25}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
HIGHEST_PORT = 65535
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")


def _listed(text: str) -> list[str]:
    return [part.strip().lower() for part in text.split(",") if part.strip()]


Host = Annotated[str, must(HOST.fullmatch, "must be the name of a server, without https:// and port")]
Port = Annotated[int, must(lambda text: is_number(text) and 0 < int(text) <= HIGHEST_PORT, "must be a port number")]
Encryption = Literal["tls", "starttls", "off"]
Folder = Annotated[
    str, must(lambda text: text.isprintable() and not {"*", "%"} & set(text), "must be the name of one folder"),
]
Sender = Annotated[str, must(
    lambda text: text.isprintable() and ADDRESS.fullmatch(parseaddr(text)[1]),
    "must be an address like pengaduan@contoh.id or Name <address>",
)]
Groups = Annotated[
    tuple[str, ...], BeforeValidator(lambda given: tuple(_listed(given)) if isinstance(given, str) else given),
    must(lambda text: all(ADDRESS.fullmatch(one) for one in _listed(text)),
         "must be addresses like pengaduan@contoh.id, separated by commas"),
]
OwnName = Annotated[str, AfterValidator(str.lower), must(
    HOST.fullmatch,
    "must be the name your mail provider writes first in its header Authentication-Results, like mx.contoh.id",
)]


class MailServer(BaseModel):
    """One server. `tls` is tls (from the first byte), starttls or off; `user` "" is no sign-in."""

    model_config = ConfigDict(alias_generator=str.upper, frozen=True, extra="forbid", hide_input_in_errors=True)

    host: Host
    tls: Encryption = STARTTLS
    port: Port = Field(default_factory=lambda given: SMTP_PORTS[given["tls"]])
    user: str = Field("", repr=False)
    password: str = Field("", repr=False)


class Mailbox(MailServer):
    tls: Encryption = TLS
    port: Port = Field(default_factory=lambda given: IMAP_PORTS[given["tls"]])
    folder: Folder = "INBOX"


class MailSettings(Group):
    """`imap` is read, `smtp` sends; each None when not set. `address` is what we send from and are
    written to, `name` what stands beside it ("" is the office's short name). `authserv_id` is how our mail
    provider names itself in Authentication-Results; "" when nothing it writes there is to be believed. `groups` are
    further addresses the office is written to by, mailing groups among them: their letters are people's."""

    model_config = SettingsConfigDict(
        alias_generator=lambda name: f"MAIL_{name.upper()}", env_nested_delimiter="_", env_nested_max_split=1,
    )

    imap: Mailbox | None = None
    smtp: MailServer | None = None
    sender: Sender = Field("", alias="MAIL_FROM")
    authserv_id: OwnName = ""
    groups: Groups = ()

    @field_validator("imap", "smtp", mode="before")
    @classmethod
    def _needs_a_host(cls, given: Any, info: ValidationInfo) -> Any:
        if isinstance(given, dict) and "HOST" not in given:
            side = f"MAIL_{info.field_name.upper()}"
            raise BadSetting(f"{side}_{min(given)}", f"is set without {side}_HOST")
        return given

    @property
    def name(self) -> str:
        return parseaddr(self.sender)[0]

    @property
    def address(self) -> str:
        return parseaddr(self.sender)[1].lower()

    @property
    def own_addresses(self) -> frozenset[str]:
        """Lower case; empty while nothing is set."""
        return frozenset(filter(None, (self.address, *self.groups)))

    @property
    def folder(self) -> str:
        return self.imap.folder if self.imap else ""

    def check(self, production: bool) -> None:
        """What one setting asks of another. Raises BadSetting."""
        for side, server in (("MAIL_IMAP", self.imap), ("MAIL_SMTP", self.smtp)):
            refuse_first((server and [
                (server.tls == PLAIN and production and server.host not in LOOPBACK,
                 f"{side}_TLS", "must not be off for a server that is not on this machine"),
                (bool(server.user) != bool(server.password), f"{side}_{'USER' if server.password else 'PASSWORD'}",
                 "is missing: user and password belong together"),
            ]) or ())
        refuse_first([
            (self.imap and not self.imap.user, "MAIL_IMAP_USER", "is missing (MAIL_IMAP_HOST is set)"),
            (self.imap and not self.smtp,
             "MAIL_SMTP_HOST", "is missing (MAIL_IMAP_HOST is set, so answers must go out)"),
            (self.smtp and not self.sender, "MAIL_FROM", "is missing (MAIL_SMTP_HOST is set)"),
        ])


def read_mail(environment: Mapping[str, str]) -> MailSettings:
    """Raises BadSetting, naming the setting that is unknown or cannot be right."""
    known = ("MAIL_IMAP_", "MAIL_SMTP_", "MAIL_FROM", "MAIL_AUTHSERV_ID", "MAIL_GROUPS")
    refuse_first(
        (text and name.startswith("MAIL_") and not name.startswith(known), name, "is not a setting of Loket")
        for name, text in sorted(environment.items())
    )
    return MailSettings.read(environment)

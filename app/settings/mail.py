"""The office's mailbox and the server its e-mails leave by: every MAIL_* setting, checked at the start.

Without any of them there is no e-mail: the demo prints what it would send.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr

TLS, STARTTLS, PLAIN = "tls", "starttls", "off"
IMAP_PORTS = {TLS: 993, STARTTLS: 143, PLAIN: 143}
SMTP_PORTS = {TLS: 465, STARTTLS: 587, PLAIN: 25}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
KNOWN = frozenset(
    {f"MAIL_{side}_{part}" for side in ("IMAP", "SMTP") for part in ("HOST", "PORT", "USER", "PASSWORD", "TLS")}
    | {"MAIL_IMAP_FOLDER", "MAIL_FROM", "MAIL_AUTHSERV_ID"}
)
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
HIGHEST_PORT = 65535


class BadMailSetting(ValueError):
    """`name` is the setting; the text never shows its value."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name} {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True)
class MailServer:
    """One server. `tls` is tls (from the first byte), starttls or off; `user` "" is no sign-in."""

    host: str
    port: int
    tls: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class MailSettings:
    """`imap` is read, `smtp` sends; each None when not set. `address` is what we send from and are
    written to, `name` what stands beside it ("" is the office's short name). `authserv_id` is how our mail
    provider names itself in Authentication-Results; "" when nothing it writes there is to be believed."""

    imap: MailServer | None = None
    smtp: MailServer | None = None
    folder: str = "INBOX"
    address: str = ""
    name: str = ""
    authserv_id: str = ""


def read_mail(env: Mapping[str, str], production: bool) -> MailSettings:
    """Raises BadMailSetting, naming the setting that is missing, unknown or cannot be right."""
    given = {name: value for name, value in env.items() if name.startswith("MAIL_") and value}
    for name in sorted(set(given) - KNOWN):
        raise BadMailSetting(name, "is not a setting of Loket")
    imap = _server(given, "IMAP", IMAP_PORTS, TLS, production)
    smtp = _server(given, "SMTP", SMTP_PORTS, STARTTLS, production)
    if imap and not imap.user:
        raise BadMailSetting("MAIL_IMAP_USER", "is missing (MAIL_IMAP_HOST is set)")
    if imap and not smtp:
        raise BadMailSetting("MAIL_SMTP_HOST", "is missing (MAIL_IMAP_HOST is set, so answers must go out)")
    name, address = _sender(given, needed=smtp is not None)
    return MailSettings(imap, smtp, _folder(given), address, name, _authserv_id(given))


def _server(
    given: Mapping[str, str], side: str, ports: Mapping[str, int], usual: str, production: bool,
) -> MailServer | None:
    prefix = f"MAIL_{side}_"
    host = given.get(f"{prefix}HOST", "")
    if not host:
        for name in sorted(name for name in given if name.startswith(prefix)):
            raise BadMailSetting(name, f"is set without {prefix}HOST")
        return None
    if not HOST.fullmatch(host):
        raise BadMailSetting(f"{prefix}HOST", "must be the name of a server, without https:// and port")
    tls = given.get(f"{prefix}TLS", usual)
    if tls not in ports:
        raise BadMailSetting(f"{prefix}TLS", "must be tls, starttls or off")
    if tls == PLAIN and production and host not in LOOPBACK:
        raise BadMailSetting(f"{prefix}TLS", "must not be off for a server that is not on this machine")
    user, password = given.get(f"{prefix}USER", ""), given.get(f"{prefix}PASSWORD", "")
    if bool(user) != bool(password):
        missing = "USER" if password else "PASSWORD"
        raise BadMailSetting(f"{prefix}{missing}", "is missing: user and password belong together")
    return MailServer(host, _port(given, f"{prefix}PORT", ports[tls]), tls, user, password)


def _port(given: Mapping[str, str], name: str, usual: int) -> int:
    value = given.get(name, str(usual))
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= HIGHEST_PORT):
        raise BadMailSetting(name, "must be a port number")
    return int(value)


def _sender(given: Mapping[str, str], needed: bool) -> tuple[str, str]:
    """MAIL_FROM: an address, or Name <address>."""
    value = given.get("MAIL_FROM", "")
    if not value and not needed:
        return "", ""
    if not value:
        raise BadMailSetting("MAIL_FROM", "is missing (MAIL_SMTP_HOST is set)")
    name, address = parseaddr(value)
    if not ADDRESS.fullmatch(address) or not value.isprintable():
        raise BadMailSetting("MAIL_FROM", "must be an address like pengaduan@contoh.id or Name <address>")
    return name, address.lower()


def _folder(given: Mapping[str, str]) -> str:
    folder = given.get("MAIL_IMAP_FOLDER", "INBOX")
    if not folder.isprintable() or "*" in folder or "%" in folder:
        raise BadMailSetting("MAIL_IMAP_FOLDER", "must be the name of one folder")
    return folder


def _authserv_id(given: Mapping[str, str]) -> str:
    value = given.get("MAIL_AUTHSERV_ID", "")
    if value and not HOST.fullmatch(value):
        raise BadMailSetting("MAIL_AUTHSERV_ID", "must be the name your mail provider writes first in its header "
                             "Authentication-Results, like mx.contoh.id")
    return value.lower()

"""How an e-mail leaves: by SMTP, or printed in the demo. Builds the message; header injection is
impossible because the library refuses line breaks in headers and we blank them before.
"""

import re
import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol, TextIO

from app.base.logs import redact
from app.base.services import city, settings
from app.identity.mask import mask_email
from app.mailbox.machine import LOOP_MARK
from app.settings.mail import ADDRESS, STARTTLS, TLS, MailServer

# each step of the conversation; the lease must outlast all of them
TIMEOUT_SECONDS = 10
PERMANENT = 500
LONGEST_SUBJECT = 150
WIDTH = 78
MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
_BLANKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Letter:
    """One e-mail with everything that stands in its headers. `references` has the answered one last."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str
    references: tuple[str, ...]
    automatic: bool
    at: datetime


@dataclass(frozen=True)
class Sent:
    """The server has taken it."""


@dataclass(frozen=True)
class Refused:
    """Certainly not taken. `permanent`: asking again is of no use."""

    code: str
    permanent: bool


@dataclass(frozen=True)
class Away:
    """Certainly not taken, and no fault of the letter: the server is not there or does not let us in."""

    code: str


@dataclass(frozen=True)
class Unclear:
    """The line broke after the text was handed over: nobody knows."""

    code: str


Outcome = Sent | Refused | Away | Unclear


class Post(Protocol):
    def send(self, letter: Letter) -> Outcome: ...


class ConsolePost:
    """The demo's twin of SMTP: prints, with address and numbers masked, because output is kept in logs."""

    def __init__(self, stream: TextIO | None = None):
        self._stream = stream

    def send(self, letter: Letter) -> Outcome:
        stream = self._stream or sys.stdout
        heading = f"--- E-mail ke {mask_email(letter.to)}: {one_line(letter.subject)} "
        print(f"\n{heading:-<{WIDTH}}\n{redact(letter.text)}\n{'-' * WIDTH}", file=stream, flush=True)
        return Sent()


class SmtpPost:
    """One connection a letter: an office writes few."""

    def __init__(self, server: MailServer):
        self._server = server

    def send(self, letter: Letter) -> Outcome:
        if not ADDRESS.fullmatch(letter.to):
            return Refused("bad_address", permanent=True)
        content = message_bytes(letter)
        try:
            with _signed_in(self._server) as smtp:
                return _handed_over(smtp, letter.to, content)
        except smtplib.SMTPAuthenticationError:
            return Away("auth")
        except smtplib.SMTPResponseException as error:
            return Away(f"smtp_{error.smtp_code}")
        except ssl.SSLError:
            return Away("tls")
        except (OSError, smtplib.SMTPException) as error:
            return Away(type(error).__name__.lower()[:30])


def post() -> Post | None:
    """None while production has no server for e-mail: letters wait."""
    if settings().mail.smtp:
        return SmtpPost(settings().mail.smtp)
    return ConsolePost() if settings().demo else None


def message_bytes(letter: Letter) -> bytes:
    """The letter as it travels: plain UTF-8 text, marked when no person wrote it (RFC 3834).

    The lines of the thread are put in front by hand: the library would encode, and so spoil, any
    Message-ID longer than a line.
    """
    known = [reference for reference in letter.references if MESSAGE_ID.fullmatch(reference)]
    lines = [f"In-Reply-To: {known[-1]}", "References: " + "\r\n ".join(known)] if known else []
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + _message_of(letter).as_bytes()


def _message_of(letter: Letter) -> EmailMessage:
    mail = settings().mail
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(mail.name or city().short_name, addr_spec=mail.address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = one_line(letter.subject)[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = letter.message_id
    message[LOOP_MARK] = mail.address
    if letter.automatic:
        message["Auto-Submitted"] = "auto-replied" if letter.references else "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text.encode("utf-8", "replace").decode(), charset="utf-8", cte="quoted-printable")
    return message


def one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


@contextmanager
def _signed_in(server: MailServer) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.tls == TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.tls == STARTTLS:
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            _sign_in(smtp, server)
        yield smtp
    finally:
        smtp.close()  # no QUIT: whether the letter was taken is known, and a lost goodbye is no news


def _sign_in(smtp: smtplib.SMTP, server: MailServer) -> None:
    """Raises SMTPAuthenticationError also where the server hangs up on a wrong password."""
    try:
        smtp.login(server.user, server.password)
    except smtplib.SMTPServerDisconnected:
        raise smtplib.SMTPAuthenticationError(535, b"") from None


def _handed_over(smtp: smtplib.SMTP, to: str, content: bytes) -> Outcome:
    """The part after which nothing may be guessed: see `Unclear`."""
    code, _ = smtp.mail(settings().mail.address)
    if code >= 400:
        return Away(f"sender_{code}")
    code, _ = smtp.rcpt(to)
    if code >= 400:
        return Refused(f"recipient_{code}", code >= PERMANENT)
    try:
        code, _ = smtp.data(content)
    except smtplib.SMTPDataError as error:  # refused before a byte of it was sent
        return Refused(f"data_{error.smtp_code}", error.smtp_code >= PERMANENT)
    except (OSError, smtplib.SMTPException) as error:
        return Unclear(type(error).__name__.lower()[:30])
    if code >= 400:
        return Refused(f"data_{code}", code >= PERMANENT)
    return Sent()

"""The gateway of e-mail: by SMTP. Builds the letter; header injection is impossible because the library
refuses line breaks in headers and we blank them before.

Whether to try again is told by the code (`TABLE`): a letter that was refused for good, one that was put off,
and a server that was away, which is no fault of the letter.
"""

import re
import secrets
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.base.services import city, sealer, settings
from app.mailbox.machines import LOOP_MARK
from app.messages import states
from app.messages.errors import OWN, Effect, Retry, SendError
from app.messages.gateway import Accepted, Capabilities, Outcome, Outgoing, Refused, Unclear
from app.settings.mail import ADDRESS, STARTTLS, TLS, MailServer

# each step of the conversation; the lease must outlast all of them
TIMEOUT_SECONDS = 10
REFUSED = 400
LONGEST_SUBJECT = 150
MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
_BLANKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class SmtpGateway:
    """One connection a letter: an office writes few."""

    name = "smtp"
    capabilities = Capabilities(templates=False, window=None, receipts=False, inbound=False)

    def __init__(self, server: MailServer):
        self._server = server

    def send(self, letter: Outgoing) -> Outcome:
        if not ADDRESS.fullmatch(letter.to):
            return Refused("bad_address")
        content = message_bytes(letter)
        try:
            with _signed_in(self._server) as smtp:
                return _handed_over(smtp, letter, content)
        except smtplib.SMTPAuthenticationError:
            return Refused("auth")
        except smtplib.SMTPResponseException as error:
            return Refused(f"smtp_{error.smtp_code}")
        except ssl.SSLError:
            return Refused("tls")
        except (OSError, smtplib.SMTPException) as error:
            return Refused(type(error).__name__.lower()[:30])


def message_bytes(letter: Outgoing) -> bytes:
    """The letter as it travels: plain UTF-8 text, marked when no person wrote it (RFC 3834).

    The lines of the thread are put in front by hand: the library would encode, and so spoil, any
    Message-ID longer than a line.
    """
    known = [reference for reference in letter.heading.references if MESSAGE_ID.fullmatch(reference)]
    lines = [f"In-Reply-To: {known[-1]}", "References: " + "\r\n ".join(known)] if known else []
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + _message_of(letter).as_bytes()


def _message_of(letter: Outgoing) -> EmailMessage:
    mail, heading = settings().mail, letter.heading
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(mail.name or city().short_name, addr_spec=mail.address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = one_line(letter.title)[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(heading.at)
    message["Message-ID"] = heading.message_id
    message[LOOP_MARK] = mail.address
    if heading.automatic:
        message["Auto-Submitted"] = "auto-replied" if heading.references else "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text.encode("utf-8", "replace").decode(), charset="utf-8", cte="quoted-printable")
    return message


def one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _trusting() -> ssl.SSLContext:
    """Whom this machine trusts: read anew each time, as the list is renewed while we run."""
    return ssl.create_default_context()


@contextmanager
def _signed_in(server: MailServer) -> Iterator[smtplib.SMTP]:
    if server.tls == TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=_trusting())
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.tls == STARTTLS:
            smtp.starttls(context=_trusting())
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


def _handed_over(smtp: smtplib.SMTP, letter: Outgoing, content: bytes) -> Outcome:
    """The part after which nothing may be guessed: once the text is on its way, a broken line leaves it unclear."""
    code, _ = smtp.mail(settings().mail.address)
    if code >= REFUSED:
        return Refused(f"sender_{code}")
    code, _ = smtp.rcpt(letter.to)
    if code >= REFUSED:
        return Refused(f"recipient_{code}")
    try:
        code, _ = smtp.data(content)
    except smtplib.SMTPDataError as error:  # refused before a byte of it was sent
        return Refused(f"data_{error.smtp_code}")
    except (OSError, smtplib.SMTPException) as error:
        return Unclear(type(error).__name__.lower()[:30])
    if code >= REFUSED:
        return Refused(f"data_{code}")
    return Accepted(f"smtp-{letter.reference}", states.SENT)


def new_message_id() -> str:
    """Random: whoever names it proves to have got the letter."""
    domain = settings().mail.address.rpartition("@")[2] or settings().public_host
    return f"<{secrets.token_urlsafe(24)}@{domain}>"


def message_index(message_id: str) -> str:
    return sealer().index("mail-message", message_id)


OTHER_WAY = "Hubungi penerima dengan cara lain."
AUTOMATIC = "Dicoba lagi otomatis. Tidak perlu berbuat apa-apa."
DECIDE = "Kirim ulang jika perlu: penerima mungkin mendapat surat yang sama dua kali."
ADMIN = "Semua e-mail menunggu. Minta admin memeriksa setelan e-mail."

# by the beginning of a code (smtp.py, box.py); the first that fits counts
TABLE: tuple[tuple[str, SendError], ...] = (
    (r"bounced", SendError("Surat dikembalikan oleh server penerima", OTHER_WAY)),
    (r"bad_address", SendError("Alamat e-mail tidak benar", OTHER_WAY)),
    (r"recipient_5", SendError("Alamat ditolak server", OTHER_WAY)),
    (r"data_5", SendError("Isi surat ditolak server", OTHER_WAY)),
    (r"(?:recipient|data)_4", SendError("Server meminta dicoba lagi nanti", AUTOMATIC, Retry.BACKOFF)),
    (r"lease$|exception$", SendError("Pengiriman terputus di tengah jalan", DECIDE)),
    # no fault of the letter: the way out rests, and the letter starts anew when the server is back
    (r"sender_", SendError("Server menolak alamat pengirim kami", ADMIN, Retry.BACKOFF, Effect.REST_CHANNEL)),
    (r"auth$|login$",
     SendError("Server menolak nama atau kata sandi kami", ADMIN, Retry.BACKOFF, Effect.REST_CHANNEL)),
    (r"tls$",
     SendError("Sambungan aman dengan server tidak terpercaya", ADMIN, Retry.BACKOFF, Effect.REST_CHANNEL)),
)
NO_LINE = SendError(
    "Sambungan dengan server terputus atau tidak ada", AUTOMATIC, Retry.BACKOFF, Effect.REST_CHANNEL,
)


def for_code(code: str) -> SendError:
    """Any code without an entry is a server that was not there."""
    found = next((error for pattern, error in TABLE if re.match(pattern, code)), None)
    return found or OWN.get(code, NO_LINE)


def in_a_sentence(code: str) -> str:
    """The meaning as a part of a sentence."""
    meaning = for_code(code).meaning
    return meaning[0].lower() + meaning[1:]

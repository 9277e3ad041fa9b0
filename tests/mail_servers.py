"""Real servers for the e-mail tests: Dovecot keeps the mailboxes (IMAP, LMTP), aiosmtpd takes letters by
SMTP and hands them to Dovecot. Office and residents both write and read through them.
"""

import imaplib
import itertools
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from app import create_app
from app.base.database import db
from app.complaints.arriving import by_email
from app.messages import dispatcher
from tests.builders import TEST_SETTINGS
from tests.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.live import free_port

_numbers = itertools.count(1)


@dataclass
class PostOffice:
    """The SMTP side. `answers` says what it replies instead of taking a letter: step -> reply, where a
    step is mail, rcpt or data; "cut" as a reply to data takes the letter and hangs up without a word."""

    lmtp: int
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)

    async def handle_MAIL(self, _server, _session, envelope, address, options):
        if "mail" in self.answers:
            return self.answers["mail"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        reply = self.answers.get("data", "250 OK")
        if reply in ("250 OK", "cut"):
            self.taken.append(envelope.content)
            with smtplib.LMTP("127.0.0.1", self.lmtp) as lmtp:
                lmtp.sendmail(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        if reply == "cut":
            server.transport.close()
        return reply


@dataclass(frozen=True)
class MailServers:
    """`smtp` is open; `smtp_tls` wants STARTTLS and a sign-in."""

    dovecot: Dovecot
    post: PostOffice
    smtp: int
    smtp_tls: int

    def settings(self, address: str, **changed: str) -> dict[str, str]:
        """MAIL_* of an office at `address`."""
        return {
            "MAIL_IMAP_HOST": "127.0.0.1", "MAIL_IMAP_PORT": str(self.dovecot.imap), "MAIL_IMAP_TLS": "off",
            "MAIL_IMAP_USER": address, "MAIL_IMAP_PASSWORD": PASSWORD, "MAIL_SMTP_HOST": "127.0.0.1",
            "MAIL_SMTP_PORT": str(self.smtp), "MAIL_SMTP_TLS": "off", "MAIL_FROM": address, **changed,
        }

    def send(self, raw: bytes, to: str, sender: str = "budi@contoh.id") -> None:
        """Hand over a whole message, as wrong as it may be."""
        with smtplib.SMTP("127.0.0.1", self.smtp) as smtp:
            smtp.sendmail(sender, [to], raw)

    def letters(self, address: str) -> list[EmailMessage]:
        """What lies in the mailbox, oldest first."""
        with self._opened(address) as imap:
            numbers = imap.search(None, "ALL")[1][0].split()
            raws = [imap.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]
        return [message_from_bytes(raw, policy=policy.default) for raw in raws]

    def unread(self, address: str) -> int:
        with self._opened(address) as imap:
            return len(imap.search(None, "UNSEEN")[1][0].split())

    def mark_all_read(self, address: str) -> None:
        with self._opened(address) as imap:
            imap.store("1:*", "+FLAGS", "\\Seen")

    def _opened(self, address: str) -> imaplib.IMAP4:
        imap = imaplib.IMAP4("127.0.0.1", self.dovecot.imap)
        imap.login(address, PASSWORD)
        imap.select()
        return imap


@dataclass(frozen=True)
class Office:
    """An app with a mailbox of its own."""

    app: object
    address: str
    servers: MailServers

    def works(self) -> None:
        """What the worker does about e-mail, until there is nothing left to do."""
        with self.app.app_context():
            by_email.take_new()
            while dispatcher.deliver_due():
                pass
            db.session.remove()


@dataclass(frozen=True)
class Writer:
    """A resident with a mailbox."""

    servers: MailServers
    office: str
    address: str
    name: str = "Budi Contoh"

    def writes(self, text: str = "Lampu jalan mati.", subject: str = "Keluhan", answering: EmailMessage | None = None,
               html: str = "", files: tuple = (), **headers: str) -> EmailMessage:
        """`files` are (bytes, type, name); `headers` have _ for -."""
        letter = EmailMessage(policy=policy.SMTP)
        letter["From"], letter["To"] = f"{self.name} <{self.address}>", self.office
        letter["Subject"] = subject
        letter["Message-ID"] = f"<surat-{next(_numbers)}@contoh.id>"
        if answering is not None:
            letter["In-Reply-To"] = answering["Message-ID"]
            letter["References"] = f"{answering.get('References', '')} {answering['Message-ID']}".strip()
        for name, value in headers.items():
            letter[name.replace("_", "-")] = value
        letter.set_content(text)
        if html:
            letter.add_alternative(html, subtype="html")
        for data, kind, name in files:
            main, sub = kind.split("/")
            letter.add_attachment(data, maintype=main, subtype=sub, filename=name)
        self.servers.send(letter.as_bytes(), self.office, self.address)
        return letter

    def letters(self) -> list[EmailMessage]:
        return self.servers.letters(self.address)


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    with running_dovecot() as dovecot:
        post = PostOffice(dovecot.lmtp)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(dovecot.certificate, dovecot.folder / "key.pem")
        plain = Controller(post, hostname="127.0.0.1", port=free_port(), data_size_limit=80_000_000)
        guarded = Controller(
            post, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True,
            auth_required=True, authenticator=_knows_the_password,
        )
        plain.start()
        guarded.start()
        try:
            yield MailServers(dovecot, post, plain.port, guarded.port)
        finally:
            plain.stop()
            guarded.stop()


@pytest.fixture
def servers(mail_servers) -> Iterator[MailServers]:
    """The same servers for every test, well-behaved again after each."""
    mail_servers.post.taken.clear()
    yield mail_servers
    mail_servers.post.answers.clear()


@pytest.fixture
def open_office(servers, tmp_path, migrated_sqlite) -> Iterator[Callable[..., Office]]:
    """open_office(**settings) -> an office with a fresh database and mailbox."""
    made = []

    def make(database: str = "", **settings: str) -> Office:
        address = f"kantor{next(_numbers)}@uji.id"
        folder = tmp_path / address
        folder.mkdir()
        (folder / "loket.sqlite3").write_bytes(migrated_sqlite.read_bytes())
        extra = {"DATABASE_URL": database} if database else {}
        app = create_app({
            **TEST_SETTINGS, **servers.settings(address), "LOKET_INSTANCE": str(folder), **extra, **settings,
        })
        made.append(app)
        return Office(app, address, servers)

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def office(open_office) -> Office:
    return open_office()


@pytest.fixture
def budi(servers, office) -> Writer:
    return Writer(servers, office.address, f"budi{next(_numbers)}@contoh.id")


def _knows_the_password(server, _session, _envelope, _mechanism, data):
    """Who does not is hung up on: silence would be waited out."""
    right = data.password == PASSWORD.encode()
    if not right:
        server.transport.close()
    return AuthResult(success=right)

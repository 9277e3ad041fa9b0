"""The office's mailbox over IMAP. Only this module speaks the protocol (imap-tools).

Messages are read without touching their flags; what was taken is marked as read afterwards, and what
was left alone stays unread for people to see. Nothing is ever moved or deleted.
"""

import re
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from imaplib import IMAP4, Internaldate2tuple

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessageFlags,
)

from app.settings.mail import STARTTLS, TLS, MailServer

TIMEOUT_SECONDS = 15
# 25 MB, the usual limit of providers, grows by a third on the way
LARGEST_MESSAGE = 36_000_000
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
# English always, whatever the locale of the process: strftime("%b") would say "Des"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxAway(Exception):
    """The server is not there, does not let us in, or stopped in the middle. `code` is for the log."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Fetched:
    """`raw` is the whole message, or its head alone when it is larger than LARGEST_MESSAGE bytes."""

    uid: int
    received_at: datetime | None
    size: int
    raw: bytes = field(repr=False)

    @property
    def whole(self) -> bool:
        return self.size <= LARGEST_MESSAGE


class OpenBox:
    """One folder, selected. Every method raises MailboxAway."""

    def __init__(self, box: BaseMailBox, uidvalidity: str, uidnext: int):
        self._box = box
        self.uidvalidity, self.uidnext = uidvalidity, uidnext

    def uids_from(self, first: int) -> list[int]:
        """Ascending. The server counts `*` as the last message, so a lower one may come along."""
        return [uid for uid in self._search(f"UID {first}:*") if uid >= first]

    def uids_since(self, day: date, unread_only: bool = False) -> list[int]:
        """Messages that arrived on `day` or later, by the server's own calendar."""
        since = f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        return self._search(f"UNSEEN {since}" if unread_only else since)

    def fetch(self, uid: int) -> Fetched | None:
        """None when somebody has removed it meanwhile."""
        about = self._asked(uid, "(RFC822.SIZE INTERNALDATE)", b"RFC822.SIZE")
        found = _SIZE.search(about[0]) if about else None
        if found is None:
            return None
        size = int(found[1])
        part = "(BODY.PEEK[])" if size <= LARGEST_MESSAGE else "(BODY.PEEK[HEADER])"
        answer = self._asked(uid, part, b"BODY[")
        if len(answer) < 2:
            return None
        return Fetched(uid, _arrival(about[0]), size, answer[1])

    def mark_read(self, uids: Iterable[int]) -> None:
        with _faults():
            self._box.flag([str(uid) for uid in uids], [MailMessageFlags.SEEN], True)

    def _search(self, criteria: str) -> list[int]:
        with _faults():
            return sorted(int(uid) for uid in self._box.uids(criteria))

    def _asked(self, uid: int, what: str, sign: bytes) -> tuple[bytes, ...]:
        """The line of the answer that holds `sign`, with the literal after it if there is one; empty for no
        such message. News about flags may stand between."""
        with _faults():
            status, data = self._box.client.uid("FETCH", str(uid), what)
        if status != "OK":
            raise MailboxAway("fetch")
        answers = [part if isinstance(part, tuple) else (part,) for part in data if part]
        return next((found for found in answers if sign in found[0]), ())


@contextmanager
def open_box(server: MailServer, folder: str) -> Iterator[OpenBox]:
    """Sign in and select the folder. Raises MailboxAway."""
    with _faults():
        box = _connected(server)
    try:
        with _faults():
            box.login(server.user, server.password, initial_folder=None)
            status = box.folder.status(folder, ("UIDVALIDITY", "UIDNEXT"))
            box.folder.set(folder)
        yield OpenBox(box, str(status["UIDVALIDITY"]), int(status["UIDNEXT"]))
    finally:
        _leave(box)


def _connected(server: MailServer) -> BaseMailBox:
    if server.tls == TLS:
        return MailBox(server.host, server.port, timeout=TIMEOUT_SECONDS, ssl_context=ssl.create_default_context())
    if server.tls == STARTTLS:
        context = ssl.create_default_context()
        return MailBoxStartTls(server.host, server.port, timeout=TIMEOUT_SECONDS, ssl_context=context)
    return MailBoxUnencrypted(server.host, server.port, timeout=TIMEOUT_SECONDS)


def _leave(box: BaseMailBox) -> None:
    with suppress(OSError, IMAP4.error):  # the line is gone already, and that was all we wanted
        box.client.logout()


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except MailboxLoginError:
        raise MailboxAway("login") from None
    except ssl.SSLError:
        raise MailboxAway("tls") from None
    except (OSError, IMAP4.error, ImapToolsError, KeyError, ValueError) as error:
        raise MailboxAway(type(error).__name__.lower()[:30]) from None


def _arrival(line: bytes) -> datetime | None:
    found = Internaldate2tuple(line)
    return datetime.fromtimestamp(time.mktime(found), UTC) if found else None

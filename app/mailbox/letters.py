"""From the bytes of an e-mail to a letter: who, what thread, which words, which files; and whether a person wrote it.

The raw letter is always at hand: whatever is read of it here, nothing of it is lost.
`flask mail read` reads a letter as the worker does, so that an office can send us what went wrong without its mailbox.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path

import click
from flask.cli import AppGroup

from app.base.services import settings
from app.mailbox import quotes
from app.mailbox.box import Fetched
from app.mailbox.contents import SHAPE, TOO_LARGE, TOO_LONG, Attached, Contents, Unparseable, contents_of, open_message
from app.mailbox.machines import FailedDelivery, Seen, failed_deliveries, recipients, why_automatic
from app.mailbox.origin import UNKNOWN, verdict_of, writer_of
from app.mailbox.text import FAULTS, field_of, header_words, headers_of
from app.settings.mail import MailSettings

LONGEST_TEXT = 100_000
MOST_REFERENCES = 30
UNREADABLE = "(Isi surat ini tidak dapat dibaca otomatis. Unduh surat aslinya.)"
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")  # printable ASCII without < and >


@dataclass(frozen=True)
class Letter:
    """`identity` is equal for copies of one letter only, in hex; `references` are the Message-IDs it answers,
    the nearest first. `sender` is where it came from, `answer_to` whom to answer, `text` the new words, `quoted` what
    is folded below them, `unread` codes of contents.py for what could not be read, `raw` the whole letter ("" when it
    was too large to fetch). `automatic` says why no person wrote it, "" when one did. `failed` are letters that it
    reports as not delivered, `verdict` what our provider found about its sender."""

    identity: str
    message_id: str = ""
    references: tuple[str, ...] = ()
    sender: str = field(default="", repr=False)
    answer_to: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    quoted: str = field(default="", repr=False)
    files: tuple[Attached, ...] = ()
    unread: tuple[str, ...] = ()
    raw: bytes = field(default=b"", repr=False)
    automatic: str = ""
    failed: tuple[FailedDelivery, ...] = ()
    verdict: str = UNKNOWN


def open_letter(fetched: Fetched, mail: MailSettings, raw_only: bool = False) -> Letter:
    """All that a message tells, in one go: nobody behind this asks its bytes again. `raw_only` for one that other
    code of ours failed on. Raises nothing."""
    head = headers_of(fetched.raw)
    if not fetched.whole:
        letter = too_big(fetched.raw, fetched.size, mail.own_addresses)
    else:
        letter = (raw_letter if raw_only else read_letter)(fetched.raw, mail.own_addresses)
    why = why_automatic(Seen(
        head, mail.own_addresses, letter.sender, letter.answer_to, letter.subject,
        "" if raw_only else letter.text, fetched.raw,
    ))
    return replace(
        letter, automatic=why, failed=tuple(failed_deliveries(fetched.raw)) if fetched.whole else (),
        verdict=verdict_of(head, mail.authserv_id, letter.sender),
    )


def read_letter(raw: bytes, ours: frozenset[str] = frozenset()) -> Letter:
    """`ours` are the addresses of the office. Raises nothing."""
    head = headers_of(raw)
    found = _read(raw)
    whole = "\n\n".join(filter(None, ("\n".join(text.strip().splitlines()) for text in found.texts)))
    subject = header_words(field_of(head, "Subject"))
    office = ours or recipients(head)
    text, quoted = quotes.divide(whole, subject, office, _answers_office(office, head))
    quoted = "\n\n".join(filter(None, [quoted, *(quotes.without_pins(other) for other in found.folded)]))
    if len(text) > LONGEST_TEXT or len(quoted) > LONGEST_TEXT:
        found.unread.append(TOO_LONG)
    return _letter(head, raw, text[:LONGEST_TEXT], found, quoted[:LONGEST_TEXT], ours)


def raw_letter(raw: bytes, ours: frozenset[str] = frozenset()) -> Letter:
    """The letter with its raw bytes alone, for one that other code of ours failed on."""
    return _letter(headers_of(raw), raw, UNREADABLE, Contents(unread=[SHAPE]), "", ours)


def too_big(head: bytes, size: int, ours: frozenset[str] = frozenset()) -> Letter:
    """A message that is not fetched: who and what about, and where to find the rest."""
    words = f"(Surat ini {size // 1_000_000} MB, terlalu besar untuk diambil. Buka surat aslinya di kotak surat.)"
    letter = _letter(headers_of(head), head, words, Contents(unread=[TOO_LARGE]), "", ours)
    return replace(letter, raw=b"")


def _letter(
    head: Message, raw: bytes, text: str, found: Contents, quoted: str, ours: frozenset[str],
) -> Letter:
    writer = writer_of(head, ours)
    message_id = next(iter(_ids(head, "Message-ID")), "")
    # some programs use one Message-ID twice; without any, only the very same bytes are a copy
    same = f"{message_id}\n{writer.sender}\n".encode() + _body(raw) if message_id else raw
    return Letter(
        identity=hashlib.sha256(same).hexdigest(), message_id=message_id, references=_references(head),
        sender=writer.sender, answer_to=writer.answer_to, name=writer.name,
        subject=header_words(field_of(head, "Subject")), text=text, quoted=quoted, files=tuple(found.files),
        unread=tuple(dict.fromkeys(found.unread)), raw=raw,
    )


def _read(raw: bytes) -> Contents:
    try:
        found = contents_of(open_message(raw))
    except (Unparseable, *FAULTS):
        return Contents([UNREADABLE], unread=[SHAPE])
    if not any(text.strip() for text in found.texts):
        if not found.files and not found.unread and _body(raw).strip():
            found.unread.append(SHAPE)  # it says something, and not in a way we know
        if found.unread:
            found.texts.append(UNREADABLE)
    return found


def _answers_office(ours: frozenset[str], head: Message) -> bool:
    """Whether it replies to a letter that was made where ours are made."""
    domains = tuple({f"@{address.rpartition('@')[2]}>" for address in ours})
    return any(reference.lower().endswith(domains) for reference in _references(head))


def _references(head: Message) -> tuple[str, ...]:
    nearest = [*_ids(head, "In-Reply-To"), *reversed(_ids(head, "References"))]
    return tuple(dict.fromkeys(nearest))[:MOST_REFERENCES]


def _ids(head: Message, name: str) -> list[str]:
    return _MESSAGE_ID.findall(field_of(head, name))


def _body(raw: bytes) -> bytes:
    """Everything below the headers; all of it when there are none."""
    parts = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)
    return parts[1] if len(parts) > 1 else raw


mail_cli = AppGroup("mail", help="Letters.")


@mail_cli.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def read(files: tuple[Path, ...]) -> None:
    """One JSON line for each letter (.eml); writes nothing."""
    for path in files:
        raw = path.read_bytes()
        letter = open_letter(Fetched(0, None, len(raw), raw), settings().mail)
        click.echo(json.dumps(described(str(path), letter), ensure_ascii=False))


def described(file: str, letter: Letter) -> dict[str, object]:
    """`machine` is null for a person's letter; `kept_raw` whether its bytes are kept with the ticket."""
    return {
        "file": file, "machine": letter.automatic or None, "name": letter.name, "sender": letter.sender,
        "answer_to": letter.answer_to, "subject": letter.subject, "text": letter.text, "quoted": letter.quoted,
        "files": [attached.name for attached in letter.files], "kept_raw": not letter.automatic and bool(letter.raw),
    }

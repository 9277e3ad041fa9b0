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

from app.base.ids import OLD_TICKET_PIN, TICKET_PIN
from app.base.services import settings
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
    text, quoted = divide(whole, subject, office, _answers_office(office, head))
    quoted = "\n\n".join(filter(None, [quoted, *(without_pins(other) for other in found.folded)]))
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


# The new words of a letter, and what stands below them of a letter of ours: folded at the desk, never cut.
#
# Only a quotation of our own letter is folded: what a resident quotes of anybody else, a forwarded letter first of
# all, is the complaint itself.

_WROTE = re.compile(
    r"\b(?:wrote|writes|menulis|schrieb|a écrit|escribió|escreveu|ha scritto|schreef)\s*:\s*$", re.IGNORECASE,
)
_WROTE_BEGINS = re.compile(r"^(?:Pada|On|Am|Le|El|Em|Il|Op|Den|Vào|Tarikh|Tanggal)\b", re.IGNORECASE)
_DIVIDER = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|pesan asli|mesej asal|ursprüngliche nachricht|message d'origine)"
    r"\s*-{2,}|_{10,})\s*$", re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(?:From|Dari|Daripada|Von|De)\*?\s?:", re.IGNORECASE)
_OTHER_FIELD = re.compile(
    r"^\s*\*?(?:Sent|Date|Dikirim|Terkirim|Tanggal|Dihantar|Gesendet|To|Kepada|Untuk|Cc|Tembusan|Subject|Subjek|Perihal)"
    r"\*?\s?:", re.IGNORECASE)
_FORWARDED = re.compile(
    r"^\s*-{4,}\s*(?:forwarded message|pesan (?:yang )?diteruskan|pesan terusan|mesej dimajukan)\s*-{4,}\s*$"
    r"|^\s*begin forwarded message:", re.IGNORECASE | re.MULTILINE)
_FORWARDED_SUBJECT = re.compile(r"^\s*(?:fwd?|fw|trs|terusan|diteruskan|wg|tr|rv|enc)\s*:", re.IGNORECASE)
_QUOTED_PIN = re.compile(rf"(PIN(?: Anda)?\W{{0,6}}[\s>:*]{{0,20}})\d{{{OLD_TICKET_PIN},{TICKET_PIN}}}\b")
# so says every letter of ours
_OUR_WORDS = re.compile(r"\bADU-20\d\d-\d{6}\b|\bPIN Anda\b")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,253}[\w]")
MOST_FIELDS, LONGEST_WROTE = 8, 3


def without_pins(text: str) -> str:
    """The PIN of our receipt is blanked where it is quoted."""
    return _QUOTED_PIN.sub(r"\1••••••", text)


def divide(
    text: str, subject: str = "", ours: frozenset[str] = frozenset(), answers_us: bool = False,
) -> tuple[str, str]:
    """(the new words, the quoted letter of ours below or above them, "" for none). `ours` are the addresses of the
    office, `answers_us` whether the letter replies to one made where ours are. Where nothing else would be left all of
    it counts as new."""
    safe = without_pins(text).strip()
    if _FORWARDED_SUBJECT.match(subject) or _FORWARDED.search(safe):
        return safe, ""
    lines = safe.splitlines()
    start, end = _quotation(lines)
    block = "\n".join(lines[start:end]).strip()
    if not block or not _is_of_ours(block, ours, answers_us):
        return safe, ""
    words = "\n".join([*lines[:start], *lines[end:]]).strip()
    return (words, block) if words else (safe, "")


def _is_of_ours(block: str, ours: frozenset[str], answers_us: bool) -> bool:
    """Whom its heading names as the writer decides, unless the letter answers us and the quote has our words; where it
    names no address, either is enough."""
    lines = block.splitlines()[: LONGEST_WROTE + 2]
    heading = next((line for line in lines if _FROM.match(line)), "")
    if not heading:
        last = next((at for at, line in enumerate(lines) if _WROTE.search(line)), -1)
        heading = " ".join(lines[: last + 1])
    writers = _ADDRESS.findall(heading.lower())
    has_our_words = _OUR_WORDS.search(block) is not None
    if writers:
        return writers[0] in ours or (answers_us and has_our_words)
    return answers_us or has_our_words


def _quotation(lines: list[str]) -> tuple[int, int]:
    """Where the quoted letter begins and ends: the last one; the first when words follow and no other is there."""
    heading = next((at for at in range(len(lines)) if _is_heading(lines, at)), None)
    if heading is not None:
        before = heading - 1 if heading and _DIVIDER.match(lines[heading - 1]) else heading
        return before, len(lines)
    blocks = _blocks(lines)
    if not blocks:
        return len(lines), len(lines)
    start, end = blocks[-1]
    if any(line.strip() for line in lines[end:]) and len(blocks) > 1:
        return len(lines), len(lines)  # answers between the questions: they belong together
    return _with_attribution(lines, start), end


def _is_heading(lines: list[str], at: int) -> bool:
    """From:, Sent:, To:, Subject: below each other, as Outlook writes above what it quotes."""
    if not _FROM.match(lines[at]):
        return False
    near = lines[at + 1 : at + 1 + MOST_FIELDS]
    return sum(1 for line in near if _OTHER_FIELD.match(line)) >= 2


def _blocks(lines: list[str]) -> list[tuple[int, int]]:
    """Runs of lines that begin with >, blank lines between them included."""
    found: list[tuple[int, int]] = []
    for at, line in enumerate(lines):
        if not line.lstrip().startswith(">"):
            continue
        if found and not any(between.strip() for between in lines[found[-1][1] : at]):
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found


def _with_attribution(lines: list[str], start: int) -> int:
    """The line above a quote, which may be broken in three: "Pada Sen, 23 Nov ... <a@b.id>\\nmenulis:"."""
    above = start - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above < 0 or not _WROTE.search(lines[above]):
        return start
    for first in range(above, max(-1, above - LONGEST_WROTE), -1):
        if _WROTE_BEGINS.match(lines[first].strip()):
            return first
    return above

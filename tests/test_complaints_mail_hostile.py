"""Letters meant to break things, through real SMTP and IMAP: each becomes a ticket, none takes long or is lost."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import base64
import re
import time as stopwatch

import pytest
from sqlalchemy import select

from app.base.database import db
from app.complaints.ticket.models import Ticket, TicketAttachment
from app.complaints.ticket.personal import body_of, name_of, open_contact, open_content
from app.mailbox import box
from app.mailbox.letters import divide, read_letter
from app.mailbox.models import MailIn
from app.mailbox.text import HtmlTooHeavy, decoded, from_html, header_words, headers_of
from tests.mail_servers import office, open_office, servers  # noqa: F401

FROM = b"From: Budi Contoh <budi@contoh.id>\r\n"
RAW_KEPT = "surat-asli.eml"
PATIENCE = 60  # seconds; without its limits each of the bombs takes minutes or never ends


def nested(depth: int) -> bytes:
    """Multiparts within multiparts."""
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth)
    )
    return FROM + opened + b"\r\n" + b"dalam sekali\r\n" * 1000


def chain(depth: int) -> bytes:
    """Messages within messages."""
    return FROM + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"\r\nhalo\r\n"


def many_parts(count: int) -> bytes:
    return FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * count + b"--b--\r\n"


def mixed(*parts: bytes) -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body + b"--b--\r\n"


def lines(text: bytes) -> bytes:
    """Folded, so that servers with a limit on lines take it."""
    return b"\r\n".join(text[start:start + 900] for start in range(0, len(text), 900))


HTML = FROM + b"Content-Type: text/html\r\n\r\n"
# name -> (message, a piece of the words that must be kept, whether something of it could not be read)
LETTERS: dict[str, tuple[bytes, str, bool]] = {
    "no headers at all": (b"tolong pak jalan rusak\r\n", "tolong pak jalan rusak", False),
    "headers only": (FROM + b"Subject: jalan rusak\r\n\r\n", "(tanpa tulisan)", False),
    "nothing": (b"\r\n", "(tanpa tulisan)", False),
    "unknown charset": (FROM + b"Content-Type: text/plain; charset=x-martian\r\n\r\ncaf\xe9\r\n", "café", False),
    "charset that is a codec": (FROM + b"Content-Type: text/plain; charset=zlib\r\n\r\nhalo\r\n", "halo", False),
    "charset that costs time": (FROM + b"Content-Type: text/plain; charset=punycode\r\n\r\nhalo\r\n", "halo", False),
    "wrong charset": (FROM + b"Content-Type: text/plain; charset=us-ascii\r\n\r\nKel\xc3\xbchan\r\n", "Kelühan", False),
    "broken base64": (FROM + b"Content-Transfer-Encoding: base64\r\n\r\nSGFsbyBwYWs*&^=\r\n", "Halo pak", False),
    "base64 of nothing": (FROM + b"Content-Transfer-Encoding: base64\r\n\r\n====\r\n", "tidak dapat dibaca", True),
    "missing boundary": (FROM + b"Content-Type: multipart/mixed\r\n\r\nhalo\r\n", "halo", False),
    "boundary never used": (FROM + b"Content-Type: multipart/mixed; boundary=x\r\n\r\nhalo\r\n", "halo", False),
    "nested multiparts": (nested(400), "tidak dapat dibaca", True),
    "nested messages": (chain(3000), "tidak dapat dibaca", True),
    "a hundred thousand parts": (many_parts(100_000), "tidak dapat dibaca", True),
    "three megabytes of text": (FROM + b"\r\n" + b"jalan rusak\r\n" * 240_000, "jalan rusak", True),
    "html too deep": (HTML + lines(b"<div>" * 100_000) + b"halo\r\n", "tidak dapat dibaca", True),
    "html of comments": (HTML + lines(b"<!--" * 100_000) + b"\r\n", "tidak dapat dibaca", True),
    "winmail.dat": (
        mixed(b"\r\nlihat lampiran", b"Content-Type: application/ms-tnef; name=winmail.dat\r\n"
              b"Content-Transfer-Encoding: base64\r\n\r\neJ8+IgAB"), "lihat lampiran", True,
    ),
    "file name of wrong encoding": (
        mixed(b"\r\nhalo", b"Content-Type: image/png; name*=x-martian''%FF%FE\r\n\r\nx"), "halo", False,
    ),
    "a forwarded message": (
        mixed(b"\r\nmohon dibantu", b"Content-Type: message/rfc822\r\n\r\nFrom: c@contoh.id\r\n\r\nisi terusan\r\n"),
        "isi terusan", False,
    ),
    "NUL and controls": (FROM + b"\r\na\x00b\x1b[31mc\x08\r\n", "b[31mc", False),
    "from of brackets": (b"From: " + b"(" * 800 + b"\r\n\r\nhalo\r\n", "halo", False),
    "two froms": (b"From: a@contoh.id\r\nFrom: b@contoh.id\r\n\r\nhalo\r\n", "halo", False),
    "subject of encoded words": (FROM + b"Subject: " + b"=?" * 400 + b"\r\n\r\nhalo\r\n", "halo", False),
    "a long subject in pieces": (
        FROM + b"Subject: " + b"\r\n ".join([b"=?utf-8?b?8J+YoQ==?="] * 5000) + b"\r\n\r\nhalo\r\n", "halo", False,
    ),
    "ten thousand references": (
        FROM + b"References: " + b"\r\n ".join(b"<%d@x>" % number for number in range(10_000)) + b"\r\n\r\nhalo\r\n",
        "halo", False,
    ),
}


def only_ticket(office) -> tuple[Ticket, str, list[str]]:
    """The ticket, its words, and the names of its files."""
    ticket = db.session.scalars(select(Ticket)).one()
    names = [name_of(row) for row in db.session.scalars(select(TicketAttachment))]
    return ticket, body_of(ticket.messages[0]), names


@pytest.mark.parametrize("name", LETTERS)
def test_a_hostile_letter_becomes_a_ticket(office, servers, name):
    raw, words, unread = LETTERS[name]
    servers.send(raw, office.address)
    begun = stopwatch.monotonic()
    office.works()
    assert stopwatch.monotonic() - begun < PATIENCE
    with office.app.app_context():
        ticket, text, names = only_ticket(office)
        assert words in text and names.count(RAW_KEPT) == 1
        assert bool(ticket.messages[0].unread) == unread
        assert len(text) <= 100_000 and ticket.channel == "email"
        assert [row.fate for row in db.session.scalars(select(MailIn))] == ["taken"]


def test_a_hostile_letter_does_not_keep_the_next_one_from_being_read(office, servers):
    for raw in (nested(400), many_parts(100_000), FROM + b"\r\nhalo\r\n"):
        servers.send(raw, office.address)
    office.works()
    with office.app.app_context():
        assert len(list(db.session.scalars(select(Ticket)))) == 3


def test_line_breaks_smuggled_into_headers_reach_no_header_of_ours(office, servers):
    evil = base64.b64encode(b"halo\r\nBcc: korban@contoh.id\r\n\r\nisi palsu").decode()
    raw = (f"From: =?utf-8?b?{evil}?= <budi.jahat@contoh.id>\r\nSubject: =?utf-8?b?{evil}?=\r\n"
           "Message-ID: <a@b\r\n Bcc: korban@contoh.id>\r\nReferences: <x@y>\r\n\tBcc:korban@contoh.id\r\n\r\nhalo\r\n")
    servers.send(raw.encode(), office.address)
    office.works()
    sent = servers.post.taken[-1]
    head = sent.split(b"\r\n\r\n")[0]
    assert b"bcc" not in head.lower() and sent.count(b"isi palsu") == 0
    with office.app.app_context():
        ticket, _, _ = only_ticket(office)
        assert open_content(ticket).subject == "halo Bcc: korban@contoh.id isi palsu"
        assert "\n" not in open_contact(ticket).name
    assert servers.letters("budi.jahat@contoh.id") and not _has_mailbox(servers, "korban@contoh.id")


def test_a_name_cannot_pretend_to_be_the_address(office, servers):
    evil = base64.b64encode(b"Walikota <walikota@contoh.id>,").decode()
    servers.send(f"From: =?utf-8?b?{evil}?= <asli@contoh.id>\r\n\r\nhalo\r\n".encode(), office.address)
    office.works()
    with office.app.app_context():
        assert open_contact(only_ticket(office)[0]).email == "asli@contoh.id"


@pytest.mark.parametrize("sender", ["", "bukan alamat", "<>", "a@b", "x@[127.0.0.1]", "é@contoh.id", "a..b@contoh.id"])
def test_a_sender_nobody_can_answer_is_heard_all_the_same(office, servers, sender):
    servers.send(f"From: {sender}\r\n\r\nhalo\r\n".encode(), office.address)
    office.works()
    with office.app.app_context():
        ticket, text, _ = only_ticket(office)
        assert (text, ticket.answer_by, open_contact(ticket).email) == ("halo", "page", "")


def test_a_message_too_large_to_fetch_is_a_ticket_that_says_where_it_lies(office, servers, monkeypatch):
    monkeypatch.setattr(box, "LARGEST_MESSAGE", 50_000)
    raw = FROM + b"Subject: besar\r\nMessage-ID: <besar@contoh.id>\r\n\r\n" + b"x" * 900 + b"\r\n" * 60_000
    servers.send(raw, office.address)
    office.works()
    with office.app.app_context():
        ticket, text, names = only_ticket(office)
        assert "terlalu besar untuk diambil" in text and names == [RAW_KEPT]
        assert open_content(ticket).subject == "besar"


def test_a_plain_part_without_words_gives_way_to_html():
    raw = (FROM + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n  \r\n--b\r\n"
           b"Content-Type: text/html\r\n\r\n<p>dari html</p>\r\n--b--\r\n")
    assert read_letter(raw).text == "dari html"


def test_a_photo_inside_the_html_alternative_is_not_lost():
    raw = (FROM + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nkata\r\n--b\r\n"
           b"Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html\r\n\r\n<p>kata</p>\r\n"
           b"--r\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\r\n--r--\r\n--b--\r\n")
    letter = read_letter(raw)
    assert letter.text == "kata" and [(file.name, file.data) for file in letter.files] == [("a.pdf", b"%PDF-1.4")]


@pytest.mark.parametrize(("raw", "words"), [
    ("=?utf-8?q?S=C3=A9?= =?utf-8?q?kar?=", "Sékar"), ("=?utf-8?b?!!!?=", ""), ("a\r\n b", "a b"),
    ("=?x-martian?q?caf=E9?=", "café"), ("caf\udce9", "café"), ("\u202ea\x00b", "\u202ea b"),
])
def test_header_words(raw, words):
    assert header_words(raw) == words


@pytest.mark.parametrize("text", ["satu\n> dua\ntiga", "> hanya kutipan", "tiga\n\n-- \nBudi"])
def test_words_of_the_person_are_never_cut(text):
    assert divide(text) == (text, "")


@pytest.mark.parametrize("charset", ["utf-8", "idna", "undefined", "rot13", "a\x00b", "", "utf-16"])
def test_any_bytes_in_any_charset_become_some_text(charset):
    assert isinstance(decoded(bytes(range(256)), charset), str)


def test_html_with_more_than_a_letter_holds_is_not_converted():
    for markup in ("<div>" * 20_000, "x" * 1_000_001):
        with pytest.raises(HtmlTooHeavy):
            from_html(markup)
    assert from_html("<p>a</p>" * 10_000).count("a") == 10_000


def test_headers_are_read_from_the_head_alone():
    head = headers_of(b"A: 1\r\n\r\nB: 2\r\n")
    assert head["A"] == "1" and head["B"] is None and re.fullmatch("[0-9a-f]{64}", read_letter(b"").identity)


def _has_mailbox(servers, address: str) -> bool:
    return (servers.dovecot.folder / "mail" / address).exists()

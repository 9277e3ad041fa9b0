"""The thirty-second entry: what was said at the counter, on the phone, on the radio or on a slip.
Few fields, everything but the words and the channel may stay empty."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.base import clock
from app.base.database import db, end_reading
from app.base.problems import FormRejected
from app.base.services import city
from app.casework.lists import staff_names
from app.complaints.arriving import intake, web_form
from app.complaints.arriving.validation import ABOUT_STAFF, LONGEST_TEXT, Checked, email, line, one_of, words
from app.complaints.arriving.which_ticket import ticket_of_external
from app.complaints.desk.acts import actor_of
from app.complaints.ticket.files import File
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import Contact
from app.complaints.ticket.words import BY_PAGE, BY_PHONE, CATEGORIES, KINDS
from app.identity.findings import FieldError
from app.identity.phone import parse_whatsapp
from app.identity.text import clean_text

LONGEST_REFERENCE = 60
OLDEST = timedelta(days=400)
JUST_ENTERED = timedelta(minutes=15)
YESTERDAY_WORDS, TODAY_WORDS = ("kemarin", "kmr"), ("hari ini", "tadi")
_TIME = re.compile(r"(\d{1,2})[.:]?(\d{2})", re.ASCII)
_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}))?", re.ASCII)
_LANDLINE = re.compile(r"\(?0\d{2,3}\)?[ -]?\d{5,8}", re.ASCII)
NOT_TYPED_HERE = ("web",)


def channels() -> dict[str, str]:
    """Every channel of the standard that a person has to type in; the form of the site is not one."""
    return {channel.key: channel.name for channel in city().channels if channel.kind not in NOT_TYPED_HERE}


def just_entered(ticket_id: str, staff) -> Ticket | None:
    """What this person typed in a moment ago, to tell the resident number and PIN."""
    ticket = db.session.get(Ticket, ticket_id)
    fresh = ticket is not None and (clock.now() - ticket.created_at) < JUST_ENTERED
    return ticket if fresh and ticket.entered_by == staff.id else None


def enter(values: Mapping[str, str], ticked: Mapping[str, bool], sent_files: list[File], staff) -> Ticket:
    """Make a ticket of what was typed; the same `submission_id` again gives the same ticket.

    Raises FormRejected naming the fields, PhotoBusy.
    """
    submission = values.get("submission_id", "")[:64]
    channel = values.get("channel", "")
    if known := ticket_of_external(channel, submission):
        return known
    checked = Checked()
    for name, rule in _rules().items():
        checked.take(name, rule, values.get(name) or "")
    if checked.errors:
        raise FormRejected(checked.errors)
    web_form.check_outside(sent_files)
    end_reading()
    prepared = web_form.open_files(sent_files, f"staff:{staff.id}")
    got = checked.values
    phone, address = got["contact"]
    contact = Contact(name=got["name"], phone=phone, email=address)
    details = intake.Details(
        kind=got["kind"], category=got["category"], outside_reference=got["outside_reference"],
        anonymous=bool(ticked.get("anonymous")), secret=bool(ticked.get("secret")),
        about_staff=bool(ticked.get("about_staff")) or got["category"] in ABOUT_STAFF,
        about_staff_id=got["about_staff_id"] or None, answer_by=_way_back(contact),
    )
    return intake.receive(channel, contact, got["text"], prepared, got["received_at"], submission,
                          details=details, actor=actor_of(staff), as_new=True)


def moment(raw: str) -> datetime:
    """When it was said: 0915, 9.15, kemarin 14.30, 21-11 14.30, 21-11-2026, or nothing for now (WIB)."""
    text = clean_text(raw).lower()
    now = clock.now().astimezone(clock.WIB)
    if not text:
        return now.astimezone(UTC)
    day, rest = _day_of(text, now)
    hour, minute = _time_of(rest, day == now.date(), now)
    try:
        said = datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.WIB)
    except ValueError:
        raise FieldError("Isi waktu seperti 09.15, kemarin 14.30, atau 21-11 14.30.") from None
    if said > now + timedelta(minutes=1):
        raise FieldError("Waktu ini belum terjadi. Periksa lagi.")
    if said < now - OLDEST:
        raise FieldError("Waktu ini lebih dari setahun lalu. Periksa lagi.")
    return said.astimezone(UTC)


def contact(raw: str) -> tuple[str, str]:
    """(phone, e-mail) of one field; a landline is kept as it was written."""
    text = clean_text(raw)
    if not text:
        return "", ""
    if "@" in text:
        return "", email(text)
    if _LANDLINE.fullmatch(text) and not text.lstrip("(").startswith("08"):
        return text, ""
    return parse_whatsapp(text).value, ""


def _day_of(text: str, now: datetime):
    for word in (*YESTERDAY_WORDS, *TODAY_WORDS):
        if text.startswith(word):
            back = 1 if word in YESTERDAY_WORDS else 0
            return (now - timedelta(days=back)).date(), text[len(word):].strip()
    found = _DAY.match(text)
    if found and (found[3] or "-" in found[0] or "/" in found[0] or " " in text):
        try:
            day = now.date().replace(int(found[3] or now.year), int(found[2]), int(found[1]))
        except ValueError:
            raise FieldError("Tanggal ini tidak ada. Contoh: 21-11 14.30.") from None
        if not found[3] and day > now.date():
            day = day.replace(year=day.year - 1)
        return day, text[found.end():].strip()
    return now.date(), text


def _time_of(text: str, today: bool, now: datetime) -> tuple[int, int]:
    text = text.removeprefix("pukul").removeprefix("jam").removesuffix("wib").strip()
    if not text:
        return (now.hour, now.minute) if today else (8, 0)
    found = _TIME.fullmatch(text)
    if not found:
        raise FieldError("Isi waktu seperti 09.15, kemarin 14.30, atau 21-11 14.30.")
    return int(found[1]), int(found[2])


def _reference(raw: str) -> str:
    text = clean_text(raw)
    if len(text) > LONGEST_REFERENCE:
        raise FieldError(f"Nomor ini terlalu panjang. Paling banyak {LONGEST_REFERENCE} huruf.")
    return text


def _way_back(contact: Contact) -> str:
    """WhatsApp or e-mail by what is known; a landline is phoned; nobody without any contact."""
    if contact.phone and not contact.phone.startswith("+"):
        return BY_PHONE
    return "" if contact.known else BY_PAGE


def _rules() -> dict:
    return {
        "channel": one_of(channels(), "Pilih dari mana pengaduan ini datang."),
        "received_at": moment,
        "text": words(LONGEST_TEXT, "Tulis apa yang disampaikan."),
        "name": line,
        "contact": contact,
        "outside_reference": _reference,
        "kind": one_of(KINDS, "Pilih jenisnya."),
        "category": one_of(CATEGORIES, "Pilih kategorinya."),
        "about_staff_id": one_of({"": "", **staff_names()}, "Pilih petugas dari daftar."),
    }

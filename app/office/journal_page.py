"""The journal as a supervisor reads it: filters, pages by number, in words. Reading it is a line too.

A line about a complaint that this reader must not see keeps its number and its moment, so that no gap looks
like a deleted line, and says nothing else. No filter finds such a line: finding would tell.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, case, distinct, exists, func, not_, or_, select

from app.accounts.models import Staff
from app.accounts.sessions import STAFF, SignedIn
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, end_reading, transaction
from app.base.ids import normalise_code
from app.base.journal_line import JournalAddress, JournalLine
from app.casework.history import who
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.visibility import visible_to
from app.journal.words import SENTENCES, action_text, detail_text
from app.registration.models import Application
from app.registration.reasons import reason_of

PAGE, STEP = 50, 500
COLUMNS = ("No.", "Waktu", "Siapa", "Tindakan", "Rincian", "Tentang", "Perangkat")
KEPT = "Tindakan atas pengaduan yang tidak dapat Anda buka"
LONGEST_TYPED = 60
KINDS: dict[str, str] = {
    "application": "pendaftaran", "outage": "gangguan SIAK", "guarantee": "jaminan", "ticket": "pengaduan",
    "staff": "pegawai", "citizen": "akun pemohon",
    "message": "pesan", "inbound": "pesan masuk", "calendar": "kalender", "reason": "alasan",
    "channel": "saluran WhatsApp", "contact": "nomor WhatsApp", "journal": "jurnal", "nik_index": "satu NIK",
    "username_index": "satu nama pengguna", "second-factor_index": "kode seorang pegawai",
    "recovery_index": "kode pemulihan seorang pegawai",
    "survey": "survei", "facility": "sarana", "data_breach": "kegagalan pelindungan data",
    "standard": "standar pelayanan", "evaluation": "evaluasi tahun", "download": "unduhan",
    "account_request": "permintaan akun", "rights_request": "permintaan hak atas data",
}


@dataclass(frozen=True)
class Filters:
    """`who` is citizen, system or a staff id; `about` what was typed; dates in WIB, both included."""

    who: str = ""
    action: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None


# what a line is about -> the page that shows it, and how its address names the id
PAGES: dict[str, tuple[str, str]] = {
    "application": ("cases.case", "application_id"), "ticket": ("complaint_desk.ticket_page", "ticket_id"),
}


@dataclass(frozen=True)
class Row:
    seq: int
    at: datetime
    who: str
    what: str
    detail: str
    device: str
    address: str
    about: str
    page: tuple[str, dict[str, str]] | None = None


@dataclass(frozen=True)
class JournalPage:
    """`older` is the number to go on before, or None at the end."""

    rows: list[Row]
    older: int | None


def read(filters: Filters, before: int | None, reader: SignedIn) -> JournalPage:
    """Up to PAGE lines before number `before`, the newest first, and one line about this reading."""
    query = _filtered(filters, reader)
    if before is not None:
        query = query.where(JournalLine.seq < before)
    lines = list(db.session.scalars(query.order_by(JournalLine.seq.desc()).limit(PAGE + 1)))
    page = JournalPage(_rows(lines[:PAGE], reader), lines[PAGE - 1].seq if len(lines) > PAGE else None)
    with transaction():
        journal.record(
            "journal_viewed", actor=journal.Actor(STAFF, reader.id), about=("journal", ""), detail=_detail(filters),
        )
    return page


def export(filters: Filters, kind: str, reader: SignedIn) -> Iterator[tuple]:
    """Every line of the filter up to now, the oldest first, for a file of this kind. That it was taken along is a line;
    the network address stays on the page. Rows come in steps, so that no reading lasts as long as a slow line."""
    last = db.session.scalar(select(func.max(JournalLine.seq))) or 0
    with transaction():
        journal.record(
            "data_exported", actor=journal.Actor(STAFF, reader.id), about=("download", "jurnal"),
            detail={"name": f"jurnal.{kind}", **_detail(filters)},
        )
    return _in_steps(_filtered(filters, reader).where(JournalLine.seq <= last), reader)


def _in_steps(query: Select, reader: SignedIn) -> Iterator[tuple]:
    seen = 0
    while lines := list(db.session.scalars(query.where(JournalLine.seq > seen).order_by(JournalLine.seq).limit(STEP))):
        seen = lines[-1].seq
        rows = _rows(lines, reader)
        end_reading()
        for row in rows:
            at = f"{row.at.astimezone(WIB):%d-%m-%Y %H.%M.%S}"
            yield row.seq, at, row.who, row.what, row.detail, row.about, row.device


def _detail(filters: Filters) -> dict[str, str]:
    """As a line keeps it; what was typed about a case names somebody."""
    return {key: str(value) for key, value in asdict(filters).items() if value and key != "about"}


def staff_choices() -> list[tuple[str, str]]:
    return [(staff.id, staff.name) for staff in db.session.scalars(select(Staff).order_by(Staff.name))]


def action_choices() -> list[tuple[str, str]]:
    """Each known action with its sentence, by sentence."""
    return sorted(SENTENCES.items(), key=lambda pair: pair[1])


def _filtered(filters: Filters, reader: SignedIn) -> Select:
    query = select(JournalLine)
    if filters.who or filters.action or filters.about.strip():
        query = query.where(or_(JournalLine.about_kind != "ticket", exists().where(*_open_to(reader))))
    if filters.who in ("citizen", "system"):
        query = query.where(JournalLine.actor_kind == filters.who)
    elif filters.who:
        query = query.where(JournalLine.actor_kind == STAFF, JournalLine.actor_id == filters.who)
    if filters.action:
        query = query.where(JournalLine.action == filters.action)
    if filters.about.strip():
        query = query.where(JournalLine.about_id == _id_of(filters.about.strip()))
    if filters.since:
        query = query.where(JournalLine.at >= clock.midnight(filters.since))
    if filters.until:
        query = query.where(JournalLine.at < clock.midnight(filters.until) + timedelta(days=1))
    return query


def _id_of(typed: str) -> str:
    """The row a registration number, ticket number or user name stands for; an id stands for itself."""
    questions = (
        select(Application.id).where(Application.number == normalise_code(typed)),
        select(Ticket.id).where(Ticket.number == typed.upper()),
        select(Staff.id).where(Staff.username == typed.lower()),
    )
    found = (db.session.scalar(question) for question in questions)
    return next(filter(None, found), typed[:32])


def _open_to(reader: SignedIn) -> tuple:
    return Ticket.id == JournalLine.about_id, visible_to(reader)


def _rows(lines: list[JournalLine], reader: SignedIn) -> list[Row]:
    """Numbers of what the lines are about, and addresses, are looked up once a page."""
    seqs = [line.seq for line in lines]
    addresses = {row.seq: row.full or row.short for row in db.session.scalars(
        select(JournalAddress).where(JournalAddress.seq.in_(seqs))
    )}
    kept = _numbers(Ticket, lines, "ticket", not_(visible_to(reader)))
    numbers = {
        "application": _numbers(Application, lines, "application"),
        "ticket": _numbers(Ticket, lines, "ticket", visible_to(reader)),
        "staff": dict(staff_choices()),
    }
    return [
        Row(line.seq, line.at, who="", what=KEPT, detail="", device="", address="", about=KINDS["ticket"])
        if line.about_kind == "ticket" and line.about_id in kept
        else _row(line, numbers, addresses.get(line.seq, ""))
        for line in lines
    ]


def _numbers(model, lines: list[JournalLine], kind: str, *conditions) -> dict[str, str]:
    ids = {line.about_id for line in lines if line.about_kind == kind}
    if not ids:
        return {}
    return dict(db.session.execute(select(model.id, model.number).where(model.id.in_(ids), *conditions)).all())


def _row(line: JournalLine, numbers: dict[str, dict[str, str]], address: str) -> Row:
    known = numbers.get(line.about_kind, {}).get(line.about_id, "")
    known = line.about_id if line.about_kind == "calendar" else known
    if line.about_kind == "reason" and (reason := reason_of(line.about_id)):
        known = reason.office
    about = f"{KINDS.get(line.about_kind, line.about_kind.replace('_', ' '))} {known}".strip()
    endpoint, name = PAGES.get(line.about_kind, ("", ""))
    return Row(
        line.seq, line.at, who(line.actor_kind, line.actor_id), action_text(line.action), detail_text(line),
        line.device, address, about, (endpoint, {name: line.about_id}) if endpoint and known else None,
    )


# Who opens very many records is told to the supervisor: the journal's own lines are counted.
#
# A number of an hour, not of a process: whichever worker looks, and however many web processes there are,
# the rows are the same. Told at most once an hour for each person, by a line that is itself in the journal.

READ_WITHIN = timedelta(hours=1)
MOST_CASES, MOST_PHOTOS = 60, 150
READINGS_SHOWN = timedelta(hours=24)
CASES_READ = ("case_viewed", "account_request_viewed", "ticket_viewed", "rights_viewed")
PHOTOS_READ = ("photo_viewed", "ticket_file_viewed", "ticket_letter_viewed", "inbound_file_viewed")
READING_ALARM = "reading_alarm"


@dataclass(frozen=True)
class Reading:
    """What one member of staff opened in the hour before `at`: different cases, and photos counted each time."""

    staff_id: str
    cases: int
    photos: int
    at: datetime


def watch_reading() -> None:
    """Write an alarm for everybody above a limit who has none from the last hour."""
    excessive = _excessive()
    end_reading()
    for reading in excessive:
        with transaction() as session:
            told = select(JournalLine.seq).where(
                JournalLine.action == READING_ALARM, JournalLine.about_id == reading.staff_id,
                JournalLine.at > reading.at - READ_WITHIN,
            )
            if session.scalar(told.limit(1)) is None:
                journal.record(
                    READING_ALARM, actor=journal.SYSTEM, about=("staff", reading.staff_id),
                    detail={"cases": reading.cases, "photos": reading.photos},
                )


def readings_of(line: JournalLine) -> Reading:
    """What an alarm says."""
    detail = json.loads(line.detail)
    return Reading(line.about_id, detail["cases"], detail["photos"], line.at)


def _excessive() -> list[Reading]:
    now = clock.now()
    opened = func.count(distinct(case((JournalLine.action.in_(CASES_READ), JournalLine.about_id))))
    looked = func.count(case((JournalLine.action.in_(PHOTOS_READ), 1)))
    rows = db.session.execute(
        select(JournalLine.actor_id, opened, looked).where(
            JournalLine.at > now - READ_WITHIN, JournalLine.actor_kind == "staff",
            JournalLine.action.in_((*CASES_READ, *PHOTOS_READ)),
        ).group_by(JournalLine.actor_id).having((opened > MOST_CASES) | (looked > MOST_PHOTOS))
    )
    return [Reading(staff_id, cases, photos, now) for staff_id, cases, photos in rows]

"""What the people of the office should know on the queue page: an undecreed calendar, locked accounts."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from app import clock
from app.access import holds
from app.accounts.models import Staff
from app.accounts.sessions import SignedIn
from app.complaints import inbox
from app.dates import show_moment
from app.extensions import db
from app.journal import JournalLine
from app.office_calendar.service import undecreed_year_warning
from app.review import queue
from app.services import city, sealer

LOCKS_SHOWN = timedelta(hours=24)


@dataclass(frozen=True)
class Notice:
    """`url` and `link` lead to where it can be dealt with, if this person may go there."""

    text: str
    url: str = ""
    link: str = ""


def notices_for(person: SignedIn) -> list[Notice]:
    return [*_late_registrations(person), *_late_complaints(person), *_calendar(person), *_locked_accounts(person)]


def _late_registrations(person: SignedIn) -> list[Notice]:
    """Whoever may take a case over learns of those at three quarters of their time and past it."""
    if not holds(person.role, "take_over"):
        return []
    counts = queue.counts(person.id)
    return [
        Notice(f"{_many(counts[tab], queue.COUNT_CAP)} pendaftaran {words}.", f"/petugas/?tab={tab}", "Lihat daftarnya")
        for tab, words in (("lewat", "melewati batas waktu"), ("hampir-lewat", "hampir melewati batas waktu"))
        if counts[tab]
    ]


def _late_complaints(person: SignedIn) -> list[Notice]:
    """Whoever oversees complaints learns of those that were escalated."""
    late = inbox.count_late(person) if holds(person.role, "oversee_complaints") else 0
    if not late:
        return []
    chief = city().complaint_inbox.escalate_to
    text = f"{_many(late, inbox.COUNT_CAP - 1)} pengaduan melewati batas waktu dan dinaikkan kepada {chief}."
    return [Notice(text, f"/petugas/pengaduan?tab={inbox.LATE}", "Buka pengaduan")]


def _many(number: int, cap: int) -> str:
    return str(number) if number <= cap else f"Lebih dari {cap}"


def _calendar(person: SignedIn) -> list[Notice]:
    manages = holds(person.role, "manage_calendar")
    if not manages and person.role != "supervisor":
        return []
    sentence = undecreed_year_warning(clock.today())
    if sentence is None:
        return []
    return [Notice(sentence, "/petugas/kalender" if manages else "", "Buka kalender")]


def _locked_accounts(person: SignedIn) -> list[Notice]:
    """The administrator learns of every staff account under attack, everybody of the own (docs/limits.md)."""
    locked = _last_locks()
    if not locked:
        return []
    manages = holds(person.role, "manage_staff")
    query = select(Staff) if manages else select(Staff).where(Staff.id == person.id)
    found = ((staff, _lock_of(staff, locked)) for staff in db.session.scalars(query.order_by(Staff.name)))
    return [_lock_notice(staff, at, person) for staff, at in found if at is not None]


def _last_locks() -> dict[str, object]:
    """Keyed index of the account -> when it was last locked, within a day."""
    return dict(db.session.execute(
        select(JournalLine.about_id, func.max(JournalLine.at)).where(
            JournalLine.action == "login_locked", JournalLine.at > clock.now() - LOCKS_SHOWN,
        ).group_by(JournalLine.about_id)
    ).all())


def _lock_of(staff: Staff, locked: dict):
    return locked.get(sealer().index("username", staff.username)[:32])


def _lock_notice(staff: Staff, at, person: SignedIn) -> Notice:
    if staff.id == person.id:
        return Notice(
            f"Banyak percobaan masuk yang gagal dengan nama Anda, terakhir {show_moment(at)}. "
            "Jika itu bukan Anda, beri tahu admin.", "/petugas/sandi", "Ganti kata sandi",
        )
    return Notice(
        f"Banyak percobaan masuk yang gagal dengan nama {staff.name}, terakhir {show_moment(at)}. "
        "Tanyakan apakah itu memang pemiliknya.", f"/petugas/pegawai/{staff.id}", "Lihat akun",
    )

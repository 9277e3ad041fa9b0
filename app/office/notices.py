"""What the people of the office should know on the queue page: an undecreed calendar, locked accounts."""

from datetime import timedelta

from sqlalchemy import func, select

from app.accounts.models import Staff
from app.accounts.sessions import SignedIn
from app.base import clock
from app.base.database import db
from app.base.journal import JournalLine
from app.base.services import city, sealer
from app.casework.lists import COUNT_CAP
from app.city.dates import show_moment
from app.city.office_calendar import undecreed_year_warning
from app.complaints.desk import inbox
from app.messages import quota
from app.office.notice import Notice
from app.office.watch_notices import account_notices
from app.review import one_person, queue, rechecks
from app.web.access import holds

LOCKS_SHOWN = timedelta(hours=24)


def notices_for(person: SignedIn) -> list[Notice]:
    parts = (
        account_notices, _late_registrations, _of_decisions, _bursts, _quota, _late_complaints, _calendar,
        _locked_accounts,
    )
    return [notice for part in parts for notice in part(person)]


def _late_registrations(person: SignedIn) -> list[Notice]:
    """Whoever may take a case over learns of those at three quarters of their time and past it."""
    if not holds(person.role, "take_over"):
        return []
    counts = queue.counts(person.id)
    return [
        Notice(f"{_many(counts[tab], COUNT_CAP)} pendaftaran {words}.", f"/petugas/?tab={tab}", "Lihat daftarnya")
        for tab, words in (("lewat", "melewati batas waktu"), ("hampir-lewat", "hampir melewati batas waktu"))
        if counts[tab]
    ]


def _of_decisions(person: SignedIn) -> list[Notice]:
    """Whoever oversees learns of accounts still provisional after their day, and of decisions by one person."""
    found = []
    if holds(person.role, "take_over") and (late := rechecks.count_late()):
        text = f"{late} akun sementara melewati batas periksa ulang SIAK."
        found.append(Notice(text, f"/petugas/?tab={queue.RECHECK}", "Lihat daftarnya"))
    if holds(person.role, "open_one_person_day") and (alone := one_person.count_recent()):
        text = f"{alone} keputusan dalam 7 hari dibuat oleh orang yang juga menyatakan lengkap."
        found.append(Notice(text, "/petugas/satu-orang", "Baca alasannya"))
    return found


def _bursts(person: SignedIn) -> list[Notice]:
    """Registrations nobody has looked at yet: a flood, or a hall full of people behind one network."""
    number = queue.counts(person.id)[queue.TO_LOOK] if holds(person.role, "take_over") else 0
    if not number:
        return []
    text = f"{_many(number, COUNT_CAP)} pendaftaran yang serupa menunggu dilihat. Pesannya belum dikirim."
    return [Notice(text, f"/petugas/?tab={queue.TO_LOOK}", "Lihat daftarnya")]


def _quota(person: SignedIn) -> list[Notice]:
    """Whoever looks after the channel learns when the day's recipients will not last."""
    if not holds(person.role, "manage_channel") or not (seen := quota.forecast()).is_near:
        return []
    text = (
        f"Jatah penerima WhatsApp hampir habis: {seen.used} dari {seen.limit} orang dalam 24 jam terakhir, "
        f"perkiraan {seen.total}. Hasil dan jawaban didahulukan."
    )
    return [Notice(text, "/petugas/pesan", "Lihat pembagiannya")]


def _late_complaints(person: SignedIn) -> list[Notice]:
    """Whoever oversees complaints learns of those that were escalated."""
    late = inbox.count_late(person) if holds(person.role, "oversee_complaints") else 0
    if not late:
        return []
    chief = city().complaint_inbox.escalate_to
    text = f"{_many(late, COUNT_CAP)} pengaduan melewati batas waktu dan dinaikkan kepada {chief}."
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

"""What the people of the office should know on the queue page: an undecreed calendar, locked accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, func, literal, null, select, union_all

from app.accounts.models import Staff
from app.accounts.sessions import STAFF, SignedIn
from app.base import clock
from app.base.database import UtcDateTime, db, once_a_page
from app.base.journal_line import JournalLine
from app.base.services import city, sealer
from app.base.written import Written
from app.casework import lists
from app.casework.lists import COUNT_CAP, Look
from app.city.dates import show_moment
from app.city.office_calendar import undecreed_year_warning
from app.complaints.desk import inbox
from app.evaluation import evaluating, registers, standard
from app.messages import quota
from app.office import journal_page, resets
from app.review import rechecks, rights, worklist
from app.survey import notices as survey
from app.web.access import holds

LOCKS_SHOWN = timedelta(hours=24)


@dataclass(frozen=True)
class Notice:
    """`page` (an endpoint and its values) and `link` lead to where it can be dealt with, if this person may go
    there."""

    text: str
    page: str = ""
    link: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def notices_for(person: SignedIn) -> list[Notice]:
    parts = (
        account_notices, _late_registrations, _of_decisions, _bursts, _quota, _late_complaints,
        _of_survey, _of_evaluation, _calendar, _locked_accounts,
    )
    return [notice for part in parts for notice in part(person)]


LATE_TABS = (
    ("lewat", "terlambat (janji)"), ("lewat-target", "lewat target kantor"),
    ("hampir-lewat", "hampir terlambat"),
)


def _late_registrations(person: SignedIn) -> list[Notice]:
    """Whoever may take a case over learns of those at three quarters of their time and past it."""
    if not holds(person, "take_over"):
        return []
    counts = _registrations(person)
    return [
        Notice(
            f"{_many(counts[tab], COUNT_CAP)} pendaftaran {words}.", "review.home", "Lihat daftarnya",
            {"tab": tab},
        )
        for tab, words in LATE_TABS
        if counts[tab]
    ]


def _of_decisions(person: SignedIn) -> list[Notice]:
    """Whoever oversees learns of accounts still provisional after their day, and of decisions by one person."""
    found = []
    if holds(person, "take_over") and (late := rechecks.count_late()):
        text = f"{late} akun sementara terlambat diperiksa ulang di SIAK."
        found.append(Notice(text, "review.home", "Lihat daftarnya", {"tab": worklist.RECHECK}))
    if holds(person, "open_one_person_day") and (alone := rights.count_recent_alone()):
        text = f"{alone} keputusan dalam 7 hari dibuat oleh orang yang juga menyatakan lengkap."
        found.append(Notice(text, "second.one_person_days", "Baca alasannya"))
    return found


def _bursts(person: SignedIn) -> list[Notice]:
    """Registrations nobody has looked at yet: a flood, or a hall full of people behind one network."""
    number = _registrations(person)[worklist.TO_LOOK] if holds(person, "take_over") else 0
    if not number:
        return []
    text = f"{_many(number, COUNT_CAP)} pendaftaran yang serupa menunggu dilihat. Pesannya belum dikirim."
    return [Notice(text, "review.home", "Lihat daftarnya", {"tab": worklist.TO_LOOK})]


def _quota(person: SignedIn) -> list[Notice]:
    """Whoever looks after the channel learns when the day's recipients will not last."""
    if not holds(person, "manage_channel") or not (seen := quota.forecast()).is_near:
        return []
    text = (
        f"Jatah penerima WhatsApp hampir habis: {seen.used} dari {seen.limit} orang dalam 24 jam terakhir, "
        f"perkiraan {seen.total}. Hasil dan jawaban didahulukan."
    )
    return [Notice(text, "notifications.messages", "Lihat pembagiannya")]


def _late_complaints(person: SignedIn) -> list[Notice]:
    """Whoever oversees complaints learns of those whose answer, or whose stage, is past its end: both were
    escalated."""
    if not holds(person, "oversee_complaints"):
        return []
    chief, found = city().complaint_inbox.escalate_to, []
    for tab, words in ((inbox.LATE, "terlambat dijawab"), (inbox.BEHIND, "terlambat di tahapnya")):
        if number := lists.count(inbox.COMPLAINTS, tab, Look(person)):
            text = f"{_many(number, COUNT_CAP)} pengaduan {words}. Penanggung jawab: {chief}."
            found.append(Notice(text, "complaint_inbox.inbox_page", "Buka pengaduan", {"tab": tab}))
    return found


def _registrations(person: SignedIn) -> dict[str, int]:
    return lists.counts(worklist.REGISTRATIONS, Look(person))


def _of_survey(person: SignedIn) -> list[Notice]:
    """Somebody paid, gave the worst mark, or rated an answer 1."""
    number = survey.count_waiting(person) if holds(person, "answer_survey") else 0
    if not number:
        return []
    text = f"{number} jawaban survei atau nilai pengaduan perlu Anda lihat."
    return [Notice(text, "survey_desk.attention", "Buka daftarnya")]


def _of_evaluation(person: SignedIn) -> list[Notice]:
    """The evaluation of month 11 and its delay in month 13, what runs out, and a standard nobody approved."""
    found = []
    if holds(person, "read_evaluation") and (due := evaluating.due_words(clock.today())):
        found.append(Notice(due, "evaluation.everything", "Buka evaluasi"))
    if holds(person, "keep_registers") and (warnings := registers.warnings()):
        text = warnings[0] if len(warnings) == 1 else f"{len(warnings)} hal pada sarana dan pelatihan perlu perhatian."
        found.append(Notice(text, "registers.facilities", "Buka daftarnya"))
    if holds(person, "keep_standard") and standard.is_unrecorded():
        found.append(Notice("Teks standar pelayanan belum tercatat sebagai versi.", "registers.versions", "Catat"))
    return found


def _many(number: int, cap: int) -> str:
    return str(number) if number <= cap else f"Lebih dari {cap}"


def _calendar(person: SignedIn) -> list[Notice]:
    manages = holds(person, "manage_calendar")
    if not manages and not holds(person, "read_figures"):
        return []
    sentence = undecreed_year_warning(clock.today())
    if sentence is None:
        return []
    return [Notice(sentence, "office.calendar" if manages else "", "Buka kalender")]


def _locked_accounts(person: SignedIn) -> list[Notice]:
    """The administrator learns of every staff account under attack, everybody of the own (docs/limits.md)."""
    locked = {row.about_id: row.at for row in _journalled() if row.action == LOCKED}
    if not locked:
        return []
    manages = holds(person, "manage_staff")
    query = select(Staff) if manages else select(Staff).where(Staff.id == person.id)
    found = ((staff, _lock_of(staff, locked)) for staff in db.session.scalars(query.order_by(Staff.name)))
    return [_lock_notice(staff, at, person) for staff, at in found if at is not None]


def _lock_of(staff: Staff, locked: dict):
    return locked.get(sealer().index("username", staff.username)[:32])


def _lock_notice(staff: Staff, at, person: SignedIn) -> Notice:
    if staff.id == person.id:
        return Notice(
            f"Banyak percobaan masuk yang gagal dengan nama Anda, terakhir {show_moment(at)}. "
            "Jika itu bukan Anda, beri tahu admin.", "staff_accounts.password_page", "Ganti kata sandi",
        )
    return Notice(
        f"Banyak percobaan masuk yang gagal dengan nama {staff.name}, terakhir {show_moment(at)}. "
        "Tanyakan apakah itu memang pemiliknya.", "staff_admin.person", "Lihat akun", {"staff_id": staff.id},
    )


# Notices on the first page about accounts: what a supervisor decides or should look at, and what happened
# to one's own.

ACCOUNTS_SHOWN = timedelta(days=7)
# what happened to an account -> the words for its owner, the words for a supervisor
HAPPENED: dict[str, tuple[str, str]] = {
    "staff_reset_machine": (
        "Kata sandi Anda dibuat ulang di komputer server pada {at}. Jika bukan Anda yang meminta, beri tahu pengawas.",
        "Kata sandi {name} dibuat ulang di komputer server pada {at}. Tanyakan apakah ia yang meminta.",
    ),
    "staff_added": ("", "Akun baru: {name} ({username}), {at}. Pastikan orang ini memang bekerja di sini."),
}


LOCKED = "login_locked"
# the newest lock of each account within a day, told by its keyed index, and what happened within a week
JOURNALLED = Written(union_all(
    select(JournalLine.seq, JournalLine.action, JournalLine.about_id, JournalLine.actor_id, JournalLine.at).where(
        JournalLine.action.in_(HAPPENED), JournalLine.about_kind == STAFF,
        JournalLine.at > bindparam("week", callable_=lambda: clock.now() - ACCOUNTS_SHOWN, type_=UtcDateTime),
    ),
    select(literal(0), literal(LOCKED), JournalLine.about_id, null(), func.max(JournalLine.at)).where(
        JournalLine.action == LOCKED,
        JournalLine.at > bindparam("day", callable_=lambda: clock.now() - LOCKS_SHOWN, type_=UtcDateTime),
    ).group_by(JournalLine.about_id),
).order_by("seq"))


@once_a_page
def _journalled() -> list[Row]:
    return JOURNALLED.ask().all()


def account_notices(person: SignedIn) -> list[Notice]:
    return [*_requests(person), *_much_reading(person), *_happened(person), *_of_oneself(person)]


def _requests(person: SignedIn) -> list[Notice]:
    if not holds(person, "approve_accounts"):
        return []
    return [
        Notice(
            f"{line.asked_by} meminta {_asked(line)}. Menunggu keputusan Anda.",
            "office_accounts.one_request", "Periksa permintaan", {"request_id": line.row.id},
        )
        for line in resets.waiting_for(person)
    ]


def _asked(line: resets.RequestLine) -> str:
    if line.row.kind == resets.SUPERVISOR:
        return f"{line.name} menjadi pengawas"
    return f"kata sandi {line.name} dibuat ulang"


def _much_reading(person: SignedIn) -> list[Notice]:
    """The newest alarm of each person within a day. Supervisors read about everybody but themselves; of a
    supervisor the administrators read too, as there may be no other."""
    oversees = holds(person, "read_journal")
    if not oversees and not holds(person, "manage_staff"):
        return []
    newest = {line.about_id: line for line in _lines((journal_page.READING_ALARM,), journal_page.READINGS_SHOWN)}
    people = db.session.scalars(select(Staff).where(Staff.id.in_(newest), Staff.id != person.id).order_by(Staff.name))
    return [
        _reading_notice(staff, newest[staff.id], oversees)
        for staff in people if oversees or holds(staff, "read_journal")
    ]


def _reading_notice(staff: Staff, line: JournalLine, oversees: bool) -> Notice:
    counts = journal_page.readings_of(line)
    text = (
        f"{staff.name} membuka {counts.cases} berkas dan {counts.photos} foto dalam satu jam, sampai "
        f"{show_moment(line.at)}. Tanyakan untuk apa."
    )
    return Notice(text, "office.journal", "Lihat jurnalnya", {"siapa": staff.id}) if oversees else Notice(text)


def _happened(person: SignedIn) -> list[Notice]:
    oversees, notices = holds(person, "approve_accounts"), []
    for line in (row for row in _journalled() if row.action in HAPPENED):
        own, other = HAPPENED[line.action]
        words = own if line.about_id == person.id else other if oversees and line.actor_id != person.id else ""
        if words:
            notices.append(_happened_notice(words, line.about_id, line.at))
    return notices


def _happened_notice(words: str, staff_id: str, at: datetime) -> Notice:
    staff = db.session.get_one(Staff, staff_id)
    return Notice(words.format(name=staff.name, username=staff.username, at=show_moment(at)))


def _of_oneself(person: SignedIn) -> list[Notice]:
    """Whoever is at work again is told that nothing is handed to them; and who cannot be reached."""
    found = []
    if person.is_off_duty:
        text = "Anda tercatat tidak bertugas, jadi tidak diberi perkara."
        found.append(Notice(text, "duty.roster", "Saya bertugas lagi"))
    if not person.is_reachable:
        found.append(Notice(
            "Isi nomor WhatsApp atau e-mail Anda, supaya kata sandi yang lupa dapat dibuat ulang dan Anda diberi "
            "tahu jika ada yang memintanya.", "office_accounts.contact_page", "Isi kontak",
        ))
    return found


def _lines(actions: tuple[str, ...], shown: timedelta) -> list[JournalLine]:
    query = select(JournalLine).where(
        JournalLine.action.in_(actions), JournalLine.about_kind == STAFF, JournalLine.at > clock.now() - shown,
    )
    return list(db.session.scalars(query.order_by(JournalLine.seq)))

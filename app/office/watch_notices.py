"""Notices on the first page about accounts: what a supervisor decides or should look at, and what happened
to one's own."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.accounts.sessions import STAFF, SignedIn
from app.base import clock
from app.base.database import db
from app.base.journal import JournalLine
from app.city.dates import show_moment
from app.office import reading_watch, resets
from app.office.notice import Notice
from app.web.access import holds

ACCOUNTS_SHOWN = timedelta(days=7)
# what happened to an account -> the words for its owner, the words for a supervisor
HAPPENED: dict[str, tuple[str, str]] = {
    "staff_reset_machine": (
        "Kata sandi Anda dibuat ulang di komputer server pada {at}. Jika bukan Anda yang meminta, beri tahu pengawas.",
        "Kata sandi {name} dibuat ulang di komputer server pada {at}. Tanyakan apakah ia yang meminta.",
    ),
    "staff_added": ("", "Akun baru: {name} ({username}), {at}. Pastikan orang ini memang bekerja di sini."),
}


def account_notices(person: SignedIn) -> list[Notice]:
    return [*_requests(person), *_much_reading(person), *_happened(person), *_no_contact(person)]


def _requests(person: SignedIn) -> list[Notice]:
    if not holds(person.role, "approve_accounts"):
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
    oversees = holds(person.role, "read_journal")
    if not oversees and not holds(person.role, "manage_staff"):
        return []
    newest = {line.about_id: line for line in _lines((reading_watch.ALARM,), reading_watch.SHOWN)}
    people = db.session.scalars(select(Staff).where(Staff.id.in_(newest), Staff.id != person.id).order_by(Staff.name))
    return [
        _reading_notice(staff, newest[staff.id], oversees)
        for staff in people if oversees or holds(staff.role, "read_journal")
    ]


def _reading_notice(staff: Staff, line: JournalLine, oversees: bool) -> Notice:
    counts = reading_watch.counts_of(line)
    text = (
        f"{staff.name} membuka {counts.cases} berkas dan {counts.photos} foto dalam satu jam, sampai "
        f"{show_moment(line.at)}. Tanyakan untuk apa."
    )
    return Notice(text, "office.journal", "Lihat jurnalnya", {"siapa": staff.id}) if oversees else Notice(text)


def _happened(person: SignedIn) -> list[Notice]:
    oversees, notices = holds(person.role, "approve_accounts"), []
    for line in _lines(tuple(HAPPENED), ACCOUNTS_SHOWN):
        own, other = HAPPENED[line.action]
        words = own if line.about_id == person.id else other if oversees and line.actor_id != person.id else ""
        if words:
            notices.append(_happened_notice(words, line.about_id, line.at))
    return notices


def _happened_notice(words: str, staff_id: str, at: datetime) -> Notice:
    staff = db.session.get_one(Staff, staff_id)
    return Notice(words.format(name=staff.name, username=staff.username, at=show_moment(at)))


def _no_contact(person: SignedIn) -> list[Notice]:
    if db.session.scalar(select(Staff.contact_sealed).where(Staff.id == person.id)) is not None:
        return []
    return [Notice(
        "Isi nomor WhatsApp atau e-mail Anda, supaya kata sandi yang lupa dapat dibuat ulang dan Anda diberi "
        "tahu kalau ada yang memintanya.", "office_accounts.contact_page", "Isi kontak",
    )]


def _lines(actions: tuple[str, ...], shown: timedelta) -> list[JournalLine]:
    query = select(JournalLine).where(
        JournalLine.action.in_(actions), JournalLine.about_kind == STAFF, JournalLine.at > clock.now() - shown,
    )
    return list(db.session.scalars(query.order_by(JournalLine.seq)))

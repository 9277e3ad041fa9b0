"""What is wrong now, told to people: administrators and supervisors by WhatsApp and e-mail, once a day while it lasts,
and once when it is over. Names of alarms are the headings of docs/running.md 3.

Web and worker both look (watchman.py), so each tells of the other's silence. An alarm is a row, so that of all who
look one tells.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import Staff
from app.backup.target import last_backup
from app.base import clock, jobs
from app.base.database import Base, UtcDateTime, db, end_reading, insert_once, transaction
from app.base.problems import DomainError
from app.base.services import photo_store, settings
from app.city.dates import show_length, show_moment
from app.doctor.service import BACKUP_LATE
from app.messages import channel, dispatcher, outbox, states
from app.messages.addresses import by_email
from app.messages.choose_gateway import CHANNELS
from app.messages.models import OutboxMessage
from app.messages.outbox import Wording
from app.office.contacts import tell
from app.photos.disk_space import GETTING_FULL, free_share

SILENT_AFTER = timedelta(minutes=5)
TOLD_AGAIN_AFTER = timedelta(hours=24)
BEGUN, OVER = "peringatan_sistem", "peringatan_selesai"
ABOUT = "alarm"

log = structlog.get_logger()


class Alarm(Base):
    """One thing that is wrong and was told. The row goes when it is over."""

    __tablename__ = "alarm"

    key: Mapped[str] = mapped_column(String(30), primary_key=True)
    problem: Mapped[str] = mapped_column(String(300))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Trouble:
    """Two Indonesian sentences without their full stops."""

    problem: str
    advice: str


Check = Callable[[], Trouble | None]


def messages_stopped() -> Trouble | None:
    stopped = [CHANNELS[key].label for key in CHANNELS if channel.is_stopped(key)]
    if stopped:
        told = f"pesan {' dan '.join(stopped)} berhenti keluar"
        return Trouble(told, "buka halaman Pesan, di sana tertulis sebabnya")
    beat = jobs.last_beat()
    if beat is not None and clock.now() - beat < channel.SILENT_AFTER and channel.worker_is_behind():
        return Trouble("pesan menumpuk padahal worker berjalan", "baca log worker")
    return None


def worker_silent() -> Trouble | None:
    beat = jobs.last_beat()
    if beat is not None and clock.now() - beat <= SILENT_AFTER:
        return None
    told = "belum pernah memberi tanda" if beat is None else f"diam sejak {show_length(clock.now() - beat)} lalu"
    return Trouble(f"worker {told}, jadi pesan dan pengingat berhenti", "jalankan systemctl restart loket-worker")


def disk_filling() -> Trouble | None:
    share = free_share()
    if share >= GETTING_FULL:
        return None
    told = f"ruang disk tersisa {100 * share:.0f} persen"
    return Trouble(told, "kosongkan atau perbesar disk, jangan hapus data Loket")


def backup_late() -> Trouble | None:
    """Where none was ever made the doctor says so; an alarm is about one that used to be made."""
    last = last_backup()
    if last is None or clock.now() - last.at <= BACKUP_LATE:
        return None
    return Trouble(f"cadangan terakhir dibuat {show_length(clock.now() - last.at)} lalu",
                   "jalankan systemctl status loket-backup")


class LastLook:
    """What this process saw a minute ago."""

    photos_away = False


def photos_away() -> Trouble | None:
    """Only when two looks in a row failed: one lost packet wakes nobody. What was told lasts until it is over."""
    try:
        photo_store().exists("0" * 32)
        LastLook.photos_away = False
        return None
    except DomainError:
        was_away, LastLook.photos_away = LastLook.photos_away, True
    if not was_away and db.session.get(Alarm, "foto-diam") is None:
        return None
    return Trouble("penyimpanan foto tidak menjawab, jadi foto dari warga ditolak", "periksa server S3 atau folder")


# by name; the watchmen add what only they can see
OF_ALL: dict[str, Check] = {
    "pesan-berhenti": messages_stopped, "disk-penuh": disk_filling, "cadangan-terlambat": backup_late,
    "foto-diam": photos_away,
}


def look(checks: dict[str, Check]) -> None:
    """Ask each check and tell what is new, still there after a day, or over. One that fails itself is logged."""
    for key, check in checks.items():
        try:
            trouble = check()
            end_reading()
        except Exception as error:  # the others are wanted all the more then
            log.exception("alarm_check_failed", alarm=key, kind=type(error).__name__)
            db.session.rollback()
            continue
        settle(key, trouble)


def settle(key: str, trouble: Trouble | None) -> None:
    if not trouble:
        _end(key)
    elif _begin_or_repeat(key, trouble) and key == "worker-diam":
        _deliver()  # whoever sends messages is the one who is silent


def _deliver() -> None:
    query = select(OutboxMessage.id).where(OutboxMessage.template == BEGUN, OutboxMessage.state == states.PENDING)
    waiting = list(db.session.scalars(query))
    end_reading()
    for message_id in waiting:
        dispatcher.deliver_now(message_id)


def current() -> list[Alarm]:
    """What is wrong now, the oldest first."""
    return list(db.session.scalars(select(Alarm).order_by(Alarm.since)))


def _begin_or_repeat(key: str, trouble: Trouble) -> bool:
    """Whether it was told just now, by this one."""
    now = clock.now()
    known = db.session.get(Alarm, key)
    end_reading()
    if known is not None and known.told_at > now - TOLD_AGAIN_AFTER:
        return False
    with transaction() as session:
        is_new = insert_once(Alarm, key=key, problem=trouble.problem[:300], since=now, told_at=now)
        if not is_new and session.execute(
            update(Alarm).where(Alarm.key == key, Alarm.told_at <= now - TOLD_AGAIN_AFTER).values(told_at=now)
        ).rowcount != 1:
            return False
        log.error("alarm", alarm=key, problem=trouble.problem)
        _tell(key, BEGUN, masalah=trouble.problem, langkah=f"{trouble.advice}; petunjuk: {key}")
        return True


def _end(key: str) -> None:
    if db.session.get(Alarm, key) is None:
        end_reading()
        return
    with transaction() as session:
        row = session.get(Alarm, key, with_for_update=True, populate_existing=True)
        if row is None:
            return
        problem = row.problem
        session.execute(delete(Alarm).where(Alarm.key == key))
        log.info("alarm_over", alarm=key)
        _tell(key, OVER, masalah=problem)


def _tell(key: str, template: str, **said: str) -> None:
    """To everybody who looks after the channel, and to the address of the settings."""
    said["tgl_jam"] = show_moment(clock.now())
    query = select(Staff).where(Staff.disabled_at.is_(None), Staff.who_may("manage_channel")).order_by(Staff.username)
    for staff in db.session.scalars(query):
        tell(staff, template, **said)
    if settings().alarm_email:
        outbox.enqueue(
            template, to=by_email(settings().alarm_email), variables={"nama": "petugas TI", **said},
            about=(ABOUT, key), to_office=True, wording=Wording(subject_of(template, said["masalah"])),
        )


def subject_of(template: str, problem: str) -> str:
    return f"{'Gangguan' if template == BEGUN else 'Sudah beres'}: {problem}"

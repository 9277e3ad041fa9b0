"""What a resident may change after sending: exactly the items an officer returned, or, as long as
nobody has taken the case up, every item. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import lazyload

from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, end_reading, transaction
from app.base.problems import NotFound, StaleDecision
from app.base.services import city, settings
from app.city.dates import show_date
from app.messages import outbox
from app.registration.fields import KEPT
from app.registration.links import MEND, MendedItem, MendReminder, new_link
from app.registration.models import Application, Photo, StatusChange
from app.registration.personal import open_personal, reached_at
from app.registration.photo_kinds import KINDS
from app.registration.reasons import ITEMS, reason_of
from app.registration.status import ACTIVE, DRAFT, EXPIRED, REJECTED, RETURNED, SUBMITTED, WITHDRAWN
from app.registration.transitions import change_status, lock_application, reason_note

IN_ORDER = (*KINDS, *(field.key for field in KEPT))  # photos first: they take longest
IN_HANDS = (
    "Petugas sudah mulai memeriksa pendaftaran ini, jadi tidak dapat diubah di sini. "
    "Telepon kami jika ada yang salah."
)
# why nothing may be changed in the other states
CLOSED: dict[str, str] = {
    DRAFT: "Pendaftaran ini belum dikirim. Lanjutkan isiannya dulu.",
    ACTIVE: "Akun Anda sudah aktif. Perubahan data diminta di halaman akun.",
    REJECTED: "Pendaftaran ini sudah diputuskan, jadi tidak dapat diubah lagi.",
    EXPIRED: "Pendaftaran ini sudah ditutup, jadi tidak dapat diubah lagi.",
    WITHDRAWN: "Pendaftaran ini sudah dibatalkan, jadi tidak dapat diubah lagi.",
}


@dataclass(frozen=True)
class Why:
    """A reason in the resident's words, and what the officer added, if anything."""

    text: str
    note: str


@dataclass(frozen=True)
class OpenItem:
    """A field or photo that may be changed now. `old` and `new` are photos, None for a field."""

    key: str
    label: str
    whys: tuple[Why, ...] = ()
    mended: bool = False
    old: Photo | None = None
    new: Photo | None = None

    @property
    def is_photo(self) -> bool:
        return self.key in KINDS


@dataclass(frozen=True)
class MendPlan:
    """`change_id` and `last_day` (WIB) belong to a return; both are None while correcting freely."""

    items: tuple[OpenItem, ...]
    change_id: int | None = None
    last_day: date | None = None

    @property
    def photos(self) -> tuple[OpenItem, ...]:
        return tuple(item for item in self.items if item.is_photo)

    @property
    def fields(self) -> tuple[OpenItem, ...]:
        return tuple(item for item in self.items if not item.is_photo)

    @property
    def missing(self) -> tuple[OpenItem, ...]:
        """What must still be mended before it can be sent."""
        return tuple(item for item in self.items if item.whys and not item.mended)

    def item(self, key: str) -> OpenItem:
        """Raises NotFound for an item that is not open: another one of the form, or none at all."""
        for item in self.items:
            if item.key == key:
                return item
        raise NotFound()


def plan_for(application: Application) -> MendPlan:
    """Raises StaleDecision when nothing may be changed now."""
    change = last_return(application)
    if change is not None:
        return _returned_plan(application, change)
    if not may_correct(application):
        raise StaleDecision(CLOSED.get(application.status, IN_HANDS))
    return MendPlan(tuple(_free_item(application, key) for key in IN_ORDER))


def may_correct(application: Application) -> bool:
    """Until a member of staff has taken the case up."""
    return application.status == SUBMITTED and application.taken_up_at is None


def may_withdraw(application: Application) -> bool:
    return application.status == RETURNED or may_correct(application)


def last_return(application: Application) -> StatusChange | None:
    """The return the resident has to answer, while there is one."""
    if application.status != RETURNED:
        return None
    query = select(StatusChange).where(
        StatusChange.application_id == application.id, StatusChange.act == "return"
    )
    return db.session.scalar(query.order_by(StatusChange.id.desc()).limit(1))


def last_day_of(change: StatusChange) -> date:
    """The last date (WIB) on which a returned registration may be mended; the day itself counts whole."""
    return last_day_after(change.at)


def last_day_after(returned_at: datetime) -> date:
    """The same for a return that is still being written."""
    return returned_at.astimezone(WIB).date() + timedelta(days=city().registration.expire_returned_after_days)


def returned_photo(application_id: str, kind: str, change: StatusChange) -> Photo | None:
    """The photo the officer saw, once another one has taken its place."""
    query = select(Photo).where(
        Photo.application_id == application_id, Photo.kind == kind, Photo.superseded_at >= change.at
    )
    return db.session.scalar(query.order_by(Photo.superseded_at).limit(1))


def _returned_plan(application: Application, change: StatusChange) -> MendPlan:
    whys: dict[str, list[Why]] = {}
    for reason in change.reasons:
        whys.setdefault(reason.item, []).append(Why(reason_of(reason.code).citizen, reason_note(reason)))
    mended = set(db.session.scalars(select(MendedItem.item).where(MendedItem.change_id == change.id)))
    items = tuple(
        _returned_item(application, change, key, tuple(whys[key]), key in mended)
        for key in IN_ORDER if key in whys
    )
    return MendPlan(items, change.id, last_day_of(change))


def _returned_item(
    application: Application, change: StatusChange, key: str, whys: tuple[Why, ...], mended: bool,
) -> OpenItem:
    if key not in KINDS:
        return OpenItem(key, ITEMS[key], whys, mended)
    current = application.photo(key)
    if mended:
        return OpenItem(key, ITEMS[key], whys, True, returned_photo(application.id, key, change), current)
    return OpenItem(key, ITEMS[key], whys, False, current)


def _free_item(application: Application, key: str) -> OpenItem:
    return OpenItem(key, ITEMS[key], old=application.photo(key) if key in KINDS else None)


# Reminding of returned registrations and closing those that nobody mended. Jobs of the worker.

# people are told in daytime; the night belongs to them
TOLD_FROM = time(9, 0)
# a link still shows how it ended for a while after the last day
LINK_AFTER_LAST_DAY = timedelta(days=3)
AT_ONCE = 200
CLOSE = -1


def remind_and_close() -> int:
    """Remind on the days of `city.toml` and close after the last one; returns how many were told."""
    told = 0
    for application_id in _due_ids():
        with transaction():
            application = lock_application(application_id)
            change = last_return(application)
            if change is not None and (day := _day_due(change)) and (change.id, day) not in _reminded([change.id]):
                told += 1
                _close(application) if day == CLOSE else _remind(application, change, day)
    return told


def mend_link(application: Application, last_day: date) -> str:
    """A link that opens the mending of this registration until after its last day (WIB)."""
    end = datetime.combine(last_day, time.max, WIB) + LINK_AFTER_LAST_DAY
    return new_link(application.id, MEND, end - clock.now())


def _due_ids() -> list[str]:
    """Looked for without the write lock, a bounded number at once; judged again under it."""
    if clock.now().astimezone(WIB).time() < TOLD_FROM:
        return []
    waiting = select(Application.id).where(Application.status == RETURNED)
    newest = select(func.max(StatusChange.id)).where(StatusChange.application_id.in_(waiting))
    newest = newest.group_by(StatusChange.application_id)
    query = select(StatusChange).where(StatusChange.id.in_(newest)).options(lazyload(StatusChange.reasons))
    reminded = _reminded(newest)
    ids = [
        change.application_id for change in db.session.scalars(query.order_by(StatusChange.at))
        if (day := _day_due(change)) and (change.id, day) not in reminded
    ]
    end_reading()
    return ids[:AT_ONCE]


def _reminded(change_ids: Collection[int] | Select) -> set[tuple[int, int]]:
    """(return, day) of the reminders that were sent."""
    query = select(MendReminder.change_id, MendReminder.day).where(MendReminder.change_id.in_(change_ids))
    return {tuple(row) for row in db.session.execute(query)}


def _day_due(change: StatusChange) -> int:
    """Which reminder is the one of today, sent or not, CLOSE after the last day, 0 for nothing.

    Only the latest reminder counts: a worker that was away does not send two at once.
    """
    if clock.today() > last_day_of(change):
        return CLOSE
    days = (clock.today() - change.at.astimezone(WIB).date()).days
    due = [day for day in city().registration.reminder_days if day <= days]
    return due[-1] if due else 0


def _close(application: Application) -> None:
    change_status(application, "expire", journal.SYSTEM)
    _tell(application, "pendaftaran_ditutup", {
        "tautan": f"{settings().public_base_url}/daftar", "kontak": city().contacts.phone,
    })


def _remind(application: Application, change: StatusChange, day: int) -> None:
    db.session.add(MendReminder(change_id=change.id, day=day, sent_at=clock.now()))
    _tell(application, "pengingat_perbaikan", _reminder(application, mend_link(application, last_day_of(change))))


def reminder_values(application: Application) -> dict[str, str]:
    """The same message, when the office sends it by itself: its page is opened with number and PIN."""
    own = {"nama": open_personal(application).greeting_name, "kode": application.number}
    return {**own, **_reminder(application, f"{settings().public_base_url}/lacak")}


def _reminder(application: Application, link: str) -> dict[str, str]:
    last_day = last_day_of(last_return(application))
    return {"tautan": link, "tgl": show_date(last_day), "kontak": city().contacts.phone}


def _tell(application: Application, template: str, variables: dict[str, str]) -> None:
    person = open_personal(application)
    outbox.enqueue(
        template, to=reached_at(person), about=("application", application.id),
        variables={"nama": person.greeting_name, "kode": application.number, **variables},
    )

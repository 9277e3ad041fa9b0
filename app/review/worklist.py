"""The lists of the office, least time left first, and among equals who has waited longest (app/casework/lists.py).
Personal data is masked."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row as Found
from sqlalchemy import Select, and_, bindparam, exists, false, func, or_, select, true

from app.accounts.models import Citizen, Staff, is_off
from app.base import clock
from app.base.database import UtcDateTime, db
from app.base.written import Written
from app.casework import claims, lists
from app.casework.claims import free_for, holder_id, take_next_of
from app.casework.clocks import TimeLeft, time_left
from app.casework.kept import ME
from app.casework.labels import by_label
from app.casework.lists import CaseList, Column, Filter, Look, Order, Tab
from app.casework.narrowing import by_date, by_holder, by_time, name_of, one_of
from app.city.office_calendar import calendar_for
from app.identity.address import OUTSIDE
from app.identity.mask import mask_name, mask_nik_staff
from app.registration.fields import villages
from app.registration.models import Application, StatusChange
from app.registration.personal import open_personal, village_index
from app.registration.status import COMPLETE, REGISTRATION, RETURNED, SUBMITTED, WAITING
from app.review import rights
from app.review.desk import DESK
from app.review.models import SecondLook, SiakRecheck, StaffKin
from app.web.access import holds

FOR_ME, ALL, LATE, NEAR, TO_LOOK = "untuk-saya", "semua", "lewat", "hampir-lewat", "perlu-dilihat"
SECOND, RECHECK = "orang-kedua", "siak"
BY_TIME = Order((Application.due_at, Application.submitted_at, Application.id))
BY_ARRIVAL = Order((Application.submitted_at, Application.id))


class Row(NamedTuple):
    """One line of a list. `left` is None when no clock runs, `clock` its name, `holder` who works on it now, or "",
    `owner` whose it lastingly is."""

    id: str
    number: str
    nik: str
    name: str
    status: str
    mended: bool
    doubtful: bool
    to_look: bool
    at_counter: bool
    submitted_at: datetime
    left: TimeLeft | None
    clock: str
    holder: str
    owner: str


SHOWN = (
    Application.id, Application.number, Application.personal_sealed, Application.status, Application.mended,
    Application.doubtful, Application.to_look, Application.filed_by, Application.submitted_at, Application.due_at,
    Application.warn_at, Application.claimed_by, Application.claim_until, Application.assigned_to,
)


def _waiting(
    *statuses: str, only: Callable[[Look], tuple] = lambda look: (), to_look: bool = False,
) -> Callable[[Look], Sequence[tuple]]:
    """Ranges of one index: a state each. What waits to be looked at stands in the one list of these alone."""
    looked_at = Application.to_look == (true() if to_look else false())
    states = [(Application.status == status, looked_at) for status in statuses]

    def ranges(look: Look) -> list[tuple]:
        kept = only(look)
        return [(*state, *kept) for state in states]

    return ranges


def _for_me(look: Look) -> list[tuple]:
    """What this person may do now; for who leads, what is late or near."""
    if not holds(look.staff, "take_case"):
        late = (Application.warn_at <= look.now,) if holds(look.staff, "take_over") else (false(),)
        return _waiting(*WAITING, only=lambda look: late)(look)
    return _waiting(*rights.work_open_to(look.staff), only=_open_to)(look)


def _open_to(look: Look) -> tuple:
    """Nobody else's, and nothing bars this person from it (rights.bar_to says the same of one case)."""
    me = look.staff.id
    asked_of_others = select(SecondLook.application_id).where(
        SecondLook.closed_at.is_(None), or_(SecondLook.asked_by == me, SecondLook.asked_of != me)
    )
    return (
        free_for(Application, me, look.now), Application.id.not_in(asked_of_others),
        or_(Application.filed_by.is_(None), Application.filed_by != me),
        rights.not_of_kin(me), rights.not_decided_twice(me),
    )


def _mine(look: Look) -> list[tuple]:
    held = and_(Application.claimed_by == look.staff.id, Application.claim_until > look.now)
    own = (Application.assigned_to == look.staff.id, Application.status.in_(WAITING))
    return [(held,), (*own, or_(Application.claimed_by.is_(None), ~held))]


def _waits_for_second(look: Look) -> tuple:
    """A second person is waited for, and it may be this one; who oversees sees all."""
    me = look.staff
    mine = and_(SecondLook.asked_by != me.id, or_(SecondLook.asked_of.is_(None), SecondLook.asked_of == me.id))
    may = [Application.status.in_(WAITING)] if holds(me, "decide") else []
    may += [Application.status == SUBMITTED] if holds(me, "declare_complete") else []
    # asked by the few that are open, not of each case that waits
    waited = select(SecondLook.application_id).where(SecondLook.closed_at.is_(None))
    if holds(me, "take_over"):
        return (Application.id.in_(waited),)
    return Application.id.in_(waited.where(mine)), or_(false(), *may)


def _with_recheck(query: Select) -> Select:
    query = query.join(SiakRecheck, SiakRecheck.application_id == Application.id)
    return query.join(Citizen, Citizen.application_id == Application.id)


def _rechecks(look: Look) -> list[tuple]:
    """An account closed meanwhile, say because its owner asked for it, needs none."""
    unchecked = SiakRecheck.checked_at.is_(None)
    return [(Application.id.in_(select(SiakRecheck.application_id).where(unchecked).correlate(None)), unchecked,
             Citizen.disabled_at.is_(None))]


def _lines(rows: Sequence[Any], tab: str, look: Look) -> list[Row]:
    names, calendar = lists.staff_names(), calendar_for()
    rechecks = _open_rechecks([row.id for row in rows]) if tab == RECHECK else {}
    return [_line(row, names, calendar, rechecks.get(row.id), look.now) for row in rows]


def _line(row: Any, names: dict[str, str], calendar, recheck: SiakRecheck | None, now: datetime) -> Row:
    """Opens the sealed record and lets out only what is masked. With a recheck its end and owner stand where
    other lists have those of the case."""
    person = open_personal(row)
    running = REGISTRATION.clock_of(row.status) if row.status in WAITING else None
    left = time_left(row.due_at, row.warn_at, calendar) if running else None
    holder, name = names.get(holder_id(row), ""), running.label if running else ""
    if recheck is not None:
        left, name = time_left(recheck.due_at, recheck.due_at, calendar), "Batas"
        holder = names.get(recheck.owner_id, "")
    return Row(
        row.id, row.number, mask_nik_staff(person.nik), mask_name(person.full_name), row.status, row.mended,
        row.doubtful, row.to_look and row.status == SUBMITTED, row.filed_by is not None, row.submitted_at, left, name,
        holder, names.get(row.assigned_to, ""),
    )


def _open_rechecks(ids: list[str]) -> dict[str, SiakRecheck]:
    query = select(SiakRecheck).where(SiakRecheck.application_id.in_(ids))
    return {row.application_id: row for row in db.session.scalars(query)}


MARKS = {
    "diperbaiki": ("Sudah diperbaiki", Application.mended == true()),
    "ganda": ("Mungkin ganda", Application.doubtful == true()),
    "loket": ("Didaftarkan di meja layanan", Application.filed_by.is_not(None)),
    "tanpa-wa": ("Tanpa WhatsApp", Application.reached_by != ""),
}
CHANNELS = {
    "web": ("Diisi sendiri", Application.filed_by.is_(None)), "loket": ("Loket", Application.filed_by.is_not(None)),
}


def _villages() -> dict[str, str]:
    return {name: name for name in (*villages(), OUTSIDE)}


def _in_village(value: str, look: Look):
    return Application.village_index == village_index(value)


TABS: dict[str, Tab] = {
    FOR_ME: Tab("Untuk saya", _for_me, empty="Tidak ada yang menunggu Anda. Pendaftaran lain ada di tab Semua."),
    ALL: Tab("Semua", _waiting(*WAITING)),
    "baru": Tab("Baru", _waiting(SUBMITTED, only=lambda look: (Application.mended == false(),))),
    "diperbaiki": Tab("Diperbaiki", _waiting(SUBMITTED, only=lambda look: (Application.mended == true(),))),
    "lengkap": Tab("Lengkap", _waiting(COMPLETE)),
    NEAR: Tab("Hampir terlambat", _waiting(
        *WAITING, only=lambda look: (Application.due_at > look.now, Application.warn_at <= look.now))),
    LATE: Tab("Terlambat (janji)", _waiting(COMPLETE, only=lambda look: (Application.due_at <= look.now,))),
    "lewat-target": Tab(
        "Lewat target kantor", _waiting(SUBMITTED, only=lambda look: (Application.due_at <= look.now,))),
    "ganda": Tab(
        "Mungkin ganda", _waiting(*WAITING, only=lambda look: (Application.doubtful == true(),)), is_aside=True),
    TO_LOOK: Tab("Perlu dilihat", _waiting(SUBMITTED, to_look=True), is_aside=True,
                 empty="Pendaftaran yang serupa dan datang bersamaan menunggu di sini."),
    "menunggu-pemohon": Tab("Menunggu pemohon", _waiting(RETURNED), order=BY_ARRIVAL, is_aside=True),
    SECOND: Tab("Orang kedua", _waiting(*WAITING, only=_waits_for_second), is_aside=True),
    RECHECK: Tab("Periksa ulang SIAK", _rechecks, join=_with_recheck, is_aside=True,
                 order=Order((SiakRecheck.due_at, Application.submitted_at, Application.id))),
    "saya": Tab("Tugas saya", _mine, is_aside=True),
}
REGISTRATIONS = CaseList(
    "registrations", Application, SHOWN, TABS, BY_TIME, _lines, first=FOR_ME,
    columns=(
        Column("Nomor", "nomor"), Column("Nama", "nama"), Column("NIK", "nik"), Column("Status", "status"),
        Column("Dikirim", "dikirim"), Column("Sisa waktu", "sisa"), Column("Dipegang", "pemegang"),
    ),
    opened={
        "nama": lambda row: open_personal(row).full_name.casefold(), "nik": lambda row: open_personal(row).nik,
    },
    sorts={
        "sisa": BY_TIME, "dikirim": BY_ARRIVAL, "nomor": Order((Application.number, Application.id)),
        "status": Order((Application.status, Application.due_at, Application.id)),
        "pemegang": Order((
            name_of(claims.held_or_owned(Application)), Application.id,
        )),
    },
    filters={
        "sisa": by_time(Application), "dikirim": by_date("Dikirim", Application.submitted_at),
        "pemegang": by_holder("Pemegang", Application), "kanal": one_of("Saluran", CHANNELS),
        "tanda": one_of("Tanda", MARKS), "kelurahan": Filter("Kelurahan", _villages, _in_village),
        "label": by_label("application", Application),
    },
)


def take_next(staff: Staff) -> str | None:
    """Claim the case with least time left that this person may work on and nobody holds; its id, or None.
    Who is off duty takes no part."""
    if is_off(staff.id):
        return None
    return take_next_of(DESK, lists.ids_of(REGISTRATIONS, FOR_ME, Look(staff)), staff, rights.works_on)


MIDNIGHT = bindparam("midnight", callable_=lambda: clock.midnight(clock.today()), type_=UtcDateTime)
STANDING = Written(select(
    select(func.count()).select_from(StatusChange).where(
        StatusChange.actor_id == ME, StatusChange.at >= MIDNIGHT,
        StatusChange.act.in_(("approve", "return", "reject")),
    ).scalar_subquery().label("done"),
    exists().where(StaffKin.staff_id == ME).label("kin"),
))


def standing_of(staff_id: str) -> Found:
    """`done`: how many acts this person has done since midnight (WIB), nobody else sees the number; `kin`: whether
    their own NIK and Nomor KK are known."""
    return STANDING.ask({"me": staff_id}).one()

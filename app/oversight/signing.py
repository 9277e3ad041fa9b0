"""*Sudah diperiksa*: an overseer says of a month that its figures were looked at, with a remark."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Date, Row, Select, bindparam, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, insert_once, transaction
from app.base.problems import FormRejected, NotAllowed, StaleDecision
from app.base.services import sealer
from app.casework.figures import ANY, Period
from app.casework.kept import ME, written
from app.city.dates import MONTHS
from app.identity.findings import FieldError
from app.identity.text import clean_multiline
from app.oversight.figures import month_after
from app.oversight.models import MonthSigned
from app.registration.models import Application
from app.web.access import place_words

LONGEST_REMARK = 1000
OFFERED_MONTHS = 12
OWN = "Bulan itu memuat keputusan Anda sendiri. Pengawas lain yang memeriksanya."


@dataclass(frozen=True)
class Signed:
    name: str
    place: str
    at: datetime
    remark: str = field(repr=False)


@dataclass(frozen=True)
class Month:
    """`mine` says whether this person has signed it, `bar` why this person may not."""

    first: date
    words: str
    signed: list[Signed]
    mine: bool
    bar: str

    @property
    def last(self) -> date:
        return month_after(self.first) - timedelta(days=1)


def months_for(person: Staff) -> list[Month]:
    """The last months that are over, the newest first."""
    first, found = clock.today().replace(day=1), []
    for _ in range(OFFERED_MONTHS):
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
        found.append(_month(first, person))
    return found


def newest_for(person: Staff) -> Month:
    return _month(_last_month(), person)


def _last_month() -> date:
    first = clock.today().replace(day=1)
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def sign(month: str, remark: str, person: Staff) -> None:
    """`month` such as 2026-10. Raises FormRejected, NotAllowed for a month with own decisions, StaleDecision when this
    person has signed it before."""
    first = _parsed(month)
    try:
        text = clean_multiline(remark)
    except FieldError as error:
        raise FormRejected({"remark": [error.message]}) from None
    if len(text) > LONGEST_REMARK:
        raise FormRejected({"remark": [f"Catatan paling banyak {LONGEST_REMARK} huruf, Anda menulis {len(text)}."]})
    if _bar(first, person):
        raise NotAllowed(OWN)
    sealed = sealer().seal(text.encode(), _context(first, person.id)) if text else None
    with transaction():
        if not insert_once(
            MonthSigned, month=first, staff_id=person.id, jabatan=person.jabatan, remark_sealed=sealed, at=clock.now(),
        ):
            raise StaleDecision("Bulan ini sudah Anda nyatakan diperiksa.")
        journal.record(
            "month_signed", actor=journal.Actor("staff", person.id), about=("month", f"{first:%Y-%m}"),
            detail={"jabatan": person.jabatan},
        )


def _parsed(month: str) -> date:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise FormRejected({"month": ["Pilih bulannya."]}) from None
    if first > _last_month():
        raise FormRejected({"month": ["Bulan ini belum selesai."]})
    return first


def _month(first: date, person: Staff) -> Month:
    rows = db.session.execute(written(_signed), {"month": first}).all()
    return Month(
        first, f"{MONTHS[first.month - 1]} {first.year}",
        [Signed(row.name, place_words(row), row.at, _remark(row)) for row in rows],
        any(row.staff_id == person.id for row in rows), _bar(first, person),
    )


def _signed() -> Select:
    return (
        select(MonthSigned.month, MonthSigned.staff_id, MonthSigned.at, MonthSigned.remark_sealed,
               Staff.name, Staff.role, Staff.jabatan)
        .join(Staff, Staff.id == MonthSigned.staff_id)
        .where(MonthSigned.month == bindparam("month", type_=Date)).order_by(MonthSigned.at)
    )


def _remark(row: Row) -> str:
    if row.remark_sealed is None:
        return ""
    return sealer().open(row.remark_sealed, _context(row.month, row.staff_id)).decode()


def _bar(first: date, person: Staff) -> str:
    """Nobody oversees their own decisions."""
    month = Period(clock.midnight(first), clock.midnight(month_after(first)))
    return OWN if db.session.scalar(written(_decided_by), month.given | {"me": person.id}) is not None else ""


def _decided_by() -> Select:
    return select(Application.id).where(Application.decided_by == ME, ANY.holds(Application.decided_at)).limit(1)


def _context(month: date, staff_id: str) -> str:
    return f"month_signed:{month:%Y-%m}:{staff_id}"

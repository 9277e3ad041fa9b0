"""An invented past of the demo: when each registration of some months was sent, looked at, mended and decided, and by
whom. Pure planning in office hours; `past_rows.py` writes it.

The same seed gives the same past.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from app.base.clock import WIB
from app.city.worktime import Calendar, add_working_minutes, due_after_working_days, is_working_day, next_opening
from app.registration.fields import Personal

FIRST_NAMES = ("AGUS", "AHMAD", "ANI", "BAMBANG", "CITRA", "DEWI", "DIAN", "EKO", "FITRI", "HENDRA", "INDAH", "JOKO",
               "KARTIKA", "LESTARI", "MULYONO", "NUR", "PUTRI", "RATNA", "RUDI", "SITI", "SLAMET", "SRI", "TRI", "YULI")
SECOND_NAMES = ("HIDAYAT", "KURNIAWAN", "LESTARI", "PRASETYO", "RAHAYU", "SAPUTRA", "SETIAWAN", "SUSANTI", "UTAMI",
                "WAHYUNI", "WIBOWO", "YULIANI")
STREETS = ("Mawar", "Melati", "Kenanga", "Anggrek", "Cempaka", "Dahlia", "Flamboyan", "Teratai")
# (item, code, how many of a hundred returns)
REASONS = (("ktp", "KTP_BURAM", 31), ("ktp", "KTP_SILAU", 19), ("selfie", "SELFIE_TIDAK_JELAS", 17),
           ("ktp", "KTP_TERPOTONG", 13), ("kk_number", "KK_TIDAK_COCOK", 10), ("nik", "NIK_TIDAK_COCOK", 6),
           ("full_name", "NAMA_TIDAK_COCOK", 4))
GROUND = ("", "DATA_TIDAK_DITEMUKAN")
HOURS = (7, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 12, 13, 13, 14, 14, 15, 16, 18, 19, 19, 20, 20, 21)
RETURNED, REJECTED, NOT_MENDED = 0.18, 0.05, 0.06
LATE_BEFORE, LATE_NOW, RECENT = 0.07, 0.03, timedelta(days=45)


@dataclass(frozen=True)
class Act:
    """`by` is a role, or "" for the resident; `reason` is (item, code) of a return or rejection."""

    at: datetime
    name: str
    by: str = ""
    reason: tuple[str, str] | None = None


@dataclass(frozen=True)
class Story:
    person: Personal = field(repr=False)
    acts: tuple[Act, ...]


def plan(
    number: int, first: date, last: date, now: datetime, calendar: Calendar, rng: Random, known: int = 0,
) -> list[Story]:
    """`number` registrations sent from `first` to `last`, more on Mondays than on Fridays, as far as they went by
    `now`.

    Whatever is still open then is left out: an open case wants photos to look at. `known` people are there already.
    """
    days = [day for day in _days(first, last) if is_working_day(calendar, day)]
    weights = [5 if day.weekday() == 0 else 3 if day.weekday() == 4 else 4 for day in days]
    found = []
    for index, day in enumerate(sorted(rng.choices(days, weights, k=number)), known):
        sent = datetime.combine(day, time(rng.choice(HOURS), rng.randrange(60)), WIB)
        acts = tuple(replace(act, at=act.at.astimezone(UTC)) for act in _acts(sent, now, calendar, rng))
        if acts[-1].at < now and acts[-1].name in ("approve", "reject", "expire"):
            found.append(Story(somebody(index, rng), acts))
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _acts(sent: datetime, now: datetime, calendar: Calendar, rng: Random) -> Iterator[Act]:
    yield Act(sent, "submit")
    looked = add_working_minutes(calendar, sent, rng.randint(12, 250))
    if rng.random() < RETURNED:
        item, code, _ = rng.choices(REASONS, [share for _, _, share in REASONS])[0]
        yield Act(looked, "return", "petugas", (item, code))
        if rng.random() < NOT_MENDED:
            yield Act(looked + timedelta(days=15), "expire")
            return
        mended = looked + timedelta(hours=rng.choice((2, 5, 9, 20, 44, 70)), minutes=rng.randrange(60))
        yield Act(mended, "resubmit")
        looked = add_working_minutes(calendar, mended, rng.randint(10, 120))
    yield Act(looked, "declare_complete", "petugas")
    decided = _decision_after(looked, now, calendar, rng)
    if rng.random() < REJECTED:
        yield Act(decided, "reject", "operator", GROUND)
    else:
        yield Act(decided, "approve", "operator")


def _decision_after(declared: datetime, now: datetime, calendar: Calendar, rng: Random) -> datetime:
    """Most within hours, some after the promise; fewer lately, so that a trend shows."""
    if rng.random() < (LATE_NOW if now - declared < RECENT else LATE_BEFORE):
        due = due_after_working_days(calendar, declared, 1)
        return next_opening(calendar, due) + timedelta(minutes=rng.randint(10, 300))
    return add_working_minutes(calendar, declared, rng.randint(20, 420))


def somebody(index: int, rng: Random) -> Personal:
    """Who does not exist: serials 00xx of a NIK belong to nobody known. Each `index` has a NIK of its own."""
    born = date(1955, 1, 1) + timedelta(days=index * 7919 % 18000)
    district, woman = index % 5 + 1, rng.random() < 0.5
    address = f"Jl. Contoh {rng.choice(STREETS)} {rng.randint(1, 90)}, RT 0{rng.randint(1, 9)}/RW 0{rng.randint(1, 5)}"
    return Personal(
        nik=f"35740{district}{born.day + 40 * woman:02d}{born:%m%y}{10 + index % 80:04d}",
        full_name=f"{rng.choice(FIRST_NAMES)} CONTOH {rng.choice(SECOND_NAMES)}",
        whatsapp_number=f"+62812{20000000 + index:08d}",
        kk_number=f"35740{district}{index % 28 + 1:02d}0115{index % 9000:04d}", address=address,
    )

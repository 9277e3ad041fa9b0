"""The registers of standard K (people) and J (things), and of breaches of data: what is there, and what runs out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.base.services import photo_store, sealer
from app.complaints.ticket.files import File, Prepared, prepare_strictly
from app.evaluation.filling import Typed
from app.evaluation.models import (
    EDUCATION,
    FACILITIES,
    KNOWLEDGE,
    DataBreach,
    Facility,
    FacilityFault,
    StaffCompetence,
    StaffTraining,
)
from app.photos.errors import PhotoError
from app.photos.store import new_key

NEAR = timedelta(days=60)  # what runs out within this time is said
TOLD_WITHIN = timedelta(hours=72)


@dataclass(frozen=True)
class Person:
    """One member of staff in the register; `competence` is None while nobody checked, `missing` what standard K asks
    and is not there."""

    staff: Staff
    competence: StaffCompetence | None
    trainings: list[StaffTraining]

    @property
    def missing(self) -> list[str]:
        if self.competence is None:
            return ["Belum diperiksa"]
        gaps = [f"Belum: {words.lower()}" for key, words in KNOWLEDGE.items() if not getattr(self.competence, key)]
        return [*gaps, *([] if self.competence.education else ["Pendidikan belum diisi"])]


def people() -> list[Person]:
    """Everybody who works here, by name."""
    checked = {row.staff_id: row for row in db.session.scalars(select(StaffCompetence))}
    trained: dict[str, list[StaffTraining]] = {}
    for row in db.session.scalars(select(StaffTraining).order_by(StaffTraining.held_on.desc(), StaffTraining.id)):
        trained.setdefault(row.staff_id, []).append(row)
    staff = db.session.scalars(select(Staff).where(Staff.disabled_at.is_(None)).order_by(Staff.name, Staff.id))
    return [Person(one, checked.get(one.id), trained.get(one.id, [])) for one in staff]


def person(staff_id: str) -> Person:
    found = next((one for one in people() if one.staff.id == staff_id), None)
    if found is None:
        raise NotFound()
    return found


def check_competence(staff_id: str, values: Mapping[str, str], by) -> None:
    """Raises FormRejected, NotFound."""
    person(staff_id)
    typed = Typed(values)
    education = typed.choice("education", EDUCATION)
    typed.settle()
    with transaction() as session:
        row = session.get(StaffCompetence, staff_id) or StaffCompetence(staff_id=staff_id)
        row.education, row.checked_on, row.checked_by = education, clock.today(), by.id
        for key in KNOWLEDGE:
            setattr(row, key, bool(values.get(key)))
        session.add(row)
        _note("competence_checked", by, ("staff", staff_id))


def add_training(staff_id: str, values: Mapping[str, str], evidence: File | None, by, address: str) -> None:
    """`evidence` is a photo or a PDF. Raises FormRejected, NotFound, PhotoBusy is told beside the file."""
    person(staff_id)
    typed = Typed(values)
    title, held_on = typed.line("title", 200), typed.day("held_on")
    valid_until = typed.day("valid_until", may_be_empty=True)
    if held_on and held_on > clock.today():
        typed.refuse("held_on", "Tanggal ini belum tiba.")
    if held_on and valid_until and valid_until < held_on:
        typed.refuse("valid_until", "Masa berlaku berakhir sebelum pelatihannya.")
    typed.settle()
    end_reading()
    prepared = _opened(evidence, address) if evidence else None
    with transaction() as session:
        row = StaffTraining(id=new_id(), staff_id=staff_id, title=title, held_on=held_on, valid_until=valid_until,
                            recorded_by=by.id)
        if prepared:
            _put(row, prepared)
        session.add(row)
        _note("training_recorded", by, ("staff", staff_id))


def evidence_of(training_id: str, by) -> tuple[StaffTraining, bytes]:
    """The proof of a training; looking is a journal line."""
    row = db.session.get(StaffTraining, training_id)
    if row is None or row.storage_key is None:
        raise NotFound()
    found = sealer().open(photo_store().get(row.storage_key), _context(row.id))
    with transaction():
        _note("training_evidence_viewed", by, ("staff", row.staff_id))
    return row, found


def facilities() -> list[Facility]:
    """In the order of standard J, retired ones last."""
    order = list(FACILITIES)
    rows = db.session.scalars(select(Facility).order_by(Facility.name, Facility.id))
    return sorted(rows, key=lambda row: (row.retired_on is not None, order.index(row.kind)))


def facility(facility_id: str) -> Facility:
    row = db.session.get(Facility, facility_id)
    if row is None:
        raise NotFound()
    return row


def save_facility(facility_id: str | None, values: Mapping[str, str], by) -> None:
    """A new one without an id. Raises FormRejected, NotFound."""
    typed = Typed(values)
    kept = {
        "kind": typed.choice("kind", FACILITIES), "name": typed.line("name", 120),
        "place": typed.line("place", 120, may_be_empty=True), "quantity": typed.number("quantity"),
        "least": typed.number("least"), "valid_until": typed.day("valid_until", may_be_empty=True),
        "repairer": typed.line("repairer", 120, may_be_empty=True),
        "retired_on": typed.day("retired_on", may_be_empty=True),
    }
    typed.settle()
    with transaction() as session:
        row = facility(facility_id) if facility_id else Facility(id=new_id())
        for name, value in kept.items():
            setattr(row, name, value)
        session.add(row)
        _note("facility_saved", by, ("facility", row.id))


def report_fault(facility_id: str, values: Mapping[str, str], by) -> None:
    facility(facility_id)
    typed = Typed(values)
    kept = {
        "what": typed.line("what", 300), "began_on": typed.day("began_on"), "repairer": typed.line("repairer", 120),
        "due_on": typed.day("due_on", may_be_empty=True),
    }
    if kept["began_on"] and kept["began_on"] > clock.today():
        typed.refuse("began_on", "Tanggal ini belum tiba.")
    typed.settle()
    with transaction() as session:
        session.add(FacilityFault(id=new_id(), facility_id=facility_id, reported_by=by.id, **kept))
        _note("facility_fault_reported", by, ("facility", facility_id))


def mend_fault(fault_id: str, by) -> str:
    """The facility's id. Raises NotFound, StaleDecision when it was mended already."""
    with transaction() as session:
        row = session.get(FacilityFault, fault_id, with_for_update=True)
        if row is None:
            raise NotFound()
        if row.mended_on is not None:
            raise StaleDecision("Gangguan ini sudah dicatat selesai.")
        row.mended_on, row.mended_by = clock.today(), by.id
        _note("facility_fault_mended", by, ("facility", row.facility_id))
        return row.facility_id


def open_fault(row: Facility) -> FacilityFault | None:
    return next((fault for fault in row.faults if fault.mended_on is None), None)


def breaches() -> list[DataBreach]:
    return list(db.session.scalars(select(DataBreach).order_by(DataBreach.found_at.desc())))


def record_breach(values: Mapping[str, str], by) -> None:
    """Raises FormRejected."""
    typed = Typed(values)
    found_at, told_at = _moment(typed, "found_at"), _moment(typed, "told_at", may_be_empty=True)
    what, action = typed.line("what", 500), typed.line("action", 500)
    people_hit = typed.number("people", 10_000_000)
    if found_at and told_at and told_at < found_at:
        typed.refuse("told_at", "Pemberitahuan tidak mungkin sebelum kejadian diketahui.")
    typed.settle()
    with transaction() as session:
        row = DataBreach(id=new_id(), found_at=found_at, told_at=told_at, what=what, action=action, people=people_hit,
                         recorded_by=by.id)
        session.add(row)
        _note("data_breach_recorded", by, ("data_breach", row.id))


def was_told_in_time(row: DataBreach) -> bool:
    return row.told_at is not None and row.told_at - row.found_at <= TOLD_WITHIN


def warnings() -> list[str]:
    """What runs out or is broken, in sentences for whoever keeps the registers."""
    today, found = clock.today(), []
    for row in facilities():
        if row.retired_on is not None:
            continue
        if fault := open_fault(row):
            found.append(f"{row.name} terganggu sejak {_short(fault.began_on)}: {fault.what}. Perbaikan: "
                         f"{fault.repairer}.")
        if row.quantity < row.least:
            found.append(f"{row.name} tinggal {row.quantity}, paling sedikit {row.least}.")
        if row.valid_until and row.valid_until <= today + NEAR:
            found.append(f"Masa berlaku {row.name} berakhir {_short(row.valid_until)}.")
    for one in people():
        for training in one.trainings:
            if training.valid_until and today - NEAR <= training.valid_until <= today + NEAR:
                found.append(f"Pelatihan {training.title} ({one.staff.name}) berlaku sampai "
                             f"{_short(training.valid_until)}.")
    return found


def _short(day: date) -> str:
    return day.strftime("%d-%m-%Y")


def _moment(typed: Typed, name: str, may_be_empty: bool = False) -> datetime | None:
    """A local moment as a browser sends it, 2026-11-30T09:15."""
    value = (typed.value(name)).strip()
    if not value and may_be_empty:
        return None
    try:
        found = datetime.fromisoformat(value).replace(tzinfo=WIB)
    except ValueError:
        typed.refuse(name, "Isi tanggal dan jamnya.")
        return None
    if found > clock.now():
        typed.refuse(name, "Saat ini belum tiba.")
    return found


def _opened(evidence: File, address: str) -> Prepared:
    try:
        return prepare_strictly(evidence, address)
    except PhotoError as error:
        raise FormRejected({"evidence": [error.message]}) from None


def _put(row: StaffTraining, prepared: Prepared) -> None:
    sealed = sealer().seal(prepared.data, _context(row.id))
    row.storage_key, row.content_type = new_key(), prepared.content_type
    row.sealed_sha256 = hashlib.sha256(sealed).hexdigest()
    photo_store().put_new(row.storage_key, sealed)


def _context(training_id: str) -> str:
    return f"staff_training:{training_id}:evidence"


def _note(action: str, by, about: tuple[str, str]) -> None:
    journal.record(action, actor=journal.Actor("staff", by.id), about=about)

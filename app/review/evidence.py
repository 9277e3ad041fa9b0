"""Evidence of one sending: the NIK read on the card, the checklist, the result from SIAK.

Kept while it is given, so that it survives a lapsed claim or a take-over; a mended case starts anew.
"""

from dataclasses import dataclass, field

from sqlalchemy import select

from app import journal
from app.accounts.models import Staff
from app.extensions import db
from app.identity.errors import FieldError
from app.identity.sixteen import parse_sixteen
from app.problems import FormRejected
from app.registration.models import Application, StatusChange
from app.registration.personal import open_personal
from app.review.checklist import ANSWERS, FOUND, NO, POINTS, SIAK_RESULTS, UNAVAILABLE, Point
from app.review.models import CaseEvidence
from app.services import sealer

SENDINGS = ("submit", "resubmit")
POINT_KEYS = frozenset(point.key for point in POINTS)
NO_MEANS = "Jawaban \"tidak\" berarti berkas dikembalikan atau ditolak."
DIFFERS = "NIK pada KTP berbeda dengan isian. Kembalikan agar pemohon memperbaikinya."


@dataclass(frozen=True)
class Evidence:
    """`nik_read` is 16 digits or "" when nobody has typed it yet."""

    nik_read: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    siak: str = ""


def evidence_of(application: Application) -> Evidence:
    row = _row(application)
    if row is None:
        return Evidence()
    nik = sealer().open(row.nik_read_sealed, _context(row)).decode() if row.nik_read_sealed else ""
    return Evidence(nik, dict(row.answers), row.siak)


def merged(kept: Evidence, typed: Evidence) -> Evidence:
    """What was typed now over what is kept."""
    return Evidence(typed.nik_read or kept.nik_read, {**kept.answers, **typed.answers}, typed.siak or kept.siak)


def cleaned(nik_read: str, answers: dict[str, str], siak: str) -> Evidence:
    """Typed values as evidence; what is in no list is dropped. Raises FormRejected for a bad NIK."""
    try:
        nik = parse_sixteen(nik_read, "NIK pada KTP") if nik_read.strip() else ""
    except FieldError as error:
        raise FormRejected({"nik_read": [error.message]}) from None
    known = {key: answer for key, answer in answers.items() if key in POINT_KEYS and answer in ANSWERS}
    return Evidence(nik, known, siak if siak in SIAK_RESULTS else "")


def keep(application: Application, given: Evidence, staff: Staff) -> Evidence:
    """Write down inside the caller's transaction what is known now; returns all of it."""
    before, row = evidence_of(application), _row(application)
    whole = merged(before, given)
    if row is None:
        row = CaseEvidence(change_id=_sending_id(application))
    if whole.nik_read:
        row.nik_read_sealed = sealer().seal(whole.nik_read.encode(), _context(row))
    row.answers, row.siak, row.staff_id = whole.answers, whole.siak, staff.id
    db.session.add(row)
    if whole.nik_read and whole.nik_read != before.nik_read:
        _journal(application, staff, "nik_compared", {"equal": not differing_digits(application, whole.nik_read)})
    return whole


def journal_evidence(application: Application, evidence: Evidence, staff: Staff) -> None:
    """The answers an act rests on: codes only."""
    _journal(application, staff, "evidence_given", {"answers": evidence.answers, "siak": evidence.siak})


def differing_digits(application: Application, nik_read: str) -> tuple[int, ...]:
    """1-based places at which the NIK on the card differs from the form; all 16 when none was typed."""
    declared = open_personal(application).nik
    pairs = enumerate(zip(declared, nik_read.ljust(len(declared)), strict=True), 1)
    return tuple(place for place, (ours, theirs) in pairs if ours != theirs)


def missing_for(application: Application, evidence: Evidence, deciding: bool) -> dict[str, list[str]]:
    """What stands against a positive act, by field; empty when nothing does."""
    errors: dict[str, list[str]] = {}
    if not evidence.nik_read:
        errors["nik_read"] = ["Ketik NIK yang terbaca pada foto KTP."]
    elif differing_digits(application, evidence.nik_read):
        errors["nik_read"] = [DIFFERS]
    for point in POINTS:
        if (deciding or not point.with_siak) and (sentence := _wrong(point, evidence)):
            errors[f"check_{point.key}"] = [sentence]
    if deciding and (sentence := _wrong_siak(evidence.siak)):
        errors["siak"] = [sentence]
    return errors


def _wrong(point: Point, evidence: Evidence) -> str | None:
    answer = evidence.answers.get(point.key)
    if answer is None:
        return f"Jawab: {point.question}."
    return f"{point.question}: {NO_MEANS}" if answer == NO else None


def _wrong_siak(siak: str) -> str | None:
    if not siak:
        return "Pilih hasil pencarian di SIAK."
    if siak not in (FOUND, UNAVAILABLE):
        return f"SIAK: {SIAK_RESULTS[siak].label.lower()}. Kembalikan atau tolak pendaftaran ini."
    return None


def _row(application: Application) -> CaseEvidence | None:
    return db.session.get(CaseEvidence, _sending_id(application))


def _sending_id(application: Application) -> int:
    query = select(StatusChange.id).where(
        StatusChange.application_id == application.id, StatusChange.act.in_(SENDINGS)
    )
    return db.session.scalar(query.order_by(StatusChange.id.desc()).limit(1))


def _journal(application: Application, staff: Staff, action: str, detail: dict) -> None:
    actor = journal.Actor("staff", staff.id)
    journal.record(action, actor=actor, about=("application", application.id), detail=detail)


def _context(row: CaseEvidence) -> str:
    return f"case_evidence:{row.change_id}"

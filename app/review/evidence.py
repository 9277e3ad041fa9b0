"""Evidence of one sending, by person: the NIK read on the card, the checklist, the result from SIAK.

Kept while it is given, so that it survives a lapsed claim; a mended case starts anew. Nobody takes over the
answers of somebody else.
"""

import json
from dataclasses import dataclass, field, replace

from sqlalchemy import delete, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, once_a_page
from app.base.problems import FormRejected
from app.base.services import sealer
from app.casework import notes
from app.identity.findings import FieldError
from app.identity.nik import parse_sixteen
from app.registration import doubles
from app.registration.models import Application
from app.registration.personal import open_personal
from app.registration.status import COMPLETE
from app.registration.transitions import changes_of
from app.review.checklist import (
    ANSWERS,
    DIFFERS,
    EQUAL,
    NAMES,
    NIK,
    POINTS,
    PROVISIONAL,
    SIAK,
    SIAK_RESULTS,
    UNREADABLE,
    UNSURE,
    Circumstances,
    Look,
    differing,
    hindrances,
    points_for,
)
from app.review.models import ALONE, AccountBasis, CaseEvidence, SiakRecheck

SENDINGS = ("submit", "resubmit")
POINT_KEYS = frozenset(point.key for point in POINTS)
LONGEST_SENTENCE = 300


@dataclass(frozen=True)
class Evidence:
    """`nik_read` is 16 digits, or "" when nobody has typed it yet or, with answers["nik"], could not be read.
    `sentences` are why an answer stands, by key of `checklist.NAMES`."""

    nik_read: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    siak: str = ""
    sentences: dict[str, str] = field(default_factory=dict)


def evidence_of(application: Application, staff_id: str) -> Evidence:
    row = _row(application, staff_id)
    return Evidence() if row is None else _opened(row)


def latest_evidence(application: Application) -> Evidence:
    """Of whoever answered last, for those who answer nothing themselves."""
    rows = rows_of(application)
    return _opened(rows[-1]) if rows else Evidence()


def look_of(application: Application, staff_id: str) -> Look:
    """The same as the rules see it."""
    row = _row(application, staff_id)
    return Look() if row is None else _look(application, row)


def looks_of_others(application: Application, staff_id: str) -> list[tuple[str, Look]]:
    """(name, what they found) of everybody else who looked at this sending, the earliest first."""
    rows = [row for row in rows_of(application) if row.staff_id != staff_id]
    return [(db.session.get_one(Staff, row.staff_id).name, _look(application, row)) for row in rows]


def cleaned(nik_read: str, answers: dict[str, str], siak: str, sentences: dict[str, str] | None = None) -> Evidence:
    """Typed values as evidence; what is in no list is dropped. Raises FormRejected for a bad NIK."""
    try:
        nik = parse_sixteen(nik_read, "NIK pada KTP") if nik_read.strip() else ""
    except FieldError as error:
        raise FormRejected({"nik_read": [error.message]}) from None
    known = {key: answer for key, answer in answers.items() if key in POINT_KEYS and answer in ANSWERS}
    if answers.get(NIK) == UNSURE and not nik:
        known[NIK] = UNSURE
    said = {key: text[:LONGEST_SENTENCE] for key, text in (sentences or {}).items() if key in NAMES}
    return Evidence(nik, known, siak if siak in SIAK_RESULTS else "", said)


def keep(application: Application, given: Evidence, staff: Staff) -> Evidence:
    """Write down inside the caller's transaction what this person knows now; returns all of it. SIAK counts
    only from who looks before the decision."""
    row = db.session.get(CaseEvidence, (sending_id(application), staff.id))
    before = Evidence() if row is None else _opened(row)
    asked = given if application.status == COMPLETE else replace(given, siak="")
    whole = _merged(before, asked)
    if row is None:
        row = CaseEvidence(change_id=sending_id(application), staff_id=staff.id, first_answers={})
        db.session.add(row)
    row.nik_read_sealed = sealer().seal(whole.nik_read.encode(), _context(row)) if whole.nik_read else None
    said = json.dumps(whole.sentences).encode()
    row.sentences_sealed = sealer().seal(said, _context(row)) if whole.sentences else None
    row.answers, row.siak = whole.answers, whole.siak
    others = [look for _, look in looks_of_others(application, staff.id)]
    row.first_answers = _first(row.first_answers, _look(application, row), others)
    if whole.nik_read and whole.nik_read != before.nik_read:
        _journal(application, staff, "nik_compared", {"equal": not differing_digits(application, whole.nik_read)})
    return whole


def journal_evidence(application: Application, evidence: Evidence, differing: list[str], staff: Staff) -> None:
    """The answers an act rests on, and where somebody else answered otherwise: codes only."""
    detail = {"answers": evidence.answers, "siak": evidence.siak, "differing": differing}
    _journal(application, staff, "evidence_given", detail)


def differing_digits(application: Application, nik_read: str) -> tuple[int, ...]:
    """1-based places at which the NIK on the card differs from the form; all 16 when none was typed."""
    declared = open_personal(application).nik
    pairs = enumerate(zip(declared, nik_read.ljust(len(declared)), strict=True), 1)
    return tuple(place for place, (ours, theirs) in pairs if ours != theirs)


def sending_id(application: Application) -> int:
    """The status change by which the case came to the office as it is now."""
    return next(change.id for change in reversed(changes_of(application.id)) if change.act in SENDINGS)


def _merged(kept: Evidence, typed: Evidence) -> Evidence:
    """What was typed now over what is kept; a NIK is either read or not readable."""
    answers = {**kept.answers, **typed.answers}
    nik = "" if NIK in typed.answers else typed.nik_read or kept.nik_read
    if nik:
        answers.pop(NIK, None)
    sentences = {key: text for key, text in {**kept.sentences, **typed.sentences}.items() if text}
    return Evidence(nik, answers, typed.siak or kept.siak, sentences)


def _first(known: dict[str, str], look: Look, others: list[Look]) -> dict[str, str]:
    """With those answers that somebody else had answered already when they were first given."""
    found = {
        key: look.answer(key) for key in (NIK, *POINT_KEYS, SIAK)
        if look.answer(key) and any(other.answer(key) for other in others)
    }
    return {**found, **known}


@once_a_page
def rows_of(application: Application) -> list[CaseEvidence]:
    query = select(CaseEvidence).where(CaseEvidence.change_id == sending_id(application))
    return list(db.session.scalars(query.order_by(CaseEvidence.at, CaseEvidence.staff_id)))


def _row(application: Application, staff_id: str) -> CaseEvidence | None:
    return next((row for row in rows_of(application) if row.staff_id == staff_id), None)


def _opened(row: CaseEvidence) -> Evidence:
    nik = sealer().open(row.nik_read_sealed, _context(row)).decode() if row.nik_read_sealed else ""
    sentences = json.loads(sealer().open(row.sentences_sealed, _context(row))) if row.sentences_sealed else {}
    return Evidence(nik, dict(row.answers), row.siak, sentences)


def _look(application: Application, row: CaseEvidence) -> Look:
    whole = _opened(row)
    nik = UNREADABLE if whole.answers.get(NIK) == UNSURE else ""
    if whole.nik_read:
        nik = DIFFERS if differing_digits(application, whole.nik_read) else EQUAL
    return Look(nik, whole.answers, whole.siak, dict(row.first_answers), frozenset(whole.sentences))


def _journal(application: Application, staff: Staff, action: str, detail: dict) -> None:
    actor = journal.Actor("staff", staff.id)
    journal.record(action, actor=actor, about=("application", application.id), detail=detail)


def _context(row: CaseEvidence) -> str:
    return f"case_evidence:{row.change_id}"


# What an act on a case rests on: the own answers, met by those of others, by doubles and by who declared.
#
# What an approval rested on becomes a row (`AccountBasis`); its constraints refuse what the rules forbid.

def circumstances(application: Application, staff: Staff, why_alone: str = "") -> Circumstances:
    """What this person's answers meet on this case now."""
    open_pairs = doubles.suspicions_of(application.id, open_only=True)
    return Circumstances(
        points=points_for(is_flagged(application)),
        others=tuple(look for _, look in looks_of_others(application, staff.id)),
        deciding=application.status == COMPLETE,
        open_doubles=len({frozenset((row.application_id, row.other_id)) for row in open_pairs}),
        alone=is_alone(application, staff), why_alone=bool(why_alone),
    )


def is_flagged(application: Application) -> bool:
    """Whether something stands under "Perlu dilihat"."""
    return bool(application.flags) or any(photo.hints for photo in application.photos)


def is_alone(application: Application, staff: Staff) -> bool:
    """Whether this person would decide what the same person declared complete."""
    return application.status == COMPLETE and application.declared_complete_by == staff.id


def rest_on_answers(application: Application, staff: Staff, why_alone: str = "") -> Look:
    """The own answers, when they allow the positive act of this state. Raises FormRejected naming what is
    missing."""
    look, met = look_of(application, staff.id), circumstances(application, staff, why_alone)
    if errors := hindrances(look, met):
        raise FormRejected(errors)
    otherwise = [key for key in met.keys if differing(key, look, met.others)]
    journal_evidence(application, evidence_of(application, staff.id), otherwise, staff)
    return look


def say_why_alone(application: Application, staff: Staff, why_alone: str) -> None:
    """Keep why one person declares and decides. Raises FormRejected without a sentence."""
    if not is_alone(application, staff):
        return
    if not why_alone:
        raise FormRejected({"why_alone": ["Tulis mengapa Anda sendiri yang menyatakan lengkap dan memutuskan."]})
    notes.add_note(("application", application.id), ALONE, why_alone, staff.id)


def write_basis(application: Application, staff: Staff, look: Look) -> None:
    """Add the row inside the caller's transaction; the database refuses it when a rule was forgotten."""
    answers = {key: look.answer(key) for key in ("nik", "ktp", "name", "face", "card", "signature", "siak")}
    still_open = doubles.suspicions_of(application.id, open_only=True)
    db.session.add(AccountBasis(
        application_id=application.id, declared_by=application.declared_complete_by, decided_by=staff.id,
        alone=application.declared_complete_by == staff.id, open_doubles=len(still_open), at=clock.now(), **answers,
    ))
    db.session.flush()


def remove_basis(application_id: str) -> None:
    """Inside the caller's transaction, when the approval is taken back."""
    for model in (SiakRecheck, AccountBasis):
        db.session.execute(delete(model).where(model.application_id == application_id))


def is_provisional(look: Look) -> bool:
    return look.siak in SIAK_RESULTS and SIAK_RESULTS[look.siak].leads_to == PROVISIONAL

"""Writing and reading what staff noted about a case. Texts are sealed and never enter the journal."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.base.services import sealer
from app.review.models import DRAFT, CaseNote

LONGEST = 1000


def add_note(application_id: str, kind: str, text: str, staff_id: str) -> CaseNote:
    """A new note inside the caller's transaction."""
    note = CaseNote(application_id=application_id, kind=kind, staff_id=staff_id, at=clock.now())
    note.text_sealed = _seal(note, text)
    db.session.add(note)
    db.session.flush()
    return note


def save_draft(application_id: str, text: str, staff_id: str) -> None:
    """The one draft note of a case, whoever works on it; empty text empties it."""
    note = draft_of(application_id)
    if note is None:
        if text:
            add_note(application_id, DRAFT, text, staff_id)
        return
    if read_note(note) != text:
        note.text_sealed, note.staff_id, note.at = _seal(note, text), staff_id, clock.now()


def draft_of(application_id: str) -> CaseNote | None:
    return latest(application_id, DRAFT)


def latest(application_id: str, kind: str, age: timedelta | None = None) -> CaseNote | None:
    """The newest of a kind, when it is younger than `age`."""
    query = select(CaseNote).where(CaseNote.application_id == application_id, CaseNote.kind == kind)
    if age is not None:
        query = query.where(CaseNote.at > clock.now() - age)
    return db.session.scalar(query.order_by(CaseNote.id.desc()).limit(1))


def read_note(note: CaseNote) -> str:
    return sealer().open(note.text_sealed, _context(note)).decode()


def writer_of(note: CaseNote) -> str:
    return db.session.get_one(Staff, note.staff_id).name


def _seal(note: CaseNote, text: str) -> bytes:
    return sealer().seal(text[:LONGEST].encode(), _context(note))


def _context(note: CaseNote) -> str:
    return f"case_note:{note.application_id}:{note.kind}"

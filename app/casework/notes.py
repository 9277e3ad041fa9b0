"""What staff noted about a case, and what they typed and have not sent yet. Texts are sealed and never enter the
journal. Writing joins the caller's transaction."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, bindparam, delete, select, update

from app.base import clock
from app.base.database import db, insert_once, once_a_page
from app.base.services import sealer
from app.casework.models import CaseAct, CaseDraft, CaseLabel, CaseNote, CaseReminder

LONGEST, LONGEST_WORKING = 5000, 1000
LONGEST_TYPED = 20_000
EVER = datetime(1970, 1, 1, tzinfo=UTC)
WORKING = "draft"  # the one working note of a case, whoever works on it
About = tuple[str, str]  # what the journal calls the kind, and the id


def add_note(about: About, kind: str, text: str, staff_id: str | None) -> CaseNote:
    """`staff_id` is None for what the house itself notes."""
    note = CaseNote(about_kind=about[0], case_id=about[1], kind=kind)
    _write(note, text, staff_id)
    db.session.add(note)
    db.session.flush()
    return note


def save_working_note(about: About, text: str, staff_id: str) -> None:
    """Empty text empties it."""
    note = working_note(about)
    if note is None:
        if text:
            add_note(about, WORKING, text, staff_id)
        return
    if read_note(note) != text:
        _write(note, text, staff_id)


@once_a_page
def working_note(about: About) -> CaseNote | None:
    return latest(about, WORKING)


LATEST = select(CaseNote).where(
    CaseNote.about_kind == bindparam("about"), CaseNote.case_id == bindparam("case"),
    CaseNote.kind == bindparam("kind"), CaseNote.at > bindparam("since"),
).order_by(CaseNote.id.desc()).limit(1)


def latest(about: About, kind: str, age: timedelta | None = None) -> CaseNote | None:
    """The newest of a kind, when it is younger than `age`."""
    since = clock.now() - age if age is not None else EVER
    return db.session.scalar(LATEST, {"about": about[0], "case": about[1], "kind": kind, "since": since})


NOTES = select(CaseNote).where(
    CaseNote.about_kind == bindparam("about"), CaseNote.case_id == bindparam("case"),
    CaseNote.kind == bindparam("kind"),
).order_by(CaseNote.id)


def notes_of(about: About, kind: str) -> list[CaseNote]:
    """All of a kind, the oldest first."""
    return list(db.session.scalars(NOTES, {"about": about[0], "case": about[1], "kind": kind}))


def read_note(note: CaseNote) -> str:
    return sealer().open(note.text_sealed, place_of_note(note)).decode()


def keep_draft(about: About, form: str, typed: Mapping[str, list[str]], staff_id: str) -> None:
    """What is typed into a form now, every field with its values; all of it empty forgets it."""
    key = (*about, form, staff_id)
    values = {name: kept for name, given in typed.items() if (kept := [one for one in given if one.strip()])}
    words = json.dumps(values).encode()
    if not values or len(words) > LONGEST_TYPED:
        drop_draft(about, form, staff_id)
        return
    kept = {"typed_sealed": sealer().seal(words, _draft_context(key)), "at": clock.now()}
    names = {"about_kind": about[0], "case_id": about[1], "form": form, "staff_id": staff_id}
    if not insert_once(CaseDraft, **names, **kept):  # another tab of the same person may write at this moment
        db.session.execute(update(CaseDraft).filter_by(**names).values(**kept))


DRAFTS = select(CaseDraft).where(
    CaseDraft.about_kind == bindparam("about"), CaseDraft.case_id == bindparam("case"),
    CaseDraft.staff_id == bindparam("me"), CaseDraft.form.in_(bindparam("forms", expanding=True)),
)


def draft_of(about: About, form: str, staff_id: str) -> dict[str, list[str]]:
    """What this person typed before, {} for nothing."""
    return drafts_of(about, (form,), staff_id).get(form, {})


def drafts_of(about: About, forms: Collection[str], staff_id: str) -> dict[str, dict[str, list[str]]]:
    """The same of several forms, by form."""
    asked = {"about": about[0], "case": about[1], "me": staff_id, "forms": list(forms)}
    return {
        row.form: json.loads(sealer().open(row.typed_sealed, _draft_context((*about, row.form, staff_id))))
        for row in db.session.scalars(DRAFTS, asked)
    }


def drop_draft(about: About, form: str, staff_id: str) -> None:
    db.session.execute(delete(CaseDraft).where(
        CaseDraft.about_kind == about[0], CaseDraft.case_id == about[1], CaseDraft.form == form,
        CaseDraft.staff_id == staff_id,
    ))


def forget_words(about: About) -> None:
    """Notes, drafts and labels go with the case, when it is erased."""
    for model in (CaseNote, CaseDraft, CaseAct, CaseLabel, CaseReminder):
        db.session.execute(delete(model).where(model.about_kind == about[0], model.case_id == about[1]))


def place_of_note(note: CaseNote | Row) -> str:
    """What its words are bound to: this note of this person at this moment. Older ones are bound to their case and
    kind only, and those that were messages of a complaint to that message."""
    place = f"case_note:{note.case_id}:{note.kind}"
    if note.sealed_as == CaseNote.BY_ROW:
        return f"{place}:{note.staff_id or ''}:{note.at.astimezone(UTC).isoformat()}"
    return note.sealed_as or place


def _write(note: CaseNote, text: str, staff_id: str | None) -> None:
    """Words, author and moment change together: they are bound to each other."""
    note.staff_id, note.at, note.sealed_as = staff_id, clock.now(), CaseNote.BY_ROW
    note.text_sealed = sealer().seal(text[:LONGEST].encode(), place_of_note(note))


def _draft_context(key: tuple[str, str, str, str]) -> str:
    return f"case_draft:{':'.join(key)}"

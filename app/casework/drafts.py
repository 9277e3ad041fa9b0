"""What somebody types into a form of the office is kept on the server until it is sent: across tabs, errors, links and
claims that lapse. A form says whose words it holds in a hidden field `draft`: about, case and form, as in
`application:7f3a...:kembalikan`; static/js/drafts.js keeps and restores, `attempt` keeps before an act and drops after
it. Sealed like notes, never in the journal."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from app.base import clock
from app.base.database import db, transaction
from app.base.problems import NotFound
from app.casework import notes
from app.casework.desk import Staff
from app.casework.models import CaseDraft

FIELD, SEPARATOR, LONGEST_FORM = "draft", ":", 20
# what a page carries along by itself, and nobody typed
CARRIED = ("csrf_token", "version", "claim_token", "active", "confirm", "other", "to", "act", "message", FIELD)
KEPT_FOR = timedelta(days=14)
# about -> who may see it: find(case_id, staff) raises NotFound. Told by the wiring
FOUND_BY: dict[str, Callable[[str, Staff], Any]] = {}


def keep(draft: str, typed: Iterable[tuple[str, list[str]]], staff: Staff) -> None:
    """Raises NotFound for a case this person must not see."""
    about, form = _read(draft, staff)
    values = {name: given for name, given in typed if name not in CARRIED}
    with transaction():
        notes.keep_draft(about, form, values, staff.id)
        db.session.execute(delete(CaseDraft).where(CaseDraft.at < clock.now() - KEPT_FOR))


def kept(draft: str, staff: Staff) -> dict[str, list[str]]:
    """Field -> values, {} for nothing. Raises NotFound."""
    about, form = _read(draft, staff)
    return notes.draft_of(about, form, staff.id)


def drop(draft: str, staff: Staff) -> None:
    """It was sent. Whoever may not see the case any more drops it all the same."""
    about, case_id, form = _parts(draft)
    with transaction():
        notes.drop_draft((about, case_id), form, staff.id)


def _read(draft: str, staff: Staff) -> tuple[notes.About, str]:
    about, case_id, form = _parts(draft)
    if about not in FOUND_BY:
        raise NotFound()
    FOUND_BY[about](case_id, staff)
    return (about, case_id), form


def _parts(draft: str) -> tuple[str, str, str]:
    parts = draft.split(SEPARATOR)
    if len(parts) != 3 or not all(parts) or len(parts[2]) > LONGEST_FORM or len(parts[1]) > 32 or len(parts[0]) > 20:
        raise NotFound()
    return parts[0], parts[1], parts[2]

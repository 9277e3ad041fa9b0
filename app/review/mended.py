"""What a resident changed after a return: old beside new, field by field and photo by photo."""

from dataclasses import dataclass

from sqlalchemy import select

from app.base.database import db
from app.registration.links import MendedItem
from app.registration.mend_plan import returned_photo
from app.registration.mending import value_before
from app.registration.models import Application, Photo, StatusChange
from app.registration.personal import open_personal
from app.registration.photo_kinds import KINDS
from app.registration.reasons import ITEMS
from app.registration.transitions import changes_of


@dataclass(frozen=True)
class Mended:
    """`before` and `now` are texts of a field; for a photo both are "" and `kind` names it."""

    label: str
    before: str = ""
    now: str = ""
    kind: str = ""


def mended_items(application: Application) -> tuple[Mended, ...]:
    """What was mended since the last return, in the order of the form. A NIK shows no more than that
    it changed: it is compared with the card."""
    change = _last_return(application.id)
    if change is None:
        return ()
    rows = {row.item: row for row in db.session.scalars(select(MendedItem).where(MendedItem.change_id == change.id))}
    person = vars(open_personal(application))
    return tuple(_mended(rows[key], label, person) for key, label in ITEMS.items() if key in rows)


def photo_before(application: Application, kind: str) -> Photo | None:
    """The photo that was returned, once another has taken its place."""
    change = _last_return(application.id)
    return returned_photo(application.id, kind, change) if change is not None else None


def _mended(row: MendedItem, label: str, person: dict[str, str]) -> Mended:
    if row.item in KINDS:
        return Mended(label, kind=row.item)
    if row.item == "nik":
        return Mended(label, "NIK lama", "NIK baru")
    return Mended(label, value_before(row), person[row.item])


def _last_return(application_id: str) -> StatusChange | None:
    return next((change for change in reversed(changes_of(application_id)) if change.act == "return"), None)

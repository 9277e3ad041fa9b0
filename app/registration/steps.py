"""The citizen's way through the form.

Progress is never stored: it is worked out from what is saved. A step may be opened when every step
before it is complete. How many forms reach a step is counted.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, String, bindparam, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, db
from app.registration.models import Application
from app.registration.photo_kinds import PHOTOS, PhotoKind


@dataclass(frozen=True)
class Step:
    """`slug` is the last part of the step's address; `kind` names the photo of a photo step."""

    slug: str
    title: str
    is_complete: Callable[[Application], bool]
    kind: str | None = None


def _has_data(application: Application) -> bool:
    return application.personal_sealed is not None and application.password_hash is not None


def _photo_step(photo: PhotoKind) -> Step:
    return Step(photo.slug, photo.label, lambda application: application.photo(photo.kind) is not None, photo.kind)


DATA = Step("data", "Isi data Anda", _has_data)
CHECK = Step("periksa", "Periksa kembali data Anda", lambda application: False)

STEPS = (DATA, *map(_photo_step, PHOTOS), CHECK)
PHOTO_STEPS = {step.slug: step for step in STEPS if step.kind}


def first_unfinished(application: Application) -> Step:
    return next(step for step in STEPS if not step.is_complete(application))


def may_visit(step: Step, application: Application) -> bool:
    return STEPS.index(step) <= STEPS.index(first_unfinished(application))


def seen_mark(application: Application) -> str:
    """What the summary showed, in a few letters: another one when data or a photo were changed since."""
    shown = [application.version, *(photo.id for photo in application.photos)]
    return f"{zlib.crc32(repr(shown).encode()) % 0x10000:x}"


def position(step: Step) -> int:
    """1-based, for 'Langkah 2 dari 5'."""
    return STEPS.index(step) + 1


def step_before(step: Step) -> Step | None:
    index = STEPS.index(step)
    return STEPS[index - 1] if index else None


BEGUN, DATA_DONE, SENT = "begun", "data", "sent"
# step -> how it is called on the pages of the office, in the order of the form
COUNTED: dict[str, str] = {
    BEGUN: "Mulai", DATA_DONE: "Data diri selesai", **{photo.kind: photo.label for photo in PHOTOS}, SENT: "Dikirim",
}


class StepCount(Base):
    """How many forms reached each step, by day: a number and no more, so that where people give up is known and who did
    is not. A step counts once for each form, when it is first finished."""

    __tablename__ = "step_count"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    step: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


ONE_MORE = text("""
    INSERT INTO step_count (day, step, number) VALUES (:day, :step, 1)
    ON CONFLICT (day, step) DO UPDATE SET number = step_count.number + 1
""").bindparams(bindparam("day", type_=Date))


def count_step(step: str) -> None:
    """Inside the caller's transaction."""
    db.session.execute(ONE_MORE, {"day": clock.today(), "step": step})


def reached(first: date, last: date) -> list[tuple[str, int]]:
    """(step in words, forms) in the order of the form, both days inside."""
    query = select(StepCount.step, func.sum(StepCount.number)).where(StepCount.day.between(first, last))
    found = dict(db.session.execute(query.group_by(StepCount.step)).all())
    return [(words, int(found.get(step, 0))) for step, words in COUNTED.items()]

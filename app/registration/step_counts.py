"""How many forms reached each step, by day: a number and no more, so that where people give up is known and who did is
not. A step counts once for each form, when it is first finished."""

from datetime import date

from sqlalchemy import Date, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import INSERTS, Base, db
from app.registration.photo_kinds import PHOTOS

BEGUN, DATA, SENT = "begun", "data", "sent"
# step -> how it is called on the pages of the office, in the order of the form
STEPS: dict[str, str] = {
    BEGUN: "Mulai", DATA: "Data diri selesai", **{photo.kind: photo.label for photo in PHOTOS}, SENT: "Dikirim",
}


class StepCount(Base):
    __tablename__ = "step_count"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    step: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


def count_step(step: str) -> None:
    """Inside the caller's transaction."""
    insert = INSERTS[db.engine.dialect.name](StepCount).values(day=clock.today(), step=step, number=1)
    one_more = insert.on_conflict_do_update(index_elements=("day", "step"), set_={"number": StepCount.number + 1})
    db.session.execute(one_more)


def reached(first: date, last: date) -> list[tuple[str, int]]:
    """(step in words, forms) in the order of the form, both days inside."""
    query = select(StepCount.step, func.sum(StepCount.number)).where(StepCount.day.between(first, last))
    found = dict(db.session.execute(query.group_by(StepCount.step)).all())
    return [(words, int(found.get(step, 0))) for step, words in STEPS.items()]

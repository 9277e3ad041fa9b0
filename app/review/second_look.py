"""*Minta orang kedua*: who is not sure hands the case to somebody else, who answers for himself.

Whoever asked gives no further act on this sending: a doubt is not answered by the one who had it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, once_a_page
from app.base.problems import FormRejected
from app.casework import claims, notes
from app.casework.acting import acting
from app.casework.desk import Seen
from app.registration.models import Application
from app.review import evidence as case_evidence
from app.review import rights
from app.review.checklist import is_in_doubt
from app.review.desk import DESK, colleagues
from app.review.evidence import Evidence
from app.review.models import SECOND_ASKED, SecondLook
from app.review.service import close_second_look, keep_answers

NO_DOUBT = "Jawab \"Tidak pasti\" pada hal yang perlu dilihat orang kedua."
NOBODY_ELSE = "Tidak ada petugas lain yang dapat melanjutkan berkas ini. Kembalikan, atau hubungi pengawas."


def ask(seen: Seen, given: Evidence, to_id: str, what: str) -> None:
    """Give the case to `to_id`, or to anybody else (""). Raises FormRejected when nothing is in doubt, when
    nobody else may go on, or the person chosen may not."""
    keep_answers(seen, given)
    with acting(DESK, seen) as application:
        look = case_evidence.look_of(application, seen.staff.id)
        if not is_in_doubt(look, case_evidence.circumstances(application, seen.staff)):
            raise FormRejected({"second": [NO_DOUBT]})
        able = [one for one in candidates(application, seen.staff.id) if rights.works_on(application, one)]
        if not able:
            raise FormRejected({"second": [NOBODY_ELSE]})
        if to_id and to_id not in {one.id for one in able}:
            raise FormRejected({"second": ["Petugas itu tidak dapat melanjutkan berkas ini. Pilih yang lain."]})
        _write(application, seen, to_id, what)


@once_a_page
def open_request(application_id: str) -> SecondLook | None:
    return db.session.scalar(
        select(SecondLook).where(SecondLook.application_id == application_id, SecondLook.closed_at.is_(None))
    )


def candidates(application: Application, asker_id: str) -> Sequence[Staff]:
    """Colleagues whose role has something to do with the case now, but not who declared it complete."""
    others = [one for one in colleagues() if one.id != asker_id]
    return [one for one in others if application.status in rights.work_open_to(one)
            and not (rights.needs_other_person(application) and one.id == application.declared_complete_by)]


@dataclass(frozen=True)
class Request:
    """An open one as the page shows it; `asked_of` is "" for anybody."""

    asked_by: str
    asked_of: str
    at: datetime
    what: str


def request_of(application_id: str) -> Request | None:
    row = open_request(application_id)
    if row is None:
        return None
    note = notes.latest(("application", application_id), SECOND_ASKED)
    is_its_own = note is not None and note.at >= row.at
    of = db.session.get_one(Staff, row.asked_of).name if row.asked_of else ""
    what = notes.read_note(note) if is_its_own else ""
    return Request(db.session.get_one(Staff, row.asked_by).name, of, row.at, what)


def _write(application: Application, seen: Seen, to_id: str, what: str) -> None:
    close_second_look(application)
    db.session.add(SecondLook(
        application_id=application.id, change_id=case_evidence.sending_id(application), asked_by=seen.staff.id,
        asked_of=to_id or None, at=clock.now(),
    ))
    note = notes.add_note(("application", application.id), SECOND_ASKED, what, seen.staff.id) if what else None
    claims.let_go(DESK, application)
    journal.record(
        "second_asked", actor=seen.actor, about=("application", application.id),
        detail={"of": to_id, "note": note.id if note else 0},
    )

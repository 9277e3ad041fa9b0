"""What stands in single rows beside a case, asked in one statement instead of nine, and its moves with the evidence on
them in a second; whoever asks for one of them on the same page has it then (database.once_a_page)."""

from typing import Any

from sqlalchemy import String, and_, bindparam, func, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, lazyload

from app.base import clock
from app.base.database import UtcDateTime, db
from app.casework import notes, undo
from app.casework.kept import ME
from app.casework.models import CaseAct, CaseNote
from app.city import office_calendar
from app.messages import proving
from app.messages.models import NumberProof
from app.registration.models import Application, StatusChange
from app.registration.transitions import changes_of
from app.review import evidence, rechecks, rights, second_look
from app.review.desk import everybody
from app.review.models import CaseEvidence, SecondLook, SiakRecheck, StaffKin

CASE = bindparam("case", type_=String(32))
ABOUT = "application"


def _newest(model: Any, *conditions: Any) -> tuple[Any, Any]:
    """(an alias, the condition that joins the newest such row of the case)."""
    row, same = aliased(model), (model.about_kind == ABOUT, model.case_id == CASE, *conditions)
    return row, row.id == select(func.max(model.id)).where(*same).scalar_subquery()


def _of_case(about_kind: InstrumentedAttribute, about_id: InstrumentedAttribute) -> Any:
    return and_(about_kind == ABOUT, about_id == CASE)


NOTE, IS_NOTE = _newest(CaseNote, CaseNote.kind == notes.WORKING)
ACT, IS_ACT = _newest(
    CaseAct, CaseAct.undone_at.is_(None),
    CaseAct.at > bindparam("minute", callable_=lambda: clock.now() - undo.MINUTE, type_=UtcDateTime),
)
OPEN_LOOK = aliased(SecondLook)  # whether this person asked for one looks at the table as well
SINGLE = (
    select(
        Application, StaffKin, NumberProof, NOTE, ACT, OPEN_LOOK, SiakRecheck,
        rights.IS_OPEN_TODAY, rights.ASKED_SECOND, office_calendar.REVISION,
    )
    .select_from(Application).outerjoin(StaffKin, StaffKin.staff_id == ME)
    .outerjoin(NumberProof, _of_case(NumberProof.about_kind, NumberProof.about_id))
    .outerjoin(NOTE, IS_NOTE).outerjoin(ACT, IS_ACT)
    .outerjoin(OPEN_LOOK, and_(OPEN_LOOK.application_id == CASE, OPEN_LOOK.closed_at.is_(None)))
    .outerjoin(SiakRecheck, SiakRecheck.application_id == CASE)
    .where(Application.id == CASE)
)
MOVES = (
    select(StatusChange, CaseEvidence).outerjoin(CaseEvidence, CaseEvidence.change_id == StatusChange.id)
    .where(StatusChange.application_id == CASE).options(lazyload(StatusChange.reasons))
    .order_by(StatusChange.id, CaseEvidence.at, CaseEvidence.staff_id)
)


def read_beside(application: Application, staff: Any) -> None:
    """Brings the case up to date too, whose columns a commit before forgot."""
    application_id = inspect(application).identity[0]
    asked = {"case": application_id, "me": staff.id}
    (_, kin, proof, note, act, second, recheck, alone, asked_second, revision) = db.session.execute(
        SINGLE, asked
    ).one()
    about = (ABOUT, application_id)
    rights.kin_of.found(kin, staff.id)
    rights.asked_for_second.found(bool(asked_second), application_id, staff.id)
    rights.is_one_person_day.found(alone, clock.today())
    proving.proof_of.found(proof, about)
    notes.working_note.found(note, about)
    undo.pending.found(act, about)
    second_look.open_request.found(second, application_id)
    rechecks.row_of.found(recheck, application_id)
    office_calendar.revision.found(revision or 0)
    _read_moves(application, asked)
    everybody()


def _read_moves(application: Application, asked: dict) -> None:
    moves: dict[int, StatusChange] = {}
    found: dict[int, list[CaseEvidence]] = {}
    for move, answered in db.session.execute(MOVES, asked):
        moves[move.id] = move
        if answered is not None:
            found.setdefault(move.id, []).append(answered)
    changes_of.found(list(moves.values()), application.id)
    evidence.rows_of.found(found.get(evidence.sending_id(application), []), application)

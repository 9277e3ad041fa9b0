"""Reminding a colleague of cases that are theirs: it stands in their news at once, until they act or days pass."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import NotAllowed
from app.casework import claims
from app.casework.bulk import BulkAct, Typed
from app.casework.bulk_acts import OVER
from app.casework.desk import Desk, Staff
from app.casework.models import CaseReminder
from app.casework.moving import Case

STANDS_FOR, NOT_AGAIN_FOR = timedelta(days=3), timedelta(hours=8)
MOST = 20


def remind(desk: Desk, by: str) -> BulkAct:
    """Whose each case is, or who works on it now."""
    def bar(case: Case, staff: Staff) -> str:
        to = _owner(case)
        if case.status not in desk.claimable:
            return OVER
        if not to:
            return "Belum ada yang memegang: serahkan dulu."
        if to == staff.id:
            return "Anda sendiri yang memegang."
        return "Baru saja diingatkan." if _is_recent(desk.kind.about, case.id, to) else ""

    def do(case_id: str, version: int, staff: Staff, typed: Typed) -> dict:
        with transaction() as session:
            case = desk.find(case_id, staff)
            if reason := bar(case, staff):
                raise NotAllowed(reason)
            row = CaseReminder(
                about_kind=desk.kind.about, case_id=case_id, to_id=_owner(case), by_id=staff.id, at=clock.now(),
                version=case.version,
            )
            session.add(row)
            session.flush()
            journal.record(
                "case_reminded", actor=journal.Actor("staff", staff.id), about=(desk.kind.about, case_id),
                detail={"to": row.to_id},
            )
            return {"to": row.to_id, "reminder": row.id}

    def undo(case_id: str, before: dict, staff: Staff) -> None:
        with transaction() as session:
            session.execute(delete(CaseReminder).where(CaseReminder.id == before["reminder"]))

    return BulkAct("ingatkan", "Ingatkan petugasnya", by, (), bar, do, undo)


def of(desk_about: str, model: type, staff: Staff) -> list[tuple[str, str, str]]:
    """(id of the reminder, id, number) of the cases this person was reminded of and has not acted on, newest first."""
    query = select(CaseReminder.id, model.id, model.number).join(model, model.id == CaseReminder.case_id).where(
        CaseReminder.about_kind == desk_about, CaseReminder.to_id == staff.id,
        CaseReminder.at > clock.now() - STANDS_FOR, CaseReminder.version == model.version,
    )
    rows = db.session.execute(query.order_by(CaseReminder.id.desc()).limit(MOST))
    return [(f"ingat-{row[0]}", row[1], row[2]) for row in rows]


def forget_old() -> int:
    """A worker's job; returns how many."""
    with transaction() as session:
        return session.execute(delete(CaseReminder).where(CaseReminder.at < clock.now() - STANDS_FOR)).rowcount


def _owner(case: Case) -> str:
    return case.assigned_to or claims.holder_id(case) or ""


def _is_recent(about: str, case_id: str, to: str) -> bool:
    query = select(func.count()).where(
        CaseReminder.about_kind == about, CaseReminder.case_id == case_id, CaseReminder.to_id == to,
        CaseReminder.at > clock.now() - NOT_AGAIN_FOR,
    )
    return bool(db.session.scalar(query))

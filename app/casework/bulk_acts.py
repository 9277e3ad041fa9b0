"""Giving many cases away, as every desk offers it: to one colleague, or shared among those who are there."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, func, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import NotAllowed, StaleDecision
from app.casework import claims
from app.casework.bulk import BulkAct, Typed
from app.casework.desk import Desk, Staff
from app.casework.models import CaseReminder
from app.casework.moving import Case, locked, write_beside
from app.web.access import holds

OVER = "Tidak ada yang dikerjakan lagi."


def hand_out(desk: Desk, by: str, leads: str) -> BulkAct:
    """Give cases that nobody holds, or oneself, to a colleague; who holds `leads` those of others too."""
    def bar(case: Case, staff: Staff) -> str:
        holder = claims.holder_of(case)
        if case.status not in desk.claimable:
            return OVER
        if holder and holder.id != staff.id:
            return f"Sedang dipegang {holder.name}."
        if case.assigned_to not in (None, staff.id) and not holds(staff, leads):
            return f"Sudah untuk {claims.name_of(case.assigned_to)}."
        return ""

    def do(case_id: str, version: int, staff: Staff, typed: Typed) -> dict:
        with transaction():
            case = _still(desk, case_id, version, staff)
            if reason := bar(case, staff):
                raise NotAllowed(reason)
            if not desk.receives(case, typed["to"]):
                raise NotAllowed("Tidak dapat diserahkan kepada petugas itu.")
            before = {"assigned_to": case.assigned_to}
            claims.let_go(desk, case)
            write_beside(desk.model, desk.model.id == case_id, assigned_to=typed["to"])
            desk.note_hands(case, "hand_over", journal.Actor("staff", staff.id), {"to": typed["to"]})
        return before | {"to": typed["to"]}

    return BulkAct("serahkan", "Serahkan", by, ("to",), bar, do, _give_back(desk))


def take_over(desk: Desk, by: str) -> BulkAct:
    """From whoever holds them, with a reason that stays; to a colleague."""
    def do(case_id: str, version: int, staff: Staff, typed: Typed) -> dict:
        return _taken(desk, case_id, typed["to"], typed["reason"], staff)

    return BulkAct("ambil-alih", "Ambil alih", by, ("to", "reason"), _is_over(desk), do, _give_back(desk))


def share_out(desk: Desk, by: str, load: Callable[[], Counter]) -> BulkAct:
    """From whoever holds them to the chosen people, each case to the least burdened of those who may work on it.
    `load()` is how many each has in hand."""
    def do(case_id: str, version: int, staff: Staff, typed: Typed) -> dict:
        case, now = desk.find(case_id, staff), load()
        able = [one for one in typed["people"].split() if desk.receives(case, one)]
        if not able:
            raise NotAllowed("Tidak ada petugas terpilih yang boleh mengerjakannya.")
        to = min(able, key=lambda one: (now[one], claims.name_of(one)))
        return _taken(desk, case_id, to, typed["reason"], staff)

    return BulkAct("bagikan", "Bagikan", by, ("people", "reason"), _is_over(desk), do, _give_back(desk))


def _is_over(desk: Desk) -> Callable[[Case, Staff], str]:
    return lambda case, staff: "" if case.status in desk.claimable else OVER


def _taken(desk: Desk, case_id: str, to: str, reason: str, staff: Staff) -> dict:
    before = {"assigned_to": desk.find(case_id, staff).assigned_to, "to": to}
    claims.take_over(desk, case_id, reason, to, staff)
    return before


def _give_back(desk: Desk) -> Callable[[str, dict, Staff], None]:
    def undo(case_id: str, before: dict, staff: Staff) -> None:
        with transaction():
            case = locked(desk.model, case_id)
            if case.assigned_to != before["to"]:
                raise StaleDecision("Sudah berpindah lagi.")
            claims.let_go(desk, case)
            write_beside(desk.model, desk.model.id == case_id, assigned_to=before["assigned_to"])
            detail = {"to": before["assigned_to"] or ""}
            desk.note_hands(case, "hand_over", journal.Actor("staff", staff.id), detail)

    return undo


def _still(desk: Desk, case_id: str, version: int, staff: Staff) -> Case:
    case = locked(desk.model, case_id)
    desk.find(case_id, staff)
    if case.version != version:
        raise StaleDecision("Sudah berubah sejak daftarnya dibuka.")
    return case


# Reminding a colleague of cases that are theirs: it stands in their news at once, until they act or days pass.

STANDS_FOR, NOT_AGAIN_FOR = timedelta(days=3), timedelta(hours=8)
MOST_REMINDED = 20


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


def reminders_of(desk_about: str, model: type, staff: Staff) -> list[tuple[str, str, str]]:
    """(id of the reminder, id, number) of the cases this person was reminded of and has not acted on, newest first."""
    query = select(CaseReminder.id, model.id, model.number).join(model, model.id == CaseReminder.case_id).where(
        CaseReminder.about_kind == desk_about, CaseReminder.to_id == staff.id,
        CaseReminder.at > clock.now() - STANDS_FOR, CaseReminder.version == model.version,
    )
    rows = db.session.execute(query.order_by(CaseReminder.id.desc()).limit(MOST_REMINDED))
    return [(f"ingat-{row[0]}", row[1], row[2]) for row in rows]


def forget_old_reminders() -> int:
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

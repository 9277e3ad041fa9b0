"""Who works on a case now: an exclusive claim that lets go by itself.

A claim is decided by one conditional UPDATE. It lasts ten minutes from the last sign of a person at work; the
open page asks and says whether somebody was (an open page alone holds nothing). The token goes with every act,
so that whoever lost the claim meanwhile changes nothing. A claim makes no new version of the case. Being handed
a case is more: it is one's own from then on (`assigned_to`), whoever works on it in between.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, or_, select
from sqlalchemy import case as either
from sqlalchemy.sql.dml import ReturningUpdate

from app.base import clock, journal
from app.base.database import UtcDateTime, db, insert_once, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotAllowed, StaleDecision
from app.base.written import Written
from app.casework import notes
from app.casework.desk import ACTING, Desk, Seen
from app.casework.kept import ME, NOW, kept, written
from app.casework.lists import staff_names
from app.casework.models import STAFF, CasePresence
from app.casework.moving import Case, locked, write_beside, writing_beside
from app.casework.notes import About

LIFE = timedelta(minutes=10)
TAKEN_OVER = "taken_over"
NOBODY = {"claimed_by": None, "claim_token": None, "claim_until": None}


class ClaimLost(StaleDecision):
    """Somebody else works on it, or nobody does."""


@dataclass(frozen=True)
class Holder:
    """Who holds a case, and until when unless they go on working."""

    id: str
    name: str
    until: datetime


def name_of(staff_id: str | None) -> str:
    return staff_names().get(staff_id, "") if staff_id else ""


def load_of(model: Any, is_open: Callable[[], Any]) -> Counter:
    """Id of a person -> how many open cases are in their hands: of who works on it now, else of whose it is."""
    now = clock.now()
    rows = db.session.execute(written(_in_hands, model, is_open), {"now": now})
    return Counter(row.claimed_by if row.claimed_by and row.claim_until > now else row.assigned_to for row in rows)


def _in_hands(model: Any, is_open: Callable[[], Any]) -> Select:
    return select(model.claimed_by, model.claim_until, model.assigned_to).where(
        # the first half by itself, so that only what is in hands is looked through (ix_application_held)
        is_open(), or_(model.assigned_to.is_not(None), model.claimed_by.is_not(None)),
        or_(model.assigned_to.is_not(None), model.claim_until > NOW),
    )


def holder_id(case: Case) -> str | None:
    """Whose claim lasts; takes a row of a list too."""
    if case.claimed_by is None or case.claim_until <= clock.now():
        return None
    return case.claimed_by


def holder_of(case: Case) -> Holder | None:
    """None when it is free, or the claim has lapsed."""
    held_by = holder_id(case)
    return Holder(held_by, name_of(held_by), case.claim_until) if held_by else None


def held_or_owned(model: Any) -> Any:
    """Column of a list: who works on it now, else whose it is; a claim that has lapsed is nobody's."""
    return either((model.claim_until > NOW, model.claimed_by), else_=model.assigned_to)


def take(desk: Desk, case_id: str, staff_id: str) -> str | None:
    """Claim the case inside the caller's transaction; the token, or None when somebody else has it.

    Who holds it already keeps the token, so that a second tab does not cut off the first.
    """
    now = clock.now()
    given = {"case": case_id, "me": staff_id, "now": now, "until": now + LIFE, "token": new_id()}
    return db.session.scalar(kept(_taking, desk.model, tuple(desk.claimable)), given)


def _taking(model: Any, claimable: tuple[str, ...]) -> ReturningUpdate:
    mine = (model.claimed_by == ME) & (model.claim_until > NOW)
    free = or_(model.claimed_by.is_(None), model.claim_until <= NOW, mine)
    return writing_beside(
        model.claim_token, model.id == bindparam("case"), model.status.in_(claimable), free,
        claim_token=either((mine, model.claim_token), else_=bindparam("token")), claimed_by=ME,
        claim_until=bindparam("until", type_=UtcDateTime),
        taken_up_at=either((model.taken_up_at.is_(None), NOW), else_=model.taken_up_at),
    )


def free_for(model: Any, staff_id: str, now: datetime) -> Any:
    """Condition of a list: nobody else's, and nobody else works on it now."""
    return and_(
        or_(model.claimed_by.is_(None), model.claim_until <= now, model.claimed_by == staff_id),
        or_(model.assigned_to.is_(None), model.assigned_to == staff_id),
    )


def take_next_of(
    desk: Desk, ids: Sequence[str], staff: Any, may_take: Callable[[Case, Any], bool] = lambda case, staff: True,
) -> str | None:
    """Claim the first of a list that this person may take; its id, or None. Somebody else may be quicker at the
    first ones, so the next ones are tried. What one holds already comes last, or not at all where opening holds it."""
    held = []
    with transaction():
        for case_id in ids:
            case = db.session.get(desk.model, case_id)
            if not may_take(case, staff):
                continue
            if holder_id(case) == staff.id:
                held += [case_id] if desk.claim_on == ACTING else []
            elif take(desk, case_id, staff.id):
                return case_id
        return next((case_id for case_id in held if take(desk, case_id, staff.id)), None)


def check(desk: Desk, case: Case, token: str, staff: Any) -> None:
    """Raises ClaimLost. A lapsed claim still counts as long as nobody else took the case: nothing is lost by a
    pause. Where acting claims, a page that held nothing takes it now."""
    if token:
        if (case.claim_token, case.claimed_by) != (token, staff.id):
            raise ClaimLost(_lost(desk, case))
    elif desk.claim_on != ACTING or take(desk, case.id, staff.id) is None:
        raise ClaimLost(_lost(desk, case))


def claim(desk: Desk, case_id: str, staff: Any) -> None:
    """By a button, for who wants to hold it before acting. Raises ClaimLost."""
    with transaction():
        case = desk.find(case_id, staff)
        if take(desk, case_id, staff.id) is None:
            raise ClaimLost(_lost(desk, case))


def beat(desk: Desk, case_id: str, token: str, is_active: bool) -> bool:
    """Hold on to the claim while somebody works. Whether it is held now.

    Who comes back after a pause goes on, unless somebody else took the case meanwhile.
    """
    model, now = desk.model, clock.now()
    mine = (model.id == case_id, model.claim_token == token)
    if not is_active:
        return db.session.scalar(select(model.id).where(*mine, model.claim_until > now)) is not None
    with transaction():
        return write_beside(model, *mine, claim_until=now + LIFE)


def release(desk: Desk, case_id: str, token: str) -> None:
    """Let go, so that somebody else may take it. Without the claim nothing happens."""
    with transaction():
        drop(desk, case_id, desk.model.claim_token == token)


def drop(desk: Desk, case_id: str, *conditions) -> None:
    """End the claim inside the caller's transaction."""
    write_beside(desk.model, desk.model.id == case_id, *conditions, **NOBODY)


def let_go(desk: Desk, case: Case) -> None:
    """Inside the caller's transaction, when a case goes on to others: neither held nor anybody's own."""
    write_beside(desk.model, desk.model.id == case.id, **NOBODY, assigned_to=None)


def take_over(desk: Desk, case_id: str, reason: str, to_id: str, staff: Any) -> None:
    """Take the case from whoever holds it and give it to `to_id`, or to nobody (""). Who may is the route's to
    say. Draft note and answers stay with the case. Raises FormRejected without a reason, NotAllowed when the
    case is no work for that person."""
    if not reason.strip():
        raise FormRejected({"reason": ["Tulis alasan mengambil alih."]})
    with transaction():
        case = locked(desk.model, case_id)
        desk.find(case_id, staff)
        before = case.claimed_by or ""
        let_go(desk, case)
        if to_id:
            _give(desk, case, to_id)
        note = notes.add_note((desk.kind.about, case_id), TAKEN_OVER, reason.strip(), staff.id)
        detail = {"from": before, "to": to_id, "note": note.id}
        desk.note_hands(case, "take_over", journal.Actor("staff", staff.id), detail)


def hand_over(desk: Desk, seen: Seen, to_id: str) -> None:
    """Give the case one holds to a colleague. Raises ClaimLost when it is not held any more, NotAllowed when
    the case is no work for that person."""
    with transaction():
        case = locked(desk.model, seen.case_id)
        desk.find(seen.case_id, seen.staff)
        if not seen.token or (case.claim_token, case.claimed_by) != (seen.token, seen.staff.id):
            raise ClaimLost(f"{desk.noun} tidak sedang Anda pegang.")
        let_go(desk, case)
        _give(desk, case, to_id)
        desk.note_hands(case, "hand_over", seen.actor, {"to": to_id})


def taken_over(desk: Desk, case_id: str) -> tuple[str, str] | None:
    """(by whom, why), while whoever lost the claim may not know yet."""
    note = notes.latest((desk.kind.about, case_id), TAKEN_OVER, LIFE)
    return (name_of(note.staff_id), notes.read_note(note)) if note is not None else None


def _give(desk: Desk, case: Case, to_id: str) -> None:
    if not desk.receives(case, to_id):
        raise NotAllowed(f"{desk.noun} tidak dapat diserahkan kepada petugas itu.")
    write_beside(desk.model, desk.model.id == case.id, assigned_to=to_id)
    take(desk, case.id, to_id)


def _lost(desk: Desk, case: Case) -> str:
    holder = holder_of(case)
    if holder is not None:
        return f"{desk.noun} sedang ditangani petugas lain. Tidak ada yang disimpan."
    return f"{desk.noun} tidak sedang Anda pegang. Tidak ada yang disimpan."


# Who else has a case open, and who of them is writing. It only tells: the claim decides.

WRITING = timedelta(seconds=20)
FORGET = timedelta(hours=1)


def be_present(about: About, staff: Any, is_writing: bool) -> None:
    """A sign of life from an open page."""
    now = clock.now()
    key = {"about_kind": about[0], "case_id": about[1], "staff_id": staff.id}
    with transaction() as session:
        insert_once(CasePresence, **key, seen_at=now)
        row = session.get(CasePresence, tuple(key.values()))
        row.seen_at = now
        row.writing_at = now if is_writing else row.writing_at
        session.execute(delete(CasePresence).where(CasePresence.seen_at < now - FORGET))


OTHERS = Written(select(CasePresence.writing_at, STAFF.c.name).join(STAFF, STAFF.c.id == CasePresence.staff_id).where(
    CasePresence.about_kind == bindparam("about"), CasePresence.case_id == bindparam("case"),
    CasePresence.staff_id != ME, CasePresence.seen_at > bindparam("since", type_=UtcDateTime),
).order_by(STAFF.c.name))


def others_present(about: About, staff: Any, within: timedelta) -> list[tuple[str, bool]]:
    """(name, is writing) of colleagues whose page gave a sign of life `within` this time."""
    now = clock.now()
    asked = {"about": about[0], "case": about[1], "me": staff.id, "since": now - within}
    return [
        (name, writing_at is not None and writing_at > now - WRITING)
        for writing_at, name in OTHERS.ask(asked)
    ]

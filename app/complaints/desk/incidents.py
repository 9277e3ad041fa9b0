"""One thing that happened to many (*kejadian*): many tickets, each with its receipt and its answer, written once.

And the other way round: one person who says the same thing by several channels within a day is offered for joining.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, func, select

from app.base import clock
from app.base.database import UtcDateTime, db, end_reading, transaction
from app.base.ids import new_id
from app.base.problems import DomainError, FormRejected, NotFound
from app.casework import claims
from app.casework.acting import acting
from app.casework.desk import Seen
from app.complaints.arriving.which_ticket import of_same_contact
from app.complaints.desk import answering
from app.complaints.desk.acts import checked_words
from app.complaints.desk.case_desk import DESK
from app.complaints.ticket.models import Incident, Ticket
from app.complaints.ticket.personal import open_content, seal_title, title_of
from app.complaints.ticket.status import LIVE, WAITING_FOR_US
from app.complaints.ticket.transitions import note_event
from app.complaints.ticket.visibility import may_know, seen_among, visible_to

SAME_DAY = timedelta(hours=24)
OFFERED_FOR = timedelta(days=14)
MOST_OFFERED, LONGEST_TITLE = 20, 120


@dataclass(frozen=True)
class Told:
    """What became of one ticket when its incident was answered; `why` is "" where the answer was written."""

    ticket: Ticket
    why: str


def joinable(ticket: Ticket, staff) -> list[Ticket]:
    """Other living tickets of the same contact from within a day, which this person may join with this one while it
    waits for us."""
    if ticket.status not in WAITING_FOR_US or not may_know(ticket, staff):
        return []
    return seen_among([
        other for other in of_same_contact(ticket)
        if other.status in LIVE and abs(other.received_at - ticket.received_at) <= SAME_DAY
    ], staff)


OFFERED = select(Incident).where(
    Incident.closed_at.is_(None), Incident.created_at > bindparam("since", type_=UtcDateTime)
).order_by(Incident.created_at.desc()).limit(MOST_OFFERED)


def offered() -> dict[str, str]:
    """Id -> title of the incidents a ticket may be put into, the newest first."""
    return {row.id: title_of(row) for row in db.session.scalars(OFFERED, {"since": clock.now() - OFFERED_FOR})}


def join(seen: Seen, incident_id: str, title: str) -> None:
    """Put the ticket into an incident: one of those offered, or one of this title, a new one where none is offered by
    that name; neither takes it out. Raises FormRejected."""
    if title.strip():
        title = checked_words(title, "incident", "Tulis nama kejadiannya.", LONGEST_TITLE)
        incident_id = next((known for known, words in offered().items() if words.casefold() == title.casefold()), "")
    elif incident_id and incident_id not in offered():
        raise FormRejected({"incident": ["Pilih kejadian dari daftar, atau tulis nama kejadian baru."]})
    with acting(DESK, seen) as ticket:
        _put(ticket, incident_id or (_made(title, seen.staff.id) if title.strip() else ""), seen)


def go_back(seen: Seen, incident_id: str) -> None:
    """Into the incident it was in before, "" for none."""
    with acting(DESK, seen) as ticket:
        _put(ticket, incident_id, seen)


def _put(ticket: Ticket, incident_id: str, seen: Seen) -> None:
    before, ticket.incident_id = ticket.incident_id, incident_id or None
    act = "join_incident" if ticket.incident_id else "leave_incident"
    note_event(ticket, act, seen.actor, {"incident": ticket.incident_id or before or ""})


def find_incident(incident_id: str) -> Incident:
    incident = db.session.get(Incident, incident_id)
    if incident is None:
        raise NotFound()
    return incident


def tickets_of(incident_id: str, staff) -> list[Ticket]:
    """Those this person may see, the oldest first."""
    query = select(Ticket).where(Ticket.incident_id == incident_id, visible_to(staff))
    return list(db.session.scalars(query.order_by(Ticket.received_at)))


def subjects(tickets: Sequence[Ticket]) -> dict[str, str]:
    return {ticket.id: open_content(ticket).subject for ticket in tickets}


def size_of(incident_id: str | None) -> int:
    if incident_id is None:
        return 0
    return db.session.scalar(select(func.count()).select_from(Ticket).where(Ticket.incident_id == incident_id))


def answer_all(incident_id: str, given: answering.Answer, staff) -> list[Told]:
    """Answer every ticket of the incident that waits for us, each on its own way, in a transaction of its own: what
    cannot be answered now is told and stops no other. Raises FormRejected for words or outcome that no ticket takes."""
    waiting = [ticket.id for ticket in tickets_of(incident_id, staff) if ticket.status in WAITING_FOR_US]
    checked_words(given.text, "text", "Tulis jawabannya dulu.", answering.LONGEST_ANSWER)
    answering.check(given)
    end_reading()
    told = [_answered(ticket_id, given, staff) for ticket_id in waiting]
    if told and not any(one.why for one in told):
        with transaction():
            find_incident(incident_id).closed_at = clock.now()
    return told



def _answered(ticket_id: str, given: answering.Answer, staff) -> Told:
    ticket = db.session.get_one(Ticket, ticket_id)
    holder = claims.holder_of(ticket)
    if holder is not None and holder.id != staff.id:
        return Told(ticket, f"Sedang ditangani {holder.name}.")
    seen = Seen(ticket_id, ticket.version, ticket.claim_token if holder is not None else "", staff)
    end_reading()
    try:
        answering.send_answer(seen, given)
        why = ""
    except FormRejected as rejected:
        why = " ".join(sentence for sentences in rejected.errors.values() for sentence in sentences)
    except DomainError as error:
        why = error.message
    return Told(db.session.get_one(Ticket, ticket_id), why)


def _made(title: str, staff_id: str) -> str:
    incident = Incident(id=new_id(), created_by=staff_id)
    incident.title_sealed = seal_title(incident.id, title)
    db.session.add(incident)
    db.session.flush()
    return incident.id

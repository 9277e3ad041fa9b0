"""*Sudah dilihat*: an officer looked at a registration of a burst and lets it go its way."""

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import transaction
from app.base.problems import NotAllowed, StaleDecision
from app.registration import bursts
from app.registration.receipt import tell_received
from app.registration.status import SUBMITTED
from app.review import rights
from app.review.desk import find_case


def mark_looked(application_id: str, version: int, staff: Staff) -> None:
    """Move the case to its place in the queue; its receipt and the journal line are written with it.

    Raises StaleDecision when somebody did so before or the resident withdrew it, NotAllowed for one's own.
    """
    with transaction():
        application = find_case(application_id, lock=True)
        if not application.to_look or application.status != SUBMITTED or application.version != version:
            raise StaleDecision()
        if (bar := rights.bar_to(application, staff)) != rights.LOOK_FIRST:
            raise NotAllowed(bar)
        application.to_look = False
        look = bursts.look_of(application.id)
        look.looked_at, look.looked_by = clock.now(), staff.id
        journal.record(
            "application_looked_at", actor=journal.Actor("staff", staff.id), about=("application", application.id),
            detail={"signs": look.signs},
        )
        tell_received(application)

"""*Ambil berikutnya*: the case with least time left that nobody holds."""

from app.accounts.models import Staff
from app.base.database import db, transaction
from app.casework import claims
from app.registration.models import Application
from app.review import queue, rights
from app.review.desk import DESK


def take_next(staff: Staff) -> str | None:
    """Claim the most urgent case this person may work on; its id, or None when there is none.

    Somebody else may be quicker at the first ones, so the next ones are tried.
    """
    with transaction():
        for application_id in queue.next_for(staff):
            application = db.session.get(Application, application_id)
            if rights.works_on(application, staff) and claims.take(DESK, application_id, staff.id):
                return application_id
    return None

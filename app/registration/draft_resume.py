"""Going on with a draft on another phone: by number and PIN, or by a link one sent to oneself; and
letting this phone forget it."""

from app.base import clock, journal
from app.base.database import transaction
from app.base.ids import new_token
from app.base.problems import StaleDecision
from app.registration.drafts import draft_life, token_hash
from app.registration.link_models import RESUME
from app.registration.links import new_link, use_up
from app.registration.models import Application
from app.registration.status import DRAFT
from app.registration.transitions import lock_application


def move_draft(application_id: str) -> str:
    """The draft moves to another browser: a new token, and the old one opens nothing any more.

    Raises StaleDecision once it has been sent.
    """
    with transaction():
        return _moved(lock_application(application_id))


def resume_link(application_id: str) -> str:
    """A link that moves the draft once, as long as the draft lives."""
    with transaction():
        draft = lock_application(application_id)
        _demand_draft(draft)
        return new_link(draft.id, RESUME, draft.created_at + draft_life() - clock.now())


def move_by_link(token: str) -> str | None:
    """The new token of the draft, or None when the link no longer works."""
    with transaction():
        application_id = use_up(token)
        return _moved(lock_application(application_id)) if application_id else None


def forget_on_phone(application_id: str) -> bool:
    """No browser holds it any more, a copy of the cookie neither; number and PIN still open it.

    Returns whether it had been sent.
    """
    with transaction():
        application = lock_application(application_id)
        application.draft_token_hash = None
        journal.record("forgotten_on_phone", actor=journal.VISITOR, about=("application", application.id))
        return application.status != DRAFT


def _moved(draft: Application) -> str:
    _demand_draft(draft)
    token = new_token()
    draft.draft_token_hash = token_hash(token)
    journal.record("draft_moved", actor=journal.VISITOR, about=("application", draft.id))
    return token


def _demand_draft(application: Application) -> None:
    if application.status != DRAFT:
        raise StaleDecision("Pendaftaran ini sudah dikirim. Lihat perkembangannya di Lacak Pendaftaran.")

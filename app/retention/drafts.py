"""Registrations that were never sent: everything goes, as if they had not been begun."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, update

from app.base.database import db, end_reading, transaction
from app.complaints.ticket.models import Ticket
from app.registration.links import ApplicationLink
from app.registration.models import Application, NameWord, Photo
from app.registration.photo_service import erase_objects, keys_of
from app.registration.status import DRAFT
from app.retention import rules
from app.retention.photos import hashes_of
from app.retention.rules import Work, prove
from app.tracking.models import Visit

# a draft opens nowhere any more after its last day; a request that began before it ends within this
STILL_UNDER_WAY = timedelta(hours=1)
DEPENDENTS = (NameWord, ApplicationLink, Visit, Photo)


def due(limit: datetime) -> Select:
    return select(Application.id, Application.created_at).where(
        Application.status == DRAFT, Application.created_at < limit - STILL_UNDER_WAY
    ).order_by(Application.created_at, Application.id)


def erase_all(ids: Sequence[str]) -> int:
    return sum(_erase(application_id) for application_id in ids)


def _erase(application_id: str) -> int:
    photos = list(db.session.scalars(select(Photo).where(Photo.application_id == application_id)))
    names, hashes = [keys_of(photo) for photo in photos], hashes_of(photos)
    end_reading()
    for name in names:
        erase_objects(name)
    with transaction() as session:
        draft = session.get(Application, application_id, with_for_update=True, populate_existing=True)
        if draft is None or draft.status != DRAFT:
            return 0
        session.execute(update(Ticket).where(Ticket.application_id == draft.id).values(application_id=None))
        for model in DEPENDENTS:
            session.execute(delete(model).where(model.application_id == draft.id))
        session.delete(draft)
        prove("draft_erased", rules.DRAFTS.key, ("application", application_id), photos=hashes)
    return 1


WORKS = (Work(rules.DRAFTS, due, erase_all),)

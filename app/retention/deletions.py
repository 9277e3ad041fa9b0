"""Deletions that the office granted: carried out at once, and again by the daily run if that failed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select

from app.accounts.models import Citizen
from app.base.database import db, end_reading, transaction
from app.privacy.kinds import DELETION, GRANTED
from app.privacy.models import Asked, RightsRequest, seal_asked
from app.registration.models import Application
from app.retention import rules
from app.retention.photos import CLOSED
from app.retention.records import erase_everything
from app.retention.rules import Work

GONE = "Isi sudah dihapus bersama data lainnya."


def due(limit: datetime) -> Select:
    return (
        select(RightsRequest.id, RightsRequest.answered_at)
        .join(Application, Application.id == RightsRequest.application_id)
        .where(
            RightsRequest.kind == DELETION, RightsRequest.status == GRANTED, RightsRequest.answered_at <= limit,
            Application.erased_at.is_(None),
        ).order_by(RightsRequest.answered_at, RightsRequest.id)
    )


def erase_all(ids: Sequence[str]) -> int:
    return sum(carry_out(request_id) for request_id in ids)


def carry_out(request_id: str) -> int:
    """Erase the registration and its account; for who proved an account also closed registrations
    of the same NIK. The words of the requests go too, kind, decision and answer stay.

    The own registration comes last: as long as it stands, the work is not done.
    """
    row = db.session.get_one(RightsRequest, request_id)
    own, others = row.application_id, _others_of(row)
    end_reading()
    for application_id in others:
        erase_everything(application_id, rules.DELETIONS.key)
    with transaction() as session:
        for request in session.scalars(select(RightsRequest).where(RightsRequest.application_id == own)):
            seal_asked(request, Asked(GONE))
    return erase_everything(own, rules.DELETIONS.key)


def _others_of(row: RightsRequest) -> list[str]:
    if row.citizen_id is None:
        return []
    nik_index = db.session.get_one(Citizen, row.citizen_id).nik_index
    return list(db.session.scalars(select(Application.id).where(
        Application.nik_index == nik_index, Application.status.in_(CLOSED), Application.erased_at.is_(None),
        Application.id != row.application_id,
    )))


WORKS = (Work(rules.DELETIONS, due, erase_all),)

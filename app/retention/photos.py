"""Photos of decided registrations, and the selfies of number requests: objects first, then the row."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, exists, func, select

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.services import photo_store, sealer
from app.citizen_account.models import AccountRequest
from app.citizen_account.number_service import phone_context
from app.registration import status
from app.registration.models import Application, Photo, StatusChange
from app.registration.photo_service import erase_objects, keys_of
from app.retention import rules
from app.retention.rules import Work, prove

CLOSED = (status.REJECTED, status.EXPIRED, status.WITHDRAWN)


def due_active(limit: datetime) -> Select:
    return _due((status.ACTIVE,), limit)


def due_closed(limit: datetime) -> Select:
    return _due(CLOSED, limit)


def due_selfies(limit: datetime) -> Select:
    """Decided requests whose selfie is still kept."""
    return select(AccountRequest.id, AccountRequest.decided_at).where(
        AccountRequest.decided_at < limit, AccountRequest.selfie_erased_at.is_(None)
    ).order_by(AccountRequest.decided_at, AccountRequest.id)


def erase_photos(application_id: str, reason: str) -> int:
    """Erase all photos of one registration, replaced ones too; `reason` stands in the line of proof.

    Returns how many. Raises StorageUnavailable with the rows unchanged.
    """
    query = select(Photo).where(Photo.application_id == application_id, Photo.erased_at.is_(None))
    names = [keys_of(photo) for photo in db.session.scalars(query)]
    end_reading()
    for name in names:
        erase_objects(name)
    with transaction() as session:
        gone = [name.storage_key for name in names]
        rows = list(session.scalars(query.where(Photo.storage_key.in_(gone)).with_for_update()))
        for photo in rows:
            photo.erased_at = clock.now()
        if rows:
            prove("photos_erased", reason, ("application", application_id), photos=hashes_of(rows))
    return len(rows)


def erase_selfie(request_id: str, reason: str) -> int:
    """The same for one number request; the number that was asked for goes too."""
    key = db.session.get_one(AccountRequest, request_id).selfie_key
    end_reading()
    photo_store().delete(key)
    with transaction() as session:
        row = session.get(AccountRequest, request_id, with_for_update=True, populate_existing=True)
        if row.selfie_erased_at is not None:
            return 0
        row.selfie_erased_at = clock.now()
        row.phone_sealed = sealer().seal(b"", phone_context(row.id))
        prove("photos_erased", reason, ("account_request", row.id), photos=[["selfie", row.selfie_sha256]])
    return 1


def hashes_of(photos: Sequence[Photo]) -> list[list[str]]:
    """[kind, SHA-256 of what was stored] of each: what remains of a photo."""
    return sorted([photo.kind, photo.sealed_sha256] for photo in photos)


def _due(statuses: tuple[str, ...], limit: datetime) -> Select:
    """Counted from the last change of state: a decision that was taken back does not count."""
    decided = func.max(StatusChange.at)
    kept = exists().where(Photo.application_id == Application.id, Photo.erased_at.is_(None))
    return (
        select(Application.id, decided.label("since"))
        .join(StatusChange, StatusChange.application_id == Application.id)
        .where(Application.status.in_(statuses), kept)
        .group_by(Application.id).having(decided < limit).order_by(decided, Application.id)
    )


def _each(erase, rule: rules.Rule):
    return lambda ids: sum(erase(one, rule.key) for one in ids)


WORKS = (
    Work(rules.PHOTOS_ACTIVE, due_active, _each(erase_photos, rules.PHOTOS_ACTIVE)),
    Work(rules.PHOTOS_CLOSED, due_closed, _each(erase_photos, rules.PHOTOS_CLOSED)),
    Work(rules.SELFIES, due_selfies, _each(erase_selfie, rules.SELFIES)),
)

"""Who was erased stays erased, whatever is restored.

Each erasure is written, as the id of a registration and a moment and nothing else, into the photo store and beside the
backups at the moment it happens. A restore applies both lists to what it brings back.
"""

import json
from collections.abc import Mapping

import structlog
from sqlalchemy import select

from app.backup.target import ERASED, Target, TargetUnusable, last_backup
from app.base import clock
from app.base.database import db, end_reading
from app.base.problems import DomainError
from app.base.services import photo_store
from app.registration.models import Application
from app.retention import rules
from app.retention.records import erase_everything

log = structlog.get_logger()


def note(application_id: str) -> None:
    """Written at once; what is away gets it from the worker's job, or from the next backup."""
    data = json.dumps({"at": clock.now().isoformat()}).encode()
    try:
        photo_store().put_note(application_id, data)
    except DomainError as error:
        log.error("erasure_not_noted", where="photos", kind=type(error).__name__)
    copy_to_last()


def copy_to_last() -> None:
    """Bring the list to where the last backup went. A job of the worker, too."""
    last = last_backup()
    if last is None:
        return
    from obstore.exceptions import BaseError  # see Target

    try:
        copy_to(Target(last.target))
    except (TargetUnusable, OSError, BaseError) as error:
        log.error("erasure_not_noted", where="backup", kind=type(error).__name__)


def copy_to(target: Target) -> None:
    there = {name.rsplit("/", 1)[-1] for name in target.names(ERASED)}
    missing = {id: data for id, data in {**_in_database(), **photo_store().notes()}.items() if id not in there}
    for application_id, data in missing.items():
        target.put(f"{ERASED}/{application_id}", data)


def apply(lists: Mapping[str, bytes]) -> int:
    """Erase anew what a restore brought back. Returns how many."""
    back = list(db.session.scalars(select(Application.id).where(Application.erased_at.is_(None))))
    end_reading()
    return sum(erase_everything(one, rules.DELETIONS.key) for one in back if one in lists)


def _in_database() -> dict[str, bytes]:
    """Those of before there was a list, and those that could not be written when they happened."""
    query = select(Application.id, Application.erased_at).where(Application.erased_at.is_not(None))
    found = {id: json.dumps({"at": at.isoformat()}).encode() for id, at in db.session.execute(query)}
    end_reading()
    return found

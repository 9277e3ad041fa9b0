"""One command all fault tests end with: rows, photos, outbox and journal agree.

Reads in batches and holds no lock; on a busy system a finding may be a change caught halfway, so
run it twice before alarming anybody.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from app.base import clock, journal
from app.base.database import db
from app.base.kept_keys import ReplacedObject
from app.base.problems import PhotoMissing
from app.base.sealing import SealBroken, UnknownKey
from app.base.services import photo_store, sealer
from app.journal import anchors
from app.keys import proof
from app.keys.places import objects_in_use
from app.messages import states
from app.messages.models import OutboxMessage
from app.registration import status as st
from app.registration.models import Application, Photo, StatusChange
from app.registration.personal import open_personal
from app.registration.photo_service import read_photo

ORPHAN_AGE = timedelta(hours=1)
LOST_LEASE = timedelta(minutes=10)
# every one of these acts tells the resident something
TOLD = ("submit", "declare_complete", "approve", "return", "reject")


def check(sweep: bool = False) -> list[str]:
    """Findings, one line each, naming rows by id only. Empty when consistent. With a wrong key nothing opens and
    no index fits, so then it is only the key that is told."""
    if wrong := list(_keys()):
        return wrong
    return [
        *_photos(), *_files(), *_objects(sweep), *_applications(), *_changes(), *_messages(), *_journal(),
    ]


def _photos() -> Iterator[str]:
    for photo in _all(Photo):
        if photo.erased_at is not None:
            continue
        try:
            read_photo(photo, "small")
            sealed = photo_store().get(photo.storage_key)
        except PhotoMissing:
            yield f"photo {photo.id}: its object is missing"
            continue
        except SealBroken as error:
            yield f"photo {photo.id}: its small copy does not open {_under(error)}"
            continue
        if hashlib.sha256(sealed).hexdigest() != photo.sealed_sha256:
            yield f"photo {photo.id}: its object was altered"


def _objects(sweep: bool) -> Iterator[str]:
    """What no row names, or only a row that says it was erased."""
    known = {key for _, key, _ in objects_in_use()} | set(db.session.scalars(select(ReplacedObject.storage_key)))
    if sweep:
        photo_store().sweep_temporary(ORPHAN_AGE)
    for key, modified_at, _size in list(photo_store().list()):
        if key in known or modified_at + ORPHAN_AGE > clock.now():
            continue
        if sweep:
            photo_store().delete(key)
        else:
            yield f"object {key}: no photo or file names it"


def _files() -> Iterator[str]:
    """Files other than the photos of a registration, which `_photos` looks at more closely."""
    for owner, key, sha256 in objects_in_use():
        if owner.startswith("photo "):
            continue
        try:
            sealed = photo_store().get(key)
        except PhotoMissing:
            yield f"{owner}: its object is missing"
            continue
        if sha256 and hashlib.sha256(sealed).hexdigest() != sha256:
            yield f"{owner}: its object was altered"


def _applications() -> Iterator[str]:
    for application in _all(Application):
        if application.personal_sealed is None:
            continue
        try:
            person = open_personal(application)
        except SealBroken as error:
            yield f"application {application.id}: its personal record does not open {_under(error)}"
            continue
        if application.erased_at is None and application.nik_index != sealer().index("nik", person.nik):
            yield f"application {application.id}: its NIK index differs from its record"
        if application.status != st.DRAFT and len(application.photos) < 3:
            yield f"application {application.id}: sent without three photos"
        yield from _erased(application)


def _under(error: SealBroken) -> str:
    missing = " (not among SEALING_KEYS)" if isinstance(error, UnknownKey) else ""
    return f"under key {error.key_id}{missing}"


def _erased(application: Application) -> Iterator[str]:
    """What is gone has its line of proof."""
    query = select(func.count()).where(Photo.application_id == application.id, Photo.erased_at.is_not(None))
    proofs = {line.action for line in journal.lines_about("application", application.id)}
    if db.session.scalar(query) and "photos_erased" not in proofs:
        yield f"application {application.id}: photos erased without a line of proof"
    if application.erased_at is not None and "record_erased" not in proofs:
        yield f"application {application.id}: record erased without a line of proof"


def _changes() -> Iterator[str]:
    """The recorded moves lead from draft to the present state, each allowed, each journalled once."""
    for application in _all(Application):
        status = st.DRAFT
        for change in application.changes:
            allowed = st.REGISTRATION.moves.get((change.act, status))
            if change.from_status != status or allowed != change.to_status:
                yield f"application {application.id}: change {change.id} is not a legal move"
            status = change.to_status
        if status != application.status:
            yield f"application {application.id}: is {application.status}, its changes lead to {status}"
        yield from _journalled(application)


def _journalled(application: Application) -> Iterator[str]:
    acts = [f"application_{change.act}" for change in application.changes]
    lines = [line.action for line in journal.lines_about("application", application.id)]
    for act in set(acts):
        if acts.count(act) != lines.count(act):
            yield f"application {application.id}: {act} is journalled {lines.count(act)} times, not {acts.count(act)}"


def _messages() -> Iterator[str]:
    waits = select(Application.id).where(Application.to_look)  # nothing is sent about one that waits to be looked at
    told = select(StatusChange.application_id, func.count()).where(
        StatusChange.act.in_(TOLD), StatusChange.application_id.not_in(waits))
    for application_id, wanted in db.session.execute(told.group_by(StatusChange.application_id)):
        written = db.session.scalar(
            select(func.count()).where(
                OutboxMessage.about_kind == "application", OutboxMessage.about_id == application_id
            )
        )
        if written < wanted:
            yield f"application {application_id}: {wanted} messages due, {written} in the outbox"
    late = OutboxMessage.lease_until < clock.now() - LOST_LEASE
    for message_id in db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.state == states.SENDING, late)):
        yield f"message {message_id}: still being sent long after its lease ended"


def _journal() -> Iterator[str]:
    broken = journal.first_broken_line()
    if broken is not None:
        yield f"journal: line {broken} is missing or altered"
    older = anchors.cut_after()
    if older is not None:
        yield (f"journal: ends before line {older.seq}, which was its last on {older.at:%Y-%m-%d %H:%M} UTC: this is "
               "an older database, or a copy without its write-ahead log")


def _keys() -> Iterator[str]:
    yield from (f"keys: {finding}" for finding in proof.findings())


def _all(model) -> Iterator:
    last = ""
    while True:
        batch = list(db.session.scalars(select(model).where(model.id > last).order_by(model.id).limit(500)))
        if not batch:
            return
        yield from batch
        last = batch[-1].id
        db.session.expunge_all()

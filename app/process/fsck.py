"""One command all fault tests end with: rows, photos, outbox and journal agree.

Reads in batches, photos by several threads, and holds no lock; on a busy system a finding may be a change caught
halfway, so run it twice before alarming anybody. How far the long walks have come lies in the instance folder, so that
one that was ended goes on.
"""

import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import lazyload

from app.base import clock, journal_proof
from app.base.database import Base, db, end_reading
from app.base.journal_line import JournalLine
from app.base.kept_keys import ReplacedObject
from app.base.problems import PhotoMissing
from app.base.sealing import SealBroken, Sealer, UnknownKey
from app.base.services import photo_store, sealer, settings
from app.journal import anchors
from app.keys import proof
from app.keys.places import objects_in_use
from app.messages import states
from app.messages.models import OutboxMessage
from app.photos.store import PhotoStore
from app.registration import status as registration_status
from app.registration.models import Application, Photo, StatusChange
from app.registration.personal import open_personal
from app.registration.photo_service import photo_context

BATCH = 500
PROGRESS, FOUND = "fsck.json", "found"
ORPHAN_AGE = timedelta(hours=1)
LOST_LEASE = timedelta(minutes=10)
# every one of these acts tells the resident something
TOLD = ("submit", "declare_complete", "approve", "return", "reject")
Model = TypeVar("Model", bound=Base)


def check(sweep: bool = False) -> list[str]:
    """All findings together."""
    return list(findings(sweep))


def findings(sweep: bool = False, resume: bool = False) -> Iterator[str]:
    """One line each, naming rows by id only; none when consistent. With a wrong key nothing opens and no index fits, so
    then it is only the key that is told. `resume` goes on in the batch in which the last run was ended."""
    if wrong := list(_keys()):
        yield from wrong
        return
    progress = Progress(resume)
    walks = (_photos(progress), _cases(progress), _files(), _objects(sweep), _messages(), _journal())
    for finding in chain.from_iterable(walks):
        progress.found += 1
        yield finding
    progress.forget()


def found_before() -> int:
    """How many findings the run that was ended had told, of what `resume` does not look at again."""
    return Progress(resume=True).found


class Progress:
    """Walk -> id of the last row that was looked at, and how much was `found` until then, kept in a file."""

    def __init__(self, resume: bool):
        self._path, self._done = settings().instance / PROGRESS, {}
        if resume:
            with contextlib.suppress(OSError, ValueError):  # none was ended
                self._done = json.loads(self._path.read_text())
        self.found = self._done.get(FOUND, 0)

    def batches(self, model: type[Model]) -> Iterator[list[Model]]:
        """Rows that belong to no session any more, so that nothing is held open while they are looked at."""
        name = model.__tablename__
        last = self._done.get(name, "")
        while True:
            batch = list(db.session.scalars(select(model).where(model.id > last).order_by(model.id).limit(BATCH)))
            db.session.expunge_all()
            end_reading()
            if not batch:
                return
            yield batch
            last = self._done[name] = batch[-1].id
            self._done[FOUND] = self.found
            with contextlib.suppress(OSError):  # a full disk is no reason to look no further
                self._path.write_text(json.dumps(self._done))

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


def _photos(progress: Progress) -> Iterator[str]:
    look = partial(_photo, photo_store(), sealer())
    with ThreadPoolExecutor(os.cpu_count()) as readers:
        for batch in progress.batches(Photo):
            yield from filter(None, readers.map(look, (photo for photo in batch if photo.erased_at is None)))


def _photo(store: PhotoStore, box: Sealer, photo: Photo) -> str:
    """What is wrong with it, or ""."""
    try:
        box.open(store.get(photo.thumbnail_key), photo_context(photo.application_id, photo.id, "small"))
        sealed = store.get(photo.storage_key)
    except PhotoMissing:
        return f"photo {photo.id}: its object is missing"
    except SealBroken as error:
        return f"photo {photo.id}: its small copy does not open {_under(error)}"
    if hashlib.sha256(sealed).hexdigest() != photo.sealed_sha256:
        return f"photo {photo.id}: its object was altered"
    return ""


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


@dataclass(frozen=True)
class Beside:
    """What other tables say about a batch of registrations, by their ids: moves in order, photos, those erased, lines
    of the journal by (id, action), messages."""

    changes: dict[str, list[StatusChange]]
    photos: Counter[str]
    erased: Counter[str]
    lines: Counter[tuple[str, str]]
    messages: Counter[str]


def _beside(ids: list[str]) -> Beside:
    changes: dict[str, list[StatusChange]] = {one: [] for one in ids}
    moves = select(StatusChange).where(StatusChange.application_id.in_(ids)).order_by(StatusChange.id)
    for change in db.session.scalars(moves.options(lazyload(StatusChange.reasons))):
        changes[change.application_id].append(change)
    lines = select(JournalLine.about_id, JournalLine.action, func.count()).where(
        JournalLine.about_kind == "application", JournalLine.about_id.in_(ids)
    ).group_by(JournalLine.about_id, JournalLine.action)
    own = Photo.application_id
    return Beside(
        changes, _numbers(own, Photo.superseded_at.is_(None), own.in_(ids)),
        _numbers(own, Photo.erased_at.is_not(None), own.in_(ids)),
        Counter({(one, action): number for one, action, number in db.session.execute(lines)}),
        _numbers(OutboxMessage.about_id, OutboxMessage.about_kind == "application", OutboxMessage.about_id.in_(ids)),
    )


def _numbers(column, *conditions) -> Counter[str]:
    query = select(column, func.count()).where(*conditions).group_by(column)
    return Counter(dict(db.session.execute(query).all()))


def _cases(progress: Progress) -> Iterator[str]:
    for batch in progress.batches(Application):
        beside = _beside([application.id for application in batch])
        for application in batch:
            for finding in (*_record(application, beside), *_moves(application, beside)):
                yield f"application {application.id}: {finding}"


def _record(application: Application, beside: Beside) -> Iterator[str]:
    if application.personal_sealed is None:
        return
    try:
        person = open_personal(application)
    except SealBroken as error:
        yield f"its personal record does not open {_under(error)}"
        return
    if application.erased_at is None and application.nik_index != sealer().index("nik", person.nik):
        yield "its NIK index differs from its record"
    if application.status != registration_status.DRAFT and beside.photos[application.id] < 3:
        yield "sent without three photos"
    # what is gone has its line of proof
    if beside.erased[application.id] and not beside.lines[application.id, "photos_erased"]:
        yield "photos erased without a line of proof"
    if application.erased_at is not None and not beside.lines[application.id, "record_erased"]:
        yield "record erased without a line of proof"


def _under(error: SealBroken) -> str:
    missing = " (not among SEALING_KEYS)" if isinstance(error, UnknownKey) else ""
    return f"under key {error.key_id}{missing}"


def _moves(application: Application, beside: Beside) -> Iterator[str]:
    """The recorded moves lead from draft to the present state, each allowed, each journalled once, each told."""
    status, changes = registration_status.DRAFT, beside.changes[application.id]
    for change in changes:
        allowed = registration_status.REGISTRATION.moves.get((change.act, status))
        if change.from_status != status or allowed != change.to_status:
            yield f"change {change.id} is not a legal move"
        status = change.to_status
    if status != application.status:
        yield f"is {application.status}, its changes lead to {status}"
    for act, number in Counter(f"application_{change.act}" for change in changes).items():
        if number != (found := beside.lines[application.id, act]):
            yield f"{act} is journalled {found} times, not {number}"
    wanted, written = sum(change.act in TOLD for change in changes), beside.messages[application.id]
    if written < wanted and not application.to_look:  # nothing is sent about one that waits to be looked at
        yield f"{wanted} messages due, {written} in the outbox"


def _messages() -> Iterator[str]:
    late = OutboxMessage.lease_until < clock.now() - LOST_LEASE
    for message_id in db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.state == states.SENDING, late)):
        yield f"message {message_id}: still being sent long after its lease ended"


def _journal() -> Iterator[str]:
    broken = journal_proof.first_broken_line()
    if broken is not None:
        yield f"journal: line {broken} is missing or altered"
    older = anchors.cut_after()
    if older is not None:
        yield (f"journal: ends before line {older.seq}, which was its last on {older.at:%Y-%m-%d %H:%M} UTC: this is "
               "an older database, or a copy without its write-ahead log")


def _keys() -> Iterator[str]:
    yield from (f"keys: {finding}" for finding in proof.findings())

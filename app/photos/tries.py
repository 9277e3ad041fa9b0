"""Pictures that come by themselves, by mail and WhatsApp: each is marked before it is opened.

The box keeps a poisoned picture from the worker. Should one end the worker all the same (the machine runs out of
memory, a fault nobody knows yet), its mark is still there when the worker comes back to it, and it is left unopened
then: one picture can stop the worker once, never again and again.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db, insert_once, transaction
from app.base.services import sealer
from app.photos.cleaning import CleanPhoto, check_outside, clean_photo
from app.photos.errors import PhotoBusy, UnreadablePhoto
from app.photos.gate import BACKGROUND_WAIT_SECONDS
from app.photos.wire import WALL_SECONDS

# a mark younger than this may be another worker's, who is still at it
STILL_OPEN = timedelta(seconds=BACKGROUND_WAIT_SECONDS + 2 * WALL_SECONDS)
FORGET_AFTER = timedelta(days=30)


class PictureTry(Base):
    """A picture that is being opened, or was when its process ended. `picture_index` is the keyed index of its
    SHA-256, so the same file is known again in another letter."""

    __tablename__ = "picture_try"

    picture_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)


def clean_once(data: bytes) -> CleanPhoto:
    """An attachment as a clean photo; in transactions of its own, so never call it inside one.

    Raises PhotoError: UnreadablePhoto for one that ended the process that opened it, PhotoBusy while another worker is
    at the same picture or the queue is full.
    """
    check_outside(data)
    index = index_of(data)
    _mark(index)
    try:
        return clean_photo(data, kind="attachment")
    finally:
        with transaction() as session:
            session.execute(delete(PictureTry).where(PictureTry.picture_index == index))


def index_of(data: bytes) -> str:
    """Under which the mark of this picture stands."""
    return sealer().index("picture-try", hashlib.sha256(data).hexdigest())


def forget_old() -> None:
    """A decoder repaired since may have another look."""
    with transaction() as session:
        session.execute(delete(PictureTry).where(PictureTry.began_at < clock.now() - FORGET_AFTER))


def _mark(index: str) -> None:
    with transaction():
        if insert_once(PictureTry, picture_index=index, began_at=clock.now()):
            return
        tried = db.session.get_one(PictureTry, index)
        young = tried.began_at > clock.now() - STILL_OPEN
    raise PhotoBusy if young else UnreadablePhoto

"""Possible doubles: another registration with the same NIK, phone or picture. A suspicion stops
nobody; it is shown to the office, which settles it.

Near copies of a picture are looked for by quarters of the perceptual hash: two hashes that differ in
three bits or fewer share a quarter for certain.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Row,
    Select,
    String,
    UniqueConstraint,
    and_,
    exists,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db, once_a_page
from app.registration.models import HASH_BANDS, Application, Photo
from app.registration.status import ACTIVE, OPEN

NIK, PHONE, PHOTO, PHOTO_NEAR = "nik", "phone", "photo", "photo_near"
KINDS = (NIK, PHONE, PHOTO, PHOTO_NEAR)
MANY_ON_ONE_PHONE = 5
MOST_OF_A_KIND = 10
# kind -> bits in which a picture saved again may differ. `python -m bench doubles` measures it on unlike people: two
# selfies before one wall come as near as copies do, so there only what is nowhere apart is near
NEAR_BITS: dict[str, int] = {"ktp": 1, "selfie": 0, "signature": 3}
LOOKED_AT = 200


class DoubleSuspicion(Base):
    """`application_id` is the later one of the two. Settled means: looked at, not a double."""

    __tablename__ = "double_suspicion"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"))
    other_id: Mapped[str] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))

    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        UniqueConstraint("application_id", "other_id", "kind", name="uq_double_suspicion_pair"),
    )


def suspect_doubles(application: Application) -> None:
    """Write down, inside the caller's transaction, which others this one may be a double of."""
    known = {(row.other_id, row.kind) for row in suspicions_of(application.id)}
    for kind, other_id in _found(application):
        if (other_id, kind) not in known:
            known.add((other_id, kind))
            db.session.add(DoubleSuspicion(application_id=application.id, other_id=other_id, kind=kind))
    db.session.flush()
    mark_doubtful(application.id)
    for other_id, _ in known:
        mark_doubtful(other_id)


@once_a_page
def suspicions_of(application_id: str, open_only: bool = False) -> list[DoubleSuspicion]:
    """All in which the application stands on either side."""
    query = select(DoubleSuspicion).where(_touches(application_id))
    if open_only:
        query = query.where(DoubleSuspicion.settled_at.is_(None))
    return list(db.session.scalars(query.order_by(DoubleSuspicion.id)))


def mark_doubtful(application_id: str) -> None:
    """Let the row say whether something is unsettled. No new version: it is no change of the case."""
    unsettled = exists().where(_touches(application_id), DoubleSuspicion.settled_at.is_(None))
    db.session.execute(
        update(Application).where(Application.id == application_id)
        .values(doubtful=unsettled, updated_at=Application.updated_at).execution_options(synchronize_session="fetch")
    )


def _touches(application_id: str):
    return or_(DoubleSuspicion.application_id == application_id, DoubleSuspicion.other_id == application_id)


def _found(application: Application) -> Iterator[tuple[str, str]]:
    same_nik = Application.nik_index == application.nik_index
    yield from ((NIK, other) for other in _others(application, same_nik, (*OPEN, ACTIVE)))
    same_phone = Application.phone_index == (application.phone_index or "")
    on_phone = _others(application, same_phone, (*OPEN, ACTIVE))
    if len(on_phone) >= MANY_ON_ONE_PHONE:
        yield from ((PHONE, other) for other in on_phone)
    alike = _photos_alike(application.photos)
    for photo in application.photos:
        yield from _photo_doubles(photo, alike)


def _others(application: Application, condition, statuses: tuple[str, ...]) -> list[str]:
    query = select(Application.id).where(
        condition, Application.id != application.id, Application.status.in_(statuses)
    )
    return list(db.session.scalars(query.order_by(Application.submitted_at.desc()).limit(MOST_OF_A_KIND)))


def _photo_doubles(photo: Photo, alike: dict[tuple[str, str], list[Row]]) -> Iterator[tuple[str, str]]:
    """The same picture, or nearly the same of the same kind, in a registration that was sent."""
    equal = list(dict.fromkeys(row.application_id for row in alike.get((photo.id, PHOTO), ())))
    yield from ((PHOTO, other) for other in equal)
    near = alike.get((photo.id, PHOTO_NEAR), ())
    close = {row.application_id for row in near if bits_apart(row, photo) <= NEAR_BITS[photo.kind]} - set(equal)
    yield from ((PHOTO_NEAR, other) for other in sorted(close)[:MOST_OF_A_KIND])


def _photos_alike(photos: list[Photo]) -> dict[tuple[str, str], list[Row]]:
    """(photo, PHOTO or PHOTO_NEAR) -> rows of photos of other sent registrations; one query for all."""
    parts = []
    for photo in photos:
        parts.append(_photos_like(photo, PHOTO, Photo.fingerprint == photo.fingerprint, MOST_OF_A_KIND))
        quarters = or_(*(_same_quarter(photo, start) for start in HASH_BANDS))
        parts.append(_photos_like(photo, PHOTO_NEAR, and_(quarters, Photo.kind == photo.kind), LOOKED_AT))
    found: dict[tuple[str, str], list[Row]] = {}
    for row in db.session.execute(union_all(*(select(part.subquery()) for part in parts))) if parts else ():
        found.setdefault((row.photo_id, row.why), []).append(row)
    return found


def _photos_like(photo: Photo, why: str, condition, limit: int) -> Select:
    query = select(
        literal(photo.id).label("photo_id"), literal(why).label("why"), Photo.application_id, Photo.perceptual_hash,
    ).join(Application, Application.id == Photo.application_id)
    others = Photo.application_id != photo.application_id, Application.submitted_at.is_not(None)
    return query.where(condition, *others).limit(limit)


def _same_quarter(photo: Photo, start: int):
    # the numbers stand in the text, because an index on an expression is found by its very words
    quarter = photo.perceptual_hash[start - 1:start + 3]
    name = f"quarter_{photo.kind}_{start}"
    return text(f"substr(perceptual_hash, {start}, 4) = :{name}").bindparams(**{name: quarter})


def bits_apart(row, photo: Photo) -> int:
    """0 to 64: how many bits of the two perceptual hashes differ."""
    return (int(row.perceptual_hash, 16) ^ int(photo.perceptual_hash, 16)).bit_count()

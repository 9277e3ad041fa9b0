"""Possible doubles: another registration with the same NIK, phone or picture. A suspicion stops
nobody; it is shown to the office, which settles it.

Near copies of a picture are looked for by quarters of the perceptual hash: two hashes that differ in
three bits or fewer share a quarter for certain.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    CompoundSelect,
    ForeignKey,
    Row,
    Select,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

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


def suspect_doubles(application: Application, is_new: bool = False) -> None:
    """Write down, inside the caller's transaction, which others this one may be a double of; `is_new` when nobody has
    looked for them before."""
    known = set() if is_new else {(row.other_id, row.kind) for row in suspicions_of(application.id)}
    for kind, other_id in _found(application):
        if (other_id, kind) not in known:
            known.add((other_id, kind))
            db.session.add(DoubleSuspicion(application_id=application.id, other_id=other_id, kind=kind))
    db.session.flush()
    if known:
        mark_doubtful(application.id, *(other_id for other_id, _ in known))


@once_a_page
def suspicions_of(application_id: str, open_only: bool = False) -> list[DoubleSuspicion]:
    """All in which the application stands on either side."""
    return list(db.session.scalars(UNSETTLED if open_only else SUSPECTED, {"application": application_id}))


def mark_doubtful(*application_ids: str) -> None:
    """Let the rows say whether something is unsettled. No new version: it is no change of the case."""
    unsettled = exists().where(_touches(Application.id), DoubleSuspicion.settled_at.is_(None))
    db.session.execute(
        update(Application).where(Application.id.in_(application_ids))
        .values(doubtful=unsettled, updated_at=Application.updated_at).execution_options(synchronize_session="fetch")
    )


def _touches(application_id: BindParameter[str] | InstrumentedAttribute[str]):
    return or_(DoubleSuspicion.application_id == application_id, DoubleSuspicion.other_id == application_id)


SUSPECTED = select(DoubleSuspicion).where(_touches(bindparam("application", type_=String))).order_by(DoubleSuspicion.id)
UNSETTLED = SUSPECTED.where(DoubleSuspicion.settled_at.is_(None))


def _found(application: Application) -> Iterator[tuple[str, str]]:
    alike = _alike(application)
    yield from ((NIK, row.application_id) for row in alike.get(("", NIK), ()))
    on_phone = alike.get(("", PHONE), ())
    if len(on_phone) >= MANY_ON_ONE_PHONE:
        yield from ((PHONE, row.application_id) for row in on_phone)
    for photo in application.photos:
        yield from _photo_doubles(photo, alike)


def _photo_doubles(photo: Photo, alike: dict[tuple[str, str], list[Row]]) -> Iterator[tuple[str, str]]:
    """The same picture, or nearly the same of the same kind, in a registration that was sent."""
    equal = list(dict.fromkeys(row.application_id for row in alike.get((photo.kind, PHOTO), ())))
    yield from ((PHOTO, other) for other in equal)
    near = alike.get((photo.kind, PHOTO_NEAR), ())
    close = {row.application_id for row in near if bits_apart(row, photo) <= NEAR_BITS[photo.kind]} - set(equal)
    yield from ((PHOTO_NEAR, other) for other in sorted(close)[:MOST_OF_A_KIND])


def _alike(application: Application) -> dict[tuple[str, str], list[Row]]:
    """(photo of this kind or "", kind of double) -> rows of other sent registrations; one query for all."""
    values = {"own": application.id, "nik": application.nik_index, "phone": application.phone_index or ""}
    for photo in application.photos:
        values[f"print_{photo.kind}"] = photo.fingerprint
        values |= {_quarter(photo.kind, start): photo.perceptual_hash[start - 1:start + 3] for start in HASH_BANDS}
    found: dict[tuple[str, str], list[Row]] = {}
    for row in db.session.execute(_alike_query(tuple(photo.kind for photo in application.photos)), values):
        found.setdefault((row.photo, row.why), []).append(row)
    return found


@cache
def _alike_query(photos: tuple[str, ...]) -> CompoundSelect:
    """Built once for each choice of photos, because building it takes longer than asking."""
    parts = [
        _others_like(NIK, Application.nik_index == bindparam("nik")),
        _others_like(PHONE, Application.phone_index == bindparam("phone")),
    ]
    for kind in photos:
        parts.append(_photos_like(kind, PHOTO, Photo.fingerprint == bindparam(f"print_{kind}"), MOST_OF_A_KIND))
        # the numbers stand in the text, because an index on an expression is found by its very words
        quarters = (text(f"substr(perceptual_hash, {start}, 4) = :{_quarter(kind, start)}") for start in HASH_BANDS)
        parts.append(_photos_like(kind, PHOTO_NEAR, and_(or_(*quarters), Photo.kind == kind), LOOKED_AT))
    return union_all(*(select(part.subquery()) for part in parts))


def _others_like(why: str, condition) -> Select:
    query = select(
        literal("").label("photo"), literal(why).label("why"), Application.id.label("application_id"),
        literal("").label("perceptual_hash"),
    ).where(condition, Application.id != bindparam("own"), Application.status.in_((*OPEN, ACTIVE)))
    return query.order_by(Application.submitted_at.desc()).limit(MOST_OF_A_KIND)


def _photos_like(kind: str, why: str, condition, limit: int) -> Select:
    query = select(
        literal(kind).label("photo"), literal(why).label("why"), Photo.application_id, Photo.perceptual_hash,
    ).join(Application, Application.id == Photo.application_id)
    others = Photo.application_id != bindparam("own"), Application.submitted_at.is_not(None)
    return query.where(condition, *others).limit(limit)


def _quarter(kind: str, start: int) -> str:
    return f"quarter_{kind}_{start}"


def bits_apart(row, photo: Photo) -> int:
    """0 to 64: how many bits of the two perceptual hashes differ."""
    return (int(row.perceptual_hash, 16) ^ int(photo.perceptual_hash, 16)).bit_count()

"""Bursts: many registrations at once from one network or after one pattern wait until somebody looked.

A sign refuses nobody. The registration is received and keeps its place and its clock; it stands in the
tab *Perlu dilihat*, and nothing is sent about it until an officer has said *Sudah dilihat*. Marks are
keyed indexes, of the shortened network address too, and are forgotten after two days.
"""

import ipaddress
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock, journal
from app.base.database import Base, UtcDateTime, db, transaction
from app.base.services import sealer
from app.registration.models import Application
from app.registration.personal import open_personal

NETWORK, KK, PHONE, NAME, NIK_RUN, PHOTO = "network", "kk", "phone", "name", "nik_run", "photo"
KINDS = (NETWORK, KK, PHONE, NAME, NIK_RUN, PHOTO)
FORGET_AFTER = timedelta(days=2)
FORGET_AT_ONCE = 5000
# the digits of a NIK before the serial number: district, birthday and sex
NIK_STEM = 12
NETWORK_BITS = {4: 24, 6: 48}


@dataclass(frozen=True)
class Sign:
    """More than `most` registrations within `span` that are alike, this one among them. `words` are for
    staff."""

    span: timedelta
    most: int
    words: str

    @property
    def sentence(self) -> str:
        hours = self.span // timedelta(hours=1)
        return f"Lebih dari {self.most} pendaftaran dalam {hours} jam {self.words}."


# A carrier hides thousands of people behind one network and a household shares one KK and one phone:
# the numbers are above what happens on an honest day. Being wrong costs one look of an officer.
SIGNS: dict[str, Sign] = {
    NETWORK: Sign(timedelta(hours=1), 15, "dari jaringan internet yang sama"),
    KK: Sign(timedelta(hours=24), 6, "dengan Nomor KK yang sama"),
    PHONE: Sign(timedelta(hours=24), 5, "dengan nomor WhatsApp yang sama"),
    NAME: Sign(timedelta(hours=24), 3, "dengan nama lengkap yang sama"),
    NIK_RUN: Sign(timedelta(hours=24), 3, "dengan NIK yang hanya berbeda nomor urutnya"),
    PHOTO: Sign(timedelta(hours=24), 2, "dengan foto yang sama"),
}


class SubmissionMark(Base):
    """What one sent registration has in common with others, as keyed indexes."""

    __tablename__ = "submission_mark"

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)

    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        Index("ix_submission_mark_alike", "kind", "value_index", "at"),
    )


class BurstLook(Base):
    """A registration that waits, or waited, to be looked at, and for which signs."""

    __tablename__ = "burst_look"

    application_id: Mapped[str] = mapped_column(ForeignKey("application.id"), primary_key=True)
    signs: Mapped[list] = mapped_column(JSON)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


def let_wait(application: Application, address: str) -> bool:
    """Mark a registration that is being sent, inside the caller's transaction; whether it has to wait.

    `address` is the visitor's network address, "" for one that did not come over the network. What is
    filed at the counter never waits: somebody looked at the person.
    """
    marks = dict.fromkeys(_marks(application, "" if application.filed_by else address))
    alike = _count_alike(application.id, marks)
    signs = [kind for kind, index in marks if alike[kind, index] >= SIGNS[kind].most]
    db.session.add_all(
        SubmissionMark(application_id=application.id, kind=kind, value_index=index, at=clock.now())
        for kind, index in marks
    )
    if not signs or not address or application.filed_by:
        return False
    signs = list(dict.fromkeys(signs))
    application.to_look = True
    db.session.add(BurstLook(application_id=application.id, signs=signs))
    journal.record(
        "application_waits_for_look", actor=journal.SYSTEM, about=("application", application.id),
        detail={"signs": signs},
    )
    return True


def look_of(application_id: str) -> BurstLook | None:
    return db.session.get(BurstLook, application_id)


def sentences_of(application_id: str) -> tuple[str, ...]:
    """Why it waits, for staff."""
    look = look_of(application_id)
    return tuple(SIGNS[kind].sentence for kind in look.signs) if look else ()


def forget_old_marks() -> int:
    """A bounded number at once; returns how many. A job of the worker."""
    with transaction() as session:
        keys = select(SubmissionMark.application_id).where(SubmissionMark.at < clock.now() - FORGET_AFTER)
        old = list(session.scalars(keys.distinct().limit(FORGET_AT_ONCE)))
        return session.execute(delete(SubmissionMark).where(SubmissionMark.application_id.in_(old))).rowcount


def _marks(application: Application, address: str) -> Iterator[tuple[str, str]]:
    person, box = open_personal(application), sealer()
    if network := _network_of(address):
        yield NETWORK, box.index("burst-network", network)
    yield KK, application.kk_index
    if application.phone_index:
        yield PHONE, application.phone_index
    yield NAME, box.index("burst-name", " ".join(sorted(person.full_name.casefold().split())))
    yield NIK_RUN, box.index("burst-nik", person.nik[:NIK_STEM])
    yield from ((PHOTO, photo.fingerprint) for photo in application.photos)


def _count_alike(application_id: str, marks: Collection[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """How many other registrations of each sign's span carry the same mark."""
    asked, now = {"own": application_id}, clock.now()
    for place, (kind, index) in enumerate(marks):
        asked |= {f"kind_{place}": kind, f"index_{place}": index, f"since_{place}": now - SIGNS[kind].span}
    found = db.session.execute(_alike_query(len(marks)), asked)
    return Counter({(kind, index): many for kind, index, many in found})


@cache
def _alike_query(marks: int) -> Select:
    """Built once for each number of marks, because building it takes longer than asking."""
    key = kind, index = SubmissionMark.kind, SubmissionMark.value_index
    alike = (
        (kind == bindparam(f"kind_{n}"), index == bindparam(f"index_{n}"), SubmissionMark.at > bindparam(f"since_{n}"))
        for n in range(marks)
    )
    query = select(*key, func.count()).where(
        or_(*(and_(*conditions) for conditions in alike)), SubmissionMark.application_id != bindparam("own"),
    )
    return query.group_by(*key)


def _network_of(address: str) -> str:
    """The address without its last part; "" for what is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, NETWORK_BITS[found.version]), strict=False))

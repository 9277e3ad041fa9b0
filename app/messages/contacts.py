"""What we know of a number: when it last wrote to us, and whether it wants to hear from us."""

from datetime import datetime, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    ScalarSelect,
    delete,
    exists,
    literal,
    or_,
    select,
    union_all,
)

from app.base import clock, journal
from app.base.database import db, insert_new, is_postgres, transaction
from app.messages.models import Contact, NumberProof

# the last minutes of the window are given away: the message must be through before it closes
SAFETY = timedelta(minutes=5)
FORGET_AT_ONCE = 5000


def window_is_open(contact_index: str, window: timedelta | None) -> bool:
    """Whether free text may be sent to this contact now; `window` None means always."""
    if window is None:
        return True
    return is_open_since(heard_at(contact_index), window)


def heard_at(contact_index: str) -> datetime | None:
    """When this contact last wrote to us, if ever."""
    contact = db.session.get(Contact, contact_index)
    return contact.last_inbound_at if contact is not None else None


def is_open_since(heard: datetime | None, window: timedelta | None) -> bool:
    """The same for a contact whom we heard from at that moment, if ever."""
    return window is None or (heard is not None and clock.now() < heard + window - SAFETY)


def window_ends(contact_index: str, window: timedelta | None) -> datetime | None:
    """Until when free text may be sent to this contact; None when no end is known, or it is over."""
    contact = db.session.get(Contact, contact_index) if window is not None else None
    if contact is None or contact.last_inbound_at is None:
        return None
    ends = contact.last_inbound_at + window - SAFETY
    return ends if clock.now() < ends else None


def heard_from(contact_index: str, external_index: str | None, at: datetime) -> None:
    """They wrote at `at`: the window opens, or stays open longer. Messages may come in any order."""
    contact = _contact(contact_index)
    contact.last_inbound_at = max(at, contact.last_inbound_at or at)
    contact.external_index = external_index or contact.external_index


def has_opted_out(contact_index: str) -> bool:
    contact = db.session.get(Contact, contact_index)
    return contact is not None and contact.opted_out_at is not None


def opt_out(contact_index: str) -> None:
    """They want no more WhatsApp; results still reach them, by phone."""
    contact = _contact(contact_index)
    if contact.opted_out_at is None:
        contact.opted_out_at = clock.now()
        journal.record("contact_opted_out", actor=journal.VISITOR, about=("contact", contact_index[:32]))


def opt_in(contact_index: str) -> None:
    contact = _contact(contact_index)
    if contact.opted_out_at is not None:
        contact.opted_out_at = None
        journal.record("contact_opted_in", actor=journal.VISITOR, about=("contact", contact_index[:32]))


def hold(contact_index: str) -> None:
    """Lock the row of a number until the caller's transaction ends, making it first if need be. SQLite holds its one
    write lock already."""
    if is_postgres():
        _contact(contact_index)


def proven(contact_index: BindParameter[str]) -> ColumnElement[bool]:
    """Whether the holder of this number ever wrote to us, or typed a code that we sent there."""
    person = _indexes_of(contact_index)
    wrote = exists().where(Contact.index.in_(person), Contact.last_inbound_at.is_not(None))
    proved = exists().where(NumberProof.contact_index.in_(person), NumberProof.proven_at.is_not(None))
    return or_(wrote, proved)


def last_heard(contact_index: BindParameter[str]) -> ScalarSelect[datetime | None]:
    return select(Contact.last_inbound_at).where(Contact.index == contact_index).scalar_subquery()


def same_person(contact_index: str) -> set[str]:
    """The index itself and those WhatsApp says are the same person."""
    return {contact_index, *db.session.scalars(_indexes_of(contact_index))} - {None}


def _indexes_of(contact_index: str | BindParameter[str]) -> CompoundSelect:
    """The index itself is among them, known or not."""
    same = or_(Contact.index == contact_index, Contact.external_index == contact_index)
    known = (select(column).where(same) for column in (Contact.index, Contact.external_index))
    return union_all(select(literal(contact_index) if isinstance(contact_index, str) else contact_index), *known)


def forget_empty() -> int:
    """Remove rows that were only ever held, a bounded number at once; returns how many. A worker's job."""
    nothing = (Contact.last_inbound_at, Contact.opted_out_at, Contact.external_index)
    empty = select(Contact.index).where(*(column.is_(None) for column in nothing)).limit(FORGET_AT_ONCE)
    with transaction() as session:
        return session.execute(delete(Contact).where(Contact.index.in_(empty))).rowcount


def _contact(contact_index: str) -> Contact:
    """Made anew when it was forgotten between the two statements."""
    row = insert_new(Contact, index=contact_index)
    row = row or db.session.get(Contact, contact_index, with_for_update=True, populate_existing=True)
    return row or _contact(contact_index)

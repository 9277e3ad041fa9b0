"""How far the mailbox was read, and what became of each message: one row per number (UID), so that none is taken twice.

A row is written in the same transaction as the words that it stands for; the flag on the server is set only after
that commit. So a crash anywhere repeats nothing and loses nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import exists, select, update

from app.base import clock
from app.base.database import db, end_reading, insert_once, transaction
from app.base.ids import new_id
from app.base.sealing import open_record, seal_record
from app.base.services import sealer, settings
from app.mailbox.box import OpenBox
from app.mailbox.models import FAILING, KNOWN, LEFT_ALONE, MOST_TRIES, TRIES_IN_FULL, Mailbox, MailIn, MailTrouble

# in a mailbox we see for the first time, older letters are the office's own past
FIRST_LOOK_BACK = timedelta(days=14)
# after the server has numbered everything anew, so far before our last look
SECOND_LOOK_BACK = timedelta(days=2)
FORGET_AFTER = timedelta(days=30)


class DealtWith(Exception):
    """Another worker was faster with this message."""


@dataclass(frozen=True)
class Place:
    """Where a message lies."""

    mailbox_id: str
    uid: int


@dataclass(frozen=True)
class Heading:
    """Who wrote a letter that was left alone, and about what."""

    name: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)


def heading_of(row: MailIn) -> Heading:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    if row.heading_sealed is None:
        return Heading()
    return open_record(sealer(), Heading, row.heading_sealed, f"mail_in:{row.id}:heading")


def find_mailbox(box: OpenBox) -> tuple[str, int]:
    """Id of the row for this folder as it is numbered now, and the first number not dealt with."""
    server = settings().mail.imap
    index = sealer().index("mail-folder", f"{server.host}\n{server.user}\n{settings().mail.folder}")
    earlier = list(db.session.scalars(
        select(Mailbox).where(Mailbox.folder_index == index).order_by(Mailbox.looked_at)
    ))
    row = next((known for known in earlier if known.uidvalidity == box.uidvalidity), None)
    if row is not None:
        found = row.id, row.next_uid
        end_reading()
        return found
    last_look = earlier[-1].looked_at if earlier else None
    end_reading()
    if last_look is not None:
        wanted = box.uids_since((last_look - SECOND_LOOK_BACK).date())
    else:
        wanted = box.uids_since((clock.now() - FIRST_LOOK_BACK).date(), unread_only=True)
    return _new_mailbox(index, box, wanted)


def dealt_with(mailbox_id: str, first: int) -> set[int]:
    query = select(MailIn.uid).where(
        MailIn.mailbox_id == mailbox_id, MailIn.uid >= first,
        (MailIn.fate != FAILING) | (MailIn.failures >= MOST_TRIES),
    )
    found = set(db.session.scalars(query))
    end_reading()
    return found


def failed_in_full(place: Place) -> bool:
    """Whether our code failed on it so often that its raw bytes alone are to be kept."""
    row = row_of(place)
    failures = row.failures if row is not None else 0
    end_reading()
    return failures >= TRIES_IN_FULL


def count_failure(place: Place) -> None:
    """Our own code failed on it; the row keeps count until it succeeds or is given up."""
    with transaction() as session:
        row = row_of(place)
        if row is None:
            session.add(MailIn(
                mailbox_id=place.mailbox_id, uid=place.uid, fate=FAILING, reason="our-fault", failures=1,
            ))
        elif row.fate == FAILING:
            row.failures += 1


def is_known(identity: str) -> bool:
    """Whether a copy of this letter was taken, wherever it lay."""
    found = db.session.scalar(select(exists().where(MailIn.message_index == identity_index(identity))))
    end_reading()
    return found


def identity_index(identity: str) -> str:
    return sealer().index("mail-identity", identity)


def note(place: Place, fate: str, reason: str, heading: Heading | None = None) -> str:
    """Write in a transaction of its own why a message becomes no words; returns the fate. Raises DealtWith."""
    with transaction():
        write(place, fate, reason, heading=heading)
    return fate


def write(
    place: Place, fate: str, reason: str, about_id: str | None = None, index: str | None = None,
    heading: Heading | None = None,
) -> MailIn:
    """The one row of this message, in the caller's transaction; a failing one is turned into it. Raises DealtWith for
    any other."""
    row = row_of(place)
    if row is not None and row.fate != FAILING:
        raise DealtWith
    if row is None:
        row = MailIn(id=new_id(), mailbox_id=place.mailbox_id, uid=place.uid)
        db.session.add(row)
    row.fate, row.reason, row.about_id, row.message_index = fate, reason[:30], about_id, index
    row.heading_sealed = seal_record(sealer(), heading, f"mail_in:{row.id}:heading") if heading else None
    db.session.flush()
    return row


def row_of(place: Place) -> MailIn | None:
    return db.session.scalar(
        select(MailIn).where(MailIn.mailbox_id == place.mailbox_id, MailIn.uid == place.uid)
    )


def move_on(mailbox_id: str, uids: Iterable[int], first: int) -> None:
    """Note that we looked, and the first number that is still to be dealt with."""
    done = dealt_with(mailbox_id, first)
    open_ones = [uid for uid in uids if uid not in done]
    with transaction() as session:
        row = session.get_one(Mailbox, mailbox_id)
        row.looked_at = clock.now()
        row.next_uid = max(row.next_uid, min(open_ones, default=max([*uids, first - 1]) + 1))


def flag_taken(box: OpenBox, mailbox_id: str) -> None:
    """Mark as read what became words in a ticket; what was left alone stays unread for people."""
    query = select(MailIn.uid).where(
        MailIn.mailbox_id == mailbox_id, MailIn.flagged_at.is_(None), MailIn.fate.not_in((*LEFT_ALONE, FAILING)),
    )
    uids = list(db.session.scalars(query.order_by(MailIn.uid).limit(200)))
    end_reading()
    if not uids:
        return
    box.mark_read(uids)
    with transaction() as session:
        session.execute(
            update(MailIn).where(MailIn.mailbox_id == mailbox_id, MailIn.uid.in_(uids)).values(flagged_at=clock.now())
        )


def forget_old() -> None:
    """Rows of messages that became no ticket are of no use once their numbers cannot come back."""
    limit = clock.now() - FORGET_AFTER
    with transaction() as session:
        past = select(Mailbox.id).where(Mailbox.id == MailIn.mailbox_id, MailIn.uid < Mailbox.next_uid)
        for row in session.scalars(
            select(MailIn).where(MailIn.about_id.is_(None), MailIn.created_at < limit, past.exists()).limit(1000)
        ):
            session.delete(row)


def _new_mailbox(index: str, box: OpenBox, wanted: list[int]) -> tuple[str, int]:
    """From the first wanted message on; what lies between and is not wanted counts as known."""
    first = min(wanted, default=box.uidnext)
    old = sorted(uid for uid in set(box.uids_from(first)).difference(wanted) if uid < box.uidnext)
    now = clock.now()
    with transaction() as session:
        made = insert_once(
            Mailbox, id=new_id(), folder_index=index, uidvalidity=box.uidvalidity, next_uid=first, started_at=now,
            looked_at=now,
        )
        row = session.scalars(
            select(Mailbox).where(Mailbox.folder_index == index, Mailbox.uidvalidity == box.uidvalidity)
        ).one()
        if made:  # otherwise another worker looked first, and has noted the rest too
            session.add_all(
                MailIn(mailbox_id=row.id, uid=uid, fate=KNOWN, reason="before-us", flagged_at=now) for uid in old
            )
        return row.id, row.next_uid


# Whether the mailbox answers: one row while it does not, so that an away server costs one try a minute and the
# office sees why nothing comes.

log = structlog.get_logger()

THE_ONE_ROW = 1


def note_trouble(error: str, pause: timedelta) -> None:
    """Remember a failed try; `error` is a code."""
    now = clock.now()
    with transaction():
        if insert_once(MailTrouble, id=THE_ONE_ROW, error=error[:60], since=now, pause_until=now + pause):
            log.error("mailbox_trouble", why=error)
            return
        row = known_trouble()
        row.error, row.pause_until = error[:60], now + pause


def clear_trouble() -> None:
    """A transaction only when there is something to clear."""
    there = known_trouble() is not None
    end_reading()
    if there:
        with transaction() as session:
            if row := known_trouble():
                session.delete(row)


def is_resting() -> bool:
    row = known_trouble()
    found = row is not None and row.pause_until is not None and row.pause_until > clock.now()
    end_reading()
    return found


def known_trouble() -> MailTrouble | None:
    """None while the mailbox can be read."""
    return db.session.get(MailTrouble, THE_ONE_ROW, populate_existing=True)

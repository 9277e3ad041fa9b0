"""The worker's look into the mailbox: each message becomes words in a ticket once, or is left alone for a reason.

What was dealt with is one row per message number (UID), written in the same transaction as the words; the
flag on the server is set only after that commit. So a crash anywhere repeats nothing and loses nothing. The
talk with the server holds no transaction.
"""

import time
from collections.abc import Iterable
from datetime import timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.base import clock
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.once import insert_once
from app.base.problems import TemporarilyUnavailable
from app.base.services import sealer, settings
from app.complaints.arriving import letter_to_ticket
from app.mailbox import trouble
from app.mailbox.box import MailboxAway, OpenBox, open_box
from app.mailbox.models import FAILING, KNOWN, LEFT_ALONE, MOST_TRIES, TRIES_IN_FULL, Mailbox, MailIn

log = structlog.get_logger()

# a bounded piece of work: messages on WhatsApp wait for it
BATCH, BUDGET_SECONDS = 50, 20
PAUSE = timedelta(minutes=1)
# in a mailbox we see for the first time, older letters are the office's own past
FIRST_LOOK_BACK = timedelta(days=14)
# after the server has numbered everything anew, so far before our last look
SECOND_LOOK_BACK = timedelta(days=2)
FORGET_AFTER = timedelta(days=30)


def take_new() -> int:
    """Deal with what is new in the mailbox; returns how many messages. Nothing without MAIL_IMAP_HOST."""
    server = settings().mail.imap
    if server is None or trouble.is_resting():
        return 0
    try:
        with open_box(server, settings().mail.folder) as box:
            done = _work_through(box)
    except MailboxAway as away:
        trouble.note(away.code, PAUSE)
        return 0
    trouble.clear()
    return done


def forget_old() -> None:
    """Rows of messages that became no ticket are of no use once their numbers cannot come back."""
    limit = clock.now() - FORGET_AFTER
    with transaction() as session:
        past = select(Mailbox.id).where(Mailbox.id == MailIn.mailbox_id, MailIn.uid < Mailbox.next_uid)
        for row in session.scalars(
            select(MailIn).where(MailIn.about_id.is_(None), MailIn.created_at < limit, past.exists()).limit(1000)
        ):
            session.delete(row)


def _work_through(box: OpenBox) -> int:
    mailbox_id, first = _mailbox(box)
    uids = box.uids_from(first)
    known = _dealt_with(mailbox_id, first)
    deadline, done = time.monotonic() + BUDGET_SECONDS, 0
    for uid in [uid for uid in uids if uid not in known][:BATCH]:
        if time.monotonic() > deadline:
            break
        done += _take(box, mailbox_id, uid)
    _move_on(mailbox_id, uids, first)
    _flag(box, mailbox_id)
    return done


def _take(box: OpenBox, mailbox_id: str, uid: int) -> bool:
    """One message that fails stops no other; it is tried again, at last with its raw bytes alone."""
    fetched = box.fetch(uid)
    failures = _failures(mailbox_id, uid)
    try:
        letter_to_ticket.take(
            letter_to_ticket.Place(mailbox_id, uid), fetched, raw_only=failures >= TRIES_IN_FULL,
        )
        return True
    except letter_to_ticket.DealtWith:
        return False
    except (OperationalError, TemporarilyUnavailable, letter_to_ticket.ReadLater):
        log.warning("mail_put_off", uid=uid)  # ours is the trouble, not the message's
        db.session.rollback()
        return False
    except Exception as error:  # a message that no code of ours can read must not block those behind it
        log.exception("mail_take_failed", uid=uid, kind=type(error).__name__)
        letter_to_ticket.count_failure(letter_to_ticket.Place(mailbox_id, uid))
        return False


def _mailbox(box: OpenBox) -> tuple[str, int]:
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


def _dealt_with(mailbox_id: str, first: int) -> set[int]:
    query = select(MailIn.uid).where(
        MailIn.mailbox_id == mailbox_id, MailIn.uid >= first,
        (MailIn.fate != FAILING) | (MailIn.failures >= MOST_TRIES),
    )
    found = set(db.session.scalars(query))
    end_reading()
    return found


def _failures(mailbox_id: str, uid: int) -> int:
    query = select(MailIn.failures).where(MailIn.mailbox_id == mailbox_id, MailIn.uid == uid)
    found = db.session.scalar(query) or 0
    end_reading()
    return found


def _move_on(mailbox_id: str, uids: Iterable[int], first: int) -> None:
    """Note that we looked, and the first number that is still to be dealt with."""
    done = _dealt_with(mailbox_id, first)
    open_ones = [uid for uid in uids if uid not in done]
    with transaction() as session:
        row = session.get_one(Mailbox, mailbox_id)
        row.looked_at = clock.now()
        row.next_uid = max(row.next_uid, min(open_ones, default=max([*uids, first - 1]) + 1))


def _flag(box: OpenBox, mailbox_id: str) -> None:
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


"""Rows of the mailbox: how far it was read, and one row per message, so that none is taken twice."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id

# a complaint; known already; left alone: machines, ourselves, floods; a failed delivery of ours
TAKEN, KNOWN, AUTOMATIC, OWN, FLOOD, BOUNCE = "taken", "known", "automatic", "own", "flood", "bounce"
FAILING = "failing"  # our own code failed on it; tried again, at last with the raw bytes alone
FATES = (TAKEN, KNOWN, AUTOMATIC, OWN, FLOOD, BOUNCE, FAILING)
LEFT_ALONE = (AUTOMATIC, OWN, FLOOD)
# our code may fail on a message so often: first in full, then with its raw bytes alone
TRIES_IN_FULL, MOST_TRIES = 3, 6


class Mailbox(Base):
    """One folder as the server numbers it. A new UIDVALIDITY is a new row: all its numbers are new.

    `folder_index` is the keyed index of server, user and folder. Every message below `next_uid` is
    dealt with.
    """

    __tablename__ = "mail_box"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    folder_index: Mapped[str] = mapped_column(String(64))
    uidvalidity: Mapped[str] = mapped_column(String(20))
    next_uid: Mapped[int] = mapped_column(BigInteger, default=1)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    __table_args__ = (UniqueConstraint("folder_index", "uidvalidity"),)


class MailTrouble(Base):
    """Why the last look into the mailbox failed, a code; no row when it works."""

    __tablename__ = "mail_trouble"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    error: Mapped[str] = mapped_column(String(60))
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    pause_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailIn(Base):
    """One message of the mailbox, written in the transaction that took it.

    `message_index` is the keyed index of its Message-ID and content; `about_id` is the record it became part of.
    `thread_sealed` holds
    {message_id, references}, for the headers of our answer; empty for what was left alone.
    """

    __tablename__ = "mail_in"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    mailbox_id: Mapped[str] = mapped_column(ForeignKey("mail_box.id"))
    uid: Mapped[int] = mapped_column(BigInteger)
    message_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    fate: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(30), default="")
    failures: Mapped[int] = mapped_column(default=0)
    about_id: Mapped[str | None] = mapped_column(String(32), index=True)
    thread_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # of a letter that was left alone: who and about what, so that people see it
    heading_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, index=True)
    flagged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("mailbox_id", "uid"),
        CheckConstraint(f"fate IN {FATES}", name="known_fate"),
    )

"""The journal's head goes out of the house once a day, so that a cut tail is found later.

Whoever owns the database can remove the newest lines and set the head back; the chain alone looks whole
then. An anchor is the number and hash of the last line, kept where that person cannot reach: a file in
another place, an e-mail, or the log (docs/accounts-and-traces.md, 6).
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock, journal_proof
from app.base.database import Base, UtcDateTime, db, end_reading, transaction
from app.base.ids import new_id
from app.base.journal_line import JournalLine
from app.base.logs import redact
from app.base.services import city, settings
from app.messages.addresses import EMAIL
from app.messages.choose_gateway import gateway
from app.messages.email.smtp import new_message_id
from app.messages.gateway import Accepted, Heading, Outgoing

# the job looks every hour, so that a place that was away gets its line the same day
EVERY = timedelta(hours=23, minutes=30)
FILE, MAIL, LOG = "file", "mail", "log"
# divided by colons: no run of digits that the redaction of logs could take for a NIK or a telephone number
WRITTEN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) line=(\d{1,18}):((?:[0-9a-f]{4}:){15}[0-9a-f]{4})")

log = structlog.get_logger()


class AnchorsIncomplete(Exception):
    """Some places did not take the head; the others did. The next run tries those again."""


class JournalAnchor(Base):
    """The head that last went to a place. Says when, and is no proof: it lies in the same database."""

    __tablename__ = "journal_anchor"

    place: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Anchor:
    """`hash` is 64 hex digits, of line number `seq`."""

    at: datetime
    seq: int
    hash: str

    def __str__(self) -> str:
        groups = ":".join(self.hash[start:start + 4] for start in range(0, len(self.hash), 4))
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} line={self.seq}:{groups}"


def send_out() -> None:
    """Give the head to every place that has not had one for a day. An empty journal has none yet.

    Raises AnchorsIncomplete naming the places that did not take it.
    """
    due = [place for place in places() if _is_due(place)]
    with transaction():
        journal_proof.seal_lanes()
    last = journal_proof.last_sealed_line()
    anchor = Anchor(clock.now(), last.seq, last.hash) if last else None
    end_reading()
    if anchor is None:
        return
    failed = [place for place in due if not _gave(place, anchor)]
    if failed:
        raise AnchorsIncomplete(", ".join(failed))


def places() -> list[str]:
    """Where anchors go by the settings; the log always has them."""
    ours = settings()
    return [LOG, *([FILE] if ours.journal_anchors else []), *([MAIL] if ours.journal_anchors_mail else [])]


def latest_anchor(place: str | None = None) -> Anchor | None:
    """The last that went to this place, or to any place outside this machine's own log and database."""
    query = select(JournalAnchor).order_by(JournalAnchor.at.desc()).limit(1)
    wanted = (place,) if place else (FILE, MAIL)
    row = db.session.scalar(query.where(JournalAnchor.place.in_(wanted)))
    return Anchor(row.at, row.seq, row.hash) if row else None


def read(lines: Iterable[str]) -> Iterator[Anchor]:
    """Every anchor in a text: a file of anchors, a saved e-mail or a log."""
    for line in lines:
        for at, seq, groups in WRITTEN.findall(line):
            yield Anchor(datetime.fromisoformat(at), int(seq), groups.replace(":", ""))


def broken_anchor(anchors: Iterable[Anchor]) -> Anchor | None:
    """The first whose line the journal no longer has, or has with another hash."""
    for anchor in anchors:
        kept = db.session.scalar(select(JournalLine.hash).where(JournalLine.seq == anchor.seq))
        if kept != anchor.hash:
            return anchor
    return None


def cut_after() -> Anchor | None:
    """The first anchor in our file of them that this journal does not reach or has otherwise; None when all fit."""
    kept = settings().journal_anchors
    if not kept or not Path(kept).exists():
        return None
    with Path(kept).open() as lines:
        return broken_anchor(read(lines))


def _is_due(place: str) -> bool:
    last = latest_anchor(place)
    return last is None or last.at <= clock.now() - EVERY


def _gave(place: str, anchor: Anchor) -> bool:
    try:
        GIVERS[place](anchor)
    except Exception as error:  # one place that is away must not keep the others from theirs
        log.exception("anchor_failed", place=place, kind=type(error).__name__)
        return False
    with transaction() as session:
        session.merge(JournalAnchor(place=place, at=anchor.at, seq=anchor.seq, hash=anchor.hash))
    return True


def _into_file(anchor: Anchor) -> None:
    """Appended and on the disk before it counts; several processes may append, each a whole line."""
    path = Path(settings().journal_anchors)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{anchor}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _by_mail(anchor: Anchor) -> None:
    way = gateway(EMAIL)
    if way is None:
        raise RuntimeError("JOURNAL_ANCHORS_MAIL is set and there is no server for e-mail")
    text = f"Simpan surat ini. Dengan baris di bawah, pemotongan jurnal dapat diketahui.\n\n{anchor}\n"
    outcome = way.send(Outgoing(
        reference=new_id(), to=settings().journal_anchors_mail, text=text, masked=redact(text),
        title=f"Jurnal {city().short_name}: baris terakhir {anchor.seq}",
        heading=Heading(new_message_id(), references=(), automatic=True, at=anchor.at),
    ))
    if not isinstance(outcome, Accepted):
        raise RuntimeError(f"the letter was not taken: {type(outcome).__name__}")


def _into_log(anchor: Anchor) -> None:
    log.info("journal_anchor", anchor=str(anchor))


GIVERS: dict[str, Callable[[Anchor], None]] = {FILE: _into_file, MAIL: _by_mail, LOG: _into_log}

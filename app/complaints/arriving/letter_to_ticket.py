"""What one message of the mailbox becomes: words in a ticket, or a row that says why not."""

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from app.base import clock, limits
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.services import city, sealer, settings
from app.complaints.arriving import intake, which_ticket
from app.complaints.ticket import files
from app.complaints.ticket import status as st
from app.complaints.ticket.files import Prepared
from app.complaints.ticket.models import FILE, PDF, PHOTO, Ticket, TicketAttachment
from app.complaints.ticket.personal import Contact, email_index
from app.complaints.ticket.words import FORGED, OTHER_ADDRESS, UNPROVEN
from app.mailbox import origin
from app.mailbox.box import Fetched
from app.mailbox.letters import Attached, Letter, headers_of, raw_letter, read_letter, too_big
from app.mailbox.models import AUTOMATIC, BOUNCE, FAILING, FLOOD, KNOWN, OWN, TAKEN, MailIn
from app.messages.email import threads
from app.photos.errors import PhotoBusy

RAW_TYPE = "message/rfc822"


class DealtWith(Exception):
    """Another worker was faster with this message."""


@dataclass(frozen=True)
class Place:
    """Where a message lies."""

    mailbox_id: str
    uid: int


class ReadLater(Exception):
    """The photo pipeline is busy: nothing is wrong with the letter."""


def take(place: Place, fetched: Fetched | None, raw_only: bool = False) -> str:
    """Deal with one message in one transaction; returns its fate. None is one that is gone.

    Raises ReadLater, StorageUnavailable and database errors, with nothing written, and DealtWith.
    """
    if fetched is None:
        return _note(place, KNOWN, "gone")
    head, own = headers_of(fetched.raw), settings().mail.address
    if fetched.whole and _report_of_ours(place, fetched.raw):
        return BOUNCE
    if why := origin.why_automatic(head, own):
        return _note(place, AUTOMATIC, why)
    letter = _letter(fetched, raw_only)
    if own and letter.sender.lower() == own:
        return _note(place, OWN, "own-address")
    if _is_known(letter):
        return _note(place, KNOWN, "copy")
    sender = email_index(letter.sender) or "nobody"
    if limits.is_blocked("mail-sender-flood", sender):
        return _note(place, FLOOD, "too-many")
    prepared = prepared_files(letter)
    fate = _keep(place, fetched, letter, prepared, joins=limits.is_blocked("mail-sender", sender))
    _count(sender)
    return fate


def count_failure(place: Place) -> None:
    """Our own code failed on it; the row keeps count until it succeeds or is given up."""
    with transaction() as session:
        row = _row(place)
        if row is None:
            session.add(MailIn(
                mailbox_id=place.mailbox_id, uid=place.uid, fate=FAILING, reason="our-fault", failures=1,
            ))
        elif row.fate == FAILING:
            row.failures += 1


def _letter(fetched: Fetched, raw_only: bool) -> Letter:
    if not fetched.whole:
        return too_big(fetched.raw, fetched.size)
    return raw_letter(fetched.raw) if raw_only else read_letter(fetched.raw)


def _report_of_ours(place: Place, raw: bytes) -> bool:
    reports = origin.failed_deliveries(raw)
    if not reports:
        return False
    with transaction():
        ours = [report for report in reports if threads.bounced(report.message_id, report.status)]
        if ours:
            _write(place, BOUNCE, ours[0].status)
    return bool(ours)


def _count(sender: str) -> None:
    """Past the first limit a sender's letters join one ticket, so that an answering machine that does not
    say what it is gets no further receipts; past the second they stay in the mailbox. Counted after the
    letter was kept: one that is put off and tried again counts once."""
    for name in ("mail-sender", "mail-sender-flood"):
        with suppress(limits.TooManyTries):
            limits.hit(name, sender)


def prepared_files(letter: Letter) -> list[Prepared]:
    """Photos made anew and PDF; anything else is named and dropped. Raises ReadLater."""
    return [_prepared_file(attached, position) for position, attached in enumerate(letter.files)]


def _prepared_file(attached: Attached, position: int) -> Prepared:
    if attached.is_letter:
        refusal = "" if attached.data else "too-large"
        return Prepared(FILE, "" if refusal else RAW_TYPE, attached.data, name=attached.name, refusal=refusal)
    if position >= files.MOST_FILES:
        return Prepared(FILE, name=attached.name, refusal="too-many")
    made = files.prepare(files.File(attached.data, attached.name))
    if made.refusal == PhotoBusy.code:
        raise ReadLater
    if made.refusal or made.kind in (PHOTO, PDF):
        return made
    return Prepared(FILE, name=made.name, refusal="not-a-photo")


def _keep(place: Place, fetched: Fetched, letter: Letter, prepared: list[Prepared], joins: bool) -> str:
    """Words, files and the row of the message together. A second worker's row makes this one vanish."""
    stored: list[TicketAttachment] = []
    try:
        with transaction():
            moment = clock.now()  # before the receipt is written: the receipt answers this letter
            ticket = _enter(fetched, letter, prepared, joins, stored)
            row = _write(place, TAKEN, "", ticket.id, sealer().index("mail-identity", letter.identity))
            row.created_at = moment
            if letter.message_id:
                threads.seal_thread(row, [*reversed(letter.references), letter.message_id])
            threads.proven(letter.references)
    except IntegrityError:
        files.erase_objects(stored)
        if _row(place) is None and not _is_known(letter):
            raise
        end_reading()
        return KNOWN
    except BaseException:
        files.erase_objects(stored)
        raise
    return TAKEN


def _enter(
    fetched: Fetched, letter: Letter, prepared: list[Prepared], joins: bool, stored: list[TicketAttachment],
) -> Ticket:
    channel, contact = _channel(), Contact(name=letter.name, email=letter.sender)
    named = "" if threads.answers_to_office(letter.references) else which_ticket.find_number(letter.subject)
    hints = [*letter.references, letter.message_id, named or ""]
    found = which_ticket.ticket_of_thread(channel, contact, hints)
    if found is None and joins:
        found = _newest_of(contact)
    external = letter.message_id
    if not external or which_ticket.ticket_of_external(channel, external) is not None:
        external = f"{letter.message_id}#{letter.identity}"
    return intake.enter(
        channel, contact, letter.text, prepared, received_at=fetched.received_at, external_id=external,
        details=intake.Details(subject=letter.subject[:intake.SUBJECT_LENGTH]), stored=stored,
        into=found.id if found is not None else None, as_new=found is None, origin=_origin(fetched, letter, found),
    )


def _origin(fetched: Fetched, letter: Letter, ticket: Ticket | None) -> intake.Origin:
    """Whether this letter speaks for the ticket's owner. What our provider says about its address counts first;
    where it says nothing, knowing the Message-ID of a letter of ours, which nobody can guess."""
    verdict = origin.verdict_of(headers_of(fetched.raw), settings().mail.authserv_id, letter.sender)
    if ticket is not None and not which_ticket.belongs_to(ticket, Contact(email=letter.sender)):
        return intake.Origin(doubt=OTHER_ADDRESS, sender=letter.sender)
    if verdict == origin.FAIL:
        return intake.Origin(doubt=FORGED)
    if ticket is None or verdict == origin.PASS or _answers_us(letter, ticket):
        return intake.SURE
    return intake.Origin(doubt=UNPROVEN)


def _answers_us(letter: Letter, ticket: Ticket) -> bool:
    answered = (which_ticket.usable(which_ticket.ticket_of_letter(reference)) for reference in letter.references)
    return any(one is not None and one.id == ticket.id for one in answered)


def _newest_of(contact: Contact) -> Ticket | None:
    query = select(Ticket).where(Ticket.email_index == email_index(contact.email), Ticket.status.in_(st.LIVE))
    return db.session.scalar(query.order_by(Ticket.received_at.desc()).limit(1)) if contact.email else None


def _is_known(letter: Letter) -> bool:
    index = sealer().index("mail-identity", letter.identity)
    found = db.session.scalar(select(exists().where(MailIn.message_index == index)))
    end_reading()
    return found


def _note(place: Place, fate: str, reason: str) -> str:
    with transaction():
        _write(place, fate, reason)
    return fate


def _write(place: Place, fate: str, reason: str, about_id: str | None = None, index: str | None = None) -> MailIn:
    """The one row of this message; a failing one is turned into it. Raises DealtWith for any other."""
    row = _row(place)
    if row is not None and row.fate != FAILING:
        raise DealtWith
    if row is None:
        row = MailIn(id=new_id(), mailbox_id=place.mailbox_id, uid=place.uid)
        db.session.add(row)
    row.fate, row.reason, row.about_id, row.message_index = fate, reason[:30], about_id, index
    db.session.flush()
    return row


def _row(place: Place) -> MailIn | None:
    return db.session.scalar(
        select(MailIn).where(MailIn.mailbox_id == place.mailbox_id, MailIn.uid == place.uid)
    )


def _channel() -> str:
    return next((channel.key for channel in city().channels if channel.kind == "email"), "email")

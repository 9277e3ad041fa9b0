"""The worker's walk from the mailbox to a ticket: each letter is read once, its ticket found, its words kept.

The talk with the server and the opening of files hold no transaction; words, files and the row that says that the
letter was dealt with (app/mailbox/ledger.py) are one.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from app.base import clock, limits
from app.base.database import db, end_reading, transaction
from app.base.problems import TemporarilyUnavailable
from app.base.services import city, settings
from app.complaints.arriving import intake, which_ticket
from app.complaints.arriving.which_ticket import is_courtesy
from app.complaints.ticket import files
from app.complaints.ticket.files import Prepared
from app.complaints.ticket.models import FILE, Ticket, TicketAttachment
from app.complaints.ticket.personal import Contact, email_index
from app.complaints.ticket.status import LIVE
from app.complaints.ticket.words import FORGED, OTHER_ADDRESS, UNPROVEN
from app.mailbox import ledger, origin
from app.mailbox.box import Fetched, MailboxAway, OpenBox, open_box
from app.mailbox.contents import Attached
from app.mailbox.ledger import DealtWith, Place
from app.mailbox.letters import Letter, open_letter
from app.mailbox.models import AUTOMATIC, BOUNCE, FLOOD, KNOWN, OWN, TAKEN
from app.messages.email import threads
from app.photos import disk_space
from app.photos.errors import PhotoBusy

log = structlog.get_logger()

# a bounded piece of work: messages on WhatsApp wait for it
BATCH, BUDGET_SECONDS = 50, 20
PAUSE = timedelta(minutes=1)


class ReadLater(Exception):
    """The photo pipeline is busy: nothing is wrong with the letter."""


def take_new() -> int:
    """Deal with what is new in the mailbox; returns how many messages. Nothing without MAIL_IMAP_HOST."""
    server = settings().mail.imap
    if server is None or ledger.is_resting():
        return 0
    try:
        with open_box(server, settings().mail.folder) as box:
            done = _work_through(box)
    except MailboxAway as away:
        ledger.note_trouble(away.code, PAUSE)
        return 0
    ledger.clear_trouble()
    return done


def _work_through(box: OpenBox) -> int:
    mailbox_id, first = ledger.find_mailbox(box)
    uids = box.uids_from(first)
    known = ledger.dealt_with(mailbox_id, first)
    deadline, done = time.monotonic() + BUDGET_SECONDS, 0
    for uid in [uid for uid in uids if uid not in known][:BATCH]:
        if time.monotonic() > deadline:
            break
        done += _take(box, Place(mailbox_id, uid))
    ledger.move_on(mailbox_id, uids, first)
    ledger.flag_taken(box, mailbox_id)
    return done


def _take(box: OpenBox, place: Place) -> bool:
    """One message that fails stops no other; it is tried again, at last with its raw bytes alone."""
    fetched = box.fetch(place.uid)
    raw_only = ledger.failed_in_full(place)
    try:
        take(place, fetched, raw_only)
        return True
    except DealtWith:
        return False
    except (OperationalError, TemporarilyUnavailable, ReadLater, PhotoBusy):
        log.warning("mail_put_off", uid=place.uid)  # ours is the trouble, not the message's
        db.session.rollback()
        return False
    except Exception as error:  # a message that no code of ours can read must not block those behind it
        log.exception("mail_take_failed", uid=place.uid, kind=type(error).__name__)
        ledger.count_failure(place)
        return False


def take(place: Place, fetched: Fetched | None, raw_only: bool = False) -> str:
    """Deal with one message in one transaction; returns its fate. None is one that is gone.

    Raises ReadLater, StorageUnavailable and database errors, with nothing written, and DealtWith.
    """
    if fetched is None:
        return ledger.note(place, KNOWN, "gone")
    letter = open_letter(fetched, settings().mail, raw_only)
    if letter.failed and _told_of_ours(place, letter):
        return BOUNCE
    fate, reason = _left_alone(letter)
    if fate:
        return ledger.note(place, fate, reason, _heading(letter))
    fate = _keep(place, fetched, letter, prepared_files(letter))
    _count(letter)
    return fate


def _heading(letter: Letter) -> ledger.Heading:
    return ledger.Heading(letter.name, letter.sender, letter.subject)


def _told_of_ours(place: Place, letter: Letter) -> bool:
    with transaction():
        ours = [report for report in letter.failed if threads.bounced(report.message_id, report.status)]
        if ours:
            ledger.write(place, BOUNCE, ours[0].status, heading=_heading(letter))
    return bool(ours)


def _left_alone(letter: Letter) -> tuple[str, str]:
    """(fate, reason) of a letter that becomes no words; ("", "") for one to keep."""
    if letter.automatic:
        return AUTOMATIC, letter.automatic
    if letter.sender and letter.sender.lower() in settings().mail.own_addresses:
        return OWN, "own-address"
    if ledger.is_known(letter.identity):
        return KNOWN, "copy"
    return (FLOOD, "too-many") if limits.is_blocked("mail-sender-flood", _sender(letter)) else ("", "")


def prepared_files(letter: Letter) -> list[Prepared]:
    """What of its files is proof, the rest named and dropped; the letter itself at last. Raises ReadLater."""
    disk_space.demand_space()
    prepared = [_prepared_file(attached, position) for position, attached in enumerate(letter.files)]
    return [*prepared, files.whole_letter(letter.raw)]


def _prepared_file(attached: Attached, position: int) -> Prepared:
    if position >= files.MOST_FILES:
        return Prepared(FILE, name=attached.name, refusal="too-many")
    made = files.prepare(files.File(attached.data, attached.name))
    if made.refusal == PhotoBusy.code:
        raise ReadLater
    return made


def _keep(place: Place, fetched: Fetched, letter: Letter, prepared: list[Prepared]) -> str:
    """Words, files and the row of the message together. A second worker's row makes this one vanish."""
    joins, channel = limits.is_blocked("mail-sender", _sender(letter)), _channel()
    try:
        with _erased_on_failure() as stored, transaction():
            moment = clock.now()  # before the receipt is written: the receipt answers this letter
            found, contact = _ticket_of(letter, channel, joins), Contact(name=letter.name, email=letter.answer_to)
            if found is None and not letter.files and is_courtesy(letter.text, letter.name):
                ledger.write(place, AUTOMATIC, "thanks", heading=_heading(letter))
                return AUTOMATIC
            ticket = intake.enter(
                found, channel, contact, letter.text, prepared,
                received_at=fetched.received_at, external_id=_external_id(letter, channel),
                details=intake.Details(subject=letter.subject[:intake.SUBJECT_LENGTH]), stored=stored,
                origin=replace(_origin(letter, found), quoted=letter.quoted, unread=letter.unread,
                               answers_us=found is not None and _answers_us(letter, found)),
            )
            row = ledger.write(place, TAKEN, "", ticket.id, ledger.identity_index(letter.identity))
            row.created_at = moment
            if letter.message_id:
                threads.seal_thread(row, [*reversed(letter.references), letter.message_id])
            threads.proven(letter.references)
    except IntegrityError:
        if ledger.row_of(place) is None and not ledger.is_known(letter.identity):
            raise
        end_reading()
        return KNOWN
    return TAKEN


@contextmanager
def _erased_on_failure() -> Iterator[list[TicketAttachment]]:
    """Objects are written before their rows: when those fail, nobody would ever find them."""
    stored: list[TicketAttachment] = []
    try:
        yield stored
    except BaseException:
        files.erase_objects(stored)
        raise


def _ticket_of(letter: Letter, channel: str, joins: bool) -> Ticket | None:
    """The ticket that the letter goes on with. Past the first limit a sender's letters join one ticket, so that an
    answering machine that does not say what it is gets no further receipts."""
    named = "" if threads.answers_to_office(letter.references) else which_ticket.find_number(letter.subject)
    contact, hints = Contact(email=letter.sender), [*letter.references, letter.message_id, named or ""]
    found = which_ticket.ticket_of_thread(channel, contact, hints)
    if found is not None or not joins or not letter.sender:
        return found
    query = select(Ticket).where(Ticket.email_index == email_index(letter.sender), Ticket.status.in_(LIVE))
    return db.session.scalar(query.order_by(Ticket.received_at.desc()).limit(1))


def _external_id(letter: Letter, channel: str) -> str:
    """Its Message-ID; with its identity where there is none, or another letter bears the same."""
    if letter.message_id and which_ticket.ticket_of_external(channel, letter.message_id) is None:
        return letter.message_id
    return f"{letter.message_id}#{letter.identity}"


def _origin(letter: Letter, ticket: Ticket | None) -> intake.Origin:
    """Whether this letter speaks for the ticket's owner, who may write from one address and be answered
    at another. What our provider says about its address counts first;
    where it says nothing, knowing the Message-ID of a letter of ours, which nobody can guess."""
    if ticket is not None and not which_ticket.belongs_to(ticket, Contact(email=letter.sender)) and not (
        _answers_us(letter, ticket) and which_ticket.belongs_to(ticket, Contact(email=letter.answer_to))
    ):
        return intake.Origin(doubt=OTHER_ADDRESS, sender=letter.sender)
    if letter.verdict == origin.FAIL:
        return intake.Origin(doubt=FORGED)
    if ticket is None or letter.verdict == origin.PASS or _answers_us(letter, ticket):
        return intake.SURE
    return intake.Origin(doubt=UNPROVEN)


def _answers_us(letter: Letter, ticket: Ticket) -> bool:
    answered = (which_ticket.usable(which_ticket.ticket_of_letter(reference)) for reference in letter.references)
    return any(one is not None and one.id == ticket.id for one in answered)


def _count(letter: Letter) -> None:
    """Past the second limit a sender's letters stay in the mailbox. Counted after the letter was kept: one that is
    put off and tried again counts once."""
    for name in ("mail-sender", "mail-sender-flood"):
        with suppress(limits.TooManyTries):
            limits.hit(name, _sender(letter))


def _sender(letter: Letter) -> str:
    return email_index(letter.sender) or "nobody"


def _channel() -> str:
    return next((channel.key for channel in city().channels if channel.kind == "email"), "email")

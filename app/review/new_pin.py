"""A new PIN, for a resident who lost the receipt and came to the counter with the card."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal, journal_line
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotAllowed, StaleDecision
from app.base.services import city
from app.city.dates import show_moment
from app.messages import outbox
from app.registration.models import Application
from app.registration.personal import open_personal, open_pin, reached_at
from app.registration.service import renew_pin
from app.review.desk import find_case
from app.review.rights import own_bar

GIVEN = "pin_renewed"
SHOWN_FOR = timedelta(minutes=10)  # to whoever gave it, should the page be loaded again
CARD_FIRST = "Cocokkan dulu orangnya dengan KTP asli, lalu beri tanda centang."


def give(application_id: str, staff: Staff, card_seen: bool) -> None:
    """The old PIN and the pages opened with it end; the resident is told where they hear from us.

    Raises FormRejected until the card was looked at, NotAllowed for one's own registration or that of one's KK,
    StaleDecision for one that is erased.
    """
    if not card_seen:
        raise FormRejected({"card_seen": [CARD_FIRST]})
    with transaction():
        application, now = find_case(application_id, lock=True), clock.now()
        if (barred := own_bar(application, staff)) is not None:
            raise NotAllowed(barred)
        if application.pin_sealed is None:
            raise StaleDecision("Data pendaftaran ini sudah dihapus, jadi tidak ada PIN.")
        renew_pin(application)
        about, person = ("application", application.id), open_personal(application)
        journal.record(GIVEN, actor=journal.Actor("staff", staff.id), about=about)
        outbox.enqueue("pin_diganti", to=reached_at(person), about=about, variables={
            "nama": person.greeting_name, "kode": application.number, "tgl_jam": show_moment(now),
            "kontak": city().contacts.phone,
        })


def just_given(application: Application, staff: Staff) -> str:
    """The PIN, for whoever gave it a moment ago; else nothing."""
    query = select(journal_line.JournalLine.actor_id).where(
        journal_line.JournalLine.about_kind == "application", journal_line.JournalLine.about_id == application.id,
        journal_line.JournalLine.action == GIVEN, journal_line.JournalLine.at > clock.now() - SHOWN_FOR,
    ).order_by(journal_line.JournalLine.seq.desc()).limit(1)
    return open_pin(application) if db.session.scalar(query) == staff.id else ""

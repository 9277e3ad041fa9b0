"""Sending the public form: checked, limited, opened, kept. Every limit counts only what is well filled in."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select

from app.base import limits
from app.base.database import db, end_reading
from app.base.ids import normalise_code
from app.base.problems import FormRejected
from app.complaints.arriving import intake
from app.complaints.arriving.validation import check_complaint
from app.complaints.arriving.which_ticket import ticket_of_external
from app.complaints.ticket.files import File, Prepared, check_strictly, prepare_strictly
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import email_index, phone_index
from app.complaints.ticket.words import LATE
from app.photos.errors import PhotoBusy, PhotoError
from app.registration.models import Application
from app.registration.status import DRAFT

MOST_FILES = 3
WEB = "web"


def send(
    values: Mapping[str, str], ticked: Mapping[str, bool], sent_files: list[File], address: str,
) -> Ticket:
    """Make one ticket of a filled-in form; the same `submission_id` again gives the same ticket.

    Raises FormRejected naming fields (`files` for a bad file), TooManyTries past a limit, PhotoBusy.
    """
    submission = values.get("submission_id", "")[:64]
    if known := ticket_of_external(WEB, submission):
        return known
    contact, text, details = check_complaint(values, ticked)
    check_outside(sent_files)
    counted = [("complaint-address", address)] + [
        ("complaint-contact", index) for index in filter(None, (phone_index(contact.phone), email_index(contact.email)))
    ]
    refuse_blocked(counted)
    end_reading()
    prepared = open_files(sent_files, address)
    for name, key in counted:
        limits.hit(name, key)
    details = _about_registration(details, values.get("about", ""))
    return intake.receive(WEB, contact, text, prepared, external_id=submission, details=details)


def _about_registration(details: intake.Details, number: str) -> intake.Details:
    """Linked to the registration whose page led here; that it is late counts by days of its own. Whether there is
    such a registration nobody learns here."""
    known = db.session.scalar(
        select(Application.id).where(Application.number == normalise_code(number), Application.status != DRAFT)
    ) if number else None
    end_reading()
    return replace(details, application_id=known, lateness=known is not None and details.category == LATE)


def refuse_blocked(counted: Iterable[tuple[str, str]]) -> None:
    """Raises TooManyTries when one of these (limit, key) is used up, so that nothing is opened in vain. Counts
    nothing: only what is well filled in and has good files is counted, afterwards."""
    for name, key in counted:
        if seconds := limits.seconds_to_wait(name, key):
            raise limits.TooManyTries(seconds)


def check_outside(sent_files: list[File], most: int = MOST_FILES) -> None:
    """What can be said of the files without opening one. Raises FormRejected with one sentence."""
    if len(sent_files) > most:
        raise FormRejected({"files": [f"Paling banyak {most} berkas. Anda memilih {len(sent_files)}."]})
    for place, file in enumerate(sent_files, 1):
        with _said_of(place):
            check_strictly(file)


def open_files(sent_files: list[File], sender: str) -> list[Prepared]:
    """After check_outside and the limits. Raises FormRejected for the first file that cannot be opened, PhotoBusy."""
    prepared = []
    for place, file in enumerate(sent_files, 1):
        with _said_of(place):
            prepared.append(prepare_strictly(file, sender))
    return prepared


@contextmanager
def _said_of(place: int) -> Iterator[None]:
    try:
        yield
    except PhotoBusy:
        raise
    except PhotoError as error:
        raise FormRejected({"files": [f"Berkas ke-{place}: {error.message}"]}) from None

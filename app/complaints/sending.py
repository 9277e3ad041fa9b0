"""Sending the public form: checked, limited, kept. Every limit is asked only of what is well filled in."""

from collections.abc import Mapping

from app import limits
from app.complaints import intake
from app.complaints.files import File, prepare_strictly
from app.complaints.models import Ticket
from app.complaints.personal import email_index, phone_index
from app.complaints.threading import ticket_of_external
from app.complaints.validation import check_complaint
from app.extensions import end_reading
from app.photo_errors import PhotoError
from app.problems import FormRejected

MOST_FILES = 3
WEB = "web"


def send(
    values: Mapping[str, str], ticked: Mapping[str, bool], sent_files: list[File], address: str,
) -> Ticket:
    """Make one ticket of a filled-in form; the same `submission_id` again gives the same ticket.

    Raises FormRejected naming fields (`files` for a bad file), TooManyTries past a limit.
    """
    submission = values.get("submission_id", "")[:64]
    if known := ticket_of_external(WEB, submission):
        return known
    contact, text, details = check_complaint(values, ticked)
    end_reading()
    prepared = check_files(sent_files)
    limits.hit("complaint-address", address)
    for index in filter(None, (phone_index(contact.phone), email_index(contact.email))):
        limits.hit("complaint-contact", index)
    return intake.receive(WEB, contact, text, prepared, external_id=submission, details=details)


def check_files(sent_files: list[File], most: int = MOST_FILES):
    """Raises FormRejected with one sentence for the first file that is not a photo or a PDF."""
    if len(sent_files) > most:
        raise FormRejected({"files": [f"Paling banyak {most} berkas. Anda memilih {len(sent_files)}."]})
    prepared = []
    for place, file in enumerate(sent_files, 1):
        try:
            prepared.append(prepare_strictly(file))
        except PhotoError as error:
            raise FormRejected({"files": [f"Berkas ke-{place}: {error.message}"]}) from None
    return prepared

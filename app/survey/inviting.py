"""How people come to the survey: one invitation a case, a day after its result, to those who said beforehand that we
may ask (a job of the worker); and a QR code for the counter and for the letter of a guarantee case."""

import io
from datetime import time, timedelta

from markupsafe import Markup
from sqlalchemy import Select, exists, select

from app.base import clock
from app.base.clock import WIB
from app.base.database import db, end_reading, insert_once, transaction
from app.base.services import city, settings
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import open_contact
from app.complaints.ticket.status import CLOSED
from app.complaints.ticket.words import BY_EMAIL, BY_WHATSAPP, NOT_A_CASE
from app.messages import outbox
from app.messages.addresses import Recipient, by_email, by_whatsapp, contact_index
from app.messages.models import OutboxMessage
from app.registration.models import Application
from app.registration.personal import open_personal, reached_at
from app.registration.status import ACTIVE, REJECTED
from app.survey.answering import new_link
from app.survey.elements import COMPLAINT, REGISTRATION
from app.survey.models import SurveyInvitation

TEMPLATE = "undangan_survei"
AFTER = timedelta(days=1)
# a worker that was away does not ask about what people have forgotten
TOO_LATE = timedelta(days=8)
DAYTIME = (time(9), time(18))
AT_ONCE = 200
# nobody is asked twice within this time, whatever they had to do with us
REST = timedelta(days=30)
ABOUT = {REGISTRATION: "pendaftaran akun online Anda", COMPLAINT: "pengaduan Anda"}


def invite_due() -> int:
    """Ask those whose day has come; returns how many messages were laid into the outbox."""
    if not DAYTIME[0] <= clock.now().astimezone(WIB).time() < DAYTIME[1]:
        return 0
    due = [(REGISTRATION, row_id) for row_id in _due(_registrations())]
    due += [(COMPLAINT, row_id) for row_id in _due(_complaints())]
    end_reading()
    return sum(_invite(service, row_id) for service, row_id in due)


def _registrations() -> Select:
    return select(Application.id).where(
        Application.survey_consent.is_(True), Application.status.in_((ACTIVE, REJECTED)),
        Application.erased_at.is_(None), *_in_time(Application.decided_at), _not_asked("application", Application.id),
    ).order_by(Application.decided_at)


def _complaints() -> Select:
    return select(Ticket.id).where(
        Ticket.survey_consent.is_(True), Ticket.status == CLOSED, Ticket.outcome != NOT_A_CASE,
        Ticket.erased_at.is_(None), Ticket.answer_by.in_((BY_WHATSAPP, BY_EMAIL)), *_in_time(Ticket.closed_at),
        _not_asked("ticket", Ticket.id),
    ).order_by(Ticket.closed_at)


def _due(query: Select) -> list[str]:
    return list(db.session.scalars(query.limit(AT_ONCE)))


def _in_time(column) -> tuple:
    now = clock.now()
    return column <= now - AFTER, column > now - TOO_LATE


def _not_asked(kind: str, column):
    return ~exists().where(SurveyInvitation.about_kind == kind, SurveyInvitation.about_id == column)


def _invite(service: str, row_id: str) -> bool:
    """Whether a message goes. The case counts as asked in any case."""
    with transaction() as session:
        about = ("application" if service == REGISTRATION else "ticket", row_id)
        row = session.get(Application if service == REGISTRATION else Ticket, row_id)
        is_new = insert_once(SurveyInvitation, about_kind=about[0], about_id=about[1], invited_on=clock.today())
        to = _recipient(service, row) if is_new and row.erased_at is None else None
        if to is None or _asked_lately(to):
            return False
        outbox.enqueue(
            TEMPLATE, to=to, variables={"urusan": ABOUT[service], "tautan": new_link(service)}, about=about,
            wording=outbox.Wording(f"Survei singkat {city().short_name}"), on_record=service == REGISTRATION,
        )
        return True


def _recipient(service: str, row) -> Recipient | None:
    if service == REGISTRATION:
        return reached_at(open_personal(row))
    contact = open_contact(row)
    if row.answer_by == BY_WHATSAPP and contact.phone:
        return by_whatsapp(contact.phone)
    return by_email(contact.email) if row.answer_by == BY_EMAIL and contact.email else None


def _asked_lately(to: Recipient) -> bool:
    return bool(db.session.scalar(select(exists().where(
        OutboxMessage.template == TEMPLATE, OutboxMessage.to_index == contact_index(to.address),
        OutboxMessage.created_at > clock.now() - REST,
    ))))


QR_CORRECTION = "m"  # survives a fold or a stain
SURVEY_PATH = "/survei"


def counter_address() -> str:
    return f"{settings().public_base_url}{SURVEY_PATH}"


def qr_svg(address: str, title: str) -> Markup:
    """Inline SVG; its size is the stylesheet's business. `title` is what a screen reader says."""
    out = io.BytesIO()
    import segno

    code = segno.make(address, error=QR_CORRECTION, micro=False)
    code.save(out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, title=title, svgclass="qr",
              lineclass=None, dark="#000", light="#fff")
    return Markup(out.getvalue().decode())  # noqa: S704 - made here, and the title is ours

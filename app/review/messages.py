"""What the resident is told about each act: the same values for the preview and for the message."""

from collections.abc import Iterable
from datetime import datetime

from app.base import clock
from app.base.database import db
from app.base.services import city, settings
from app.city.dates import show_date, show_moment
from app.city.office_calendar import calendar_for
from app.city.worktime import due_after_working_days
from app.messages import outbox, texts
from app.messages.addresses import WHATSAPP
from app.messages.catalogue import message_for
from app.messages.models import OutboxMessage
from app.registration.mend_plan import last_day_after, mend_link
from app.registration.models import Application
from app.registration.personal import open_personal, reached_at
from app.registration.reasons import RETURN, offered, reason_of
from app.registration.status import PROMISE
from app.registration.transitions import GivenReason

DECLARED, APPROVED, RETURNED, REJECTED = "berkas_lengkap", "akun_aktif", "perlu_perbaikan", "ditolak"
SUSPENDED = "akun_ditangguhkan"
OFFICE_VISIT = "Datanglah ke kantor kami dengan membawa KTP dan KK asli agar data diperiksa."


def declared(application: Application, now: datetime) -> dict[str, str]:
    due = due_after_working_days(calendar_for(), now, PROMISE.days(application))
    return {
        "nama": open_personal(application).greeting_name, "kode": application.number, "tgl_jam": show_moment(now),
        "batas": show_moment(due),
    }


def approved(application: Application) -> dict[str, str]:
    name = open_personal(application).greeting_name
    return {"nama": name, "tautan": f"{settings().public_base_url}/masuk"}


def returned(application: Application, reasons: tuple[GivenReason, ...], now: datetime, link: str) -> dict[str, str]:
    return {
        "nama": open_personal(application).greeting_name, "kode": application.number,
        "daftar_alasan": _numbered([f"{reason_of(one.code).in_short} {one.note}".strip() for one in reasons]),
        "tautan": link, "tgl": show_date(last_day_after(now)), "kontak": city().contacts.phone,
    }


def rejected(application: Application, reason: GivenReason) -> dict[str, str]:
    ground = reason_of(reason.code)
    return {
        "nama": open_personal(application).greeting_name, "kode": application.number,
        "alasan": f"{ground.citizen} {reason.note}".strip(), "saran": ground.advice,
    }


def suspended(application: Application, reason: str) -> dict[str, str]:
    return {
        "nama": open_personal(application).greeting_name, "alasan": reason, "saran": OFFICE_VISIT,
        "kontak": city().contacts.phone,
    }


def return_link(application: Application, now: datetime) -> str:
    """A working link; adds a row inside the caller's transaction."""
    return mend_link(application, last_day_after(now))


def preview(application: Application, template: str, values: dict[str, str]) -> str:
    """The text as the person will read it, without check code."""
    message = message_for(template)
    return texts.spoken_text(message, texts.cleaned(message, values), application.reached_by or WHATSAPP)


def preview_return(application: Application, reasons: tuple[GivenReason, ...]) -> str:
    link = f"{settings().public_base_url}/lacak/t/…"
    return preview(application, RETURNED, returned(application, reasons, clock.now(), link))


def given_reasons(codes: Iterable[str]) -> tuple[GivenReason, ...]:
    """Those of the codes that a return may name, in the order of the form."""
    return tuple(GivenReason(reason.item, reason.code) for reason in offered(RETURN) if reason.code in codes)


def tell(application: Application, template: str, values: dict[str, str], not_before: datetime) -> OutboxMessage:
    """Add the message inside the caller's transaction; it waits until `not_before`."""
    message = outbox.enqueue(
        template, to=reached_at(open_personal(application)), variables=values,
        about=("application", application.id), not_before=not_before,
    )
    db.session.flush()
    return message


def _numbered(lines: list[str]) -> str:
    """On one line, as a template demands; a number only where there are several."""
    return lines[0] if len(lines) == 1 else " ".join(f"{number}) {line}" for number, line in enumerate(lines, 1))

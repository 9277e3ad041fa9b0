"""What the resident hears of a guarantee by WhatsApp. Everything joins the caller's transaction."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.base import clock
from app.base.database import db
from app.base.services import city
from app.city.dates import show_date, show_moment, show_time
from app.complaints.ticket.words import BREACHES, TIME
from app.guarantee.models import Breach, Guarantee
from app.guarantee.status import RULES
from app.messages import delivery, outbox, states
from app.messages.models import OutboxMessage
from app.registration.models import Application
from app.registration.personal import open_personal, reached_at
from app.registration.status import ACTIVE

APOLOGY, MISSED = "jaminan_maaf", "melewati_batas"
A_MINUTE = timedelta(seconds=60)  # in which a decision can be taken back


def opened(
    guarantee: Guarantee, application: Application | None, breach: str, not_before: datetime | None,
) -> OutboxMessage | None:
    """What happened, what we do, who answers for it, and by when; None for who has no registration, who read it in
    our answer."""
    if application is None:
        return None
    promised, now = _promised(guarantee), what_follows(guarantee, application.status == ACTIVE)
    if breach == TIME and promised is not None:
        return _tell(application, MISSED, now | {"batas": show_moment(promised)}, not_before)
    return _tell(application, "jaminan_dibuka", now | {"hal": BREACHES[breach].lower()}, not_before)


def what_follows(guarantee: Guarantee, is_active: bool) -> dict[str, str]:
    """What we do now, until when, and who answers for it: values of a message. An account that is not
    active yet may still be refused."""
    promise = city().guarantee
    return {
        "tindak_lanjut": _what_we_do(guarantee, is_active),
        "penanggung_jawab": promise.responsible, "kontak": city().contacts.phone,
    }


def carried(guarantee: Guarantee, application: Application, courier: str, code: str) -> OutboxMessage:
    """The code goes by this message and stands on the status page, nowhere else."""
    return _tell(application, "surat_diantar", {
        "petugas": courier, "jadwal": show_window(guarantee), "kode_terima": code,
    })


def tell_not_met(guarantee: Guarantee, application: Application) -> OutboxMessage:
    return _tell(application, "surat_belum_diterima", {
        "tgl": show_date(guarantee.due_at), "kontak": city().contacts.phone,
    })


def tell_apology(guarantee: Guarantee, application: Application) -> OutboxMessage:
    """After the minute in which the decision that made it so can be taken back."""
    return _tell(application, APOLOGY, {
        "alasan": RULES[guarantee.rule][0], "penanggung_jawab": city().guarantee.responsible,
        "kontak": city().contacts.phone,
    }, clock.now() + A_MINUTE)


def cancel_apology(guarantee: Guarantee) -> None:
    """The decision was taken back: an apology that has not left stays here."""
    query = select(OutboxMessage).where(
        OutboxMessage.about_kind == "application", OutboxMessage.about_id == guarantee.application_id,
        OutboxMessage.template == APOLOGY, OutboxMessage.state == states.PENDING,
    ).with_for_update()
    for row in db.session.scalars(query):
        delivery.cancel(row, "taken_back")


def show_window(guarantee: Guarantee) -> str:
    """Such as "Jumat, 27 November 2026 pukul 13.00–15.00 WIB"."""
    since, until = show_time(guarantee.visit_from), show_time(guarantee.visit_until)
    return f"{show_date(guarantee.visit_from)} pukul {since.removesuffix(' WIB')}–{until}"


def _what_we_do(guarantee: Guarantee, is_active: bool) -> str:
    if guarantee.due_at is None or guarantee.rule:
        return "kami mohon maaf dan menjelaskan sebabnya"
    said = f"{city().guarantee.action}, gratis. Ini kami lakukan paling lambat {show_moment(guarantee.due_at)}"
    return said if is_active else f"{said}, jika akun Anda disetujui"


def _promised(guarantee: Guarantee) -> datetime | None:
    return db.session.scalar(select(Breach.promised_at).where(
        Breach.guarantee_id == guarantee.id, Breach.promised_at.is_not(None), Breach.void_at.is_(None)
    ).order_by(Breach.id).limit(1))


def _tell(
    application: Application, template: str, values: dict[str, str], not_before: datetime | None = None,
) -> OutboxMessage:
    person = open_personal(application)
    named = {"nama": person.full_name, "kode": application.number or ""}
    message = outbox.enqueue(
        template, to=reached_at(person), about=("application", application.id),
        variables=named | values, not_before=not_before,
    )
    db.session.flush()
    return message

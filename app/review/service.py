"""Acts of the office on one application. Each writes status, journal line and message together."""

from sqlalchemy import select

from app import clock, journal
from app.access import holds
from app.accounts.models import Staff
from app.accounts.service import create_citizen
from app.dates import show_date, show_moment
from app.extensions import db, transaction
from app.notifications import outbox
from app.office_calendar.service import calendar_for
from app.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.registration.mend_deadlines import mend_link
from app.registration.mend_plan import last_day_of
from app.registration.models import Application, StatusChange
from app.registration.personal import open_personal
from app.registration.reasons import CATALOGUE, ITEMS, REJECT, RETURN
from app.registration.status import COMPLETE, DRAFT
from app.registration.transitions import GivenReason, change_status
from app.services import city, settings
from app.worktime import due_after_working_days

PROMISED_WORKING_DAYS = 1  # standar pelayanan C


def open_case(application_id: str, staff: Staff) -> Application:
    """One application for the desk. Opening it is a journal line (UU 27/2022 art. 31)."""
    with transaction():
        application = find_case(application_id)
        journal.record("case_viewed", actor=_actor(staff), about=("application", application.id))
    return application


def declare_complete(application_id: str, version: int, staff: Staff) -> None:
    """Start the promised clock (standar pelayanan C: 1 hari kerja sejak dinyatakan lengkap)."""
    with transaction():
        application = _at_version(application_id, version)
        change_status(application, "declare_complete", _actor(staff))
        application.declared_complete_at = clock.now()
        application.declared_complete_by = staff.id
        application.due_at = due_after_working_days(
            calendar_for(), application.declared_complete_at, PROMISED_WORKING_DAYS
        )
        _tell(application, "berkas_lengkap", {
            "kode": application.number, "tgl_jam": show_moment(application.declared_complete_at),
            "batas": show_moment(application.due_at),
        })


def approve(application_id: str, version: int, staff: Staff) -> None:
    """Create the account. Raises AccountExists (409) when the NIK has one already."""
    with transaction():
        application = _at_version(application_id, version)
        change_status(application, "approve", _actor(staff))
        _decided(application, staff)
        create_citizen(application)
        _tell(application, "akun_aktif", {
            "nama": open_personal(application).full_name, "tautan": f"{settings().public_base_url}/masuk",
        })


def return_for_mending(
    application_id: str, version: int, staff: Staff, reasons: tuple[GivenReason, ...],
) -> None:
    """Send back the named items. Raises FormRejected when none is named or a code is foreign."""
    _check_reasons(reasons, RETURN)
    with transaction():
        application = _at_version(application_id, version)
        if application.status == COMPLETE and not holds(staff.role, "decide"):
            raise NotAllowed("Berkas sudah dinyatakan lengkap. Pengembalian dilakukan oleh operator.")
        last_day = last_day_of(change_status(application, "return", _actor(staff), reasons))
        application.due_at = None
        _tell(application, "perlu_perbaikan", {
            "nama": open_personal(application).full_name, "kode": application.number,
            "daftar_alasan": "; ".join(_reason_line(reason) for reason in reasons),
            "tautan": mend_link(application, last_day), "tgl": show_date(last_day),
            "kontak": city().contacts.phone,
        })


def reject(application_id: str, version: int, staff: Staff, reason: GivenReason) -> None:
    """Refuse with one listed ground. Raises FormRejected for a ground that is not in the list."""
    _check_reasons((reason,), REJECT)
    with transaction():
        application = _at_version(application_id, version)
        change_status(application, "reject", _actor(staff), (reason,))
        _decided(application, staff)
        ground = CATALOGUE[reason.code]
        _tell(application, "ditolak", {
            "nama": open_personal(application).full_name, "kode": application.number,
            "alasan": f"{ground.citizen} {reason.note}".strip(), "saran": ground.advice,
            "tautan_aduan": f"{settings().public_base_url}/pengaduan",
        })


def last_change(application: Application) -> StatusChange | None:
    query = select(StatusChange).where(StatusChange.application_id == application.id)
    return db.session.scalar(query.order_by(StatusChange.id.desc()).limit(1))


def find_case(application_id: str) -> Application:
    """Any application that has been sent; drafts belong to their resident alone."""
    application = db.session.get(Application, application_id)
    if application is None or application.status == DRAFT:
        raise NotFound()
    return application


def _at_version(application_id: str, version: int) -> Application:
    application = find_case(application_id)
    if application.version != version:
        raise StaleDecision()
    return application


def _decided(application: Application, staff: Staff) -> None:
    application.decided_at = clock.now()
    application.decided_by = staff.id


def _tell(application: Application, template: str, variables: dict[str, str]) -> None:
    outbox.enqueue(
        template, to=open_personal(application).whatsapp_number, variables=variables,
        about=("application", application.id),
    )


def _check_reasons(reasons: tuple[GivenReason, ...], act: str) -> None:
    if not reasons:
        raise FormRejected({"reasons": ["Pilih paling sedikit satu alasan."]})
    for reason in reasons:
        entry = CATALOGUE.get(reason.code)
        if entry is None or entry.act != act or (act == RETURN and reason.item != entry.item):
            raise FormRejected({"reasons": ["Alasan ini tidak ada dalam daftar."]})


def _reason_line(reason: GivenReason) -> str:
    return f"{ITEMS[reason.item]}: {CATALOGUE[reason.code].citizen} {reason.note}".strip()


def _actor(staff: Staff) -> journal.Actor:
    return journal.Actor("staff", staff.id)

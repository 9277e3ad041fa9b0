"""Registrations, accounts and complaints that grow old, made through the services of the house."""

from sqlalchemy import func, select

from app.base import clock, journal, journal_line
from app.base.database import db, transaction
from app.base.services import photo_store
from app.citizen_account.account import create_citizen
from app.city.dates import show_moment
from app.messages import outbox
from app.messages.addresses import by_whatsapp
from app.process.fsck import check
from app.registration.models import Application, Photo
from app.registration.transitions import GivenReason, change_status, lock_application
from app.retention import service
from tests.builders import RESIDENT, an_application

PHONE = "+6281200001001"
WAYS_TO_END = {
    "rejected": (("reject", (GivenReason("", "BUKAN_WARGA_KOTA", "Catatan tentang Siti."),)),),
    "withdrawn": (("withdraw", ()),),
    "expired": (("return", (GivenReason("ktp", "KTP_BURAM"),)), ("expire", ())),
    "active": (("declare_complete", ()), ("approve", ())),
}


def ended(app, status: str, **overrides) -> str:
    """Id of a registration that has come to this end now; an active one has its account."""
    application_id = an_application(app, **overrides)
    with app.app_context(), transaction():
        application = lock_application(application_id)
        for act, reasons in WAYS_TO_END[status]:
            change_status(application, act, journal.SYSTEM, reasons)
            _tell(application)
        application.due_at = application.warn_at = application.next_warning_at = None
        if status == "active":
            create_citizen(application)
    return application_id


def _tell(application: Application) -> None:
    outbox.enqueue("berkas_lengkap", to=by_whatsapp(PHONE), about=("application", application.id), variables={
        "nama": "Siti", "kode": application.number, "tgl_jam": show_moment(clock.now()),
        "batas": show_moment(clock.now()),
    })


def photos_of(app, application_id: str) -> list[Photo]:
    with app.app_context():
        rows = list(db.session.query(Photo).where(Photo.application_id == application_id))
        db.session.expunge_all()
        return rows


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def objects(app) -> int:
    with app.app_context():
        return len(list(photo_store().list()))


def runs(app) -> dict[str, int]:
    """One daily run; what it erased of each kind, nought left out."""
    with app.app_context():
        return {key: count for key, count in service.run().items() if count}


def findings(app) -> list[str]:
    with app.app_context():
        return check()


def lines(app, kind: str, about_id: str, action: str) -> list[journal_line.JournalLine]:
    with app.app_context():
        found = [line for line in journal.lines_about(kind, about_id) if line.action == action]
        db.session.expunge_all()
        return found


def personal_values() -> list[str]:
    return [RESIDENT["nik"], RESIDENT["full_name"], RESIDENT["kk_number"], "Contoh Mawar"]

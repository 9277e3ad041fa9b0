"""The registers of the demo: who can what, what is there, and the standard as somebody approved it."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.evaluation import registers, standard
from app.evaluation.models import KNOWLEDGE, Facility

# kind, name, place, quantity, least, who mends it
THINGS = (
    ("internet", "Jaringan internet kantor", "Ruang server", 1, 0, "Diskominfo"),
    ("supplies", "Kertas A4 (rim)", "Gudang", 14, 5, ""),
    ("computer", "Komputer loket", "Loket 1 sampai 4", 4, 4, "Operator GO Online"),
    ("printer", "Printer loket", "Loket 2", 2, 1, "CV Contoh Servis"),
    ("siak", "Aplikasi SIAK", "Kantor", 1, 0, "Ditjen Dukcapil"),
)


def write() -> None:
    """Once, after the staff."""
    keeper = db.session.scalar(select(Staff).where(Staff.username == "admin1"))
    if keeper is None or db.session.scalar(select(Facility.id).limit(1)) is not None:
        return
    today = clock.today()
    standard.record({
        "valid_from": today.replace(month=1, day=1).isoformat(), "approved_by": "Kepala Dinas (contoh)",
        "document": "188.45/12/2026 (contoh)", "change": "Penetapan pertama.",
    }, keeper)
    for place, staff_id in enumerate(db.session.scalars(select(Staff.id).order_by(Staff.username)).all()):
        known = {"education": ("s1", "slta", "s2")[place % 3], **dict.fromkeys(KNOWLEDGE, "y")}
        registers.check_competence(staff_id, known if place % 5 else {**known, "communication": ""}, keeper)
    registers.add_training(db.session.scalar(select(Staff.id).where(Staff.username == "petugas1")), {
        "title": "Komunikasi di loket (contoh)", "held_on": (today - timedelta(days=60)).isoformat(),
        "valid_until": (today + timedelta(days=20)).isoformat(),
    }, None, keeper, "")
    for kind, name, where, quantity, least, repairer in THINGS:
        registers.save_facility(None, {
            "kind": kind, "name": name, "place": where, "quantity": str(quantity), "least": str(least),
            "repairer": repairer,
        }, keeper)
    printer = db.session.scalar(select(Facility.id).where(Facility.kind == "printer"))
    registers.report_fault(printer, {
        "what": "kertas sering macet", "began_on": (today - timedelta(days=9)).isoformat(),
        "repairer": "CV Contoh Servis",
    }, keeper)

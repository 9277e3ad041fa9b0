"""Invented complaints of the demo, through the same door as real ones: every channel, some already at work."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db
from app.complaints.arriving import intake
from app.complaints.desk import acts, answering
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import Contact

BUDI = Contact(name="BUDI CONTOH", phone="+6281200002001")
# channel, contact, words, days ago, details
TICKETS: tuple[tuple[str, Contact, str, int, dict], ...] = (
    ("web", BUDI, "Antrean di loket dua lama sekali dan tidak ada yang menjelaskan.", 0, {"category": "late"}),
    ("whatsapp", Contact(name="Siti", phone="+6281200002002"), "KTP saya sudah sebulan belum jadi, kapan ya?", 1,
     {"kind": "information", "category": "late"}),
    ("radio", Contact(name="Pak Joko Contoh"), "Pendengar menanyakan syarat pindah kelurahan yang berubah-ubah.", 3,
     {"category": "requirements"}),
    ("kotak_saran", Contact(), "Mohon ditambah kursi tunggu untuk lansia.", 6, {"kind": "aspiration"}),
    ("telepon", Contact(name="Ibu Rini Contoh", phone="0335-421000"), "Nama anak di KK salah satu huruf.", 2,
     {"category": "wrong_data", "answer_by": "phone"}),
    ("lapor", Contact(name="Pelapor LAPOR!"), "Ada yang meminta uang untuk mempercepat pembuatan KTP.", 4,
     {"category": "illegal_fee", "about_staff": True, "secret": True, "outside_reference": "7712345"}),
    ("facebook", Contact(name="Warga Contoh"), "Situsnya tidak bisa dibuka tadi malam.", 1, {"category": "website"}),
    ("web", BUDI, "Saya ingin tahu jam buka kantor saat Ramadan.", 9, {"kind": "information"}),
)


def seed() -> None:
    """Once; data of earlier starts is kept."""
    if db.session.scalar(select(Ticket.id).limit(1)) is not None:
        return
    made = [_make(*ticket) for ticket in TICKETS]
    petugas = db.session.scalar(select(Staff).where(Staff.username == "petugas1"))
    _pass_on(made[2], petugas, "penduduk")
    _pass_on(made[4], petugas, "pencatatan_sipil")
    answering.answer(made[7].id, _version(made[7]), petugas, answering.Answer(
        "Selama Ramadan kantor buka pukul 08.00 sampai 15.00 WIB.", outcome="granted",
        late_reason="Menunggu penetapan jam Ramadan.",
    ))


def _make(channel: str, contact: Contact, text: str, days: int, details: dict) -> Ticket:
    return intake.receive(
        channel, contact, text, received_at=clock.now() - timedelta(days=days), as_new=True,
        details=intake.Details(**details), actor=journal.VISITOR,
    )


def _pass_on(ticket: Ticket, petugas: Staff, unit: str) -> None:
    classes = acts.Classes(ticket.kind, ticket.category, unit=unit, handler=petugas.id)
    acts.classify(ticket.id, _version(ticket), petugas, classes, verify=True)


def _version(ticket: Ticket) -> int:
    return db.session.get(Ticket, ticket.id).version

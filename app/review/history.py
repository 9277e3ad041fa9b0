"""What a journal line says to the office, in words."""

from app.accounts.models import Staff
from app.extensions import db
from app.journal import JournalLine

SENTENCES: dict[str, str] = {
    "notice_accepted": "Pemberitahuan data pribadi disetujui",
    "application_submit": "Pendaftaran dikirim",
    "application_resubmit": "Perbaikan dikirim",
    "application_declare_complete": "Berkas dinyatakan lengkap",
    "application_approve": "Disetujui, akun dibuat",
    "application_return": "Dikembalikan untuk diperbaiki",
    "application_reject": "Ditolak",
    "application_expire": "Ditutup karena tidak diperbaiki",
    "application_withdraw": "Dibatalkan pemohon",
    "case_viewed": "Berkas dibuka",
    "photo_viewed": "Foto dibuka",
}
WHO = {"citizen": "pemohon", "system": "sistem"}


def line_text(line: JournalLine) -> str:
    sentence = SENTENCES.get(line.action, line.action)
    return f"{sentence} oleh {_who(line)}"


def _who(line: JournalLine) -> str:
    if line.actor_kind != "staff":
        return WHO.get(line.actor_kind, line.actor_kind)
    staff = db.session.get(Staff, line.actor_id)
    return staff.name if staff else "petugas"

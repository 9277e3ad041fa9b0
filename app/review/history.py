"""What a journal line says to the office, in words."""

from app.accounts.models import Staff
from app.extensions import db
from app.journal import JournalLine

SENTENCES: dict[str, str] = {
    "notice_accepted": "Pemberitahuan data pribadi disetujui",
    "application_submit": "Pendaftaran dikirim",
    "application_resubmit": "Perbaikan dikirim",
    "application_mended": "Satu bagian diperbaiki",
    "application_corrected": "Satu bagian diubah sebelum diperiksa",
    "application_declare_complete": "Berkas dinyatakan lengkap",
    "application_approve": "Disetujui, akun dibuat",
    "application_return": "Dikembalikan untuk diperbaiki",
    "application_reject": "Ditolak",
    "application_expire": "Ditutup karena tidak diperbaiki",
    "application_withdraw": "Dibatalkan pemohon",
    "application_take_back": "Keputusan dibatalkan",
    "application_take_back_early": "Keputusan dibatalkan",
    "returned_after_declaration": "Dikembalikan setelah dinyatakan lengkap, alasannya ditulis",
    "nik_compared": "NIK pada KTP dicocokkan dengan isian",
    "evidence_given": "Daftar periksa diisi",
    "claim_taken_over": "Diambil alih",
    "claim_handed_over": "Diserahkan kepada petugas lain",
    "double_settled": "Dinyatakan bukan ganda",
    "clock_near": "Batas waktu hampir lewat",
    "clock_late": "Batas waktu lewat",
    "number_proven": "Nomor WhatsApp terbukti",
    "case_viewed": "Berkas dibuka",
    "photo_viewed": "Foto dibuka",
    "photos_asked_for": "Foto diminta dengan alasan",
}
WHO = {"citizen": "pemohon", "system": "sistem"}


def line_text(line: JournalLine) -> str:
    sentence = SENTENCES.get(line.action, line.action.replace("_", " "))
    return f"{sentence} oleh {who(line.actor_kind, line.actor_id)}"


def who(kind: str, id: str) -> str:
    """Name of the member of staff, or a word for everybody else."""
    if kind != "staff":
        return WHO.get(kind, kind)
    staff = db.session.get(Staff, id)
    return staff.name if staff else "petugas"

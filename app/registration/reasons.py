"""The catalogue of reasons for returning or rejecting (docs/facts.md 10): as it began, and as an administrator
reworded it and added to it since. A reason that is no longer offered keeps its words, because cases of before
still name it."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Row, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, once_a_page
from app.base.written import Written
from app.registration.fields import KEPT
from app.registration.photo_kinds import PHOTOS

# item -> how it is called on screen: what can be returned and mended
ITEMS: dict[str, str] = {
    **{field.key: field.label for field in KEPT}, **{photo.kind: photo.label for photo in PHOTOS},
}
RETURN, REJECT = "return", "reject"


@dataclass(frozen=True)
class CatalogueReason:
    """`item` is what the resident mends ("" for a ground of rejection).

    `citizen` of a return: the first sentence says what is wrong and goes into the message, those after it say how
    to mend it and stand on the page.
    """

    code: str
    act: str
    item: str
    office: str
    citizen: str
    advice: str = ""
    offered: bool = True

    @property
    def in_short(self) -> str:
        return re.split(r"(?<=[.?!])\s", self.citizen, maxsplit=1)[0]


def _entries() -> tuple[CatalogueReason, ...]:
    office_visit = "Datanglah ke kantor kami dengan membawa KTP dan KK asli."
    return (
        CatalogueReason("KTP_BURAM", RETURN, "ktp", "Foto KTP buram",
            "Foto KTP kurang jelas. Lap kamera, letakkan KTP di tempat terang, tahan HP sampai fokus, "
            "lalu foto ulang."),
        CatalogueReason("KTP_TERPOTONG", RETURN, "ktp", "KTP terpotong",
            "Foto KTP terpotong. Pastikan keempat sudut KTP masuk dalam foto."),
        CatalogueReason("KTP_SILAU", RETURN, "ktp", "Pantulan cahaya di KTP",
            "Ada pantulan cahaya di foto KTP. Matikan lampu kilat dan foto tanpa plastik pelindung."),
        CatalogueReason("KTP_BUKAN_ASLI", RETURN, "ktp", "Fotokopi, foto layar, atau hasil edit",
            "Foto KTP bukan dari KTP asli. Foto langsung kartunya, bukan fotokopi, pindaian, atau layar."),
        CatalogueReason("BUKAN_KTP", RETURN, "ktp", "Dokumen lain",
            "Yang difoto bukan KTP. Kirim foto KTP Anda. Jika KTP hilang atau rusak, telepon kami dulu."),
        CatalogueReason("NIK_TIDAK_COCOK", RETURN, "nik", "NIK berbeda dengan KTP",
            "NIK yang diisi berbeda dengan KTP. Periksa 16 angkanya satu per satu."),
        CatalogueReason("NAMA_TIDAK_COCOK", RETURN, "full_name", "Nama berbeda dengan KTP",
            "Nama yang diisi berbeda dengan KTP. Tulis nama persis seperti di KTP, "
            "termasuk tanda baca dan gelar jika ada."),
        CatalogueReason("KK_TIDAK_COCOK", RETURN, "kk_number", "Nomor KK berbeda dengan data",
            "Nomor KK berbeda dengan data kami. Lihat KK terbaru Anda. Nomor KK dapat berubah setelah pindah "
            "atau membuat KK baru."),
        CatalogueReason("NOMOR_WA_SALAH", RETURN, "whatsapp_number", "Nomor WhatsApp salah",
            "Nomor WhatsApp tidak dapat kami hubungi. Isi nomor yang aktif di WhatsApp."),
        CatalogueReason("SELFIE_TIDAK_JELAS", RETURN, "selfie", "Wajah tidak jelas",
            "Wajah di foto selfie kurang jelas. Lepas masker, topi, dan kacamata gelap. Hadapkan wajah ke kamera "
            "di tempat terang. Jilbab tidak perlu dilepas."),
        CatalogueReason("SELFIE_TANPA_KTP", RETURN, "selfie", "KTP di selfie tidak terbaca",
            "KTP di foto selfie tidak terbaca. Pegang KTP di samping wajah dan jangan tertutup jari."),
        CatalogueReason("TTD_TIDAK_JELAS", RETURN, "signature", "Tanda tangan kosong, buram, atau beda",
            "Foto tanda tangan belum sesuai. Tanda tangani di kertas putih polos dengan tinta gelap, "
            "sama seperti di KTP, lalu foto dari atas."),
        CatalogueReason("ALAMAT_TIDAK_LENGKAP", RETURN, "address", "Alamat kurang lengkap",
            "Alamat kurang lengkap. Isi jalan atau gang, nomor, dan RT/RW."),
        CatalogueReason("KELURAHAN_TIDAK_COCOK", RETURN, "village", "Kelurahan belum dipilih atau berbeda dengan KTP",
            "Kelurahan belum dipilih atau berbeda dengan KTP. Pilih kelurahan tempat tinggal Anda dari daftar. "
            "Ke sana hasilnya kami antar jika kami terlambat."),
        CatalogueReason("SELFIE_BEDA_ORANG", REJECT, "", "Wajah berbeda dengan foto KTP",
            "Wajah di foto selfie belum dapat kami cocokkan dengan foto KTP.",
            "Jika penampilan Anda berubah, datanglah ke kantor kami dengan KTP asli."),
        CatalogueReason("DATA_TIDAK_DITEMUKAN", REJECT, "", "NIK tidak aktif atau ganda di SIAK",
            "NIK Anda belum tercatat aktif di data kependudukan. Ini dapat diperbaiki di kantor kami.", office_visit),
        CatalogueReason("SUDAH_PUNYA_AKUN", REJECT, "", "Sudah punya akun (selfie cocok dengan KTP)",
            "NIK ini sudah memiliki akun.", "Silakan masuk, atau pilih \"Lupa kata sandi\"."),
        CatalogueReason("BUKAN_WARGA_KOTA", REJECT, "", "Bukan penduduk kota ini",
            "Layanan ini hanya untuk penduduk kota kami.", "Hubungi Disdukcapil tempat Anda terdaftar."),
        CatalogueReason("PERMOHONAN_GANDA", REJECT, "", "Pendaftaran ganda",
            "Ada pendaftaran lain dengan NIK ini yang sedang kami periksa.",
            "Tunggu hasilnya. Jika bukan Anda yang mengirim, telepon kami pada jam layanan."),
    )


CATALOGUE: dict[str, CatalogueReason] = {reason.code: reason for reason in _entries()}


class ReasonText(Base):
    """What an administrator wrote over an entry of the catalogue, or an entry of their own."""

    __tablename__ = "reason_text"

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    act: Mapped[str] = mapped_column(String(10))
    item: Mapped[str] = mapped_column(String(20))
    office: Mapped[str] = mapped_column(String(60))
    citizen: Mapped[str] = mapped_column(String(300))
    advice: Mapped[str] = mapped_column(String(200))
    offered: Mapped[bool]
    changed_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


def reason_of(code: str) -> CatalogueReason | None:
    """None for a code that stands nowhere."""
    return _by_code().get(code)


CHANGED = Written(select(*ReasonText.__table__.columns).order_by(ReasonText.changed_at))


@once_a_page
def all_reasons() -> list[CatalogueReason]:
    """Those of the catalogue in its order, then those added here."""
    rows = {row.code: _entry(row) for row in CHANGED.ask()}
    known = [rows.pop(code, entry) for code, entry in CATALOGUE.items()]
    return known + list(rows.values())


@once_a_page
def _by_code() -> dict[str, CatalogueReason]:
    return {entry.code: entry for entry in all_reasons()}


def offered(act: str, reached_by: str = "") -> tuple[CatalogueReason, ...]:
    """What may be chosen now for a return or a rejection of somebody who hears from us so ("" by WhatsApp): nobody
    mends what was not asked of him, and of a number without WhatsApp none of these words is true."""
    left_out = ("whatsapp_number",) if reached_by else ()
    return tuple(one for one in all_reasons() if one.act == act and one.offered and one.item not in left_out)


def _entry(row: Row) -> CatalogueReason:
    return CatalogueReason(row.code, row.act, row.item, row.office, row.citizen, row.advice, row.offered)

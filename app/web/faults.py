"""What error pages say, and how often a page failed in a way nobody foresaw: counted by day and page, with the code
of the newest incident."""

from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime, db, insert_once, transaction

KEPT, SHOWN = timedelta(days=90), timedelta(days=7)
NO_PAGE = "tanpa halaman"
log = structlog.get_logger()


class ServerFault(Base):
    __tablename__ = "server_fault"

    day: Mapped[date] = mapped_column(primary_key=True)
    page: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    incident: Mapped[str] = mapped_column(String(8))
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


def note(endpoint: str | None, incident: str) -> None:
    """Inside no transaction. Never raises: when the database is what failed, the log has to do."""
    key = {"day": clock.today(), "page": (endpoint or NO_PAGE)[:80]}
    try:
        with transaction() as session:
            insert_once(ServerFault, **key, number=0, incident=incident, last_at=clock.now())
            row = session.get(ServerFault, key, with_for_update=True, populate_existing=True)
            row.number, row.incident, row.last_at = row.number + 1, incident, clock.now()
            session.execute(delete(ServerFault).where(ServerFault.day < clock.today() - KEPT))
    except Exception as failed:  # noqa: BLE001
        log.error("fault_not_counted", kind=type(failed).__name__)


def newest() -> list[ServerFault]:
    """Of the last seven days."""
    query = select(ServerFault).where(ServerFault.day > clock.today() - SHOWN)
    return list(db.session.scalars(query.order_by(ServerFault.last_at.desc())))


# What an error page says: its heading, and what to do.

LATER = "Data yang sudah tersimpan tidak hilang. Coba lagi beberapa saat lagi."
# status -> (heading, what to do). Polite, no codes, no blame.
TEXTS: dict[int, tuple[str, str]] = {
    400: ("Halaman ini belum dapat dibuka", "Muat ulang halaman, lalu coba sekali lagi."),
    403: ("Anda tidak dapat membuka halaman ini",
          "Halaman ini bukan untuk peran Anda, atau perlu nomor dan PIN dulu di halaman Lacak."),
    404: ("Halaman tidak ditemukan", "Periksa alamatnya, atau mulai dari halaman depan."),
    405: ("Halaman ini belum dapat dibuka", "Kembali ke halaman depan, lalu ulangi langkah Anda."),
    409: ("Data sudah berubah", "Muat ulang halaman untuk melihat status terbaru."),
    413: ("Kiriman terlalu besar", "Foto paling besar 15 MB. Foto ulang dengan ukuran lebih kecil, lalu kirim lagi."),
    415: ("Berkas ini bukan foto", "Kirim foto berupa JPG, PNG, WebP, HEIC, atau AVIF."),
    422: ("Ada yang perlu diperbaiki", "Periksa isian Anda, lalu kirim lagi."),
    429: ("Tunggu sebentar", "Data yang sudah tersimpan tidak hilang."),
    500: ("Maaf, ada gangguan pada sistem kami", LATER),
    503: ("Layanan sedang sibuk", LATER),
}
# the same with words that are still there: loading the page anew would lose them
STALE_WORDS = ("Tekan Kirim lagi", "Halaman ini terlalu lama terbuka, jadi belum terkirim. Tidak ada yang hilang.")
LOST_PLACE = (
    "Belum terkirim: Anda tidak dikenali lagi",
    "Ini terjadi jika halaman lama terbuka, atau data situs di HP dihapus. Yang Anda tulis tidak hilang.",
)
# what a person did who meets a wrong or missing token: kept a page open for days, or forbids cookies
STALE_FORM = (
    "Halaman ini perlu dimuat ulang",
    "Halaman ini terlalu lama terbuka. Tekan Muat ulang, lalu isi sekali lagi. "
    "Jika tetap begini, buka alamat ini di Chrome, bukan di mode penyamaran.",
)
# instead of the 403 of everybody, to staff
NOT_THIS_ROLE = "Halaman ini bukan untuk peran Anda. Mintalah pengawas jika Anda memerlukannya."

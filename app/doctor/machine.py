"""The machine under Loket: files, disk, clock, zone."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from app.base import clock, clock_guard
from app.base.database import db
from app.base.jobs import WorkerBeat
from app.base.journal import JournalLine
from app.base.private_files import database_files, open_to_others, sqlite_path
from app.base.services import settings
from app.city.dates import show_moment
from app.doctor.finding import NOTE, RISK, WRONG, Finding, good
from app.photos.disk_space import GETTING_FULL, LEAST_FREE, free_share
from app.photos.store import S3_SCHEME

DRIFT = timedelta(seconds=30)
RECORDS = (func.max(JournalLine.at), func.max(WorkerBeat.seen_at))
INDONESIA = timedelta(hours=7)


def file_modes() -> Finding:
    open_ones = sorted(str(path) for path in _private_paths() if open_to_others(path))
    if not open_ones:
        return good("Database, foto, dan kunci hanya terbuka bagi akun Loket.")
    return Finding(
        WRONG, f"Terbuka bagi akun lain di mesin ini: {', '.join(open_ones)}.",
        "Jalankan chmod go= pada masing-masing, sebagai pemiliknya.",
    )


def system_account() -> Finding:
    if settings().demo:
        return good("Akun mana pun cukup untuk demo.")
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return good("Tidak berjalan sebagai root.")
    return Finding(
        RISK, "Perintah ini berjalan sebagai root. Jika Loket juga, satu celah membuka seluruh mesin.",
        "Jalankan web dan worker dengan akun sistem sendiri yang tidak punya hak lain.",
    )


def disk() -> Finding:
    percent = round(100 * free_share(), 1)
    if percent < 100 * LEAST_FREE:
        return Finding(
            WRONG, f"Ruang disk tersisa {percent} %. Foto dan berkas dari warga sedang ditolak.",
            "Kosongkan atau perbesar disk sekarang.",
        )
    if percent < 100 * GETTING_FULL:
        return Finding(
            RISK, f"Ruang disk tersisa {percent} %. Di bawah {LEAST_FREE:.0%} foto ditolak.",
            "Perbesar disk minggu ini.",
        )
    return good(f"Ruang disk tersisa {percent} %.")


def clock_against_records() -> Finding:
    """A clock that went back, or forward and back again, makes records of the future."""
    now = clock.now()
    newest = max(filter(None, map(db.session.scalar, map(select, RECORDS))), default=None)
    if newest is not None and newest > now + DRIFT:
        return Finding(
            WRONG, f"Jam menunjukkan {show_moment(now)}, tetapi catatan terbaru bertanggal {show_moment(newest)}.",
            "Hentikan worker, betulkan jam (NTP), lalu jalankan pemeriksaan ini lagi. Jam yang terlalu maju membuat "
            "data dihapus sebelum waktunya.",
        )
    return good(f"{show_moment(now)}, tidak mendahului catatan mana pun." if newest is None else f"{show_moment(now)}.")


def clock_certain() -> Finding:
    doubted = clock_guard.doubt()
    if not doubted:
        return good("Jam berjalan tanpa lompatan.")
    return Finding(
        WRONG, f"{doubted} Selama ini tidak ada data yang dihapus atau ditutup karena waktu.",
        "Periksa jam mesin (NTP). Jika benar, misalnya mesin lama mati: flask --app wsgi clock confirm.",
    )


def clock_against_database() -> Finding:
    if db.engine.dialect.name == "sqlite":
        return good("SQLite memakai jam mesin ini.")
    there = db.session.scalar(text("SELECT clock_timestamp()"))
    apart = abs(there.astimezone(UTC) - clock.now())
    if apart <= DRIFT:
        return good("Jam database sama dengan jam mesin ini.")
    return Finding(
        WRONG, f"Jam database berbeda {round(apart.total_seconds())} detik dari jam mesin ini.",
        "Nyalakan NTP di kedua mesin.",
    )


def time_zone() -> Finding:
    if datetime(2026, 1, 1, tzinfo=clock.WIB).utcoffset() != INDONESIA:
        return Finding(WRONG, "Data zona waktu rusak: WIB bukan UTC+7.", "Pasang ulang paket tzdata.")
    own = datetime.now().astimezone().utcoffset()
    if own in (timedelta(), INDONESIA):
        return good(f"WIB untuk warga; mesin ini memakai {time.strftime('%Z')}.")
    return Finding(
        NOTE, f"Halaman memakai WIB, tetapi mesin ini memakai {time.strftime('%Z (UTC%z)')}.",
        "Setel zona waktu mesin ke Asia/Jakarta atau UTC, supaya jadwal cadangan tidak keliru dibaca.",
    )


def _private_paths() -> Iterator[Path]:
    instance, photos = settings().instance, settings().photos_url
    wanted = [instance, *(instance / name for name in ("spool", "demo-keys.json", "demo-logins.txt"))]
    if not photos.startswith(S3_SCHEME):
        wanted.append(Path(photos))
    yield from (path for path in wanted if path.exists())
    if database := sqlite_path(db.engine.url):
        yield from database_files(database)

"""The machine under Loket (files, disk, clock, zone), and settings that start and still are a risk."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select, text

from app.base import clock, clock_guard
from app.base.database import db
from app.base.jobs import WorkerBeat
from app.base.journal_line import JournalLine
from app.base.private_files import database_files, open_to_others, sqlite_path
from app.base.services import city, settings
from app.city.dates import show_moment
from app.doctor import NOTE, RISK, WRONG, Finding, good
from app.photos import proof
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


OWN_MACHINE = ("127.0.0.1", "localhost", "::1")


def mode() -> Finding:
    if current_app.debug:
        return Finding(
            WRONG, "Mode debug menyala: siapa pun yang memicu galat dapat membaca isi program.",
            "Hapus FLASK_DEBUG, lalu jalankan ulang.",
        )
    if settings().staging:
        return Finding(NOTE, "Mode latihan: bentuknya produksi, orangnya contoh.", "Untuk warga: LOKET_ENV=production.")
    if not settings().demo:
        return good("Mode produksi.")
    if settings().public_host not in OWN_MACHINE:
        return Finding(
            WRONG, f"Mode demo di {settings().public_base_url}: tanpa kode kedua dan tanpa sambungan aman.",
            "Isi LOKET_ENV=production beserta kunci-kuncinya sebelum warga memakainya.",
        )
    return Finding(NOTE, "Mode demo: untuk mencoba, bukan untuk data warga.", "Untuk warga: LOKET_ENV=production.")


def public_address() -> Finding:
    host = settings().public_host
    if settings().demo or host == city().public_domain:
        return good(f"Warga membuka {settings().public_base_url}.")
    return Finding(
        RISK, f"Tautan dalam pesan memakai {host}, sedangkan halaman menyebut {city().public_domain}.",
        "Samakan PUBLIC_BASE_URL dengan public_domain dalam berkas kota.",
    )


def proxies() -> Finding:
    count = settings().trusted_proxies
    if count or settings().demo:
        return good(f"{count} proxy dipercaya." if count else "Tanpa proxy, cukup untuk demo.")
    return Finding(
        RISK, "Tidak ada proxy yang dipercaya, padahal warga datang lewat https. Jika ada proxy di depan Loket, "
        "seluruh kota terlihat sebagai satu alamat jaringan dan saling menghabiskan batas percobaan.",
        "Isi TRUSTED_PROXIES dengan jumlah proxy di depan Loket, biasanya 1.",
    )


def second_factor() -> Finding:
    if settings().staff_2fa:
        return good("Petugas masuk dengan kata sandi dan kode kedua.")
    level = NOTE if settings().demo else RISK
    return Finding(level, "Petugas masuk dengan kata sandi saja.", "Isi STAFF_2FA=on.")


def signing_keys() -> Finding:
    older = len(settings().secret_key_fallbacks)
    if not older:
        return good("Satu SECRET_KEY, tanpa kunci lama.")
    return Finding(
        NOTE, f"{older} SECRET_KEY lama masih diterima.",
        "Hapus SECRET_KEY_FALLBACKS tujuh hari setelah kunci diganti.",
    )


def sender_checks() -> Finding:
    """Without the name our provider gives itself, no line of Authentication-Results can be believed, so a letter
    that only claims to come from a resident looks like any other."""
    mail = settings().mail
    if mail.imap is None:
        return good("Pengaduan lewat e-mail tidak dipakai.")
    if mail.authserv_id:
        return good(f"Asal e-mail diperiksa menurut {mail.authserv_id}.")
    return Finding(
        RISK, "Asal e-mail tidak dapat diperiksa: siapa pun dapat menulis atas nama warga.",
        "Isi MAIL_AUTHSERV_ID dengan nama yang ditulis penyedia e-mail di awal baris Authentication-Results.",
    )


def scanner() -> Finding:
    if not settings().clamd:
        return Finding(
            NOTE, "Berkas dari warga tidak diperiksa virus: petugas hanya mengunduhnya dengan peringatan.",
            "Pasang clamav-daemon, lalu isi CLAMD, misalnya /run/clamav/clamd.ctl.",
        )
    if version := proof.version():
        return good(f"Berkas dari warga diperiksa virus oleh {version}.")
    return Finding(
        WRONG, "Pemeriksa virus tidak menjawab: pengaduan dengan berkas menunggu.",
        "Jalankan clamav-daemon, atau kosongkan CLAMD.",
    )

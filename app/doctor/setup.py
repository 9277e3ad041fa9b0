"""Settings that start, and still are a risk."""

from flask import current_app

from app.base.services import city, settings
from app.doctor.finding import NOTE, RISK, WRONG, Finding, good
from app.photos import virus_scan

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
    if version := virus_scan.version():
        return good(f"Berkas dari warga diperiksa virus oleh {version}.")
    return Finding(
        WRONG, "Pemeriksa virus tidak menjawab: pengaduan dengan berkas menunggu.",
        "Jalankan clamav-daemon, atau kosongkan CLAMD.",
    )

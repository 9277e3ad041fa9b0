"""Database, keys against the data, worker, channel, backup."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from app.backup.target import last_backup
from app.base import clock, jobs, schema
from app.base.database import db
from app.base.jobs import WorkerJob
from app.base.journal_line import JournalLine, line_hash
from app.base.schema import Kind
from app.base.sealing import SealBroken, UnknownKey
from app.base.services import sealer, settings
from app.city.dates import show_length, show_moment
from app.doctor import NOTE, RISK, WRONG, Finding, good
from app.journal import anchors
from app.keys import proof, rotation
from app.messages import channel, quota
from app.messages.whatsapp import errors
from app.registration.models import Application
from app.registration.personal import open_personal
from app.settings.settings import NEW_ACCOUNT_RECIPIENTS

SAMPLES = 20  # registrations tried from each end, oldest and newest: old ones lie under old keys
BACKUP_LATE, BACKUP_VERY_LATE = timedelta(hours=26), timedelta(days=7)
DAY = timedelta(days=1)
RAISE_QUOTA = "Minta kenaikan di Meta, lalu isi WHATSAPP_DAILY_LIMIT: docs/running.md, bagian \"Kuota WhatsApp\"."
LONGEST_INTERVAL = timedelta(days=2)  # no periodic job waits longer for its next run


def migrations() -> Finding:
    misfit = schema.find_misfit()
    if misfit is None and schema.is_newer():
        return Finding(NOTE, "Database lebih baru daripada program ini, dan masih cocok.",
                       "Pasang lagi versi Loket yang baru jika gangguannya sudah diperbaiki.")
    if misfit is None:
        return good("Setiap tabel persis seperti yang dibutuhkan program ini.")
    upgrade = "Buat cadangan, lalu jalankan flask --app wsgi db upgrade."
    return Finding(WRONG, *{
        Kind.EMPTY: ("Database masih kosong.", upgrade),
        Kind.OLDER: (f"Database ada di langkah {misfit.at}, program ini butuh {misfit.wanted}.", upgrade),
        Kind.NEWER: (
            "Database lebih baru daripada program ini, atau dibuat oleh versi percobaan.",
            "Pasang versi Loket yang terbaru, atau mulai dengan database baru.",
        ),
        Kind.UNMARKED: (
            "Database berisi tabel yang tidak dibuat oleh db upgrade.", "Beri Loket database yang hanya miliknya.",
        ),
        Kind.OTHER: (
            f"Database mengaku di langkah {misfit.at}, tetapi berbeda pada {misfit.named}.",
            "Database ini dibuat oleh versi percobaan. Mulai dengan database baru, lalu pindahkan isinya.",
        ),
    }[misfit.kind])


def sealing_keys() -> Finding:
    unknown, broken, opened = set(), 0, 0
    for application in _samples():
        try:
            open_personal(application)
            opened += 1
        except UnknownKey as error:
            unknown.add(error.key_id)
        except SealBroken:
            broken += 1
    if unknown:
        return Finding(
            WRONG, f"Data tersegel dengan kunci {', '.join(sorted(unknown))}, yang tidak ada dalam SEALING_KEYS.",
            "Kembalikan kunci itu di belakang kunci terbaru, sebelum pendaftaran baru masuk.",
        )
    if broken:
        return Finding(
            WRONG, f"{broken} dari {opened + broken} berkas contoh tidak dapat dibuka dengan kunci yang namanya benar.",
            "Periksa apakah SEALING_KEYS berisi kunci yang dulu, lalu jalankan flask --app wsgi fsck.",
        )
    return good(f"{opened} berkas contoh dapat dibuka." if opened else "Belum ada data untuk mencoba kunci.")


def index_key() -> Finding:
    differing = tried = 0
    for application in _samples():
        try:
            nik = open_personal(application).nik
        except SealBroken:
            continue  # told by sealing_keys
        tried += 1
        differing += application.nik_index is not None and application.nik_index != sealer().index("nik", nik)
    if differing:
        return Finding(
            WRONG,
            f"{differing} dari {tried} berkas contoh tidak ditemukan lagi lewat NIK-nya: INDEX_KEY bukan yang dulu.",
            "Kembalikan INDEX_KEY yang dulu. Menggantinya: tulis baru,lama lalu jalankan flask --app wsgi keys rotate.",
        )
    return good(f"{tried} berkas contoh ditemukan lewat NIK-nya." if tried else "Belum ada data untuk mencoba kunci.")


def journal_key() -> Finding:
    """The newest line only; `flask journal verify` reads all of them."""
    newest = db.session.scalar(select(JournalLine).order_by(JournalLine.seq.desc()).limit(1))
    if newest is None:
        return good("Jurnal masih kosong.")
    if newest.hash != line_hash(newest):
        return Finding(
            WRONG, f"Baris terakhir jurnal ({newest.seq}) tidak cocok dengan INDEX_KEY, atau diubah dari luar.",
            "Periksa INDEX_KEY, lalu jalankan flask --app wsgi journal verify.",
        )
    return good(f"Baris terakhir jurnal ({newest.seq}) cocok.")


def worker() -> Finding:
    beat, level = jobs.last_beat(), NOTE if settings().demo else WRONG
    advice = "Jalankan flask --app wsgi worker, dan awasi prosesnya."
    if beat is None:
        return Finding(level, "Belum pernah ada worker: pesan tidak terkirim, masa simpan tidak berjalan.", advice)
    age = clock.now() - beat
    if age > channel.SILENT_AFTER:
        return Finding(level, f"Worker diam sejak {show_length(age)} lalu.", advice)
    if channel.worker_is_behind():
        return Finding(WRONG, "Worker hidup, tetapi pesan yang sudah waktunya menumpuk.", "Baca log worker.")
    return good(f"Worker terlihat {max(0, round(age.total_seconds()))} detik lalu.")


def failing_jobs() -> Finding:
    rows = list(db.session.scalars(select(WorkerJob).order_by(WorkerJob.name)))
    failing = [row.name for row in rows if row.failures]
    if failing:
        return Finding(RISK, f"Gagal pada percobaan terakhir: {', '.join(failing)}.", "Baca log worker.")
    far = [row.name for row in rows if row.next_run_at > clock.now() + LONGEST_INTERVAL]
    if far:
        return Finding(
            WRONG, f"Baru akan berjalan lagi jauh di depan: {', '.join(far)}. Jam mesin pernah terlalu maju.",
            "Betulkan jam, lalu hapus baris-baris itu dari tabel worker_job; worker membuatnya lagi.",
        )
    return good("Tidak ada yang gagal.")


def channel_state() -> Finding:
    state = channel.state()
    if state is not None and state.stopped_code:
        return Finding(
            WRONG, f"Pesan WhatsApp berhenti: {errors.for_code(state.stopped_code).meaning}.",
            "Buka halaman Pesan; di sana tertulis langkahnya.",
        )
    if settings().whatsapp_gateway == "console":
        level = RISK if settings().env == "production" else NOTE
        return Finding(level, "Pesan WhatsApp hanya dicetak, tidak dikirim.", "Isi WHATSAPP_GATEWAY=twilio.")
    if settings().whatsapp_allow and settings().env == "production":
        return Finding(RISK, "Hanya nomor percobaan yang menerima pesan.", "Kosongkan WHATSAPP_ALLOW.")
    return good("Pesan WhatsApp berjalan.")


def whatsapp_quota() -> Finding:
    """How much of the day is used, and whether such a limit can carry a city that registers so many."""
    seen, a_day = quota.forecast(), _sent_on_the_busiest_day()
    if not seen.limit:
        return good(f"{seen.used} penerima dalam 24 jam terakhir, tanpa batas.")
    used, enough = f"{seen.used} dari {seen.limit} penerima dalam 24 jam terakhir", seen.limit // quota.A_REGISTRATION
    if seen.used >= seen.limit:
        return Finding(WRONG, f"Kuota WhatsApp habis: {used}, perkiraan {seen.total}.", RAISE_QUOTA)
    if seen.is_near:
        return Finding(RISK, f"Kuota WhatsApp hampir habis: {used}, perkiraan {seen.total}.", RAISE_QUOTA)
    carries = f"Kuota {seen.limit} orang sehari cukup untuk sekitar {enough} pendaftaran sehari"
    if a_day > enough:
        return Finding(RISK, f"{carries}, dan dalam seminggu terakhir pernah masuk {a_day}.", RAISE_QUOTA)
    if seen.limit <= NEW_ACCOUNT_RECIPIENTS:
        return Finding(NOTE, f"{carries}: itu kuota akun baru. Terpakai {used}.", RAISE_QUOTA)
    return good(f"{carries}. Terpakai {used}.")


def _sent_on_the_busiest_day() -> int:
    """Of the last seven, each of 24 hours until now."""
    now = clock.now()
    moments = db.session.scalars(select(Application.submitted_at).where(Application.submitted_at > now - 7 * DAY))
    return max(Counter((now - moment) // DAY for moment in moments).values(), default=0)


def journal_end() -> Finding:
    older = anchors.cut_after()
    if older is None:
        return good("Jurnal sampai pada jangkar terakhir." if settings().journal_anchors else "Tidak ada jangkar.")
    return Finding(
        WRONG, f"Jurnal berakhir sebelum baris {older.seq}, yang dulu terakhir pada {show_moment(older.at)}.",
        "Database ini lebih lama, atau disalin tanpa WAL-nya. Pulihkan cadangan terbaru dengan flask restore.",
    )


def keys_proven() -> Finding:
    found = proof.findings()
    if found:
        return Finding(WRONG, " ".join(found), "Jalankan flask --app wsgi keys check.")
    older = sum(rotation.left_over().values())
    if older:
        return Finding(NOTE, f"{older} isian masih tersegel dengan kunci lama.", "flask --app wsgi keys rotate.")
    return good("Setiap kunci terbukti benar.")


def backup() -> Finding:
    last = last_backup()
    if last is None:
        level = NOTE if settings().demo else RISK
        return Finding(
            level, "Belum ada cadangan yang tercatat.",
            "Jalankan flask --app wsgi backup TUJUAN setiap hari, ke tempat lain, terpisah dari kunci.",
        )
    age = clock.now() - last.at
    told = f"Cadangan terakhir {show_moment(last.at)}, ke {last.target}"
    if age > BACKUP_LATE:
        level = WRONG if age > BACKUP_VERY_LATE else RISK
        return Finding(level, f"{told}: {show_length(age)} lalu.", "Cari tahu mengapa cadangan harian tidak berjalan.")
    return good(f"{told}.")


def _samples() -> list[Application]:
    sealed = select(Application).where(Application.personal_sealed.is_not(None), Application.erased_at.is_(None))
    ends = (Application.created_at.asc(), Application.created_at.desc())
    found = {row.id: row for end in ends for row in db.session.scalars(sealed.order_by(end).limit(SAMPLES))}
    return list(found.values())

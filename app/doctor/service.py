"""Database, keys against the data, worker, channel, backup."""

from datetime import timedelta

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import inspect, select

from app.base import clock, jobs
from app.base.database import db
from app.base.jobs import WorkerJob
from app.base.journal import JournalLine, line_hash
from app.base.sealing import SealBroken, UnknownKey
from app.base.services import sealer, settings
from app.city.dates import show_length, show_moment
from app.doctor.backup_record import last_backup
from app.doctor.finding import NOTE, RISK, WRONG, Finding, good
from app.messages import channel, health_report
from app.messages.whatsapp import errors
from app.registration.models import Application
from app.registration.personal import open_personal

SAMPLES = 20  # registrations tried from each end, oldest and newest: old ones lie under old keys
QUOTA_NEAR = 0.8
BACKUP_LATE, BACKUP_VERY_LATE = timedelta(hours=26), timedelta(days=7)
LONGEST_INTERVAL = timedelta(days=2)  # no periodic job waits longer for its next run


def migrations() -> Finding:
    scripts = ScriptDirectory(f"{current_app.root_path}/migrations")
    with db.engine.connect() as connection:
        current = set(MigrationContext.configure(connection).get_current_heads())
        missing = _missing_columns(inspect(connection))
    heads = set(scripts.get_heads())
    if current != heads:
        known = {script.revision for script in scripts.walk_revisions()}
        if current - known:
            return Finding(WRONG, "Database lebih baru daripada program ini.", "Pasang versi Loket yang terbaru.")
        return Finding(
            WRONG, f"Database ada di langkah {', '.join(sorted(current)) or 'kosong'}, program ini butuh "
            f"{', '.join(sorted(heads))}.", "Buat cadangan, lalu jalankan flask --app wsgi db upgrade.",
        )
    if missing:
        return Finding(
            WRONG, f"Database mengaku terbaru, tetapi kurang: {', '.join(missing[:5])}.",
            "Database ini dibuat oleh versi percobaan. Hubungi pembuat Loket sebelum memakainya.",
        )
    return good(f"Database ada di langkah {', '.join(sorted(heads))}, yang terbaru.")


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
            "Kembalikan INDEX_KEY yang dulu. Kunci ini tidak dapat diganti.",
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
    if age > health_report.SILENT_AFTER:
        return Finding(level, f"Worker diam sejak {show_length(age)} lalu.", advice)
    if health_report.worker_is_behind():
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
        level = NOTE if settings().demo else RISK
        return Finding(level, "Pesan WhatsApp hanya dicetak, tidak dikirim.", "Isi WHATSAPP_GATEWAY=twilio.")
    if settings().whatsapp_allow:
        return Finding(RISK, "Hanya nomor percobaan yang menerima pesan.", "Kosongkan WHATSAPP_ALLOW.")
    return good("Pesan WhatsApp berjalan.")


def quota() -> Finding:
    seen = health_report.figures().forecast
    used = f"{seen.used} dari {seen.limit} penerima dalam 24 jam terakhir"
    if seen.limit and seen.used >= seen.limit:
        return Finding(WRONG, f"Kuota WhatsApp habis: {used}.", "Minta kenaikan batas di Twilio atau Meta.")
    if seen.limit and seen.used >= QUOTA_NEAR * seen.limit:
        return Finding(RISK, f"Kuota WhatsApp hampir habis: {used}.", "Minta kenaikan batas di Twilio atau Meta.")
    return good(f"{used.capitalize()}.")


def backup() -> Finding:
    last = last_backup()
    if last is None:
        level = NOTE if settings().demo else RISK
        return Finding(
            level, "Belum ada cadangan yang tercatat.",
            "Buat cadangan database dan foto setiap hari, simpan di tempat lain, terpisah dari kunci.",
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


def _missing_columns(inspector) -> list[str]:
    there = set(inspector.get_table_names())
    missing = [table.name for table in db.metadata.sorted_tables if table.name not in there]
    for table in db.metadata.sorted_tables:
        if table.name in there:
            columns = {column["name"] for column in inspector.get_columns(table.name)}
            missing += [f"{table.name}.{column.name}" for column in table.columns if column.name not in columns]
    return missing

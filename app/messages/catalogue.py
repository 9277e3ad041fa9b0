"""Every message Loket can send. The body is the file `templates/messages/<key>.txt`.

One definition serves all: the office's console, the free text inside WhatsApp's 24-hour window and
the template that Meta approves (docs/whatsapp.md, facts 2; wording: docs/facts.md 10).
"""

from dataclasses import dataclass
from datetime import timedelta

UTILITY, AUTHENTICATION = "UTILITY", "AUTHENTICATION"
CODE, RESULT, ANSWER, WARNING, NOTICE, RECEIPT, UNPROVEN = range(7)


@dataclass(frozen=True)
class Share:
    """How one class of messages shares the channel. What is due goes out in the order of the table.

    `fills` is the part of the day's recipients after which this class stops, whoever used them, so that
    the rest is kept for those before it; `own` is how much of the day the class itself may take.
    `by_strangers`: somebody who proved nothing can cause it (limits of a number in `quota.py`).
    `dropped`: without room it is not sent at all, the page shows it instead; the other classes wait.
    """

    title: str
    fills: float
    own: float = 1.0
    by_strangers: bool = False
    dropped: bool = False


# The position in the table is the class, as messages and rows name it (docs/channel.md).
SHARES: tuple[Share, ...] = (
    Share("Kode", 1.0, own=0.3, by_strangers=True),
    Share("Hasil pemeriksaan", 1.0),
    Share("Jawaban pengaduan", 1.0),
    Share("Peringatan kepada pemilik akun", 1.0, own=0.1, by_strangers=True),
    Share("Pemberitahuan dan pengingat", 0.9),
    Share("Bukti terima, nomor terbukti", 0.9, by_strangers=True),
    Share("Bukti terima, nomor belum terbukti", 0.7, own=0.4, by_strangers=True, dropped=True),
)


@dataclass(frozen=True)
class Message:
    """`variables` maps each name to a sample, in the order of {{1}}, {{2}}, ... at Meta.

    `share` is the class, a position in SHARES; a receipt to a number nobody proved goes as UNPROVEN.
    After `expires` an unsent message is worthless and is cancelled. `to_staff` speaks to a member of
    staff about their own account: no colleague is asked to say it by phone. `own_words` names the value that a
    person wrote: it keeps its lines as free text, and is never cut short.
    """

    key: str
    title: str
    variables: dict[str, str]
    share: int
    category: str = UTILITY
    expires: timedelta | None = None
    to_staff: bool = False
    own_words: str = ""

    @property
    def is_code(self) -> bool:
        """One-time codes are never sent again by themselves, and never told by phone."""
        return self.category == AUTHENTICATION


NAMA, KODE = "Siti A.", "7KMP-3QXR"
TGL_JAM = "Senin, 30 November 2026 pukul 09.15 WIB"
TGL = "Senin, 7 Desember 2026"
SITUS = "https://dukcapil.example.go.id"
KONTAK = "(0335) 4438894"
TIKET = "ADU-2026-000123"
CODE_LIFETIME = timedelta(minutes=15)

_ALL = (
    Message("pendaftaran_diterima", "Pendaftaran diterima", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "kode": KODE, "tautan": f"{SITUS}/lacak"}, RECEIPT),
    Message("berkas_lengkap", "Data dan foto lengkap", {
        "nama": NAMA, "kode": KODE, "tgl_jam": TGL_JAM, "batas": "Selasa, 1 Desember 2026 pukul 16.00 WIB"}, RESULT),
    Message("perlu_perbaikan", "Pendaftaran perlu diperbaiki", {
        "nama": NAMA, "kode": KODE,
        "daftar_alasan": "1) Foto KTP kurang jelas. 2) Foto tanda tangan belum sesuai.",
        "tautan": f"{SITUS}/lacak", "tgl": TGL, "kontak": KONTAK}, RESULT),
    Message("akun_aktif", "Akun aktif", {"nama": NAMA, "tautan": f"{SITUS}/masuk"}, RESULT),
    Message("akun_ditangguhkan", "Akun ditangguhkan", {
        "nama": NAMA, "alasan": "NIK Anda belum tercatat aktif di data kependudukan.",
        "saran": "Datanglah ke kantor kami dengan membawa KTP dan KK asli agar data diperiksa.",
        "kontak": KONTAK}, RESULT),
    Message("ditolak", "Pendaftaran tidak disetujui", {
        "nama": NAMA, "kode": KODE,
        "alasan": "NIK Anda belum tercatat aktif di data kependudukan.",
        "saran": "Datanglah ke kantor dengan KTP dan KK asli agar data diperiksa."}, RESULT),
    Message("nik_sudah_punya_akun", "Pemberitahuan tentang NIK Anda", {
        "nama": NAMA, "tautan": f"{SITUS}/masuk"}, RECEIPT),
    Message("pengingat_perbaikan", "Pengingat perbaikan", {
        "nama": NAMA, "kode": KODE, "tautan": f"{SITUS}/lacak", "tgl": TGL, "kontak": KONTAK}, NOTICE),
    Message("pendaftaran_ditutup", "Pendaftaran berakhir", {
        "nama": NAMA, "kode": KODE, "tautan": f"{SITUS}/daftar", "kontak": KONTAK}, NOTICE),
    Message("pendaftaran_dibatalkan", "Pendaftaran dibatalkan", {
        "nama": NAMA, "kode": KODE, "tautan": f"{SITUS}/daftar", "kontak": KONTAK}, RECEIPT),
    Message("pin_diganti", "PIN pendaftaran diganti", {
        "nama": NAMA, "kode": KODE, "tgl_jam": TGL_JAM, "kontak": KONTAK}, NOTICE),
    Message("melewati_batas", "Permintaan maaf, kami terlambat", {
        "nama": NAMA, "kode": KODE, "batas": TGL_JAM,
        "tindak_lanjut": f"petugas kami mengantar surat hasilnya ke rumah Anda, gratis. Ini kami lakukan paling lambat "
        f"{TGL_JAM}, jika akun Anda disetujui",
        "penanggung_jawab": "Kepala Bidang PIAK", "kontak": KONTAK}, RESULT),
    Message("permintaan_maaf", "Permintaan maaf, pendaftaran belum selesai", {
        "nama": NAMA, "kode": KODE, "alasan": "sistem kependudukan nasional sedang terganggu",
        "kontak": KONTAK}, RESULT),
    Message("jaminan_dibuka", "Jaminan pelayanan dibuka", {
        "nama": NAMA, "hal": "biaya", "kode": KODE,
        "tindak_lanjut": f"petugas kami mengantar surat hasilnya ke rumah Anda, gratis. Ini kami lakukan paling lambat "
        f"{TGL_JAM}",
        "penanggung_jawab": "Kepala Bidang PIAK", "kontak": KONTAK}, RESULT),
    Message("surat_diantar", "Surat diantar", {
        "nama": NAMA, "kode": KODE, "petugas": "Hadi Purnomo",
        "jadwal": "Jumat, 27 November 2026 pukul 13.00–15.00 WIB", "kode_terima": "482915"}, RESULT),
    Message("surat_belum_diterima", "Surat belum diterima", {
        "nama": NAMA, "kode": KODE, "tgl": TGL, "kontak": KONTAK}, RESULT),
    Message("jaminan_maaf", "Permintaan maaf", {
        "nama": NAMA, "kode": KODE,
        "alasan": "Pendaftaran ini tidak disetujui, jadi tidak ada surat yang diantar.",
        "penanggung_jawab": "Kepala Bidang PIAK", "kontak": KONTAK}, RESULT),
    Message("kode_reset_sandi", "Kode ganti kata sandi", {"kode": "483920"}, CODE,
            category=AUTHENTICATION, expires=CODE_LIFETIME),
    Message("kode_perangkat", "Kode untuk HP atau komputer baru", {"kode": "48392017"}, CODE,
            category=AUTHENTICATION, expires=CODE_LIFETIME),
    Message("kode_diminta", "Kode ganti kata sandi diminta", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "tautan": f"{SITUS}/lupa-sandi/t/5d2c", "kontak": KONTAK}, WARNING),
    Message("percobaan_masuk", "Percobaan masuk yang gagal", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "tautan": f"{SITUS}/lupa-sandi", "kontak": KONTAK}, WARNING),
    Message("sandi_diganti", "Kata sandi diganti", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "tautan": f"{SITUS}/lupa-sandi", "kontak": KONTAK}, NOTICE),
    Message("nomor_diganti", "Nomor WhatsApp diganti", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "kontak": KONTAK}, NOTICE),
    Message("kode_ganti_nomor", "Kode ganti nomor WhatsApp", {"kode": "483920"}, CODE,
            category=AUTHENTICATION, expires=CODE_LIFETIME),
    Message("permintaan_ganti_nomor", "Permintaan ganti nomor WhatsApp", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "kontak": KONTAK}, WARNING),
    Message("permintaan_nomor_ditolak", "Permintaan ganti nomor belum disetujui", {
        "alasan": "foto selfie atau KTP belum terbaca jelas", "kontak": KONTAK}, RESULT),
    Message("hak_data_diminta", "Penghapusan data diminta", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "batas": "Kamis, 3 Desember 2026 pukul 09.15 WIB",
        "tautan": f"{SITUS}/lacak/hak-data/t/0f0f0f0f", "kontak": KONTAK}, RESULT),
    Message("hak_data_dijawab", "Permintaan tentang data pribadi dijawab", {
        "tautan": f"{SITUS}/akun/hak-data", "kontak": KONTAK}, RESULT),
    Message("hak_data_dihapus", "Data pribadi sudah dihapus", {"kontak": KONTAK}, RESULT),
    Message("pengaduan_diterima", "Pengaduan diterima", {
        "tiket": TIKET, "tgl_jam": TGL_JAM, "pin": "48392017", "batas": TGL,
        "tautan": f"{SITUS}/pengaduan/lacak"}, RECEIPT),
    Message("pengaduan_ditanya", "Pertanyaan tentang pengaduan (tautan)", {
        "tiket": TIKET, "tautan": f"{SITUS}/pengaduan/lacak"}, ANSWER),
    Message("kabar_pengaduan", "Kabar atau pertanyaan tentang pengaduan", {
        "tiket": TIKET, "kabar": "Di meja layanan nomor berapa kejadiannya, Bu?",
        "tautan": f"{SITUS}/pengaduan/lacak"}, ANSWER, own_words="kabar"),
    Message("pengaduan_ditutup", "Pengaduan ditutup tanpa jawaban", {
        "tiket": TIKET, "alasan": "Menurut petugas, hal yang sama sudah ada dalam pengaduan lain",
        "tautan": f"{SITUS}/pengaduan/lacak", "kontak": KONTAK}, ANSWER),
    Message("jawaban_pengaduan", "Jawaban pengaduan", {
        "tiket": TIKET, "jawaban": "Data Anda sudah kami perbaiki.", "tgl": TGL}, ANSWER,
            own_words="jawaban"),
    Message("pengaduan_dijawab", "Pengaduan dijawab", {
        "tiket": TIKET, "tautan": f"{SITUS}/pengaduan/lacak", "tgl": TGL}, ANSWER),
    Message("berkas_tidak_tersimpan", "Lampiran tidak dapat disimpan", {
        "tiket": TIKET, "berkas": "arsip.zip (jenis berkas ini tidak disimpan)",
        "tautan": f"{SITUS}/pengaduan/lacak"}, NOTICE),
    Message("undangan_survei", "Undangan survei", {
        "urusan": "pendaftaran akun online Anda", "tautan": f"{SITUS}/survei/t/0f0f0f0f"}, NOTICE,
            expires=timedelta(days=7)),
    Message("pegawai_reset_diminta", "Kata sandi baru akun petugas diminta", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "peminta": "Ani Wijaya", "kontak": KONTAK}, RESULT, to_staff=True),
    Message("kerja_terlambat", "Pendaftaran terlambat, kepada pengawas", {
        "nama": NAMA, "kode": KODE, "batas": TGL_JAM, "pemegang": "Bayu, Dewi", "tautan": f"{SITUS}/petugas/terlambat"},
        RESULT, to_staff=True),
    Message("kerja_terlambat_lama", "Terlambat empat jam kerja, kepada Kepala Bidang", {
        "nama": NAMA, "kode": KODE, "batas": TGL_JAM, "pemegang": "Bayu, Dewi", "tautan": f"{SITUS}/petugas/terlambat"},
        RESULT, to_staff=True),
    Message("pegawai_tautan_sandi", "Tautan kata sandi akun petugas", {
        "nama": NAMA, "tautan": f"{SITUS}/petugas/undangan/9fQ2", "tgl_jam": TGL_JAM, "kontak": KONTAK}, RESULT,
        expires=timedelta(hours=12), to_staff=True),
    Message("pegawai_sandi_diganti", "Kata sandi akun petugas diganti", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "kontak": KONTAK}, RESULT, to_staff=True),
    Message("peringatan_sistem", "Gangguan sistem", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "masalah": "pesan WhatsApp berhenti keluar",
        "langkah": "buka halaman Pesan, di sana tertulis sebabnya"}, RESULT, to_staff=True),
    Message("peringatan_selesai", "Gangguan sistem sudah beres", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "masalah": "pesan WhatsApp berhenti keluar"}, RESULT, to_staff=True),
    Message("pegawai_kontak_diganti", "Kontak akun petugas diganti", {
        "nama": NAMA, "tgl_jam": TGL_JAM, "kontak": KONTAK}, RESULT, to_staff=True),
    Message("catatan_mingguan", "Catatan mingguan untuk pengawas", {
        "nama": NAMA, "minggu": "Senin, 23 November 2026", "tepat": "96,4% (401 dari 416)", "menunggu": "38",
        "terlambat": "3", "pengaduan": "2", "tautan": f"{SITUS}/petugas/"}, NOTICE, to_staff=True),
)

MESSAGES: dict[str, Message] = {message.key: message for message in _ALL}
CODES = tuple(message.key for message in _ALL if message.is_code)
# letters that say nothing but their own words, to the office itself: key -> title at the desk
LETTERS_ALONE: dict[str, str] = {"pengaduan_terlambat": "Pengaduan terlambat"}
# what nobody is asked to phone about
UNSPOKEN = tuple(message.key for message in _ALL if message.is_code or message.to_staff)


def message_for(key: str) -> Message:
    """Raises ValueError for a key without a definition."""
    try:
        return MESSAGES[key]
    except KeyError:
        raise ValueError(f"no message {key!r}: define it in app/messages/catalogue.py") from None


def is_code(key: str) -> bool:
    return key in CODES


def lifetime_of(key: str) -> timedelta | None:
    known = MESSAGES.get(key)
    return known.expires if known else None


def title_of(key: str) -> str:
    """The title at the desk; an old row may name a message that no longer exists."""
    known = MESSAGES.get(key)
    return known.title if known else LETTERS_ALONE.get(key, key)

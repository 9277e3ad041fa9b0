"""What can go wrong between us and WhatsApp, as a table (docs/whatsapp.md, facts 3).

A code may come at once, as Twilio's answer, or later in a status callback; both look here. A code
that is not listed is a permanent failure. Words without digits are our own codes.
"""

from app.messages.errors import OWN, Effect, Retry, SendError

CALL = "Telepon pemohon dan sampaikan isi pesan."
WRONG_NUMBER = "Nomor ini salah. Telepon atau surati pemohon, minta nomor yang benar."
AUTOMATIC = "Dicoba lagi otomatis. Tidak perlu berbuat apa-apa."
WAITS = "Sedang diperiksa otomatis. Tidak perlu tindakan."
OUR_BUG = "Beri tahu admin, lalu telepon pemohon."
ADMIN = "Semua pesan menunggu. Minta admin memeriksa pengaturan akun Twilio."
ON_PAGE = "Tidak perlu tindakan: isinya sudah ditunjukkan di halaman. Jika perlu, kirim ulang."
TEMPLATE = "Minta admin memeriksa templat di Twilio, lalu telepon pemohon."
BACKOFF, ONCE, STOP = Retry.BACKOFF, Retry.ONCE, Effect.STOP_CHANNEL

# Twilio enables countries one by one: a closed one abroad says nothing about ours
COUNTRY_CLOSED, ABROAD_CLOSED = "21408", "abroad_closed"

TABLE: dict[str, SendError] = {
    **OWN,
    "no_connection": SendError("WhatsApp tidak dapat dihubungi", AUTOMATIC, BACKOFF, Effect.SLOW_CHANNEL),
    "no_template": SendError("Templat pesan ini belum disetujui Meta",
                             "Dicoba lagi otomatis. Admin memeriksa templat.", BACKOFF),
    "opted_out": SendError("Pemohon meminta berhenti dikirimi WhatsApp", CALL),
    "waits_for_room": SendError("Menunggu jatah penerima 24 jam", "Dikirim otomatis begitu ada tempat."),
    "number_full": SendError("Batas pesan ke nomor ini tercapai", ON_PAGE),
    "one_receipt": SendError("Nomor belum terbukti dan sudah mendapat satu bukti", ON_PAGE),
    "day_full": SendError("Jatah hari ini disimpan untuk hasil dan jawaban", ON_PAGE),
    "not_arrived": SendError("Terkirim, tetapi tidak sampai di HP penerima", CALL),
    "never_confirmed": SendError("Tidak pernah ada kepastian apakah pesan terkirim",
                                 "Telepon pemohon. Mungkin pesan sudah diterima."),
    "lease": SendError("Pengiriman terputus di tengah jalan", WAITS),
    "read_timeout": SendError("WhatsApp tidak menjawab", WAITS),
    "connection_lost": SendError("Sambungan ke WhatsApp terputus", WAITS),
    "garbled": SendError("Jawaban WhatsApp tidak terbaca", WAITS),
    "exception": SendError("Gangguan pada sistem kami saat mengirim", WAITS),
    "canceled": SendError("Pengiriman dibatalkan di Twilio", CALL),
    # account and channel
    "20003": SendError("Akun Twilio menolak kunci kami atau sedang dibekukan", ADMIN, BACKOFF, STOP),
    "20005": SendError("Akun Twilio tidak aktif", ADMIN, BACKOFF, STOP),
    "20404": SendError("Akun atau layanan tidak ditemukan di Twilio", ADMIN, BACKOFF, STOP),
    "20429": SendError("Terlalu banyak permintaan sekaligus", AUTOMATIC, BACKOFF, Effect.SLOW_CHANNEL),
    COUNTRY_CLOSED: SendError("Pengiriman ke Indonesia belum diaktifkan di Twilio", ADMIN, BACKOFF, STOP),
    "21606": SendError("Nomor pengirim bukan milik akun ini", ADMIN, BACKOFF, STOP),
    "63001": SendError("Hubungan Twilio dengan WhatsApp terputus", ADMIN, BACKOFF, STOP),
    "63002": SendError("Nomor pengirim WhatsApp tidak ditemukan", ADMIN, BACKOFF, STOP),
    "63007": SendError("Nomor pengirim WhatsApp belum terdaftar", ADMIN, BACKOFF, STOP),
    "63020": SendError("Undangan akun bisnis Meta belum diterima", ADMIN, BACKOFF, STOP),
    "63022": SendError("Sertifikat nama WhatsApp bermasalah", ADMIN, BACKOFF, STOP),
    "63051": SendError("Akun WhatsApp Business dikunci Meta", ADMIN, BACKOFF, STOP),
    ABROAD_CLOSED: SendError("Pengiriman ke negara nomor ini belum diaktifkan di Twilio", CALL),
    # limits
    "21611": SendError("Antrean pengirim penuh", AUTOMATIC, BACKOFF, Effect.SLOW_CHANNEL),
    "30001": SendError("Antrean pengirim penuh", AUTOMATIC, BACKOFF, Effect.SLOW_CHANNEL),
    "63017": SendError("Batas kecepatan kirim tercapai", AUTOMATIC, BACKOFF, Effect.SLOW_CHANNEL),
    "63018": SendError("Batas jumlah penerima dalam 24 jam tercapai", AUTOMATIC, Retry.DAY, Effect.SLOW_CHANNEL),
    "63038": SendError("Batas harian akun Twilio tercapai", AUTOMATIC, Retry.DAY, Effect.SLOW_CHANNEL),
    # the number or the person
    "21211": SendError("Nomor tujuan tidak sah", WRONG_NUMBER),
    "21608": SendError("Akun uji coba Twilio: nomor tujuan belum diverifikasi", CALL),
    "21610": SendError("Pemohon meminta berhenti dikirimi WhatsApp", CALL, effect=Effect.OPT_OUT),
    "21614": SendError("Nomor tujuan bukan nomor HP", WRONG_NUMBER),
    "63003": SendError("Nomor tujuan tidak ditemukan di WhatsApp", CALL),
    "63014": SendError("Pemohon memblokir nomor kami", CALL),
    "63015": SendError("Mode coba Twilio: penerima belum bergabung", CALL),
    "63024": SendError("Penerima tidak dapat menerima WhatsApp", CALL),
    "63032": SendError("Penerima sedang dalam percobaan Meta", CALL),
    "63033": SendError("Pemohon memblokir nomor kami", CALL),
    "63049": SendError("Meta menganggap pesan ini promosi dan menahannya",
                       "Dicoba lagi otomatis. Minta admin memeriksa kategori templat.", Retry.SPARSELY),
    # passing trouble at the provider
    "30008": SendError("Gangguan yang tidak diketahui di WhatsApp", AUTOMATIC, ONCE),
    "30410": SendError("WhatsApp tidak menjawab Twilio", AUTOMATIC, ONCE),
    "63010": SendError("Gangguan di dalam Twilio", AUTOMATIC, ONCE),
    "63012": SendError("Gangguan di dalam WhatsApp", AUTOMATIC, ONCE),
    "63019": SendError("Lampiran gagal diunduh WhatsApp", AUTOMATIC, ONCE),
    # text and template
    "21603": SendError("Pengirim tidak disebut", OUR_BUG),
    "21604": SendError("Penerima tidak disebut", OUR_BUG),
    "21617": SendError("Pesan terlalu panjang", OUR_BUG),
    "21619": SendError("Isi pesan kosong", OUR_BUG),
    "21654": SendError("Pesan dikirim tanpa bentuk yang disetujui", OUR_BUG),
    "21655": SendError("Templat tidak dikenal Twilio", TEMPLATE, effect=Effect.STOP_TEMPLATE),
    "21656": SendError("Isian templat tidak terbaca", OUR_BUG),
    "21910": SendError("Jenis alamat pengirim dan penerima berbeda", OUR_BUG),
    "63005": SendError("Isi pesan ditolak WhatsApp", OUR_BUG),
    "63013": SendError("Isi pesan melanggar aturan WhatsApp", OUR_BUG),
    "63016": SendError("Di luar 24 jam hanya templat yang boleh dikirim", AUTOMATIC, Retry.AS_TEMPLATE),
    "63021": SendError("Isi pesan tidak sah atau terlalu panjang", OUR_BUG),
    "63027": SendError("Templat tidak ada dalam bahasa ini", TEMPLATE, effect=Effect.STOP_TEMPLATE),
    "63028": SendError("Jumlah isian templat salah", TEMPLATE),
    "63034": SendError("Lampiran terlalu besar", OUR_BUG),
    "63040": SendError("Templat ditolak Meta", TEMPLATE, effect=Effect.STOP_TEMPLATE),
    "63041": SendError("Templat dihentikan sementara oleh Meta", TEMPLATE, effect=Effect.STOP_TEMPLATE),
    "63042": SendError("Templat dimatikan Meta", TEMPLATE, effect=Effect.STOP_TEMPLATE),
}
OTHER = SendError("Ditolak WhatsApp dengan alasan yang belum kami kenal", CALL)
EXPLAINED_AT = "https://www.twilio.com/docs/api/errors/"


def for_code(code: str) -> SendError:
    """The entry of a code; http_5xx and other doubts are looked into, the rest is final."""
    if code.startswith("http_"):
        return SendError("WhatsApp sedang terganggu", WAITS)
    return TABLE.get(code, OTHER)


def explained_at(code: str) -> str:
    """Where Twilio explains a code of its own; "" for ours. We keep no text of Twilio's, which may
    hold the number."""
    return EXPLAINED_AT + code if code.isdecimal() else ""

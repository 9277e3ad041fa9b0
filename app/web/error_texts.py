"""What an error page says: its heading, and what to do."""

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

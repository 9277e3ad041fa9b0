"""The rights that can be claimed here, the grounds on which one may be refused, and how they are said."""

from dataclasses import dataclass

OPEN, GRANTED, REFUSED = "open", "granted", "refused"
STATUSES = (OPEN, GRANTED, REFUSED)
COPY, CORRECTION, RESTRICTION, DELETION = "copy", "correction", "restriction", "deletion"


@dataclass(frozen=True)
class Kind:
    """`article` is of UU 27/2022; `granting` tells the officer what granting does; `answer` is where
    the officer starts to write."""

    label: str
    article: str
    granting: str
    answer: str


KINDS: dict[str, Kind] = {
    COPY: Kind(
        "Salinan data", "Pasal 7", "Jelaskan kapan dan bagaimana salinan diserahkan, setelah KTP asli diperiksa.",
        "Salinan data Anda kami siapkan. Silakan ambil di kantor kami dengan membawa KTP asli.",
    ),
    CORRECTION: Kind(
        "Perbaikan data", "Pasal 6", "Isian yang diminta langsung berubah.",
        "Data Anda sudah kami perbaiki sesuai permintaan.",
    ),
    RESTRICTION: Kind(
        "Minta data tertentu tidak dipakai", "Pasal 11",
        "Loket hanya mencabut persetujuan survei dan menandai pendaftaran ini dengan jawaban Anda. Selain itu tidak "
        "ada yang dibatasi dengan sendirinya: tulis apa yang dibatasi dan sampai kapan, lalu kerjakan.",
        "",
    ),
    DELETION: Kind(
        "Penghapusan data", "Pasal 8",
        "Akun ditutup, foto dan data pribadi langsung dihapus dan tidak dapat dikembalikan. Yang tetap disimpan: "
        "NIK dalam bentuk sandi, keputusan, dan jurnal. Pengaduan disimpan menurut jadwalnya sendiri.",
        "Akun Anda kami tutup dan data pribadi Anda kami hapus sesuai permintaan.",
    ),
}
STATUS_LABELS: dict[str, tuple[str, str]] = {
    OPEN: ("Menunggu jawaban", "new"), GRANTED: ("Dipenuhi", "good"), REFUSED: ("Tidak dapat dipenuhi", "bad"),
}


STOPPED = "DIHENTIKAN"
STOPPED_LABEL = ("Dihentikan", "quiet")


@dataclass(frozen=True)
class Ground:
    """A ground of refusal: for the officer's list, in the resident's words, and for which kinds."""

    label: str
    words: str
    kinds: tuple[str, ...]


# UU 27/2022 art. 15 (public interest in the administration of the State, legal proceedings) and 44
# (destroyed by the archive schedule); the office must decide the wording
GROUNDS: dict[str, Ground] = {
    "WAJIB_SIMPAN": Ground(
        "Masih wajib disimpan (jadwal retensi arsip)",
        "Data ini masih wajib kami simpan menurut peraturan administrasi kependudukan dan kearsipan.",
        (DELETION, RESTRICTION),
    ),
    "PROSES_HUKUM": Ground(
        "Diperlukan dalam proses hukum", "Data ini diperlukan dalam proses hukum yang sedang berjalan.",
        (DELETION, RESTRICTION),
    ),
    "BUKAN_PEMILIK": Ground(
        "Belum pasti diminta pemilik data",
        "Kami belum dapat memastikan bahwa permintaan ini datang dari pemilik data. Silakan datang ke kantor kami "
        "dengan membawa KTP asli.",
        (COPY, CORRECTION, RESTRICTION, DELETION),
    ),
    "SUDAH_BENAR": Ground(
        "Data sudah sama dengan dokumen kependudukan",
        "Data Anda sudah sama dengan dokumen kependudukan yang berlaku.", (CORRECTION,),
    ),
    # by the holder of the number on record, never chosen by an officer
    STOPPED: Ground(
        "Dihentikan lewat tautan yang dikirim ke nomor WhatsApp pemilik data",
        "Permintaan ini dihentikan lewat tautan yang kami kirim ke nomor WhatsApp Anda. Tidak ada data yang dihapus.",
        (),
    ),
    "LAYANAN_LAIN": Ground(
        "Harus diubah dulu di KTP atau KK",
        "Data ini mengikuti KTP dan KK. Silakan urus perubahan KTP atau KK dulu, lalu ajukan lagi.", (CORRECTION,),
    ),
}


def label_of(status: str, ground: str) -> tuple[str, str]:
    """(words, tone of the badge) of a request."""
    return STOPPED_LABEL if ground == STOPPED else STATUS_LABELS[status]


def grounds_for(kind: str) -> dict[str, Ground]:
    return {code: ground for code, ground in GROUNDS.items() if kind in ground.kinds}

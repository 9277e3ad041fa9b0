"""Why a photo was not taken: one class per cause, each with an HTTP status and a sentence the sender can act on."""

from __future__ import annotations


class PhotoError(Exception):
    """Base of all causes. `code` is for logs and tests, `message` for the sender; neither quotes anything sent."""

    status = 422
    code = "photo-error"
    retry_after: int | None = None
    message = "Foto belum dapat diterima. Ambil foto baru, lalu kirim."

    def __init__(self) -> None:
        super().__init__(self.message)


class NoPhotoChosen(PhotoError):
    code = "no-photo-chosen"
    message = "Foto belum dipilih. Ambil foto atau pilih dari galeri, lalu kirim."


class EmptyFile(PhotoError):
    code = "empty-file"
    message = "Foto yang terkirim kosong. Ambil foto lagi atau pilih foto lain."


class TooLarge(PhotoError):
    status = 413
    code = "too-large"
    message = "Foto lebih dari 15 MB. Pilih foto yang lebih kecil."


class NotAPhoto(PhotoError):
    status = 415
    code = "not-a-photo"
    message = "Isinya bukan foto. Kirim foto JPG, PNG, WebP, HEIC, atau AVIF."


class DamagedPhoto(PhotoError):
    code = "damaged"
    message = "Foto rusak atau terpotong. Kirim sekali lagi atau ambil foto baru."


class AnimatedPhoto(PhotoError):
    code = "animated"
    message = "Gambar ini bergerak. Kirim foto biasa yang diam."


class TooFewPixels(PhotoError):
    code = "too-few-pixels"
    message = ("Gambar ini terlalu kecil untuk dibaca. Tangkapan layar tidak cukup: potret aslinya langsung dengan "
               "kamera HP, lalu kirim foto itu.")


class BadShape(PhotoError):
    code = "bad-shape"
    message = "Foto ini sangat panjang, seperti tangkapan layar. Potret aslinya langsung dengan kamera HP."


class TooManyPixels(PhotoError):
    code = "too-many-pixels"
    message = ("Foto ini memuat terlalu banyak piksel. Buka setelan kamera, ubah ukuran foto menjadi 12 MP (atau pilih "
               "format JPEG), lalu potret lagi.")


class TooManyScans(PhotoError):
    code = "too-many-scans"
    message = "Foto ini tidak dapat kami buka. Ambil foto baru dengan kamera HP."


class TooManyParts(PhotoError):
    code = "too-many-parts"
    message = "Foto ini tidak dapat kami buka. Ambil foto baru dengan kamera HP."


class UnreadablePhoto(PhotoError):
    """The process that opened it died of it or took too long: nobody knows more about this file, and nobody asks."""

    code = "unreadable"
    message = "Foto ini tidak dapat kami buka. Ambil foto baru dengan kamera HP."


class PhotoBusy(PhotoError):
    """Too many photos at the decoder; worth another try after `retry_after` seconds."""

    status = 503
    code = "busy"
    message = "Banyak foto sedang diproses. Tunggu sebentar, lalu kirim sekali lagi."
    retry_after = 10


class PoorPhoto(PhotoError):
    """Whole and readable as a file, and yet hard to read: `hints` say how (app/photos/quality.py)."""

    code = "poor-photo"

    def __init__(self, hints: tuple[str, ...]):
        super().__init__()
        self.hints = hints

"""What the codes of e-mail servers mean, those that take our letters and the one of our mailbox."""

import re

from app.messages.errors import OWN, Effect, Retry, SendError

OTHER_WAY = "Hubungi penerima dengan cara lain."
AUTOMATIC = "Dicoba lagi otomatis. Tidak perlu berbuat apa-apa."
DECIDE = "Kirim ulang jika perlu: penerima mungkin mendapat surat yang sama dua kali."
ADMIN = "Semua e-mail menunggu. Minta admin memeriksa setelan e-mail."

# by the beginning of a code (smtp.py, box.py); the first that fits counts
TABLE: tuple[tuple[str, SendError], ...] = (
    (r"bounced", SendError("Surat dikembalikan oleh server penerima", OTHER_WAY)),
    (r"bad_address", SendError("Alamat e-mail tidak benar", OTHER_WAY)),
    (r"recipient_5", SendError("Alamat ditolak server", OTHER_WAY)),
    (r"data_5", SendError("Isi surat ditolak server", OTHER_WAY)),
    (r"(?:recipient|data)_4", SendError("Server meminta dicoba lagi nanti", AUTOMATIC, Retry.BACKOFF)),
    (r"lease$|exception$", SendError("Pengiriman terputus di tengah jalan", DECIDE)),
    # no fault of the letter: the way out rests, and the letter starts anew when the server is back
    (r"sender_", SendError("Server menolak alamat pengirim kami", ADMIN, Retry.BACKOFF, Effect.REST_CHANNEL)),
    (r"auth$|login$",
     SendError("Server menolak nama atau kata sandi kami", ADMIN, Retry.BACKOFF, Effect.REST_CHANNEL)),
    (r"tls$",
     SendError("Sambungan aman dengan server tidak terpercaya", ADMIN, Retry.BACKOFF, Effect.REST_CHANNEL)),
)
NO_LINE = SendError(
    "Sambungan dengan server terputus atau tidak ada", AUTOMATIC, Retry.BACKOFF, Effect.REST_CHANNEL,
)


def for_code(code: str) -> SendError:
    """Any code without an entry is a server that was not there."""
    found = next((error for pattern, error in TABLE if re.match(pattern, code)), None)
    return found or OWN.get(code, NO_LINE)


def in_a_sentence(code: str) -> str:
    """The meaning as a part of a sentence."""
    meaning = for_code(code).meaning
    return meaning[0].lower() + meaning[1:]

"""What the codes of e-mail servers mean, for people at the desk."""

import re

MEANINGS: tuple[tuple[str, str], ...] = (
    (r"bounced", "surat dikembalikan oleh server penerima"),
    (r"bad_address", "alamat e-mail tidak benar"),
    (r"recipient_5", "alamat ditolak server"),
    (r"data_5", "isi surat ditolak server"),
    (r"(?:recipient|data)_4", "server meminta dicoba lagi nanti"),
    (r"sender_", "server menolak alamat pengirim kami"),
    (r"auth$|login$", "server menolak nama atau kata sandi kami"),
    (r"tls$", "sambungan aman dengan server tidak terpercaya"),
    (r"lease$|exception$", "pengiriman terputus di tengah jalan"),
)
NO_LINE = "sambungan dengan server terputus atau tidak ada"


def meaning(code: str) -> str:
    """A short sentence part for a code of `MailOut.error` or `MailTrouble.error`."""
    return next((words for pattern, words in MEANINGS if re.match(pattern, code)), NO_LINE)

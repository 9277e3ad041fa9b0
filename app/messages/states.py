"""The states of an outgoing message and how they are said to people."""

from dataclasses import dataclass

PENDING, SENDING, ACCEPTED, SENT = "pending", "sending", "accepted", "sent"
DELIVERED, READ, FAILED, UNKNOWN, CANCELLED = "delivered", "read", "failed", "unknown", "cancelled"
ALL = (PENDING, SENDING, ACCEPTED, SENT, DELIVERED, READ, FAILED, UNKNOWN, CANCELLED)

WAITING = (PENDING, SENDING, UNKNOWN)
ON_THE_WAY = (ACCEPTED, SENT)
ARRIVED = (DELIVERED, READ)
LEFT_US = (*ON_THE_WAY, *ARRIVED)


@dataclass(frozen=True)
class Label:
    """`citizen` stands in the tracking page, `office` at the desk; `tone` picks the badge colour."""

    citizen: str
    office: str
    tone: str


LABELS: dict[str, Label] = {
    PENDING: Label("Menunggu dikirim", "Menunggu dikirim", "new"),
    SENDING: Label("Sedang dikirim", "Sedang dikirim", "progress"),
    ACCEPTED: Label("Sedang dikirim", "Diteruskan ke WhatsApp", "progress"),
    SENT: Label("Terkirim", "Terkirim", "progress"),
    DELIVERED: Label("Sampai di HP Anda", "Sampai di HP penerima", "good"),
    READ: Label("Sudah dibaca", "Sudah dibaca", "good"),
    FAILED: Label("Tidak terkirim lewat WhatsApp", "Gagal terkirim", "bad"),
    UNKNOWN: Label("Belum pasti sampai", "Belum pasti terkirim", "warning"),
    CANCELLED: Label("Tidak dikirim", "Tidak dikirim", "quiet"),
}

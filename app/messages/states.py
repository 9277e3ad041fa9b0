"""The states of an outgoing message and how they are said to people."""

from dataclasses import dataclass, replace

from app.messages.addresses import BY_HAND, CALL, LETTER, VISIT

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
    SENT: Label("Terkirim", "Terkirim", "new"),
    DELIVERED: Label("Sampai di HP Anda", "Sampai di HP penerima", "good"),
    READ: Label("Sudah dibaca", "Sudah dibaca", "good"),
    FAILED: Label("Tidak terkirim lewat WhatsApp", "Gagal terkirim", "bad"),
    UNKNOWN: Label("Belum pasti sampai", "Belum pasti terkirim", "warning"),
    CANCELLED: Label("Tidak dikirim", "Tidak dikirim", "quiet"),
}

# what waits for a member of staff: (to the resident, at the desk)
_WAITS: dict[str, tuple[str, str]] = {
    LETTER: ("Kami kirim dengan surat", "Menunggu disurati"),
    CALL: ("Kami sampaikan lewat telepon", "Menunggu ditelepon"),
    VISIT: ("Kami sampaikan saat Anda datang ke kantor", "Menunggu warga datang"),
}
_DONE: dict[str, tuple[str, str]] = {
    LETTER: ("Sudah Anda terima", "Sudah diserahkan"),
    CALL: ("Sudah disampaikan lewat telepon", "Sudah ditelepon"),
    VISIT: ("Sudah disampaikan di kantor", "Sudah disampaikan di kantor"),
}


def label_of(channel: str, state: str) -> Label:
    """How the state of a message on this channel is said."""
    label = LABELS[state]
    if channel not in BY_HAND:
        return label
    if state in (PENDING, ACCEPTED):
        words = _WAITS[channel]
    elif state in ARRIVED:
        words = _DONE[channel]
    else:
        words = {SENT: ("Surat sudah kami kirim", "Surat sudah dikirim"), FAILED: (
            "Belum berhasil kami sampaikan", "Belum tersampaikan")}.get(state, (label.citizen, label.office))
    return replace(label, citizen=words[0], office=words[1])

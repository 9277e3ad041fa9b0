"""The states of a registration and the only moves between them."""

from dataclasses import dataclass

from app.base.problems import StaleDecision

DRAFT, SUBMITTED, COMPLETE, RETURNED = "draft", "submitted", "complete", "returned"
ACTIVE, REJECTED, EXPIRED, WITHDRAWN = "active", "rejected", "expired", "withdrawn"
ALL = (DRAFT, SUBMITTED, COMPLETE, RETURNED, ACTIVE, REJECTED, EXPIRED, WITHDRAWN)
OPEN = (SUBMITTED, COMPLETE, RETURNED)
FINAL = (ACTIVE, REJECTED, EXPIRED, WITHDRAWN)

# (act, from) -> to. What is not listed is refused.
TRANSITIONS: dict[tuple[str, str], str] = {
    ("submit", DRAFT): SUBMITTED,
    ("declare_complete", SUBMITTED): COMPLETE,
    ("approve", COMPLETE): ACTIVE,
    ("reject", COMPLETE): REJECTED,
    ("reject", SUBMITTED): REJECTED,
    ("return", SUBMITTED): RETURNED,
    ("return", COMPLETE): RETURNED,
    ("resubmit", RETURNED): SUBMITTED,
    ("expire", RETURNED): EXPIRED,
    ("withdraw", SUBMITTED): WITHDRAWN,
    ("withdraw", RETURNED): WITHDRAWN,
    ("withdraw", COMPLETE): WITHDRAWN,
    # within a minute of one's own act; which of the two follows from where the act began
    ("take_back", ACTIVE): COMPLETE,
    ("take_back", REJECTED): COMPLETE,
    ("take_back", RETURNED): COMPLETE,
    ("take_back_early", COMPLETE): SUBMITTED,
    ("take_back_early", REJECTED): SUBMITTED,
    ("take_back_early", RETURNED): SUBMITTED,
}


@dataclass(frozen=True)
class Label:
    """How a state is said: to the citizen, and in the office; `tone` picks the badge colour."""

    citizen: str
    office: str
    tone: str


LABELS: dict[str, Label] = {
    DRAFT: Label("Belum dikirim", "Belum dikirim", "quiet"),
    SUBMITTED: Label("Menunggu pemeriksaan", "Baru", "new"),
    COMPLETE: Label("Berkas lengkap, akun sedang dibuat", "Lengkap, menunggu keputusan", "progress"),
    RETURNED: Label("Perlu Anda perbaiki", "Menunggu pemohon", "warning"),
    ACTIVE: Label("Akun aktif", "Disetujui", "good"),
    REJECTED: Label("Tidak disetujui", "Ditolak", "bad"),
    EXPIRED: Label("Ditutup karena tidak diperbaiki", "Kedaluwarsa", "quiet"),
    WITHDRAWN: Label("Dibatalkan", "Dibatalkan pemohon", "quiet"),
}


def next_status(act: str, status: str) -> str:
    """The state `act` leads to. Raises StaleDecision when the move is not in the table."""
    try:
        return TRANSITIONS[act, status]
    except KeyError:
        raise StaleDecision() from None


def may(act: str, status: str) -> bool:
    return (act, status) in TRANSITIONS

"""The stages of a complaint and the only moves between them (docs/facts.md 6; Permenpan RB 62/2018)."""

from dataclasses import dataclass

from app.base.problems import StaleDecision
from app.complaints.ticket.words import NOT_A_CASE

NEW, VERIFIED, IN_PROGRESS = "new", "verified", "in_progress"
ANSWERED, CLOSED, MERGED = "answered", "closed", "merged"
ALL = (NEW, VERIFIED, IN_PROGRESS, ANSWERED, CLOSED, MERGED)
WAITING_FOR_US = (NEW, VERIFIED, IN_PROGRESS)
LIVE = (*WAITING_FOR_US, ANSWERED)

# The list a ticket stands in. One value of one indexed column, so that a list is one walk of an index.
TRAY_NEW, TRAY_PROGRESS, TRAY_ANSWERED, TRAY_DONE = "new", "progress", "answered", "done"
TRAYS = (TRAY_NEW, TRAY_PROGRESS, TRAY_ANSWERED, TRAY_DONE)
WORK_TRAYS = (TRAY_NEW, TRAY_PROGRESS)
TRAY_OF: dict[str, str] = {
    NEW: TRAY_NEW, VERIFIED: TRAY_PROGRESS, IN_PROGRESS: TRAY_PROGRESS, ANSWERED: TRAY_ANSWERED,
    CLOSED: TRAY_DONE, MERGED: TRAY_DONE,
}

# (act, from) -> to. What is not listed is refused.
TRANSITIONS: dict[tuple[str, str], str] = {
    ("verify", NEW): VERIFIED,
    ("follow_up", VERIFIED): IN_PROGRESS,
    **{("answer", status): ANSWERED for status in LIVE},
    **{("merge", status): MERGED for status in LIVE},
    **{("dismiss", status): CLOSED for status in WAITING_FOR_US},
    # a word of thanks after an answer opens the case again; then there is nothing left to answer. The same
    # for somebody whom no answer reaches
    ("settle", IN_PROGRESS): CLOSED,
    # an answer that did not arrive is none, until it is known to have arrived after all
    ("lose", ANSWERED): IN_PROGRESS,
    ("reach", IN_PROGRESS): ANSWERED,
    ("close", ANSWERED): CLOSED,
    ("confirm", ANSWERED): CLOSED,
    **{("reply", status): IN_PROGRESS for status in (ANSWERED, CLOSED)},
}


@dataclass(frozen=True)
class Label:
    """How a stage is said: to the resident, and in the office; `tone` picks the badge colour."""

    citizen: str
    office: str
    tone: str


LABELS: dict[str, Label] = {
    NEW: Label("Diterima, menunggu diperiksa", "Baru", "new"),
    VERIFIED: Label("Sudah diperiksa dan diteruskan", "Terverifikasi", "progress"),
    IN_PROGRESS: Label("Sedang ditindaklanjuti", "Ditindaklanjuti", "progress"),
    ANSWERED: Label("Sudah dijawab", "Sudah dijawab", "good"),
    CLOSED: Label("Selesai", "Selesai", "quiet"),
    MERGED: Label("Digabung dengan pengaduan lain", "Digabung", "quiet"),
}


# a closed ticket that was not answered at all, or was answered before and then dismissed or not reached
DISMISSED = Label("Ditutup tanpa jawaban", "Ditutup tanpa jawaban", "quiet")
SHUT = Label("Ditutup", "Ditutup", "quiet")


def label_of(ticket) -> Label:
    """How the stage of this ticket is said (needs `status`, `outcome` and `first_answered_at`). Only a ticket
    that was answered and not dismissed afterwards is finished."""
    if ticket.status != CLOSED or (ticket.first_answered_at is not None and ticket.outcome != NOT_A_CASE):
        return LABELS[ticket.status]
    return DISMISSED if ticket.first_answered_at is None and ticket.outcome == NOT_A_CASE else SHUT


def next_status(act: str, status: str) -> str:
    """The stage `act` leads to. Raises StaleDecision when the move is not in the table."""
    try:
        return TRANSITIONS[act, status]
    except KeyError:
        raise StaleDecision() from None


def may(act: str, status: str) -> bool:
    return (act, status) in TRANSITIONS

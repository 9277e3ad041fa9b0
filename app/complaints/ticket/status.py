"""The complaint as a kind of case: its stages, the only moves between them, and their clocks (docs/facts.md 6;
Permenpan RB 62/2018).

All promised days count from `received_at`, the moment the resident spoke, whoever typed it later; a reopened
case counts from its reopening. The days stand in `city.toml`.
"""

from collections.abc import Callable
from datetime import datetime

from app.base import clock
from app.base.services import city
from app.casework.clocks import Case, Clock, hours_before
from app.casework.kinds import DONE, NEW, OUTSIDE, SYSTEM, VISITOR, WORK, Act, Kind, Label, State
from app.city.worktime import Calendar
from app.complaints.ticket.words import INFORMATION, NOT_A_CASE

ARRIVED, VERIFIED, IN_PROGRESS = "new", "verified", "in_progress"
ANSWERED, CLOSED, MERGED = "answered", "closed", "merged"
WAITING_FOR_US = (ARRIVED, VERIFIED, IN_PROGRESS)
LIVE = (*WAITING_FOR_US, ANSWERED)


def counted_from(ticket: Case) -> datetime:
    return ticket.reopened_at or ticket.received_at


def days_to_resolve(ticket: Case) -> int:
    days = city().complaint_days
    if ticket.lateness:
        return days.lateness
    if ticket.needs_examination:
        return days.examination
    return days.information if ticket.kind == INFORMATION else days.ordinary


WARN = hours_before(lambda: city().complaint_inbox.warn_hours)
PROMISE = Clock("promise", "Jawaban", since=counted_from, days=days_to_resolve, warn=WARN)


def _stage(name: str, label: str, days: Callable[[Case], int]) -> Clock:
    return Clock(name, label, since=counted_from, days=days, warn=WARN, within=PROMISE)


VERIFY = _stage("verify", "Pemeriksaan", lambda ticket: city().complaint_days.verify)
FOLLOW_UP = _stage("follow_up", "Tindak lanjut", lambda ticket: city().complaint_days.first_follow_up)
# not while what we sent is still under way, see timekeeping.py
SILENCE = Clock(
    "silence", "Ditutup otomatis", since=lambda ticket: ticket.answered_at,
    days=lambda ticket: city().complaint_days.close_without_reply,
)
ENDED = Clock("ended", "Ditutup", since=lambda ticket: ticket.closed_at or clock.now(), days=lambda ticket: 0)


def _promised(ticket: Case, calendar: Calendar) -> dict[str, datetime]:
    return {"resolve_due_at": PROMISE.due(calendar, ticket)}


def _to(status: str, starts: tuple[str, ...]) -> dict[str, str]:
    return dict.fromkeys(starts, status)


BY = "handle_complaints"
TICKET = Kind(
    "complaint", about="ticket", also=_promised, marks=("warned_at", "escalated_at"),
    states={
        ARRIVED: State(NEW, Label("Diterima, menunggu diperiksa", "Baru", "new"), VERIFY),
        VERIFIED: State(WORK, Label("Sudah diperiksa dan diteruskan", "Diperiksa", "progress"), FOLLOW_UP),
        IN_PROGRESS: State(WORK, Label("Sedang ditindaklanjuti", "Ditindaklanjuti", "progress"), PROMISE),
        ANSWERED: State(OUTSIDE, Label("Sudah dijawab", "Sudah dijawab", "good"), SILENCE),
        CLOSED: State(DONE, Label("Selesai", "Selesai", "quiet"), ENDED),
        MERGED: State(DONE, Label("Digabung dengan pengaduan lain", "Digabung", "quiet"), ENDED),
    },
    acts=(
        Act("verify", {ARRIVED: VERIFIED}, by=BY),
        Act("follow_up", {VERIFIED: IN_PROGRESS}, by=BY),
        Act("answer", _to(ANSWERED, LIVE), by=BY, undo=True, done="Jawaban disimpan."),
        Act("merge", _to(MERGED, LIVE), by=BY),
        Act("dismiss", _to(CLOSED, WAITING_FOR_US), by=BY, undo=True, done="Pengaduan ditutup."),
        # a mistake of ours, found later than a minute
        Act("open_again", {ANSWERED: IN_PROGRESS, CLOSED: IN_PROGRESS}, by=BY),
        # a word of thanks after an answer opens the case again; then there is nothing left to answer. The same
        # for somebody whom no answer reaches
        Act("settle", {IN_PROGRESS: CLOSED}, by=BY),
        # what counted as a word of thanks was one thing more after all
        Act("take_up", {ANSWERED: IN_PROGRESS, CLOSED: IN_PROGRESS}, by=BY),
        # an answer that did not arrive is none, until it is known to have arrived after all
        Act("lose", {ANSWERED: IN_PROGRESS}, by=SYSTEM),
        Act("reach", {IN_PROGRESS: ANSWERED}, by=SYSTEM),
        Act("close", {ANSWERED: CLOSED}, by=SYSTEM),
        Act("confirm", {ANSWERED: CLOSED}, by=VISITOR),
        Act("reply", {ANSWERED: IN_PROGRESS, CLOSED: IN_PROGRESS}, by=VISITOR),
        # whoever oversees reads that the answer was rated worst
        Act("reopen", {ANSWERED: IN_PROGRESS, CLOSED: IN_PROGRESS}, by="oversee_complaints"),
    ),
)

# a closed ticket that was not answered at all, or was answered before and then dismissed or not reached
DISMISSED = Label("Ditutup tanpa jawaban", "Ditutup tanpa jawaban", "quiet")
SHUT = Label("Ditutup", "Ditutup", "quiet")


def label_of(ticket) -> Label:
    """How the stage of this ticket is said (needs `status`, `outcome` and `first_answered_at`). Only a ticket
    that was answered and not dismissed afterwards is finished."""
    if ticket.status != CLOSED or (ticket.first_answered_at is not None and ticket.outcome != NOT_A_CASE):
        return TICKET.labels[ticket.status]
    return DISMISSED if ticket.first_answered_at is None and ticket.outcome == NOT_A_CASE else SHUT

"""A call to somebody whom a message did not reach, as a kind of case: states, how a call may end, and its clock."""

from dataclasses import dataclass

from app.casework.clocks import Clock, hours_before
from app.casework.kinds import DONE, NEW, SYSTEM, WORK, Act, Kind, Label, State
from app.messages.audience import ARRIVED

OPEN, TRIED, CLOSED = "open", "tried", "closed"
WAITING = (OPEN, TRIED)
DAYS, WARN_HOURS = 1, 2
MAY = "tell_applicant"


@dataclass(frozen=True)
class CallOutcome:
    """`closes` ends the task; the others leave it open for another call."""

    label: str
    closes: bool


OUTCOMES: dict[str, CallOutcome] = {
    "told": CallOutcome("Sudah disampaikan kepada pemohon", closes=True),
    "family_told": CallOutcome("Disampaikan kepada keluarga: mohon pemohon menghubungi kantor", closes=True),
    "no_answer": CallOutcome("Tidak diangkat, dicoba lagi nanti", closes=False),
    "wrong_number": CallOutcome("Nomor salah atau milik orang lain, perlu disurati", closes=True),
    "letter": CallOutcome("Tidak dapat dihubungi, perlu disurati", closes=True),
}
LABELS = {**{key: outcome.label for key, outcome in OUTCOMES.items()}, ARRIVED: "Ternyata pesan sampai"}

CALL = Clock(
    "call", "Telepon", since=lambda case: case.opened_at, days=lambda case: DAYS, warn=hours_before(lambda: WARN_HOURS),
)
CALLS = Kind(
    "call", about="call_task",
    states={
        OPEN: State(NEW, Label("Pesan tidak sampai", "Belum ditelepon", "new"), CALL),
        TRIED: State(WORK, Label("Pesan tidak sampai", "Tidak diangkat", "warning"), CALL),
        CLOSED: State(DONE, Label("Sudah disampaikan", "Selesai", "good")),
    },
    acts=(
        *(
            Act(name, dict.fromkeys(WAITING, CLOSED if outcome.closes else TRIED), by=MAY)
            for name, outcome in OUTCOMES.items()
        ),
        Act(ARRIVED, dict.fromkeys(WAITING, CLOSED), by=SYSTEM),
        # another message about the same went astray, or the same one after all
        Act("ask_again", {CLOSED: OPEN}, by=SYSTEM),
    ),
)

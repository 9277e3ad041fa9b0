"""`Telepon pemohon`: what a person has to say because no message brings it, as a kind of case, and its row."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.casework.clocks import Clock, hours_before
from app.casework.kinds import DONE, NEW, SYSTEM, WORK, Act, Kind, Label, State
from app.casework.models import Worked
from app.messages import states
from app.messages.addresses import CALL, LETTER, VISIT
from app.messages.audience import ARRIVED
from app.messages.models import LONGEST_CODE, OutboxMessage

# What a person has to say because no message brings it, as a kind of case: states, how it may end, and its clock.
# Most are calls; who has no WhatsApp is told by a letter, by phone, or on coming back to the office.

OPEN, TRIED, CLOSED = "open", "tried", "closed"
WAITING = (OPEN, TRIED)
DAYS, WARN_HOURS = 1, 2
MAY = "tell_applicant"


@dataclass(frozen=True)
class CallOutcome:
    """`closes` ends the task; the others leave it open for another call. `leaves` is the state of a message that only
    a person could bring; what the provider says of the others stays."""

    label: str
    closes: bool
    leaves: str = states.DELIVERED


OUTCOMES: dict[str, CallOutcome] = {
    "told": CallOutcome("Sudah disampaikan kepada pemohon", closes=True),
    "family_told": CallOutcome("Disampaikan kepada keluarga: mohon pemohon menghubungi kantor", closes=True),
    "no_answer": CallOutcome("Tidak diangkat, dicoba lagi nanti", closes=False),
    "wrong_number": CallOutcome("Nomor salah atau milik orang lain, perlu disurati", closes=True, leaves=states.FAILED),
    "letter": CallOutcome("Tidak dapat dihubungi, perlu disurati", closes=True, leaves=states.FAILED),
    "posted": CallOutcome("Surat sudah dikirim", closes=True, leaves=states.SENT),
    "handed": CallOutcome("Surat sudah diserahkan kepada warga", closes=True),
    "came": CallOutcome("Sudah disampaikan di kantor", closes=True),
    "not_come": CallOutcome("Warga belum datang", closes=False),
}
BY_PHONE = ("told", "family_told", "no_answer", "wrong_number", "letter")
OFFERED = {LETTER: ("posted", "handed"), VISIT: ("came", "told", "not_come")}
WHY = {LETTER: "by_letter", CALL: "by_call", VISIT: "by_visit"}
LABELS = {**{key: outcome.label for key, outcome in OUTCOMES.items()}, ARRIVED: "Ternyata pesan sampai"}

TELL = Clock(
    "call", "Sampaikan", since=lambda case: case.opened_at, days=lambda case: DAYS,
    warn=hours_before(lambda: WARN_HOURS),
)
CALLS = Kind(
    "call", about="call_task",
    states={
        OPEN: State(NEW, Label("Pesan tidak sampai", "Belum disampaikan", "new"), TELL),
        TRIED: State(WORK, Label("Pesan tidak sampai", "Sudah dicoba", "warning"), TELL),
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


class CallTask(Worked, Base):
    """One a message. `outcome` is how the last call ended (OUTCOMES)."""

    __tablename__ = "call_task"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("outbox_message.id"), unique=True)
    status: Mapped[str] = mapped_column(String(10), default=OPEN)
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(String(LONGEST_CODE))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    calls: Mapped[int] = mapped_column(default=0)
    last_call_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    closed_by: Mapped[str] = mapped_column(String(32), default="")
    outcome: Mapped[str] = mapped_column(String(20), default="")
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    message: Mapped[OutboxMessage] = relationship(viewonly=True)

    __table_args__ = (
        Index("ix_call_task_open", "status", "opened_at", "id"),
        Index("ix_call_task_closed", "status", "closed_at", "id"),
    )
    __mapper_args__ = {"version_id_col": version}

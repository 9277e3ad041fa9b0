"""What the resident's own page shows of a guarantee: the truth at each step, but for what can be taken
back yet."""

from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.casework import undo
from app.complaints.ticket.words import BREACHES, TIME
from app.guarantee import telling
from app.guarantee.models import Guarantee
from app.guarantee.moves import handover_code, of_registration
from app.guarantee.opening import standing
from app.guarantee.status import CARRIED, GUARANTEE, LIVE, RULES, VOID
from app.identity.address import OUTSIDE
from app.registration.models import Application
from app.registration.personal import open_personal

ACTS: dict[str, str] = {
    "open": "Jaminan pelayanan dibuka", "print": "Surat siap", "hand_over": "Surat dibawa petugas",
    "not_met": "Petugas tidak bertemu Anda", "deliver": "Surat Anda terima", "decline": "Anda memilih tidak diantar",
    "end": "Kami mohon maaf", "apologise": "Kami mohon maaf", "owe_again": "Surat akan kami antar",
}


@dataclass(frozen=True)
class Told:
    """`promised_at` is the due moment of a broken promise, None for another breach. `where` is empty when nothing is
    brought; `unreachable` when the address cannot be found. `code` is there while somebody carries the letter.
    `is_overdue` when even the delivery did not come by the time that was told."""

    status: str
    label: str
    promised_at: datetime | None
    others: tuple[str, ...]
    due_at: datetime | None
    window: str
    courier: str
    where: tuple[str, ...]
    unreachable: bool
    code: str
    rule: str
    active: bool
    may_decline: bool
    delivered_at: datetime | None
    visits: int
    is_overdue: bool
    steps: tuple[tuple[datetime, str, str], ...]

    @property
    def heading(self) -> str:
        return "Mohon maaf, kami terlambat" if self.promised_at else "Mohon maaf, pelayanan kami tidak sesuai janji"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


def told_of(application: Application, with_pin: bool) -> Told | None:
    """None when nothing was promised beyond the service itself. Without the PIN the code and address stay hidden."""
    guarantee = of_registration(application.id)
    if guarantee is None or guarantee.status == VOID:
        return None
    shown = [one for one in standing(guarantee) if one.shown_at <= clock.now()]
    if not shown:
        return None
    guarantee_now = _as_told(guarantee, application)
    promised = next((one.promised_at for one in shown if one.breach == TIME and one.promised_at), None)
    live = guarantee_now in LIVE
    person = open_personal(application)
    carried = guarantee_now == CARRIED
    return Told(
        status=guarantee_now, label=GUARANTEE.labels[guarantee_now].citizen, promised_at=promised,
        others=tuple(dict.fromkeys(BREACHES[one.breach].lower() for one in shown if one.breach != TIME)),
        due_at=guarantee.due_at if live else None, window=telling.show_window(guarantee) if carried else "",
        courier=_courier(guarantee) if carried else "",
        where=_where(person, with_pin) if live else (), unreachable=person.village in ("", OUTSIDE),
        code=handover_code(guarantee) if carried and with_pin else "",
        rule=RULES[guarantee.rule][0] if guarantee.rule and not live else "",
        active=application.status == "active", may_decline=live and with_pin, delivered_at=guarantee.delivered_at,
        visits=guarantee.visits, is_overdue=live and _expected_until(guarantee, carried) <= clock.now(),
        steps=_steps(guarantee, promised, guarantee_now),
    )


def _expected_until(guarantee: Guarantee, carried: bool) -> datetime:
    """Until when the resident was told to expect us."""
    return (guarantee.visit_until if carried else None) or guarantee.due_at


def _as_told(guarantee: Guarantee, application: Application) -> str:
    """An end that follows from a decision which can still be taken back is not told yet."""
    waits = undo.pending(("application", application.id)) is not None
    last = guarantee.events[-1] if guarantee.events else None
    return last.from_status if waits and last is not None and last.act in ("end", "owe_again") else guarantee.status


def _courier(guarantee: Guarantee) -> str:
    courier = db.session.get(Staff, guarantee.courier_id) if guarantee.courier_id else None
    return courier.name if courier else ""


def _where(person, with_pin: bool) -> tuple[str, ...]:
    if not with_pin:
        return ("Alamat yang Anda isi di formulir",)
    return tuple(line for line in (*person.address.splitlines(), person.more_of_address) if line)


def _steps(guarantee: Guarantee, promised: datetime | None, status: str) -> tuple[tuple[datetime, str, str], ...]:
    """(when, what, state) beside those of the registration."""
    steps = [(promised, "Kami terlambat", "missed")] if promised else []
    for event in guarantee.events:
        if event.act in ACTS and not (event.act in ("end", "owe_again") and status != guarantee.status):
            steps.append((event.happened_at, ACTS[event.act], "done"))
    if steps and status == CARRIED:
        at, what, _ = steps[-1]
        steps[-1] = (at, what, "now")
    return tuple(step for step in steps if step[1] != ACTS["open"] or not promised)



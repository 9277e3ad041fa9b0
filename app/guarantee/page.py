"""What is seen of a guarantee: by the office in its case, by the courier on a day, and by the resident, who reads the
truth at each step but for what can be taken back yet. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.clock import WIB
from app.base.database import db
from app.casework import undo
from app.casework.claims import name_of
from app.casework.history import Step, who
from app.city.dates import show_short
from app.complaints.ticket.words import BREACHES, TIME
from app.guarantee import telling
from app.guarantee.models import PROOFS, RELATIONS, Guarantee, GuaranteeEvent
from app.guarantee.moves import handover_code, of_registration, registration_of, standing, unseal
from app.guarantee.service import NOT_MET
from app.guarantee.status import CARRIED, GUARANTEE, LIVE, RULES, SOURCES, VOID
from app.identity.address import OUTSIDE
from app.identity.mask import mask_name
from app.registration.models import Application
from app.registration.personal import open_personal

ACTS: dict[str, str] = {
    "open": "Jaminan dibuka", "join": "Pelanggaran lain ikut", "print": "Surat dicetak",
    "fetch": "Surat dicetak untuk diambil", "hand_over": "Diserahkan kepada",
    "not_met": "Tidak bertemu", "deliver": "Diterima", "decline": "Pemohon tidak perlu diantar",
    "apologise": "Maaf disampaikan", "end": "Ditutup karena tidak ada hasil", "owe_again": "Berutang antar lagi",
    "letter_used": "Kode surat dipakai",
}
# the same to the resident
TOLD_ACTS: dict[str, str] = {
    "open": "Jaminan pelayanan dibuka", "print": "Surat siap", "hand_over": "Surat dibawa petugas",
    "not_met": "Petugas tidak bertemu Anda", "deliver": "Surat Anda terima", "decline": "Anda memilih tidak diantar",
    "end": "Kami mohon maaf", "apologise": "Kami mohon maaf", "owe_again": "Surat akan kami antar",
}


@dataclass(frozen=True)
class CasePage:
    """`person` is None for a complaint about no registration."""

    guarantee: Guarantee
    application: Application | None
    person: object
    reachable: bool
    breaches: tuple[tuple[str, str, str | None, datetime | None], ...]
    steps: tuple[Step, ...]
    courier: str
    receiver: str
    proof: str
    rule: str


@dataclass(frozen=True)
class Stop:
    """One visit of the courier's day; `done` is what came of it today."""

    id: str
    name: str
    address: str
    village: str
    phone: str
    since: datetime | None
    until: datetime | None
    visits: int
    done: str = ""
    good: bool = False

    @property
    def day(self) -> str:
        """"Sen, 30 Nov" of a visit that was not or is not promised for today, else ""."""
        if self.since is None or self.since.astimezone(WIB).date() == clock.today():
            return ""
        return show_short(self.since).rsplit(" ", 2)[0]


def case_page(guarantee: Guarantee) -> CasePage:
    application = registration_of(guarantee)
    person = open_personal(application) if application else None
    village = person.village if person else ""
    return CasePage(
        guarantee, application, person, village not in ("", OUTSIDE),
        tuple(
            (BREACHES[one.breach], SOURCES[one.source], one.ticket_id, one.promised_at) for one in standing(guarantee)
        ),
        tuple(_step(event) for event in guarantee.events), name_of(guarantee.courier_id),
        unseal(guarantee, "receiver", guarantee.receiver_sealed).decode() or RELATIONS.get(guarantee.relation, ""),
        PROOFS.get(guarantee.proof, ""), RULES[guarantee.rule][1] if guarantee.rule else "",
    )


def stops_of(staff_id: str) -> tuple[list[Stop], list[Stop]]:
    """What this courier carries now, the earliest first, and what came of the others today."""
    carried = db.session.scalars(
        select(Guarantee).where(Guarantee.courier_id == staff_id, Guarantee.status == CARRIED)
        .order_by(Guarantee.visit_from, Guarantee.id)
    )
    midnight = clock.midnight(clock.today())
    acts = db.session.scalars(select(GuaranteeEvent).where(
        GuaranteeEvent.actor_id == staff_id, GuaranteeEvent.at >= midnight,
        GuaranteeEvent.act.in_(("deliver", "not_met")),
    ).order_by(GuaranteeEvent.id))
    return [stop_of(one) for one in carried], [_done(event) for event in acts]


def stop_of(guarantee: Guarantee) -> Stop:
    person = open_personal(registration_of(guarantee))
    return Stop(
        guarantee.id, person.full_name, person.address, person.more_of_address, person.whatsapp_number,
        guarantee.visit_from, guarantee.visit_until, guarantee.visits,
    )


def _done(event: GuaranteeEvent) -> Stop:
    """Who was served fades: a short name, no address."""
    guarantee = db.session.get(Guarantee, event.guarantee_id)
    name = mask_name(open_personal(registration_of(guarantee)).full_name)
    good = event.act == "deliver"
    said = f"Diterima, {PROOFS[guarantee.proof]}" if good and guarantee.proof else "Tidak bertemu"
    return Stop(guarantee.id, name, "", "", "", event.happened_at, None, guarantee.visits, said, good)


def _step(event: GuaranteeEvent) -> Step:
    words, detail = ACTS.get(event.act, event.act), event.detail
    if event.act == "hand_over":
        words = f"{words} {name_of(detail.get('to'))}"
    elif event.act == "not_met":
        words = f"{words}: {NOT_MET.get(detail.get('why', ''), '')}"
    elif event.act == "deliver":
        words = f"{words} {RELATIONS.get(detail.get('by', ''), '')}, {PROOFS.get(detail.get('proof', ''), '')}"
    elif event.act in ("open", "join"):
        words = f"{words}: {BREACHES.get(detail.get('breach', ''), '')}, {SOURCES.get(detail.get('source', ''), '')}"
    return Step(event.happened_at, words.strip(" ,:"), who(event.actor_kind, event.actor_id))



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
        if event.act in TOLD_ACTS and not (event.act in ("end", "owe_again") and status != guarantee.status):
            steps.append((event.happened_at, TOLD_ACTS[event.act], "done"))
    if steps and status == CARRIED:
        at, what, _ = steps[-1]
        steps[-1] = (at, what, "now")
    return tuple(step for step in steps if step[1] != TOLD_ACTS["open"] or not promised)

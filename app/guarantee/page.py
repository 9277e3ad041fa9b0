"""What the office sees of guarantees: one case, and the courier's day. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.base import clock
from app.base.clock import WIB
from app.base.database import db
from app.casework.claims import name_of
from app.casework.history import Step, who
from app.city.dates import show_short
from app.complaints.ticket.words import BREACHES
from app.guarantee.models import PROOFS, RELATIONS, Guarantee, GuaranteeEvent
from app.guarantee.moves import registration_of, unseal
from app.guarantee.opening import standing
from app.guarantee.service import NOT_MET
from app.guarantee.status import CARRIED, RULES, SOURCES
from app.identity.address import OUTSIDE
from app.identity.mask import mask_name
from app.registration.models import Application
from app.registration.personal import open_personal

ACTS: dict[str, str] = {
    "open": "Jaminan dibuka", "join": "Pelanggaran lain ikut", "print": "Surat dicetak",
    "hand_over": "Diserahkan kepada",
    "not_met": "Tidak bertemu", "deliver": "Diterima", "decline": "Pemohon tidak perlu diantar",
    "apologise": "Maaf disampaikan", "end": "Ditutup karena tidak ada hasil", "owe_again": "Berutang antar lagi",
    "letter_used": "Kode surat dipakai",
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

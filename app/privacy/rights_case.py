"""The request about personal data as a kind of case, its list, and how many wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, exists, func, select

from app.accounts.models import Citizen, Staff, may_receive
from app.base import clock, journal
from app.base.database import UtcDateTime, db, once_a_page
from app.base.problems import NotFound
from app.base.services import city, settings
from app.base.written import Written
from app.casework import lists, watch
from app.casework.claims import free_for, holder_id
from app.casework.clocks import Clock, TimeLeft, hours_of_the_law_before, time_left_of_all_hours
from app.casework.desk import ACTING, Desk
from app.casework.kinds import DONE, NEW, VISITOR, Act, Kind, Label, State
from app.casework.lists import CaseList, Column, Look, Order, Tab
from app.casework.narrowing import by_time
from app.city.dates import show_moment
from app.identity.mask import mask_name
from app.messages import outbox
from app.messages.addresses import by_email
from app.messages.outbox import Wording
from app.privacy.kinds import GRANTED, OPEN, REFUSED, label_of
from app.privacy.models import RightsRequest
from app.registration.models import Application
from app.registration.personal import Personal, open_citizen, open_personal
from app.web.access import holds

# The request about personal data as a kind of case: answered within the hours of the law, warned of a day before, and
# put before whoever oversees once they are over (docs/facts.md; UU 27/2022 art. 30, 32, 41).

WARN_HOURS = 24
ANSWER = Clock(
    "answer", "Jawaban", since=lambda case: case.opened_at, hours=lambda case: city().privacy.answer_hours,
    warn=hours_of_the_law_before(WARN_HOURS),
)
RIGHTS = Kind(
    "rights", about="rights_request",
    states={
        OPEN: State(NEW, Label("Menunggu jawaban", "Menunggu jawaban", "new"), ANSWER),
        GRANTED: State(DONE, Label("Dipenuhi", "Dipenuhi", "good"), keeps_due=True),
        REFUSED: State(DONE, Label("Tidak dapat dipenuhi", "Tidak dapat dipenuhi", "quiet"), keeps_due=True),
    },
    acts=(
        Act("grant", {OPEN: GRANTED}, by="answer_rights"),
        Act("refuse", {OPEN: REFUSED}, by="answer_rights"),
        Act("stop", {OPEN: REFUSED}, by=VISITOR),
    ),
)
LATE_TEXT = (
    "Permintaan hak atas data pribadi yang diterima {opened} belum dijawab sampai {due}, "
    "batas menurut undang-undang.\n\n"
    "Buka permintaannya: {link}"
)


def find(request_id: str, staff: Staff) -> RightsRequest:
    """Raises NotFound for what does not exist, and for who does not answer such requests."""
    row = db.session.get(RightsRequest, request_id)
    if row is None or not holds(staff, "answer_rights"):
        raise NotFound()
    return row


DESK = Desk(
    RIGHTS, RightsRequest, "Permintaan ini", find=find, claimable=(OPEN,), claim_on=ACTING,
    receives=lambda row, staff_id: may_receive(staff_id, "answer_rights"),
)


def _warned(row: RightsRequest, level: str, running: Clock) -> bool:
    """Once near and once late; late ones go to whoever the city file names for complaints that are over their time."""
    about = ("rights_request", row.id)
    journal.record(f"rights_{level}", actor=journal.SYSTEM, about=about, detail={"due": row.due_at.isoformat()})
    address = city().complaint_inbox.escalate_email
    if level == watch.LATE and address:
        text = LATE_TEXT.format(
            opened=show_moment(row.opened_at), due=show_moment(row.due_at),
            link=f"{settings().public_base_url}/petugas/hak-data/{row.id}",
        )
        outbox.enqueue(
            "pengaduan_terlambat", to=by_email(address), variables={}, about=about,
            wording=Wording("Permintaan hak atas data melewati 72 jam", text), to_office=True,
        )
    return True


WATCH = watch.Watch(RIGHTS, RightsRequest, ("opened_at",), _warned)


# The list of requests about personal data, and how many wait.

NEAR = bindparam("rights_near", callable_=lambda: clock.now() + timedelta(hours=WARN_HOURS), type_=UtcDateTime)


@dataclass(frozen=True)
class Line:
    """`left` is None once answered. `by_pin`: no password was proved."""

    id: str
    kind: str
    label: tuple[str, str]
    name: str
    opened_at: datetime
    answered_at: datetime | None
    left: TimeLeft | None
    by_pin: bool
    holder: str


def waiting() -> tuple[int, str]:
    """How many wait for an answer, and the time left for the first of them in words."""
    count, first_due = _first_of_all()
    return count, time_left_of_all_hours(first_due).words if first_due else ""


FIRST_OF_ALL = Written(select(func.count(), func.min(RightsRequest.due_at)).where(RightsRequest.status == OPEN))


@once_a_page
def _first_of_all() -> Row:
    return FIRST_OF_ALL.ask().one()


def count_open(staff: Staff) -> ColumnElement[int]:
    return select(func.count()).select_from(RightsRequest).where(RightsRequest.status == OPEN).scalar_subquery()


def is_urgent(staff: Staff) -> ColumnElement[bool]:
    """Whether the first of them is near its end or past it."""
    return exists().where(RightsRequest.status == OPEN, RightsRequest.due_at <= NEAR)


def _lines(rows: Sequence[Any], tab: str, look: Look) -> list[Line]:
    names, people = lists.staff_names(), _people([row.application_id for row in rows])
    return [
        Line(
            row.id, row.kind, label_of(row.status, row.ground), mask_name(people[row.application_id].full_name),
            row.opened_at, row.answered_at, left_of(row), row.citizen_id is None, names.get(holder_id(row), ""),
        )
        for row in rows
    ]


def _people(application_ids: list[str]) -> dict[str, Personal]:
    """Registration -> the record that counts: the account's where there is one."""
    query = select(Application, Citizen).outerjoin(Citizen, Citizen.application_id == Application.id)
    found = db.session.execute(query.where(Application.id.in_(application_ids)))
    return {row.id: open_citizen(citizen) if citizen else open_personal(row) for row, citizen in found}


def _standing(*statuses: str, only: Callable[[Look], tuple] = lambda look: ()) -> Callable[[Look], Sequence[tuple]]:
    return lambda look: [(RightsRequest.status == status, *only(look)) for status in statuses]


BY_TIME = Order((RightsRequest.due_at, RightsRequest.id))
REQUESTS = CaseList(
    "rights", RightsRequest,
    (
        RightsRequest.id, RightsRequest.kind, RightsRequest.status, RightsRequest.ground, RightsRequest.application_id,
        RightsRequest.citizen_id, RightsRequest.opened_at, RightsRequest.due_at, RightsRequest.answered_at,
        RightsRequest.warn_at, RightsRequest.claimed_by, RightsRequest.claim_until,
    ),
    {
        "untuk-saya": Tab("Untuk saya", _standing(
            OPEN, only=lambda look: (free_for(RightsRequest, look.staff.id, look.now),))),
        "terbuka": Tab("Menunggu jawaban", _standing(OPEN)),
        "dijawab": Tab("Sudah dijawab", _standing(GRANTED, REFUSED), is_counted=False,
                       order=Order((RightsRequest.answered_at, RightsRequest.id), newest_first=True)),
    },
    BY_TIME, _lines, first="untuk-saya",
    columns=(Column("Permintaan"), Column("Pemilik data"), Column("Diterima"), Column("Sisa waktu", "sisa"),
             Column("Dipegang")),
    sorts={"sisa": BY_TIME}, filters={"sisa": by_time(RightsRequest)},
)


def left_of(row: RightsRequest) -> TimeLeft | None:
    return time_left_of_all_hours(row.due_at, row.warn_at) if row.status == OPEN else None

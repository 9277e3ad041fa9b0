"""The request about personal data as a kind of case: answered within the hours of the law, warned of a day before, and
put before whoever oversees once they are over (docs/facts.md; UU 27/2022 art. 30, 32, 41)."""

from app.accounts.models import Staff, may_receive
from app.base import journal
from app.base.database import db
from app.base.problems import NotFound
from app.base.services import city, settings
from app.casework import watch
from app.casework.clocks import Clock, hours_of_the_law_before
from app.casework.desk import ACTING, Desk
from app.casework.kinds import DONE, NEW, VISITOR, Act, Kind, Label, State
from app.city.dates import show_moment
from app.messages import outbox
from app.messages.addresses import by_email
from app.messages.outbox import Wording
from app.privacy.kinds import GRANTED, OPEN, REFUSED
from app.privacy.models import RightsRequest
from app.web.access import holds

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

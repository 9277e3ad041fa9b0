"""The request for another number as a kind of case: looked at by two people within a working day."""

from app.accounts.models import Staff, may_receive
from app.base.database import db
from app.base.problems import NotFound
from app.casework import watch
from app.casework.clocks import Clock, hours_before
from app.casework.desk import ACTING, Desk
from app.casework.kinds import DONE, NEW, Act, Kind, Label, State
from app.citizen_account.models import APPROVED, OPEN, REFUSED, AccountRequest
from app.web.access import holds

DAYS, WARN_HOURS = 1, 2
DECISION = Clock(
    "decision", "Keputusan", since=lambda case: case.created_at, days=lambda case: DAYS,
    warn=hours_before(lambda: WARN_HOURS),
)
NUMBER_CHANGE = Kind(
    "number_change", about="account_request",
    states={
        OPEN: State(NEW, Label("Menunggu diperiksa", "Menunggu", "new"), DECISION),
        APPROVED: State(DONE, Label("Nomor diganti", "Disetujui", "good"), keeps_due=True),
        REFUSED: State(DONE, Label("Ditolak", "Ditolak", "bad"), keeps_due=True),
    },
    acts=(
        # the first of two people; nothing changes yet
        Act("propose", {OPEN: OPEN}, by="decide_request"),
        Act("confirm", {OPEN: APPROVED}, by="confirm_request"),
        Act("refuse", {OPEN: REFUSED}, by="confirm_request"),
    ),
)


def _find(request_id: str, staff: Staff) -> AccountRequest:
    row = db.session.get(AccountRequest, request_id)
    if row is None or not holds(staff, "confirm_request"):
        raise NotFound()
    return row


DESK = Desk(
    NUMBER_CHANGE, AccountRequest, "Permintaan ini", find=_find, claimable=(OPEN,), claim_on=ACTING,
    receives=lambda row, staff_id: may_receive(staff_id, "confirm_request"),
)
WATCH = watch.follows_the_calendar(watch.Watch(NUMBER_CHANGE, AccountRequest, ("created_at",)))

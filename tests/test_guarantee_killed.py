"""A process that is killed between any two statements of what opens a guarantee leaves all of it, or nothing."""

import itertools
import os
import signal

import pytest
from sqlalchemy import event, func, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, dispose_connections
from app.base.journal_line import JournalLine
from app.casework.desk import Seen
from app.complaints.arriving.intake import Details, receive
from app.complaints.desk import answering
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import Contact
from app.guarantee.models import Breach, Guarantee
from app.messages.models import OutboxMessage
from app.review.models import ClockWarning
from app.review.promises import record_warnings
from tests.builders import add_staff
from tests.complaints import a_ticket
from tests.desk import a_case, declare, nik_of
from tests.test_guarantee import MISSED

# what each of the three ways to a guarantee leaves: all of it is written, or nothing
TRACES = {
    "notice": select(func.count()).select_from(ClockWarning).where(ClockWarning.level == "late"),
    "guarantee": select(func.count()).select_from(Guarantee), "breach": select(func.count()).select_from(Breach),
    "message": select(func.count()).select_from(OutboxMessage).where(
        OutboxMessage.template.in_(("melewati_batas", "jaminan_dibuka"))
    ),
    "journal": select(func.count()).select_from(JournalLine).where(JournalLine.action == "guarantee_open"),
    "answer": select(func.count()).select_from(Ticket).where(Ticket.first_answered_at.is_not(None)),
    "ticket": select(func.count()).select_from(Ticket),
}


def traces(app) -> dict[str, int]:
    with app.app_context():
        counted = {name: db.session.scalar(query) for name, query in TRACES.items()}
        db.session.remove()
        db.engine.dispose()
        return counted


def dies_at(app, number: int, act) -> bool:
    """Whether a process that does `act` and is killed -9 before its `number`-th statement, or commit, got that far."""
    child = os.fork()
    if child == 0:
        with app.app_context():
            dispose_connections()
            met = itertools.count(1)

            def strike(*_args) -> None:
                if next(met) == number:
                    os.kill(os.getpid(), signal.SIGKILL)

            for moment in ("before_cursor_execute", "commit"):
                event.listen(db.engine, moment, strike)
            act()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def missed(app, time):
    """The worker finds the promise broken."""
    declare(app, a_case(app, 1), nik_of(1))
    time.moment = MISSED
    return record_warnings, ("notice", "guarantee", "breach", "message", "journal")


def upheld(app, time):
    """An answer says that a complaint about this registration is right."""
    ticket_id = a_ticket(app, category="wrong_data", application_id=a_case(app, 1))
    add_staff(app, "sri", "supervisor")

    def act() -> None:
        sri = db.session.scalars(select(Staff).where(Staff.username == "sri")).one()
        seen = Seen(ticket_id, db.session.get(Ticket, ticket_id).version, "", sri)
        answering.send_answer(seen, answering.Answer("Kami salah. Mohon maaf.", outcome="proven"))

    return act, ("guarantee", "breach", "message", "journal", "answer")


def late_complaint(app, time):
    """A resident complains of a promise that is broken, before the worker has seen it."""
    case = a_case(app, 1)
    declare(app, case, nik_of(1))
    time.moment = MISSED

    def act() -> None:
        receive("web", Contact(name="SITI"), "Belum selesai juga.", received_at=clock.now(), actor=journal.VISITOR,
                details=Details(category="late", application_id=case, lateness=True))

    return act, ("guarantee", "breach", "message", "journal", "ticket")


@pytest.mark.parametrize(("which", "way"), [
    ("app", missed), *(pytest.param(*more, marks=pytest.mark.long) for more in (
        ("pg_app", missed), ("app", upheld), ("pg_app", late_complaint),
    )),
])
def test_killed_between_any_two_statements_all_of_it_is_there_or_nothing(request, time, which, way):
    app = request.getfixturevalue(which)
    act, written = way(app, time)
    before, deaths = traces(app), 0
    while dies_at(app, deaths + 1, act):
        deaths += 1
        assert traces(app) == before, f"killed before statement {deaths}"
    assert deaths > 10 and traces(app) == {name: number + (name in written) for name, number in before.items()}

"""When what happened to a case is written down as it happens, and goes again with what was taken back."""

from types import SimpleNamespace

import pytest
from sqlalchemy import inspect, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.casework.moving import locked
from app.complaints.ticket import transitions as of_tickets
from app.complaints.ticket.models import Ticket, TicketEvent
from app.registration import transitions as of_registrations
from app.registration.models import Application
from tests.builders import add_staff
from tests.complaints import a_ticket
from tests.desk import a_case


class Story:
    """One case whose acts come a minute after each other."""

    def __init__(self, app, time, model, case_id: str, change):
        self.app, self.time, self.model, self.id, self.change = app, time, model, case_id, change
        self.somebody = journal.Actor("staff", add_staff(app, "rina", "petugas"))

    def act(self, name: str) -> SimpleNamespace:
        """The columns after it, and `now`."""
        self.time.moves(minutes=1)
        with self.app.app_context(), transaction() as session:
            case = locked(self.model, self.id)
            self.change(case, name, self.somebody)
            session.flush()
            columns = {column.key: getattr(case, column.key) for column in inspect(self.model).column_attrs}
            return SimpleNamespace(now=clock.now(), **columns)


@pytest.fixture
def complaint(app, time) -> Story:
    return Story(app, time, Ticket, a_ticket(app), of_tickets.change_status)


@pytest.fixture
def registration(app, time) -> Story:
    return Story(app, time, Application, a_case(app), of_registrations.change_status)


def test_each_stage_of_a_complaint_has_its_moment(complaint):
    verified = complaint.act("verify")
    assert verified.verified_at == verified.now
    assert verified.followed_up_at is verified.answered_at is verified.closed_at is None
    answered = complaint.act("answer")
    assert answered.verified_at == verified.now and answered.followed_up_at == answered.now
    assert answered.answered_at == answered.first_answered_at == answered.now
    assert (answered.reopened, answered.is_open, answered.closed_at) == (0, False, None)
    closed = complaint.act("close")
    assert closed.closed_at == closed.now and closed.answered_at == answered.now


def test_a_complaint_answered_at_once_was_verified_by_that(complaint):
    answered = complaint.act("answer")
    assert answered.verified_at == answered.followed_up_at == answered.now


def test_a_complaint_that_goes_on_is_unanswered_again_and_its_first_answer_is_remembered(complaint):
    first = complaint.act("answer")
    again = complaint.act("reply")
    assert (again.answered_at, again.first_answered_at, again.followed_up_at) == (None, first.now, first.now)
    assert (again.reopened, again.reopened_at, again.is_open) == (1, again.now, True)
    settled = complaint.act("settle")
    assert settled.closed_at == settled.now and settled.reopened_at == again.now
    opened = complaint.act("open_again")
    assert (opened.closed_at, opened.reopened, opened.reopened_at) == (None, 1, again.now)
    complaint.act("answer")
    complaint.act("close")
    third = complaint.act("reply")
    assert (third.closed_at, third.answered_at, third.reopened, third.reopened_at) == (None, None, 2, third.now)


def test_what_leaves_the_stage_as_it_is_stands_in_the_journal_too(app, complaint):
    with app.app_context(), transaction():
        event = of_tickets.note_event(locked(Ticket, complaint.id), "assign", complaint.somebody, {"to": "x"})
        assert event.from_status == event.to_status == "new"
    with app.app_context():
        assert journal.lines_about("ticket", complaint.id)[-1].action == "ticket_assign"
        assert db.session.scalars(select(TicketEvent.act).order_by(TicketEvent.id)).all()[-1] == "assign"


def test_a_declaration_is_over_with_its_return_and_who_listens_hears_of_each(registration, monkeypatch):
    heard = []
    monkeypatch.setattr(of_registrations, "ON_CHANGED", [lambda application, change: heard.append(change.act)])
    declared = registration.act("declare_complete")
    assert (declared.declared_complete_at, declared.declared_complete_by) == (declared.now, registration.somebody.id)
    assert not registration.act("return").mended
    mended = registration.act("resubmit")
    assert mended.mended and mended.declared_complete_at is mended.declared_complete_by is None
    assert heard == ["declare_complete", "return", "resubmit"]


def test_what_is_taken_back_was_not_decided_nor_declared(registration):
    declared = registration.act("declare_complete")
    decided = registration.act("reject")
    assert (decided.decided_at, decided.decided_by) == (decided.now, registration.somebody.id)
    open_again = registration.act("take_back")
    assert open_again.decided_at is open_again.decided_by is None
    assert open_again.declared_complete_at == declared.now
    assert registration.act("take_back_early").declared_complete_at is None


@pytest.mark.parametrize(("act", "late", "is_told"), [
    ("approve", 0, True), ("reject", 0, True), ("return", 0, True), ("reject", -1, False), ("withdraw", 60, False),
])
def test_an_act_at_or_after_the_due_moment_finds_the_broken_promise(registration, monkeypatch, act, late, is_told):
    told = []
    monkeypatch.setattr(of_registrations, "ON_MISSED", [lambda application, due: told.append(due)])
    due = registration.act("declare_complete").due_at
    registration.time.moment = due
    registration.time.moves(minutes=-1, seconds=late)
    registration.act(act)
    assert told == ([due] if is_told else [])


def test_what_was_not_declared_breaks_no_promise(registration, monkeypatch):
    told = []
    monkeypatch.setattr(of_registrations, "ON_MISSED", [lambda application, due: told.append(due)])
    registration.time.moves(days=30)
    registration.act("reject")
    assert told == []

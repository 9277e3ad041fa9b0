"""Clocks of the stages, warnings, escalation and closing, with the calendar of the office."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.base import clock
from app.base.database import db
from app.city.office_calendar import change_day
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket
from tests.complaints import Handler, a_ticket

# docs/facts.md 5: Tuesday 2026-12-01; N-day checks of the same section
TUESDAY = datetime(2026, 12, 1, 10, 0, tzinfo=clock.WIB)


@pytest.fixture
def at(monkeypatch):
    def move(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment.astimezone(clock.UTC))

    move(TUESDAY)
    return move


def the(app, ticket_id: str) -> Ticket:
    with app.app_context():
        ticket = db.session.get(Ticket, ticket_id)
        db.session.expunge(ticket)
        return ticket


def day_of(moment) -> str:
    return moment.astimezone(clock.WIB).strftime("%m-%d %H.%M")


@pytest.mark.parametrize(("details", "resolve"), [
    ({"kind": "information"}, "12-08 16.00"), ({"kind": "complaint"}, "12-21 16.00"),
    ({"kind": "aspiration"}, "12-21 16.00"), ({"category": "illegal_fee"}, "03-02 15.00"),
])
def test_five_fourteen_or_sixty_working_days(app, at, details, resolve):
    ticket = the(app, a_ticket(app, **details))
    assert day_of(ticket.resolve_due_at) == resolve
    assert day_of(ticket.due_at) == "12-04 16.30"  # 3 working days to verify; a Friday


def test_the_clock_runs_from_the_moment_it_was_said_not_typed(app, at):
    ticket = the(app, a_ticket(app, received_at=TUESDAY - timedelta(days=1)))
    assert day_of(ticket.due_at) == "12-03 16.00"


def test_each_stage_has_its_own_end(app, at, staff_client):
    officer, ticket_id = Handler(staff_client("petugas")), a_ticket(app)
    officer.verifies(ticket_id)
    assert day_of(the(app, ticket_id).due_at) == "12-08 16.00"
    officer.acts(ticket_id, "tindak-lanjut")
    assert day_of(the(app, ticket_id).due_at) == "12-21 16.00"
    officer.answers(ticket_id)
    assert day_of(the(app, ticket_id).due_at) == "12-15 16.00"  # 10 working days without a reply


def test_another_class_moves_the_end(app, at, staff_client):
    officer, ticket_id = Handler(staff_client("petugas")), a_ticket(app)
    officer.verifies(ticket_id, kind="information")
    assert day_of(the(app, ticket_id).resolve_due_at) == "12-08 16.00"


def test_who_is_late_is_warned_of_then_escalated_once(app, at, staff_client):
    ticket_id = a_ticket(app)
    with app.app_context():
        assert timekeeping.keep_time() == 0
        at(datetime(2026, 12, 4, 9, 0, tzinfo=clock.WIB))
        assert (timekeeping.keep_time(), timekeeping.keep_time()) == (1, 0)
        at(datetime(2026, 12, 7, 9, 0, tzinfo=clock.WIB))
        assert (timekeeping.keep_time(), timekeeping.keep_time()) == (1, 0)
    assert the(app, ticket_id).escalated_at is not None
    supervisor = Handler(staff_client("supervisor"))
    assert "Dilaporkan ke atasan" in supervisor.open("/petugas/pengaduan?tab=lewat-tahap").text


def test_an_answer_that_comes_late_says_why(app, at, staff_client):
    ticket_id = a_ticket(app)
    at(datetime(2026, 12, 28, 9, 0, tzinfo=clock.WIB))
    officer = Handler(staff_client("petugas"))
    assert officer.answers(ticket_id).status == 422 and "Tulis alasannya" in officer.page.text
    assert officer.answers(ticket_id, late_reason="Menunggu data dari kecamatan.").status == 200
    assert "Menunggu data dari kecamatan." in officer.reads(ticket_id).text


def test_an_answered_ticket_closes_by_itself_after_ten_working_days(app, at, staff_client):
    ticket_id = a_ticket(app, phone="")
    Handler(staff_client("petugas")).answers(ticket_id)
    with app.app_context():
        at(datetime(2026, 12, 15, 15, 0, tzinfo=clock.WIB))
        assert timekeeping.close_silent() == 0
        at(datetime(2026, 12, 15, 16, 1, tzinfo=clock.WIB))
        assert timekeeping.close_silent() == 1
    assert the(app, ticket_id).status == "closed"


def test_a_holiday_declared_later_moves_every_open_end(app, at, staff_client):
    from app.accounts.models import Staff

    ticket_id = a_ticket(app)
    staff_client("admin")
    with app.app_context():
        admin = db.session.scalars(select(Staff)).one()
        change_day(datetime(2026, 12, 4).date(), False, "Libur daerah", "Pilkada", "SK 1", admin)
    assert day_of(the(app, ticket_id).due_at) == "12-07 16.00"


def test_a_moment_in_the_future_counts_as_now(app, at):
    ticket = the(app, a_ticket(app, received_at=TUESDAY + timedelta(days=3)))
    assert ticket.received_at == TUESDAY.astimezone(clock.UTC)

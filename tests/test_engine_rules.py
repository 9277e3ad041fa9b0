"""The engine of cases by itself, to the second: what a kind may declare, how a case is moved and written beside, how an
act is taken back, and when somebody is warned. On the toy kind of test_casework_toy.py."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import NotFound, StaleDecision
from app.casework import moving, undo, watch
from app.casework.kinds import DONE, NEW, OURS, TRAYS, WORK, Act, Kind, Label, State
from app.casework.models import CaseAct
from app.city.office_calendar import calendar_for
from app.messages import delivery, outbox, states
from app.messages.addresses import by_whatsapp
from tests.messaging import PERSON, PHONE, message
from tests.test_casework_toy import ANSWER, DESK, LENDING, Lending, change
from tests.test_claims import ABOUT, case, hands, rooms, seen, takes  # noqa: F401

# ruff: noqa: F811 - a fixture is imported and named as argument
STATE = State(NEW, Label("Baru", "Baru", "new"))
WATCH = watch.Watch(LENDING, Lending, ("created_at",))


def test_a_kind_says_one_thing_of_a_state_and_leads_somewhere():
    two = {"a": STATE, "b": STATE}
    for acts in (
        (Act("go", {"a": "c"}, by="x"),), (Act("go", {"c": "a"}, by="x"),),
        (Act("go", {"a": "b"}, by="x"), Act("go", {"a": "a"}, by="y")),
    ):
        with pytest.raises(ValueError, match="toy: go from"):
            Kind("toy", "toy", two, acts)
    kind = Kind("toy", "toy", two, (Act("go", {"a": "b"}, by="x"), Act("go", {"b": "a"}, by="y")))
    assert kind.moves == {("go", "a"): "b", ("go", "b"): "a"}
    assert kind.act("go", "b").by == "y" and kind.act("stay", "a") is kind.act("go", "c") is None
    assert not kind.open_to("stay", "a", lambda right: True) and kind.may("go", "a") and not kind.may("go", "c")
    plain = kind.act("go", "a")
    assert (plain.undo, STATE.keeps_due, kind.clock_of("a"), kind.tray_of("a")) == (False, False, None, NEW)
    with pytest.raises(TypeError):
        Kind("toy", "toy", two, (), moves={})
    assert TRAYS == ("new", "work", "outside", "done") and OURS == (NEW, WORK) and kind.in_trays(DONE) == ()


def test_a_case_is_locked_as_it_is_now_and_nothing_else_for_what_is_not_there(rooms):
    known = case()
    known.status = "lent"
    with transaction():
        assert moving.locked(Lending, "r1").status == "asked", "read anew under the lock"
        with pytest.raises(NotFound):
            moving.locked(Lending, "none")


def test_what_is_written_beside_makes_no_new_version_and_says_whether_one_was_met(rooms):
    version = case().version
    with transaction():
        assert moving.write_beside(Lending, Lending.id == "r1", assigned_to=rooms.rina.id) is True
        assert moving.write_beside(Lending, Lending.id == "none", assigned_to=None) is False
        assert moving.write_beside(Lending, Lending.id.in_(["r1", "r2"]), warn_at=None) is False
    assert (case().version, case().assigned_to) == (version, rooms.rina.id)


def test_moving_tells_the_kind_starts_the_clock_and_writes_one_line(rooms, time):
    told = []
    with transaction():
        row = moving.locked(Lending, "r1")
        event = moving.move(
            LENDING, row, "check", journal.VISITOR, entered=lambda *given: told.append(given[1:3]),
            write=lambda *given: ("row", given[1:3]), detail={"why": "rapat"},
        )
    assert told == [("check", "asked")] and event == ("row", ("check", "asked"))
    row = case()
    due, warn = ANSWER.moments(calendar_for(), row)
    assert (row.status, row.due_at, row.warn_at, row.next_warning_at) == ("checked", due, warn, warn)
    line, = journal.lines_about(*ABOUT)
    assert line.action == "lending_check"
    assert json.loads(line.detail) == {"from": "asked", "to": "checked", "why": "rapat"}
    with transaction():
        change(moving.locked(Lending, "r1"), "lend", journal.VISITOR)
    assert (case().due_at, case().next_warning_at) == (due, None), "the end stays to be read, and warns nobody"
    with pytest.raises(StaleDecision), transaction():
        change(moving.locked(Lending, "r1"), "ask", journal.VISITOR)


def test_a_new_end_forgets_of_whom_was_warned_and_the_same_one_does_not(app_context):
    kind = replace(LENDING, marks=("warned_at",))
    began = clock.now()
    row = SimpleNamespace(status="checked", created_at=began, due_at=None)
    values = moving.clock_values(kind, row, calendar_for())
    assert values["warned_at"] is None
    row.due_at = values["due_at"]
    assert "warned_at" not in moving.clock_values(kind, row, calendar_for())
    row.status = "asking"
    assert moving.clock_values(kind, row, calendar_for()) == {
        "due_at": None, "warn_at": None, "next_warning_at": None, "warned_at": None,
    }


# Taken back within the minute.

def lends(person, token: str, sent=()) -> None:
    with undo.doing(DESK, seen(person, token)) as done:
        change(done.case, "lend", journal.Actor("staff", person.id))
        done.act, done.event_id = "lend", 7
        done.sent += [a_word(done.not_before) for _ in sent]


def a_word(not_before):
    return outbox.enqueue(
        "akun_aktif", to=by_whatsapp(PHONE), variables=PERSON, about=ABOUT, not_before=not_before,
    )


@pytest.fixture
def checked(rooms) -> str:
    """The token of Rina, whose request is checked already."""
    token = takes(rooms.rina)
    with transaction():
        change(moving.locked(Lending, "r1"), "check", journal.Actor("staff", rooms.rina.id))
    return token


def test_an_act_waits_a_minute_in_which_the_resident_is_told_what_stood_before(rooms, checked, time):
    due = case().due_at
    lends(rooms.rina, checked, sent=("one",))
    done = db.session.scalars(select(CaseAct)).one()
    assert (done.act, done.event_id, done.at, done.staff_id, done.version) == (
        "lend", 7, clock.now(), rooms.rina.id, case().version,
    )
    sent, = done.messages
    assert message(sent).next_try_at == clock.now() + timedelta(seconds=60)
    until = clock.now() + timedelta(seconds=60)
    time.moves(seconds=59)
    db.session.remove()
    row = case()
    assert undo.open_until(DESK, row, rooms.rina) == until and undo.open_until(DESK, row, rooms.dewi) is None
    told = undo.as_told(ABOUT, row)
    assert (told.status, told.due_at, told.id, row.status) == ("checked", due, "r1", "lent")
    assert undo.hidden_messages(ABOUT, row) == {sent} and undo.hidden_events(ABOUT, row) == {7}
    for other in (("other", "r1"), ("lending", "r2")):
        assert undo.pending(other) is None and undo.hidden_messages(other, row) == set()
    time.moves(seconds=1)
    db.session.remove()
    row = case()
    assert undo.open_until(DESK, row, rooms.rina) is None and undo.as_told(ABOUT, row).status == "lent"
    assert undo.hidden_messages(ABOUT, row) == undo.hidden_events(ABOUT, row) == set()


def test_what_happens_after_an_act_ends_its_minute(rooms, checked):
    lends(rooms.rina, checked)
    with transaction():
        row = moving.locked(Lending, "r1")
        row.created_at = clock.now() + timedelta(seconds=1)
    row = case()
    assert undo.open_until(DESK, row, rooms.rina) is None and undo.as_told(ABOUT, row) is row
    assert undo.hidden_events(ABOUT, row) == set()
    with pytest.raises(undo.TooLate):
        undo.undo(DESK, seen(rooms.rina, checked))


def test_taking_back_restores_the_case_cancels_its_messages_and_holds_it(rooms, checked, time):
    due = case().due_at
    lends(rooms.rina, checked, sent=("one", "two"))
    with transaction():
        first, second = db.session.scalars(select(CaseAct)).one().messages
        delivery.cancel(delivery.locked(first), "by somebody else")
        undo.claims.drop(DESK, "r1")
    stale = seen(rooms.rina, checked)
    with pytest.raises(StaleDecision) as caught:
        undo.undo(DESK, replace(stale, version=stale.version - 1))
    assert not isinstance(caught.value, undo.TooLate)
    with pytest.raises(undo.TooLate):
        undo.undo(DESK, replace(stale, staff=rooms.dewi))
    assert undo.undo(DESK, stale).act == "lend"
    row = case()
    assert (row.status, row.due_at, hands()) == ("checked", due, (rooms.rina.id, None))
    assert (message(first).error_code, message(second).state, message(second).error_code) == (
        "by somebody else", states.CANCELLED, "taken_back",
    )
    assert db.session.scalars(select(CaseAct)).one().undone_at == clock.now()
    assert undo.hidden_messages(ABOUT, case()) == {first, second} and undo.hidden_events(ABOUT, case()) == {7}
    time.moves(minutes=5)
    db.session.remove()
    assert undo.hidden_messages(ABOUT, case()) == {first, second}, "of what was taken back the resident never hears"
    with pytest.raises(undo.TooLate):
        undo.undo(DESK, seen(rooms.rina, checked))


def test_the_newest_act_is_taken_back_first(rooms, checked):
    lends(rooms.rina, checked)
    undo.undo(DESK, seen(rooms.rina, checked))
    lends(rooms.rina, case().claim_token)
    db.session.remove()
    first, second = db.session.scalars(select(CaseAct).order_by(CaseAct.id))
    assert first.undone_at is not None and undo.pending(ABOUT).id == second.id


def test_what_has_left_is_not_taken_back(rooms, checked):
    lends(rooms.rina, checked, sent=("one",))
    with transaction():
        sent, = db.session.scalars(select(CaseAct)).one().messages
        delivery.move(delivery.locked(sent), states.SENDING)
    with pytest.raises(undo.TooLate, match="sudah dikirim"):
        undo.undo(DESK, seen(rooms.rina, checked))
    assert case().status == "lent"
    undo.cancel_message("none")


def test_an_act_that_named_none_and_a_case_that_is_hidden_leave_nothing_to_take_back(rooms, checked):
    with undo.doing(DESK, seen(rooms.rina, checked)) as done:
        assert (done.act, done.event_id, done.sent) == ("", 0, [])
    assert db.session.scalars(select(CaseAct)).all() == []
    lends(rooms.rina, checked)

    def hide(case_id, staff):
        raise NotFound()

    with pytest.raises(NotFound):
        undo.undo(replace(DESK, find=hide), seen(rooms.rina, checked))


def test_the_columns_kept_come_back_whatever_they_hold(rooms):
    moment = clock.now()
    done = SimpleNamespace(before={name: undo._plain(value) for name, value in {
        "status": "checked", "due_at": moment, "sealed": b"\x00\xff", "warn_at": None, "count": 3}.items()})
    json.dumps(done.before)
    row = SimpleNamespace()
    undo.restore(row, done)
    assert vars(row) == {"status": "checked", "due_at": moment, "sealed": b"\x00\xff", "warn_at": None, "count": 3}


# Warned once when the end comes near, and once when it is over.

def test_somebody_is_warned_at_the_second_and_again_at_the_end(rooms, checked, time):
    row = case()
    due, warn = row.due_at, row.warn_at
    version = row.version
    time.moves(seconds=(warn - clock.now()).total_seconds() - 1)
    assert watch.record_warnings(WATCH) == 0 and not db.session().in_transaction()
    time.moves(seconds=1)
    assert watch.record_warnings(WATCH) == 1 and case().next_warning_at == due
    time.moves(seconds=(due - clock.now()).total_seconds() - 1)
    assert watch.record_warnings(WATCH) == 0
    time.moves(seconds=1)
    assert watch.record_warnings(WATCH) == 1 and case().next_warning_at is None
    assert watch.record_warnings(WATCH) == 0 and case().version == version
    lines = [line for line in journal.lines_about(*ABOUT) if line.action != "lending_check"]
    assert [line.action for line in lines] == ["lending_near", "lending_late"]
    assert json.loads(lines[0].detail) == {"due": due.isoformat()}


def test_a_kind_may_write_its_warning_down_itself_and_says_whether_it_did(rooms, checked, time):
    for news, counted in ((True, 1), (False, 0)):
        told = []
        own = replace(WATCH, warned=lambda row, level, of: told.append((row.id, level, of)) or news)  # noqa: B023
        with transaction():
            row = moving.locked(Lending, "r1")
            moving.write_beside(Lending, Lending.id == "r1", next_warning_at=row.warn_at)
        time.moves(seconds=max(0, (case().warn_at - clock.now()).total_seconds()))
        assert watch.record_warnings(own) == counted and told == [("r1", "near", ANSWER)]
    assert [line.action for line in journal.lines_about(*ABOUT)] == ["lending_check"]


def test_a_case_without_a_clock_is_not_looked_at_again(rooms, time):
    with transaction():
        for one in ("r2", "r3"):
            moving.write_beside(Lending, Lending.id == one, next_warning_at=clock.now() + timedelta(days=9))
        moving.write_beside(Lending, Lending.id == "r1", next_warning_at=clock.now(), status="asking")
    assert watch.record_warnings(WATCH) == 0 and case().next_warning_at is None
    assert case("r2").next_warning_at is not None
    silent = replace(LENDING, states={**LENDING.states, "asked": replace(LENDING.states["asked"],
                                                                       clock=replace(ANSWER, warn=None))})
    with transaction():
        moving.write_beside(Lending, Lending.id == "r2", next_warning_at=clock.now())
    assert watch.record_warnings(replace(WATCH, kind=silent)) == 0 and case("r2").next_warning_at is None


def test_open_ends_follow_the_calendar_and_those_that_are_over_do_not(rooms, checked, time):
    before = {one: case(one).due_at for one in ("r1", "r2", "r3")}
    with transaction():
        for one in ("r1", "r3"):
            moving.write_beside(Lending, Lending.id == one, due_at=clock.now() - timedelta(days=30))
        watch.follow_calendar(WATCH, calendar_for())
    assert case("r1").due_at == before["r1"] == ANSWER.due(calendar_for(), case("r1"))
    assert case("r2").due_at == ANSWER.due(calendar_for(), case("r2")), "it had none yet"
    assert case("r3").due_at == clock.now() - timedelta(days=30)
    warn = case("r1").warn_at
    with transaction():  # a warning that was given stays given while the end is the same
        moving.write_beside(Lending, Lending.id == "r1", next_warning_at=None)
        watch.follow_calendar(WATCH, calendar_for())
    assert (case("r1").next_warning_at, case("r1").warn_at) == (None, warn)

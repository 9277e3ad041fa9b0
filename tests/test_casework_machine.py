"""One machine for every kind of case: what is not declared is refused, whoever asks and on both databases."""

import itertools
from datetime import timedelta

import pytest

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import StaleDecision
from app.casework.kinds import DONE, NEW, TRAYS, WORK, Act, Kind, Label, State
from app.complaints.ticket import transitions as ticket_moves
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import TICKET
from app.registration import transitions as registration_moves
from app.registration.models import Application
from app.registration.status import DRAFT, REGISTRATION
from app.web.access import PERMISSIONS
from tests.complaints import a_ticket
from tests.desk import a_case

KINDS = {
    "registration": (REGISTRATION, Application, a_case, registration_moves.change_status),
    "complaint": (TICKET, Ticket, a_ticket, ticket_moves.change_status),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_act_that_is_not_declared_for_a_state_is_refused_and_writes_nothing(app, name):
    kind, model, make, change = KINDS[name]
    case_id = make(app)
    acts = {act.name for act in kind.acts}
    with app.app_context():
        for act, state in itertools.product(sorted(acts), kind.states):
            if kind.may(act, state):
                continue
            before = len(journal.lines_about(kind.about, case_id))
            with pytest.raises(StaleDecision), transaction():
                case = db.session.get(model, case_id)
                case.status = state
                change(case, act, journal.SYSTEM)
            assert len(journal.lines_about(kind.about, case_id)) == before


@pytest.mark.parametrize("name", KINDS)
def test_every_declared_act_leads_where_it_says_with_one_journal_line(app, name):
    kind, model, make, change = KINDS[name]
    case_id = make(app)
    with app.app_context():
        for (act, state), end in kind.moves.items():
            with transaction():
                case = db.session.get(model, case_id)
                case.status = state
                if name == "registration":
                    case.declared_complete_at = case.submitted_at
                    case.due_at = clock.now() + timedelta(days=1)
                else:
                    case.answered_at = case.received_at
                change(case, act, journal.SYSTEM)
                line = journal.lines_about(kind.about, case_id)[-1]
                assert (case.status, line.action) == (end, f"{kind.about}_{act}")
                assert f'"from":"{state}"' in line.detail.replace(" ", "")
                assert (case.due_at is None) == (kind.clock_of(end) is None and not kind.states[end].keeps_due)


@pytest.mark.parametrize("kind", [REGISTRATION, TICKET], ids=lambda kind: kind.name)
def test_every_state_says_its_list_and_every_act_who_may_do_it(kind):
    assert all(state.tray in TRAYS for name, state in kind.states.items() if name != DRAFT)
    assert {act.by for act in kind.acts} <= {*PERMISSIONS, "visitor", "system"}
    assert all(act.done for act in kind.acts if act.undo)


def test_a_kind_that_contradicts_itself_is_refused_when_it_is_declared():
    states = {"open": State(NEW, Label("", "", "new")), "over": State(DONE, Label("", "", "quiet"))}
    with pytest.raises(ValueError, match="toy: end from open to gone"):
        Kind("toy", "toy", states, (Act("end", {"open": "gone"}, by="decide"),))
    with pytest.raises(ValueError, match="toy: end from open to over"):
        Kind("toy", "toy", states, (Act("end", {"open": "over"}, by="a"), Act("end", {"open": "over"}, by="b")))


def test_who_may_do_what_follows_from_the_table():
    assert REGISTRATION.open_to("return", "submitted", {"return"}.__contains__)
    assert not REGISTRATION.open_to("return", "complete", {"return"}.__contains__)
    assert not REGISTRATION.open_to("approve", "submitted", lambda permission: True)
    assert REGISTRATION.in_trays(NEW, WORK) == ("submitted", "complete")

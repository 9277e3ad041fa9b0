"""What the resident does after sending, on a real PostgreSQL, and many at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.base.problems import FormRejected
from app.citizen_account import codes, password_service
from app.guessing.budgets import Visitor
from app.registration.drafts import move_by_link, resume_link
from app.registration.links import forget_expired_links
from app.registration.mend_plan import remind_and_close
from app.tracking.visits import forget_expired_visits
from tests.accounts import a_draft, an_account
from tests.builders import RESIDENT, an_application
from tests.resident_pages import Follower, code_in, link_in, messages, number_and_pin

BOTH = pytest.mark.parametrize("which", ["app", "pg_app"])


@BOTH
def test_following_and_the_jobs_work_on_either_database(request, which):
    app = request.getfixturevalue(which)
    application_id = an_application(app)
    by_pin, by_link = Follower(app.test_client()), Follower(app.test_client())
    assert "Menunggu pemeriksaan" in by_pin.follows(*number_and_pin(app, application_id)).text
    assert "Menunggu pemeriksaan" in by_link.opens_link(link_in(messages(app)[0][2])).text
    with app.app_context():
        assert (remind_and_close(), forget_expired_links(), forget_expired_visits()) == (0, 0, 0)
        assert codes.forget_old_challenges() == 0


@BOTH
def test_twenty_wrong_codes_at_once_leave_five_tries(request, which):
    app = request.getfixturevalue(which)
    an_account(app)
    with app.app_context():
        token = password_service.ask_for_code(RESIDENT["nik"], Visitor())
    right = code_in(messages(app, "kode_reset_sandi")[0][2])
    wrong = "000000" if right != "000000" else "111111"

    def guess(_):
        with app.app_context():
            try:
                password_service.prove_code((token,), wrong)
            except FormRejected:
                return "counted"
            except codes.ChallengeOver:
                return "over"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(20)))
    assert sorted(answers) == ["counted"] * 5 + ["over"] * 15


@BOTH
def test_a_link_opened_by_many_at_once_moves_the_draft_once(request, which):
    app = request.getfixturevalue(which)
    draft = a_draft(app)
    with app.app_context():
        token = resume_link(draft).rsplit("/", 1)[-1]

    def move(_):
        with app.app_context():
            return move_by_link(token)

    with ThreadPoolExecutor(8) as pool:
        moved = [answer for answer in pool.map(move, range(8)) if answer]
    assert len(moved) == 1

"""What the tests of signing in share: a clock that can be moved, an account, a way to post a form."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.base import clock
from app.base.database import db, transaction
from app.citizen_account.account import create_citizen
from app.registration.drafts import find_by_token, start_draft
from app.registration.models import Application
from app.registration.service import save_personal_data
from tests.builders import CITIZEN_PASSWORD, RESIDENT, STAFF_PASSWORD, csrf_of

OFFICE = "/petugas/pesan"  # a page every role may open


class MovableClock:
    def __init__(self):
        self.moment = datetime(2026, 11, 23, 3, 0, 10, tzinfo=UTC)

    def in_zone(self, zone) -> datetime:
        return self.moment.astimezone(zone)

    def moves(self, **by) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def time(monkeypatch) -> MovableClock:
    """`time.moves(minutes=31)` moves the one clock of the app."""
    movable = MovableClock()
    # below clock.now(), which the columns hold as their default
    monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=movable.in_zone))
    return movable


def an_account(app, **overrides) -> str:
    """Id of a resident's account; only what signing in needs, so no photos."""
    application_id = a_draft(app, **overrides)
    with app.app_context(), transaction() as session:
        return create_citizen(session.get_one(Application, application_id)).id


def a_draft(app, **overrides) -> str:
    with app.app_context():
        token = start_draft(notice_version="uji", notice_text="uji", survey_consent=False)
        application_id = find_by_token(token).id
        save_personal_data(application_id, {**RESIDENT, **overrides})
        db.session.remove()
        return application_id


def submit(client, address: str, page: str | None = None, headers: dict | None = None, **fields):
    """POST `fields` with the CSRF token of `page` (default: the page at the same address)."""
    token = csrf_of(client.get(page or address).text)
    return client.post(address, data={"csrf_token": token, **fields}, headers=headers)


def sign_in(client, nik: str = RESIDENT["nik"], password: str = CITIZEN_PASSWORD, **fields):
    return submit(client, "/masuk", nik=nik, password=password, **fields)


def staff_sign_in(client, username: str, password: str = STAFF_PASSWORD, **fields):
    return submit(client, "/petugas/masuk", username=username, password=password, **fields)


def cookie_of(client, name: str) -> str | None:
    cookie = client.get_cookie(name)
    return cookie.value if cookie else None


def is_in(client, address: str = "/akun") -> bool:
    """Whether the page opens, instead of leading to the sign-in page."""
    answer = client.get(address)
    assert answer.status_code in (200, 303), answer.text
    return answer.status_code == 200

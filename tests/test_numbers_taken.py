"""A number or a code that another row has already is drawn again, and nobody sees it."""

from sqlalchemy import select

from app.base.database import db
from app.messages import outbox
from app.messages.models import OutboxMessage
from app.registration import service
from app.registration.models import Application
from tests.browser import Resident
from tests.builders import RESIDENT
from tests.messaging import a_message


def test_a_number_that_is_taken_is_drawn_again(app, monkeypatch):
    drawn = iter(("AAAA-AAAA", "AAAA-AAAA", "AAAA-AAAA", "BBBB-BBBB"))
    monkeypatch.setattr(service, "readable_code", lambda _length: next(drawn))
    for place in range(2):
        someone = Resident(app.test_client())
        someone.starts()
        assert someone.fills_in(**RESIDENT | {"nik": f"357401450590000{place + 1}"}).status == 200
    with app.app_context():
        assert set(db.session.scalars(select(Application.number))) == {"AAAA-AAAA", "BBBB-BBBB"}


def test_a_check_code_that_is_taken_is_drawn_again(app_context, monkeypatch):
    drawn = iter(("AAAA-AAAA", "AAAA-AAAA", "BBBB-BBBB"))
    monkeypatch.setattr(outbox, "readable_code", lambda _length: next(drawn))
    for _ in range(2):
        a_message("akun_aktif")
    assert set(db.session.scalars(select(OutboxMessage.check_code))) == {"AAAA-AAAA", "BBBB-BBBB"}

"""A longer PIN is made, asked for and accepted; one-time codes stay as they are."""

from app.base.database import db, transaction
from app.base.ids import new_code
from app.registration.models import Application
from app.registration.personal import open_pin, seal_pin
from tests.builders import an_application
from tests.resident_pages import Follower, number_and_pin


def test_the_longer_pin_opens_and_so_does_an_older_one(app):
    application_id = an_application(app)
    number, pin = number_and_pin(app, application_id)
    assert len(pin) == 8 and len(new_code()) == 6
    follower = Follower(app.test_client())
    assert "8 angka di bukti pendaftaran" in follower.open("/lacak").text
    assert number in follower.follows(number, pin).text
    with app.app_context(), transaction():
        row = db.session.get(Application, application_id)
        seal_pin(row, "123456")
        assert open_pin(row) == "123456"
    assert number in Follower(app.test_client()).follows(number, "123456").text

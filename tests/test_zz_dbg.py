from tests.builders import an_application
from app.extensions import db
from sqlalchemy import select
from app.notifications.models import OutboxMessage
def test_x(app, time):
    an_application(app)
    r = app.test_cli_runner().invoke(args=["worker","--once"])
    print(r.output, r.exception)
    with app.app_context():
        row = db.session.scalars(select(OutboxMessage)).one()
        print(row.state, row.next_try_at, time.moment, row.error_code, row.state_at)
    assert 0

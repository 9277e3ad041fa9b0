"""People with the survey in front of them, and what they leave behind."""

from app.accounts.models import Citizen
from app.base import clock
from app.base.database import db, transaction
from app.registration.models import Application
from app.survey import answering, figures
from app.survey.elements import CODES
from tests.accounts import an_account
from tests.browser import Browser
from tests.builders import RESIDENT

GOOD = dict.fromkeys(CODES, 4)


class Respondent(Browser):
    """Somebody with the survey in front of them."""

    def answers(self, marks: dict[str, int], start: str = "/survei", **rest):
        self.open(start)
        for part in (1, 2, 3):
            asked = answering.elements_of(part)
            self.send(f"/survei/bagian/{part}", {one.code: str(marks[one.code]) for one in asked})
        return self.send("/survei/bagian/4", rest)


class Typist(Browser):
    """A petugas with a pile of paper."""

    def types(self, marks: dict[str, int], **rest):
        self.open("/petugas/survei/kertas")
        values = {code: str(mark) for code, mark in marks.items()}
        form = {"token": self.page.field("token"), "month": clock.today().replace(day=1).isoformat()}
        return self.send("/petugas/survei/kertas", {**form, **values, **rest})


def one(app, query):
    with app.app_context():
        return db.session.scalars(query).all()


def this_month(app) -> figures.Figures:
    with app.app_context():
        return figures.of_months(clock.today(), clock.today())


def decided(app, time, consent: bool, phone: str = "0812-0000-1001") -> str:
    """Id of a registration whose account is active, as of now."""
    nik = RESIDENT["nik"] if consent else "3574014505900033"
    citizen_id = an_account(app, nik=nik, whatsapp_number=phone)
    with app.app_context(), transaction():
        application = db.session.get(Application, db.session.get(Citizen, citizen_id).application_id)
        application.survey_consent, application.status = consent, "active"
        application.number = "7KMP-3QX" + ("R" if consent else "T")
        application.submitted_at = application.decided_at = clock.now()
        return application.id

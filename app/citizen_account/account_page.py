"""What a resident sees of the own account: masked at first, whole after the password."""

from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Citizen
from app.accounts.sessions import SignedIn
from app.base import journal
from app.base.database import db, transaction
from app.citizen_account.people import actor, demand_password
from app.city.dates import show_moment
from app.identity.mask import mask_nik_tail, mask_phone
from app.registration.models import Application
from app.registration.personal import Personal, open_citizen
from app.tracking.words import ACTS


@dataclass(frozen=True)
class AccountPage:
    """The numbers are masked already; `history` holds timeline events of the registration."""

    name: str
    nik: str
    kk_number: str
    phone: str
    number: str
    active_since: datetime
    provisional_until: datetime | None
    history: tuple[tuple[str, str, str], ...]


def account_page(citizen_id: str) -> AccountPage:
    citizen = db.session.get_one(Citizen, citizen_id)
    application = db.session.get_one(Application, citizen.application_id)
    person = open_citizen(citizen)
    return AccountPage(
        name=person.full_name, nik=mask_nik_tail(person.nik), kk_number=mask_nik_tail(person.kk_number),
        phone=mask_phone(person.whatsapp_number), number=application.number, active_since=citizen.created_at,
        provisional_until=citizen.provisional_until,
        history=tuple(("done", ACTS[change.act], show_moment(change.at)) for change in application.changes),
    )


def reveal(person: SignedIn, password: str) -> Personal:
    """The whole record, once the password was asked again. Raises FormRejected, SessionOver."""
    demand_password(person, password, "password")
    with transaction():
        citizen_id = person.id
        citizen = db.session.get_one(Citizen, citizen_id)
        journal.record("own_data_viewed", actor=actor(citizen_id), about=("citizen", citizen_id))
        return open_citizen(citizen)

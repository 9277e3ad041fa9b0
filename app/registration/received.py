"""What is said by WhatsApp when a registration was received, and whether it is said at all."""

from sqlalchemy import select

from app.accounts.models import Citizen
from app.base.database import db
from app.base.services import settings
from app.city.dates import show_moment
from app.messages import outbox
from app.registration import personal as record
from app.registration.links import FOLLOW, FOLLOW_LIFE, new_link
from app.registration.models import Application

RECEIPT = "pendaftaran_diterima"


def tell_received(application: Application) -> None:
    """The receipt to the applicant, and word to the holder of an account with this NIK, inside the
    caller's transaction."""
    person = record.open_personal(application)
    outbox.enqueue(
        RECEIPT, to=record.reached_at(person), about=("application", application.id),
        variables={
            "nama": person.greeting_name, "kode": application.number,
            "tgl_jam": show_moment(application.submitted_at),
            "tautan": new_link(application.id, FOLLOW, FOLLOW_LIFE),
        },
    )
    tell_account_holder(application)


def tell_account_holder(application: Application) -> None:
    """When the NIK has an account, its holder is told at the number on record, and nobody else. Nothing
    is said about a registration that waits to be looked at."""
    account = account_of(application)
    if account is None or application.to_look:
        return
    on_record = record.open_citizen(account)
    outbox.enqueue(
        "nik_sudah_punya_akun", to=record.reached_at(on_record), about=("citizen", account.id),
        on_record=True,
        variables={"nama": on_record.greeting_name, "tautan": f"{settings().public_base_url}/masuk"},
    )


def receipt_is_withheld(application: Application) -> bool:
    """Whether the page is all the receipt there is."""
    rows = outbox.messages_about("application", application.id)
    return any(row.template == RECEIPT and outbox.is_withheld(row) for row in rows)


def account_of(application: Application) -> Citizen | None:
    return db.session.scalar(select(Citizen).where(Citizen.nik_index == application.nik_index))

"""Changing a password one knows, and setting a new one after a code by WhatsApp.

Nothing here tells whether a NIK has an account: the same rows are written, the same limits count,
and rules that look at the person's name are applied only after a code was right.
"""

from app import clock, journal, limits
from app.accounts import attempts, sessions
from app.accounts.models import Citizen
from app.accounts.passwords import hash_password
from app.accounts.sessions import CITIZEN, SignedIn
from app.citizen_account import codes
from app.citizen_account.models import PASSWORD
from app.citizen_account.people import account_of, actor, demand_password, locked_account
from app.dates import show_moment
from app.extensions import db, end_reading, transaction
from app.identity.errors import FieldError
from app.identity.password import check_password
from app.notifications import outbox, proving
from app.problems import FormRejected
from app.registration.personal import Personal, open_citizen
from app.services import city, sealer, settings


def ask_for_code(nik: str, address: str) -> str:
    """Send a code to the number on record, if there is one. Returns the browser's token.

    `nik` is 16 digits. Raises TooManyTries, alike for every NIK.
    """
    nik_index = sealer().index("nik", nik)
    limits.hit("reset-address", address)
    limits.hit("reset-account", nik_index)
    with transaction():
        _, token, code, _ = codes.new_challenge(PASSWORD, nik_index)
        citizen = account_of(nik_index)
        if citizen is not None:
            outbox.enqueue(
                "kode_reset_sandi", to=open_citizen(citizen).whatsapp_number,
                variables={"kode": code}, about=("citizen", citizen.id),
            )
        journal.record("reset_asked", actor=journal.VISITOR, about=("nik_index", nik_index[:32]))
    return token


def prove_code(token: str, typed: str) -> None:
    """Raises FormRejected for a wrong code, ChallengeOver after the last try."""
    with transaction():
        row = codes.count_try(token, PASSWORD)
        citizen = account_of(row.nik_index)
        right = codes.is_right(row, typed) and citizen is not None
        if right:
            row.proved_at = clock.now()
            proving.note_typed_code((CITIZEN, citizen.id), open_citizen(citizen).whatsapp_number)
    if not right:
        raise codes.wrong_code("code")


def set_forgotten(token: str, new: str) -> None:
    """A new password after a right code; every session ends, failed sign-ins are forgiven.

    Raises FormRejected, ChallengeOver.
    """
    citizen = _proved_account(token)
    citizen_id, nik_index, known = citizen.id, citizen.nik_index, open_citizen(citizen)
    password_hash = _hash_of_new(known, new)
    with transaction():
        row = codes.challenge_of(token, PASSWORD)
        if row is None or row.proved_at is None:
            raise codes.ChallengeOver()
        row.ended_at = clock.now()
        _replace(locked_account(citizen_id), password_hash, "password_reset")
    attempts.succeeded(attempts.Attempt("nik", nik_index))


def change_known(person: SignedIn, current: str, new: str) -> str:
    """Change it with the old one at hand; every other session ends. Returns this browser's new token."""
    demand_password(person.id, current, "current_password")
    password_hash = _hash_of_new(open_citizen(db.session.get_one(Citizen, person.id)), new)
    with transaction():
        citizen = locked_account(person.id)
        _replace(citizen, password_hash, "password_changed")
        return sessions.start_citizen(citizen)


def sign_out_everywhere(person: SignedIn) -> None:
    with transaction():
        sessions.end_all_of(CITIZEN, person.id)
        journal.record("logout_everywhere", actor=actor(person.id), about=(CITIZEN, person.id))


def _proved_account(token: str) -> Citizen:
    row = codes.challenge_of(token, PASSWORD)
    citizen = account_of(row.nik_index) if row is not None and row.proved_at else None
    if citizen is None:
        raise codes.ChallengeOver()
    return citizen


def _hash_of_new(known: Personal, new: str) -> str:
    end_reading()
    try:
        check_password(new, nik=known.nik, name=known.full_name, phone=known.whatsapp_number)
        return hash_password(new)
    except FieldError as error:
        raise FormRejected({"new_password": [error.message]}) from None


def _replace(citizen: Citizen, password_hash: str, action: str) -> None:
    citizen.password_hash = password_hash
    sessions.end_all_of(CITIZEN, citizen.id)
    journal.record(action, actor=actor(citizen.id), about=(CITIZEN, citizen.id))
    known = open_citizen(citizen)
    outbox.enqueue("sandi_diganti", to=known.whatsapp_number, about=(CITIZEN, citizen.id), variables={
        "nama": known.full_name, "tgl_jam": show_moment(clock.now()),
        "tautan": f"{settings().public_base_url}/lupa-sandi", "kontak": city().contacts.phone,
    })

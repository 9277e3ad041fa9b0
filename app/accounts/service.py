"""The resident's account: made by an approval, opened with NIK and the chosen password."""

from sqlalchemy import select

from app import journal
from app.accounts import attempts, sessions
from app.accounts.attempts import SignInRejected
from app.accounts.models import Citizen
from app.accounts.passwords import hash_password, needs_rehash, verify_password
from app.accounts.sessions import CITIZEN, SignedIn
from app.extensions import db, end_reading, transaction
from app.ids import new_id
from app.problems import StaleDecision
from app.registration.models import Application
from app.registration.personal import open_personal, seal_for_citizen
from app.services import sealer


class AccountExists(StaleDecision):
    message = "NIK ini sudah memiliki akun."


def create_citizen(application: Application) -> Citizen:
    """The product of the service ("User baru"), inside the caller's transaction.

    Raises AccountExists (409) when the NIK has an account; the unique index stands behind the check.
    """
    taken = db.session.scalar(select(Citizen.id).where(Citizen.nik_index == application.nik_index))
    if taken is not None:
        raise AccountExists()
    citizen_id = new_id()
    citizen = Citizen(
        id=citizen_id, application_id=application.id, nik_index=application.nik_index,
        phone_index=application.phone_index, password_hash=application.password_hash,
        personal_sealed=seal_for_citizen(citizen_id, open_personal(application)),
    )
    db.session.add(citizen)
    db.session.flush()
    journal.record("account_created", actor=journal.SYSTEM, about=("citizen", citizen_id))
    return citizen


def sign_in(nik: str, password: str, address: str, replaces: str = "") -> str:
    """Token of a new session; `nik` is 16 digits, `replaces` the token this browser held before.

    Raises SignInRejected alike for an unknown NIK, a wrong password and an account that does not
    exist yet or is disabled; TooManyTries before anything is hashed.
    """
    attempt = attempts.begin("nik", nik, address)
    found = db.session.execute(
        select(Citizen.id, Citizen.password_hash)
        .where(Citizen.nik_index == sealer().index("nik", nik), Citizen.disabled_at.is_(None))
    ).first()
    end_reading()
    if not verify_password(found.password_hash if found else None, password):
        attempts.failed(attempt)
        raise SignInRejected()
    better = hash_password(password) if needs_rehash(found.password_hash) else None
    token = _open_session(found.id, found.password_hash, better, replaces)
    attempts.succeeded(attempt)
    return token


def sign_out(person: SignedIn) -> None:
    with transaction():
        sessions.end(person.token_hash)
        journal.record("logout", actor=journal.Actor(person.kind, person.id), about=(person.kind, person.id))


def _open_session(citizen_id: str, checked_hash: str, better_hash: str | None, replaces: str) -> str:
    with transaction() as session:
        citizen = session.get_one(Citizen, citizen_id)
        if citizen.disabled_at is not None or citizen.password_hash != checked_hash:
            raise SignInRejected()  # changed while the password was being checked
        citizen.password_hash = better_hash or citizen.password_hash
        sessions.end(sessions.token_hash(replaces))
        journal.record("login_ok", actor=journal.Actor(CITIZEN, citizen.id), about=("citizen", citizen.id))
        return sessions.start_citizen(citizen)

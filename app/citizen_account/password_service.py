"""Changing a password one knows, and setting a new one after a code by WhatsApp.

Nothing here tells whether a NIK has an account: the same rows are written, the same limits count,
and rules that look at the person's name are applied only after a code was right.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.accounts import sessions
from app.accounts.models import Citizen
from app.accounts.passwords import hash_password
from app.accounts.sessions import CITIZEN, Entered, SignedIn
from app.base import clock, journal, limits
from app.base.database import db, end_reading, transaction
from app.base.problems import FormRejected
from app.base.services import city, sealer, settings
from app.citizen_account import codes
from app.citizen_account.account import account_of, actor, demand_password, locked_account, mark_of
from app.citizen_account.models import PASSWORD, CodeChallenge
from app.city.dates import show_moment
from app.guessing import budgets
from app.guessing.budgets import Mark, Visitor
from app.identity.findings import FieldError
from app.identity.password import check_password
from app.messages import outbox, proving
from app.registration.personal import Personal, open_citizen, reached_at

# an address that asks very often gets its codes this much later; it is never shut out
SLOW_ADDRESS = timedelta(minutes=1)
STOP_PATH = "/lupa-sandi/t/"


def ask_for_code(nik: str, visitor: Visitor) -> str:
    """Send a code to the number on record, if there is one. Returns the browser's token.

    `nik` is 16 digits. Raises TooManyTries, alike for every NIK. The first code of a day brings a second
    message with a link that stops all of them.
    """
    nik_index = sealer().index("nik", nik)
    citizen = account_of(nik_index)
    nonce = visitor.nonce_for(mark_of(nik_index, citizen.password_hash if citizen else None))
    end_reading()
    limits.hit("reset-known", nonce) if nonce else limits.hit("reset-strangers", nik_index)
    is_slow = not nonce and not limits.take(("reset-address", visitor.address))
    is_stopped = not nonce and limits.is_blocked("reset-stopped", nik_index)
    is_first = limits.count("reset-told", nik_index) == 1
    with transaction():
        row, token, code, _ = codes.new_challenge(PASSWORD, nik_index)
        citizen = account_of(nik_index)
        if citizen is not None and not is_stopped:
            _send_code(citizen, code, clock.now() + SLOW_ADDRESS if is_slow else None)
            if is_first:
                _send_stop_link(citizen, row)
        journal.record("reset_asked", actor=journal.VISITOR, about=("nik_index", nik_index[:32]))
    return token


def prove_code(tokens: tuple[str, ...], typed: str) -> bool:
    """Whether the code is enough; False when a second, longer one was sent, because too many wrong ones
    were typed in the whole city today. Raises FormRejected for a wrong code, ChallengeOver after the last try.
    """
    counted = budgets.city_limit("reset-city")
    is_enough = limits.take(counted)
    try:
        with transaction():
            row, citizen = _right_one(codes.count_tries(tokens, PASSWORD), typed)
            if row is not None:
                proving.note_typed_code((CITIZEN, citizen.id), open_citizen(citizen).whatsapp_number)
                is_enough = is_enough or codes.wants_second(row)
                if is_enough:
                    row.proved_at = clock.now()
                else:
                    _send_code(citizen, codes.ask_second(row))
    except codes.ChallengeOver:
        if is_enough:
            limits.give_back(counted)
        raise
    if row is None:
        raise codes.wrong_code("code")
    if is_enough:
        limits.give_back(counted)
    return is_enough


def set_forgotten(tokens: tuple[str, ...], new: str) -> Mark:
    """A new password after a right code; every session ends. Returns by what this browser is known.

    Raises FormRejected, ChallengeOver.
    """
    citizen, challenge_id = _proved_account(tokens)
    citizen_id, nik_index, known = citizen.id, citizen.nik_index, open_citizen(citizen)
    password_hash = _hash_of_new(known, new)
    with transaction() as session:
        row = session.get(CodeChallenge, challenge_id, with_for_update=True, populate_existing=True)
        if row is None or row.ended_at is not None:
            raise codes.ChallengeOver()
        codes.end_all(PASSWORD, nik_index)
        _replace(locked_account(citizen_id), password_hash, "password_reset")
    return mark_of(nik_index, password_hash)


def set_proved(citizen_id: str, new: str, prove: Callable[[], None]) -> Mark:
    """A new password for who proved otherwise to own the account: `prove` spends the proof inside the transaction and
    raises when it is gone. Every session ends. Raises FormRejected."""
    password_hash = _hash_of_new(open_citizen(db.session.get_one(Citizen, citizen_id)), new)
    with transaction():
        citizen = locked_account(citizen_id)
        prove()
        codes.end_all(PASSWORD, citizen.nik_index)
        _replace(citizen, password_hash, "password_reset")
        return mark_of(citizen.nik_index, password_hash)


def is_stop_link(token: str) -> bool:
    """Whether this link came with a code, today or yesterday."""
    return codes.stopped_by(token) is not None


def stop_codes(token: str) -> bool:
    """The holder of the number did not ask: every code ends, and strangers get none sent for a day."""
    row = codes.stopped_by(token)
    if row is None:
        return False
    nik_index = row.nik_index
    end_reading()
    limits.take(("reset-stopped", nik_index))
    with transaction():
        codes.end_all(PASSWORD, nik_index)
        journal.record("reset_stopped", actor=journal.VISITOR, about=("nik_index", nik_index[:32]))
    return True


def change_known(person: SignedIn, current: str, new: str) -> Entered:
    """Change it with the old one at hand; every other session ends."""
    demand_password(person, current, "current_password")
    password_hash = _hash_of_new(open_citizen(db.session.get_one(Citizen, person.id)), new)
    with transaction():
        citizen = locked_account(person.id)
        _replace(citizen, password_hash, "password_changed")
        codes.end_all(PASSWORD, citizen.nik_index)
        return Entered(sessions.start_citizen(citizen), mark_of(citizen.nik_index, password_hash))


def sign_out_everywhere(person: SignedIn) -> None:
    with transaction():
        sessions.end_all_of(CITIZEN, person.id)
        journal.record("logout_everywhere", actor=actor(person.id), about=(CITIZEN, person.id))


def _right_one(rows: list[CodeChallenge], typed: str) -> tuple[CodeChallenge | None, Citizen | None]:
    """Of what this browser asked for, the one whose code was typed, and its account."""
    for row in rows:
        citizen = account_of(row.nik_index)
        if codes.is_right(row, typed) and citizen is not None:
            return row, citizen
    return None, None


def _send_code(citizen: Citizen, code: str, not_before: datetime | None = None) -> None:
    outbox.enqueue(
        "kode_reset_sandi", to=reached_at(open_citizen(citizen)), variables={"kode": code},
        about=(CITIZEN, citizen.id), not_before=not_before,
    )


def _send_stop_link(citizen: Citizen, row: CodeChallenge) -> None:
    known = open_citizen(citizen)
    outbox.enqueue("kode_diminta", to=reached_at(known), about=(CITIZEN, citizen.id), variables={
        "nama": known.greeting_name, "tgl_jam": show_moment(clock.now()),
        "tautan": f"{settings().public_base_url}{STOP_PATH}{codes.stop_token(row)}", "kontak": city().contacts.phone,
    })


def _proved_account(tokens: tuple[str, ...]) -> tuple[Citizen, str]:
    row = codes.newest_of(tokens, PASSWORD)
    citizen = account_of(row.nik_index) if row is not None and row.proved_at else None
    if citizen is None:
        raise codes.ChallengeOver()
    return citizen, row.id


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
    outbox.enqueue("sandi_diganti", to=reached_at(known), about=(CITIZEN, citizen.id), variables={
        "nama": known.greeting_name, "tgl_jam": show_moment(clock.now()),
        "tautan": f"{settings().public_base_url}/lupa-sandi", "kontak": city().contacts.phone,
    })

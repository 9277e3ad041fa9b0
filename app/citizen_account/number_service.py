"""Another WhatsApp number: both numbers proved by codes, or decided by an operator when one is lost."""

import hashlib

from app.accounts.models import Citizen, Staff, may_receive
from app.accounts.sessions import CITIZEN, SignedIn
from app.base import clock, journal, limits
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotFound
from app.base.services import city, photo_store, sealer
from app.casework import watch
from app.casework.clocks import Clock, hours_before
from app.casework.desk import ACTING, Desk
from app.casework.kinds import DONE, NEW, Act, Kind, Label, State
from app.casework.moving import set_clock
from app.citizen_account import codes
from app.citizen_account.account import account_of, actor, change_record, demand_password, locked_account, mark_of
from app.citizen_account.models import APPROVED, NUMBER, OPEN, REFUSED, AccountRequest
from app.city.dates import show_moment
from app.guessing.budgets import Visitor
from app.identity.findings import FieldError
from app.identity.nik import parse_sixteen
from app.identity.phone import parse_whatsapp
from app.messages import outbox, proving
from app.messages.addresses import by_whatsapp
from app.photos import disk_space
from app.photos.cleaning import admit, clean_photo
from app.photos.errors import PoorPhoto
from app.photos.store import new_key
from app.registration.personal import open_citizen, reached_at
from app.web.access import holds

NO_OLD_NUMBER = (
    "Akun ini belum punya nomor WhatsApp, jadi kode tidak dapat dikirim. Datang ke kantor kami dengan KTP asli, atau "
    "minta petugas mengganti nomornya lewat halaman Lupa kata sandi."
)
NO_MORE_CODES = (
    "Nomor baru atau nomor lama sudah menerima beberapa pesan dari kami, jadi kode belum dapat dikirim. "
    "Coba lagi satu jam lagi."
)


def ask_for_codes(person: SignedIn, password: str, typed_number: str) -> str:
    """One code to the new number, one to the old. Returns the browser's token. Raises FormRejected."""
    new = _parsed(typed_number)
    demand_password(person, password, "password")
    limits.hit("number-codes", person.id)
    with transaction():
        citizen = locked_account(person.id)
        known = open_citizen(citizen)
        old = known.whatsapp_number
        if known.reached_by:
            raise FormRejected({"new_number": [NO_OLD_NUMBER]})
        if new == old:
            raise FormRejected({"new_number": ["Nomor ini sudah menjadi nomor akun Anda."]})
        codes.end_all(NUMBER, citizen.nik_index)
        _, token, code_new, code_old = codes.new_challenge(NUMBER, citizen.nik_index, new)
        for to, code in ((new, code_new), (old, code_old)):
            row = outbox.enqueue(
                "kode_ganti_nomor", to=by_whatsapp(to), variables={"kode": code}, about=(CITIZEN, citizen.id),
            )
            if outbox.is_withheld(row):
                raise FormRejected({"new_number": [NO_MORE_CODES]})
        journal.record("number_change_asked", actor=actor(citizen.id), about=(CITIZEN, citizen.id))
    return token


def asked_numbers(person: SignedIn, token: str) -> tuple[str, str] | None:
    """(old, new) number, E.164, of the change this browser waits for codes of; None when it is over."""
    row, citizen = codes.challenge_of(token, NUMBER), db.session.get_one(Citizen, person.id)
    if row is None or row.nik_index != citizen.nik_index:
        return None
    return open_citizen(citizen).whatsapp_number, codes.phone_of(row)


def prove_both(person: SignedIn, token: str, code_old: str, code_new: str) -> None:
    """Change the number once both codes are right. Raises FormRejected, ChallengeOver."""
    with transaction():
        row = codes.count_try(token, NUMBER)
        citizen = locked_account(person.id)
        wrong = _wrong_of(row, citizen, code_old, code_new)
        if not wrong:
            row.ended_at = clock.now()
            replace_number(citizen, codes.phone_of(row), actor(citizen.id))
            proving.note_typed_code((CITIZEN, citizen.id), codes.phone_of(row))
    if wrong:
        raise codes.wrong_code(wrong)


def replace_number(citizen: Citizen, number: str, by: journal.Actor) -> None:
    """Change the number and tell both, inside the caller's transaction. `number` is E.164."""
    known = open_citizen(citizen)
    change_record(citizen, whatsapp_number=number, reached_by="")
    journal.record("number_changed", actor=by, about=(CITIZEN, citizen.id))
    for to in (reached_at(known), by_whatsapp(number)):
        outbox.enqueue("nomor_diganti", to=to, about=(CITIZEN, citizen.id), variables={
            "nama": known.greeting_name, "tgl_jam": show_moment(clock.now()), "kontak": city().contacts.phone,
        })


def asked_by_stranger(typed_nik: str, typed_number: str) -> str:
    """The NIK, 16 digits. Raises FormRejected naming every field that is wrong, so that a photo is not
    chosen again for each."""
    nik, errors = "", {}
    try:
        nik = parse_sixteen(typed_nik, "NIK")
    except FieldError as error:
        errors["nik"] = [error.message]
    try:
        _parsed(typed_number)
    except FormRejected as rejected:
        errors.update(rejected.errors)
    if errors:
        raise FormRejected(errors)
    return nik


def ask_operator(
    nik: str, typed_number: str, selfie: bytes, filename: str, visitor: Visitor, signed_in: bool,
    despite: bool = False,
) -> None:
    """The old number is lost: put a fresh selfie with KTP before the operators.

    `nik` is 16 digits; the answer is the same whether or not it has an account. The number on record
    is warned. `despite`: its owner was told once that the photo is poor. Raises FormRejected, PhotoError (PoorPhoto
    among them), TooManyTries.
    """
    number, nik_index = _parsed(typed_number), sealer().index("nik", nik)
    end_reading()
    admit(selfie, filename, visitor.address)
    disk_space.demand_room()
    _count_request(nik_index, visitor, signed_in)
    end_reading()
    clean = clean_photo(selfie, kind="selfie", filename=filename, sender=visitor.address)
    if clean.hints and not despite:
        raise PoorPhoto(clean.hints)
    row = AccountRequest(
        id=new_id(), kind="new_number", nik_index=nik_index, signed_in=signed_in, selfie_key=new_key(), status=OPEN,
        created_at=clock.now(),
    )
    sealed = sealer().seal(clean.jpeg, selfie_context(row.id))
    row.selfie_sha256 = hashlib.sha256(sealed).hexdigest()
    row.phone_sealed = sealer().seal(number.encode(), phone_context(row.id))
    disk_space.spend(len(sealed))
    photo_store().put_new(row.selfie_key, sealed)
    try:
        _write_request(row)
    except BaseException:
        photo_store().delete(row.selfie_key)
        raise


def _count_request(nik_index: str, visitor: Visitor, signed_in: bool) -> None:
    """Strangers share three a day; the owner, in a session or a known browser, has three of his own."""
    citizen = account_of(nik_index)
    nonce = visitor.nonce_for(mark_of(nik_index, citizen.password_hash if citizen else None))
    end_reading()
    if signed_in or nonce:
        limits.hit("request-known", nik_index)
        return
    limits.hit("request-address", visitor.address)
    limits.hit("request-account", nik_index)


def selfie_context(request_id: str) -> str:
    return f"account_request:{request_id}:selfie"


def phone_context(request_id: str) -> str:
    return f"account_request:{request_id}:phone"


def _write_request(row: AccountRequest) -> None:
    with transaction():
        citizen = account_of(row.nik_index)
        row.citizen_id = citizen.id if citizen else None
        set_clock(NUMBER_CHANGE, row)
        db.session.add(row)
        db.session.flush()
        journal.record("number_request_made", actor=journal.VISITOR, about=("account_request", row.id))
        if citizen is not None:
            known = open_citizen(citizen)
            to = reached_at(known)
            outbox.enqueue("permintaan_ganti_nomor", to=to, about=(CITIZEN, citizen.id), variables={
                "nama": known.greeting_name, "tgl_jam": show_moment(clock.now()), "kontak": city().contacts.phone,
            })


def _parsed(typed: str) -> str:
    try:
        return parse_whatsapp(typed).value
    except FieldError as error:
        raise FormRejected({"new_number": [error.message]}) from None


def _wrong_of(row, citizen: Citizen, code_old: str, code_new: str) -> str:
    """The field that is wrong, or ""; a challenge of somebody else's account is wrong altogether."""
    if row.nik_index != citizen.nik_index or not codes.is_right(row, code_old, second=True):
        return "code_old"
    return "" if codes.is_right(row, code_new) else "code_new"


# The request for another number as a kind of case: looked at by two people within a working day.

DAYS, WARN_HOURS = 1, 2
DECISION_CLOCK = Clock(
    "decision", "Keputusan", since=lambda case: case.created_at, days=lambda case: DAYS,
    warn=hours_before(lambda: WARN_HOURS),
)
NUMBER_CHANGE = Kind(
    "number_change", about="account_request",
    states={
        OPEN: State(NEW, Label("Menunggu diperiksa", "Menunggu", "new"), DECISION_CLOCK),
        APPROVED: State(DONE, Label("Nomor diganti", "Disetujui", "good"), keeps_due=True),
        REFUSED: State(DONE, Label("Ditolak", "Ditolak", "bad"), keeps_due=True),
    },
    acts=(
        # the first of two people; nothing changes yet
        Act("propose", {OPEN: OPEN}, by="decide_request"),
        Act("confirm", {OPEN: APPROVED}, by="confirm_request"),
        Act("refuse", {OPEN: REFUSED}, by="confirm_request"),
    ),
)


def _find(request_id: str, staff: Staff) -> AccountRequest:
    row = db.session.get(AccountRequest, request_id)
    if row is None or not holds(staff, "confirm_request"):
        raise NotFound()
    return row


DESK = Desk(
    NUMBER_CHANGE, AccountRequest, "Permintaan ini", find=_find, claimable=(OPEN,), claim_on=ACTING,
    receives=lambda row, staff_id: may_receive(staff_id, "confirm_request"),
)
WATCH = watch.follows_the_calendar(watch.Watch(NUMBER_CHANGE, AccountRequest, ("created_at",)))

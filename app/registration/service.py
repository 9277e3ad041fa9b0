"""What a resident does with a registration: fill in the data, and send it. Each is one transaction."""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Label, Row, bindparam, delete, func, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.base import ExecutableOption

from app.accounts.models import Citizen
from app.accounts.passwords import hash_password
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_pin, readable_code
from app.base.problems import DomainError, NotFound, StaleDecision, TooManyRequests
from app.base.services import city
from app.registration import bursts, personal
from app.registration.doubles import suspect_doubles
from app.registration.drafts import keep_typed
from app.registration.fields import PASSWORD, DataRejected, check_data
from app.registration.models import Application, NameWord
from app.registration.personal import Personal
from app.registration.receipt import tell_received
from app.registration.status import DRAFT, OPEN
from app.registration.steps import CHECK, SENT, Step, count_step, first_unfinished
from app.registration.steps import DATA_DONE as DATA
from app.registration.transitions import PHOTOS, change_status, lock_application

MANY_ON_ONE_PHONE = 5
MANY_ON_ONE_KK = 12
SUBMISSIONS_PER_DAY = 5  # of one NIK with one number; docs/limits.md
A_DAY = timedelta(days=1)
NUMBERS_TRIED = 3
# rooms above listen, inside the transaction (app/wiring.py), to an id whose old PIN is over
ON_NEW_PIN: list[Callable[[str], None]] = []


class Unfinished(DomainError):
    """Something is still missing; the citizen is led to the first unfinished step."""

    status = 409


def save_personal_data(application_id: str, values: Mapping[str, str]) -> Step:
    """Check and store the data step; returns the one to go on with. Raises DataRejected, or StaleDecision once it has
    been sent.

    The password may stay empty when one was saved before. Number and PIN exist from here on, so
    that a lost phone does not lose the draft.
    """
    draft = existing_application(application_id)
    try:
        person, flags = check_data(
            values, clock.today(), city().region.digits,
            may_be_empty=(PASSWORD,) if draft.password_hash is not None else (), reached_by=draft.reached_by,
        )
    except DataRejected as rejected:
        _keep_the_rest(application_id, values, rejected)
        raise
    typed_password = values.get(PASSWORD) or ""
    password_hash = hash_password(typed_password) if typed_password else None
    for _ in range(NUMBERS_TRIED):  # the database says when a number is taken, which one in a million is
        with suppress(IntegrityError):
            return _write_personal_data(application_id, person, flags, password_hash)
    return _write_personal_data(application_id, person, flags, password_hash)


def _write_personal_data(
    application_id: str, person: Personal, flags: Iterable[str], password_hash: str | None,
) -> Step:
    """Raises IntegrityError when the number that was drawn is another one's."""
    with transaction() as session:
        application = _draft(application_id, PHOTOS)
        is_new = application.number is None
        if is_new:
            application.number = readable_code(8)
            personal.seal_pin(application, new_pin())
        personal.seal_personal(application, person)
        application.typed_sealed = None
        application.flags = list(flags)
        application.password_hash = password_hash or application.password_hash
        if is_new:
            count_step(DATA)
        else:
            session.execute(delete(NameWord).where(NameWord.application_id == application.id))
        session.add_all(personal.name_word_rows(application, person.full_name))
        return first_unfinished(application)


def _keep_the_rest(application_id: str, values: Mapping[str, str], rejected: DataRejected) -> None:
    """An error in one field asks for none of the others again, not for a good password either: of that, its hash."""
    keep_typed(application_id, values)
    if values.get(PASSWORD) and PASSWORD not in rejected.errors:
        made = hash_password(values[PASSWORD])
        with transaction():
            _draft(application_id).password_hash = made


def submit(application_id: str, address: str = "") -> Application:
    """Send the registration. Sending twice, from two tabs or twenty, has the effect of once.

    `address` is the visitor's network address, for recognising a burst; nothing is sent about one that
    waits to be looked at.

    Raises Unfinished when a step is missing, TooManyRequests past the daily limit of one NIK and number.
    """
    with transaction():
        application = lock_application(application_id, PHOTOS)
        if application.status != DRAFT:
            return application
        if first_unfinished(application) is not CHECK:
            raise Unfinished()
        others = look_around(application)
        _demand_turn(others.full_since)
        change_status(application, "submit", journal.VISITOR)
        own_words = update(NameWord).where(NameWord.application_id == application.id)
        db.session.execute(own_words.values(sent_at=application.submitted_at))
        count_step(SENT)
        application.flags = [*application.flags, *flags_of_others(application, others)]
        suspect_doubles(application, is_new=True)
        if not bursts.let_wait(application, address):
            tell_received(application, others.account)
        return application


def renew_pin(application: Application) -> None:
    """Inside the caller's transaction. Beside the version: nobody who has the case open is late by it."""
    db.session.execute(
        update(Application).where(Application.id == application.id)
        .values(pin_sealed=personal.sealed_pin(application.id, new_pin()))
    )
    db.session.expire(application, ["pin_sealed"])
    for listen in ON_NEW_PIN:
        listen(application.id)


def limit_submissions(nik_index: str, phone_index: str | None) -> None:
    """Raises TooManyRequests past the day's share of one NIK with one number.

    With the number, because a stranger who sends somebody's NIK five times must neither shut its
    owner out nor learn from a refusal that others sent it. Counted on the rows themselves: a limiter
    would count the resends of one registration too.
    """
    asked = {"nik": nik_index, "phone": phone_index, "a_day_ago": clock.now() - A_DAY}
    _demand_turn(db.session.scalar(_FULL_SINCE, asked))


def _demand_turn(full_since: datetime | None) -> None:
    if full_since is not None:
        raise TooManyRequests(
            math.ceil((full_since + A_DAY - clock.now()).total_seconds()),
            "Data yang sama sudah dikirim beberapa kali hari ini. Tunggu kabar dari kami lewat WhatsApp.",
        )


def existing_application(application_id: str) -> Application:
    """Raises NotFound."""
    application = db.session.get(Application, application_id)
    if application is None:
        raise NotFound()
    return application


def _draft(application_id: str, *options: ExecutableOption) -> Application:
    application = lock_application(application_id, *options)
    if application.status != DRAFT:
        raise StaleDecision("Pendaftaran ini sudah dikirim, jadi tidak diubah lagi di sini.")
    return application


# Of a day in which as many were sent as may be, when the first of these was; of any other, nothing.
_FULL_SINCE = select(Application.submitted_at).where(
    Application.nik_index == bindparam("nik"), Application.phone_index.is_not_distinct_from(bindparam("phone")),
    Application.submitted_at > bindparam("a_day_ago"),
).order_by(Application.submitted_at.desc()).limit(1).offset(SUBMISSIONS_PER_DAY - 1)


def _open_with(column: InstrumentedAttribute, value: str) -> Label:
    """How many other open ones are like this one in this column."""
    others = select(func.count()).select_from(Application).where(
        Application.id != bindparam("own"), Application.status.in_(OPEN), column == bindparam(value),
    )
    return others.scalar_subquery().label(f"same_{value}")


_ACCOUNT = aliased(Citizen, name="account")
_AROUND = select(
    _ACCOUNT, _FULL_SINCE.scalar_subquery().label("full_since"), _open_with(Application.nik_index, "nik"),
    _open_with(Application.phone_index, "phone"), _open_with(Application.kk_index, "kk"),
).select_from(select(literal(1)).subquery()).outerjoin(_ACCOUNT, _ACCOUNT.nik_index == bindparam("nik"))


def look_around(application: Application) -> Row:
    """What other rows say about this one: `account` of its NIK or None, `full_since` (see limit_submissions), and how
    many other open ones have the `same_nik`, `same_phone`, `same_kk`."""
    return db.session.execute(_AROUND, {
        "own": application.id, "nik": application.nik_index, "phone": application.phone_index,
        "kk": application.kk_index, "a_day_ago": clock.now() - A_DAY,
    }).one()


def flags_of_others(application: Application, others: Row) -> list[str]:
    """What was found by look_around(), for staff only, so that strangers learn nothing."""
    flags = []
    if others.account is not None:
        flags.append("NIK_SUDAH_PUNYA_AKUN")
    if others.same_nik:
        flags.append("NIK_DIAJUKAN_LAGI")
    if others.same_phone >= MANY_ON_ONE_PHONE:
        flags.append("NOMOR_DIPAKAI_BANYAK")
    if others.same_kk >= MANY_ON_ONE_KK:
        flags.append("KK_DIPAKAI_BANYAK")
    prints = [photo.fingerprint for photo in application.photos]
    if len(set(prints)) < len(prints):
        flags.append("FOTO_SAMA")
    return flags

"""What a resident does after sending: mend what was returned, correct before anybody looks, withdraw.

A mended registration goes back to its old place in the queue: `submitted_at` stays, and the due
moment is counted from it again.
"""

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import delete, select

from app.base import clock, journal, limits
from app.base.database import db, end_reading, transaction
from app.base.problems import DomainError, StaleDecision
from app.base.services import city, sealer, settings
from app.messages import outbox
from app.photos import disk_space
from app.photos.cleaning import CleanPhoto
from app.photos.errors import PhotoError
from app.registration import personal
from app.registration.doubles import suspect_doubles
from app.registration.fields import BY_KEY, PASSWORD, DataRejected, Personal, check_data
from app.registration.links import MendedItem
from app.registration.mend_plan import MendPlan, OpenItem, may_withdraw, plan_for
from app.registration.models import Application, NameWord, Photo
from app.registration.photo_service import UPLOADS, counted_if_refused, instead_of, keys_of, open_counted, store_photo
from app.registration.receipt import tell_account_holder
from app.registration.service import existing_application, flags_of_others, limit_submissions, look_around
from app.registration.status import RETURNED, SUBMITTED
from app.registration.transitions import change_status, lock_application

UNCHANGED = (
    "Isian ini masih sama dengan yang perlu diperbaiki. Periksa sekali lagi. "
    "Jika menurut Anda sudah benar, hubungi kami di {phone}."
)


class NotAllMended(DomainError):
    """`labels` names what is still to be mended."""

    status = 422

    def __init__(self, plan: MendPlan):
        self.labels = tuple(item.label for item in plan.missing)
        super().__init__(f"Belum diperbaiki: {', '.join(self.labels)}.")


def save_fields(application_id: str, values: Mapping[str, str], with_pin: bool, unfinished: bool = False) -> None:
    """Check and store those fields among `values` that are open now; all others are ignored.

    `with_pin` tells whether the PIN was typed, not only a link opened; `unfinished` lets fields stay
    empty or as they were, for later. Raises DataRejected naming the fields, StaleDecision when nothing
    may be changed any more.
    """
    if unfinished:
        values = {name: value for name, value in values.items() if value.strip()}
    with transaction() as session:
        application = lock_application(application_id)
        plan = plan_for(application)
        keys = [item.key for item in plan.fields if item.key in values and _may_touch(item.key, with_pin)]
        before = personal.open_personal(application)
        person, flags = _checked(before, {key: values[key] for key in keys}, values.get("nik_rechecked", ""))
        if not unfinished:
            _refuse_unchanged(plan, keys, before, person)
        if person.nik != before.nik:
            phone = sealer().index("phone", person.whatsapp_number) if person.whatsapp_number else None
            limit_submissions(sealer().index("nik", person.nik), phone)
        personal.seal_personal(application, person)
        application.updated_at = clock.now()
        session.execute(delete(NameWord).where(NameWord.application_id == application.id))
        session.add_all(personal.name_word_rows(application, person.full_name))
        others = look_around(application)
        application.flags = [*flags, *flags_of_others(application, others)]
        if person.nik != before.nik:
            tell_account_holder(application, others.account)
        _note_mended(application, plan, keys, before)


def send_mended(application_id: str) -> None:
    """*Kirim perbaikan*. Twice has the effect of once. Raises NotAllMended, StaleDecision."""
    with transaction():
        application = lock_application(application_id)
        if application.status == SUBMITTED and application.changes[-1].act == "resubmit":
            return
        if application.status != RETURNED:
            raise StaleDecision("Pendaftaran ini tidak sedang menunggu perbaikan.")
        plan = plan_for(application)
        if plan.missing:
            raise NotAllMended(plan)
        change_status(application, "resubmit", journal.VISITOR)
        kept = [flag for flag in application.flags if flag != "FOTO_SAMA"]
        application.flags = list(dict.fromkeys([*kept, *flags_of_others(application, look_around(application))]))
        suspect_doubles(application)


def withdraw(application_id: str) -> None:
    """Raises StaleDecision once somebody has taken the case up."""
    with transaction():
        application = lock_application(application_id)
        if not may_withdraw(application):
            raise StaleDecision("Petugas sudah mulai memeriksa pendaftaran ini. Telepon kami untuk membatalkannya.")
        change_status(application, "withdraw", journal.VISITOR)
        if application.to_look:
            return  # nothing is sent about it; the page has said it
        person = personal.open_personal(application)
        outbox.enqueue(
            "pendaftaran_dibatalkan", to=personal.reached_at(person), about=("application", application.id),
            variables={
                "nama": person.greeting_name, "kode": application.number,
                "tautan": f"{settings().public_base_url}/daftar", "kontak": city().contacts.phone,
            },
        )


def mark_mended(application: Application, plan: MendPlan, key: str, before_sealed: bytes | None = None) -> None:
    """Write down, inside the caller's transaction, that one open item has been changed."""
    if plan.change_id is not None and not plan.item(key).mended:
        db.session.add(MendedItem(
            change_id=plan.change_id, item=key, mended_at=clock.now(), before_sealed=before_sealed
        ))
    journal.record(
        "application_mended" if plan.change_id is not None else "application_corrected",
        actor=journal.VISITOR, about=("application", application.id), detail={"item": key},
    )


def value_before(mended: MendedItem) -> str:
    """What stood in the field when it was returned, for the officer to compare; "" for a photo."""
    if mended.before_sealed is None:
        return ""
    return sealer().open(mended.before_sealed, _before_context(mended.change_id, mended.item)).decode()


def _may_touch(key: str, with_pin: bool) -> bool:
    return with_pin or not BY_KEY[key].needs_pin


def _checked(before: Personal, given: dict[str, str], rechecked: str) -> tuple[Personal, tuple[str, ...]]:
    """The whole record is judged again, because the rules look at NIK and Nomor KK together."""
    merged = {**asdict(before), **given, "nik_rechecked": rechecked if "nik" in given else before.nik}
    return check_data(merged, clock.today(), city().region.digits, (PASSWORD,), before.reached_by)


def _refuse_unchanged(plan: MendPlan, keys: list[str], before: Personal, person: Personal) -> None:
    sentence = UNCHANGED.format(phone=city().contacts.phone)
    errors = {
        key: [sentence] for key in keys
        if plan.item(key) in plan.missing and getattr(before, key) == getattr(person, key)
    }
    if errors:
        raise DataRejected(errors)


def _note_mended(application: Application, plan: MendPlan, keys: list[str], before: Personal) -> None:
    person = personal.open_personal(application)
    for key in keys:
        old = getattr(before, key)
        if old == getattr(person, key):
            continue
        sealed = None
        if plan.change_id is not None:
            sealed = sealer().seal(old.encode(), _before_context(plan.change_id, key))
        mark_mended(application, plan, key, sealed)


def _before_context(change_id: int, item: str) -> str:
    return f"mended_item:{change_id}:{item}"


class SamePhoto(PhotoError):
    """Known by its fingerprint; sending it again would only cost the resident another round."""

    code = "same-photo"
    message = "Foto ini sama dengan yang perlu diperbaiki. Mohon ambil foto baru, lalu kirim."


def replace_photo(
    application_id: str, kind: str, data: bytes, filename: str, upload_id: str, sender: str | None = None,
) -> Photo:
    """Keep a new photo of `kind`. A returned one stays beside it as it was; one that nobody has
    seen is gone for good. The same `upload_id` again changes nothing. `sender` as in clean_photo().

    Raises PhotoError, SamePhoto, NotFound when this photo is not open, StaleDecision, TooManyTries.
    """
    application = existing_application(application_id)
    item = plan_for(application).item(kind)
    current = application.photo(kind)
    if upload_id and current is not None and current.upload_id == upload_id:
        return current
    refused = _prints_not_wanted_again(application, item)
    end_reading()
    clean = open_counted(application_id, kind, data, filename, sender)
    with counted_if_refused(application_id):
        return _keep(application_id, kind, clean, upload_id, refused)


def _keep(application_id: str, kind: str, clean: CleanPhoto, upload_id: str, refused: set[str]) -> Photo:
    stored, size = store_photo(application_id, kind, clean, upload_id)
    with instead_of(stored) as replaced:
        if stored.fingerprint in refused:
            raise SamePhoto
        with transaction():
            limits.hit_here(UPLOADS, application_id)
            _exchange(lock_application(application_id), kind, stored, replaced)
            disk_space.spend_here(size)
    return stored


def _exchange(application: Application, kind: str, stored: Photo, replaced: list[Photo]) -> None:
    plan = plan_for(application)
    item, old = plan.item(kind), application.photo(kind)
    if old is not None and _was_returned(plan, item):
        old.superseded_at = clock.now()
    elif old is not None:
        replaced.append(keys_of(old))
        db.session.delete(old)
    db.session.flush()
    db.session.add(stored)
    application.updated_at = clock.now()
    mark_mended(application, plan, kind)


def _was_returned(plan: MendPlan, item: OpenItem) -> bool:
    """The photo in place now is the one an officer has seen and sent back."""
    return plan.change_id is not None and not item.mended


def _prints_not_wanted_again(application: Application, item: OpenItem) -> set[str]:
    """Fingerprints of every photo of this kind that was sent back, in this round or an earlier one."""
    query = select(Photo.fingerprint).where(
        Photo.application_id == application.id, Photo.kind == item.key, Photo.superseded_at.is_not(None)
    )
    prints = set(db.session.scalars(query))
    if item.whys and not item.mended:
        prints.add(application.photo(item.key).fingerprint)
    return prints

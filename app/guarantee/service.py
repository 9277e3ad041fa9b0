"""Acts on a guarantee, each a transaction of its own: by the desk, by the courier at the door, by the resident."""

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from app.accounts.models import Staff, off_duty
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.ids import new_code
from app.base.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.casework.acting import acting
from app.casework.claims import let_go
from app.casework.desk import Seen
from app.casework.moving import locked
from app.city.office_calendar import calendar_for
from app.city.worktime import is_working_day
from app.guarantee import telling
from app.guarantee.models import CODE, PROOFS, RELATIONS, SIGNATURE, Guarantee, GuaranteeEvent
from app.guarantee.moves import DESK, change, find, handover_code, registration_of, seal
from app.guarantee.status import CARRIED, READY, RULES
from app.photos.cleaning import clean_photo
from app.photos.errors import PhotoError
from app.web.access import holds

LONGEST_NAME, LONGEST_ONCE = 100, 40
FARTHEST = timedelta(days=14)
NOT_MET: dict[str, str] = {
    "away": "Tidak di rumah", "not_found": "Alamat tidak ditemukan", "other_person": "Hanya bertemu orang lain",
    "moved": "Sudah pindah",
}


@dataclass(frozen=True)
class Door:
    """What the courier's phone sends. `once` is the same however often it is sent; `happened_at` is when it was, when
    the line was away."""

    once: str
    happened_at: datetime | None = None
    proof: str = CODE
    code: str = ""
    relation: str = ""
    receiver: str = ""
    drawing: str = field(default="", repr=False)
    slip: bytes | None = field(default=None, repr=False)
    reason: str = ""
    next_day: str = ""


def hand_over(seen: Seen, courier_id: str, day: str, since: str, until: str) -> None:
    """Give the letter to a named courier, with the day and hours the resident is told. Raises FormRejected."""
    errors: dict[str, list[str]] = {}
    start, end = _moment(day, since), _moment(day, until)
    if start is None or end is None or end <= start:
        errors["day"] = ["Isi tanggal dan jam kunjungan; jam selesai sesudah jam mulai."]
    elif end <= clock.now() or start > clock.now() + FARTHEST:
        errors["day"] = ["Pilih waktu yang belum lewat, paling lambat 14 hari lagi."]
    with acting(DESK, seen) as guarantee:
        courier = db.session.get(Staff, courier_id) if courier_id else None
        if courier is None or courier.disabled_at is not None or not holds(courier, "carry_letters"):
            errors["courier"] = ["Pilih petugas yang mengantar."]
        if errors:
            raise FormRejected(errors)
        code = new_code()
        guarantee.courier_id, guarantee.wrong_codes = courier.id, 0
        guarantee.visit_from, guarantee.visit_until = start, end
        change(guarantee, "hand_over", seen.actor, {"to": courier.id})
        guarantee.handover_sealed = seal(guarantee, "handover", code.encode())
        telling.carried(guarantee, registration_of(guarantee), courier.name, code)
        let_go(DESK, guarantee)


def apologise(seen: Seen, rule: str) -> None:
    """Close what has nothing to bring. Raises FormRejected for a rule that is not in the list, NotAllowed when the
    registration has a product."""
    if rule not in RULES:
        raise FormRejected({"rule": ["Pilih aturannya."]})
    with acting(DESK, seen) as guarantee:
        if guarantee.application_id is not None:
            raise NotAllowed("Jaminan ini menyangkut pendaftaran. Hasilnya diantar, atau keputusannya yang menutup.")
        guarantee.rule = rule
        change(guarantee, "apologise", seen.actor, {"rule": rule})


def delivered(guarantee_id: str, door: Door, staff: Staff, sender: str) -> bool:
    """Close with proof. False when this very note was here before. Raises FormRejected for what is missing or a wrong
    code, StaleDecision, NotAllowed for who does not carry it."""
    if (door.relation or "") not in RELATIONS:
        raise FormRejected({"relation": ["Pilih siapa yang menerima."]})
    receiver = " ".join(door.receiver.split())[:LONGEST_NAME]
    if door.relation != "self" and not receiver:
        raise FormRejected({"receiver": ["Tulis nama penerimanya."]})
    picture = picture_of(door.proof, door.drawing, door.slip, sender)
    wrong = ""
    with transaction():
        guarantee = locked(Guarantee, guarantee_id)
        if _is_here(door.once):
            return False
        _demand_courier(guarantee, staff)
        if door.proof == CODE:
            wrong = check_code(guarantee, door.code)
        if not wrong:
            guarantee.relation, guarantee.proof = door.relation, door.proof
            guarantee.receiver_sealed = seal(guarantee, "receiver", receiver.encode()) if receiver else None
            guarantee.proof_sealed = seal(guarantee, "proof", picture) if picture else None
            guarantee.delivered_at = happened = _when(guarantee, door)
            change(guarantee, "deliver", journal.Actor("staff", staff.id), {"proof": door.proof, "by": door.relation},
                   _once(door), happened)
    if wrong:  # outside, so that the try is counted
        raise FormRejected({"code": [wrong]})
    return True


def not_met(guarantee_id: str, door: Door, staff: Staff) -> bool:
    """Nobody was there: a next day, and the resident is told. False when this very note was here before."""
    errors, day = {}, _day(door.next_day)
    if door.reason not in NOT_MET:
        errors["reason"] = ["Pilih sebabnya."]
    if day is None or not clock.today() < day <= clock.today() + FARTHEST:
        errors["next_day"] = ["Pilih tanggal kunjungan berikutnya, mulai besok."]
    elif not is_working_day(calendar_for(), day):
        errors["next_day"] = ["Hari itu kantor tutup. Pilih hari kerja."]
    with transaction():
        guarantee = locked(Guarantee, guarantee_id)
        if _is_here(door.once):
            return False
        _demand_courier(guarantee, staff)
        if errors:
            raise FormRejected(errors)
        guarantee.visits += 1
        guarantee.counted_from = clock.midnight(day) - timedelta(minutes=1)
        guarantee.visit_from = guarantee.visit_until = None
        change(guarantee, "not_met", journal.Actor("staff", staff.id), {"why": door.reason, "next": day.isoformat()},
               _once(door), _when(guarantee, door))
        guarantee.courier_id = None
        telling.tell_not_met(guarantee, registration_of(guarantee))
    return True


def decline(application_id: str) -> None:
    """By the resident on the status page: the account stays, the letter may be fetched. Harmless a second time."""
    with transaction():
        guarantee = find(_id_of(application_id), lock=True)
        if guarantee.status != "declined":
            change(guarantee, "decline", journal.VISITOR)


def view(guarantee_id: str, staff: Staff) -> Guarantee:
    """For the desk or its courier; a journal line, because it shows name and address. Raises NotFound."""
    with transaction():
        guarantee = find(guarantee_id)
        journal.record("guarantee_viewed", actor=journal.Actor("staff", staff.id), about=("guarantee", guarantee.id))
    return guarantee


def couriers() -> list[Staff]:
    return list(db.session.query(Staff).filter(
        Staff.who_may("carry_letters"), Staff.disabled_at.is_(None), Staff.id.not_in(off_duty()),
    ).order_by(Staff.name))


def _demand_courier(guarantee: Guarantee, staff: Staff) -> None:
    """At the counter whoever has the ready letter hands it over; on the way only who carries it."""
    if guarantee.status == CARRIED and guarantee.courier_id != staff.id:
        raise NotAllowed("Surat ini dibawa petugas lain.")
    if guarantee.status not in (CARRIED, READY):
        raise StaleDecision("Pengantaran ini sudah ditutup, misalnya karena pemohon memilih tidak perlu diantar.")
    if guarantee.status == READY and not holds(staff, "handle_guarantees"):
        raise NotFound()


def _is_here(once: str) -> bool:
    query = db.session.query(GuaranteeEvent.id).filter(GuaranteeEvent.once == once[:LONGEST_ONCE])
    return bool(once) and query.first() is not None


def _once(door: Door) -> str | None:
    return door.once[:LONGEST_ONCE] or None


def _when(guarantee: Guarantee, door: Door) -> datetime:
    """What the phone says, when it can be true."""
    now = clock.now()
    said = door.happened_at
    return said if said is not None and guarantee.letter_at is not None and guarantee.letter_at < said < now else now


def _id_of(application_id: str) -> str:
    found = db.session.query(Guarantee.id).filter(Guarantee.application_id == application_id).scalar()
    if found is None:
        raise NotFound()
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(day: str, hour: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), WIB)
    except ValueError:
        return None


MOST_WRONG = 5
LONGEST_DRAWING = 200_000  # characters of base64
PNG = "data:image/png;base64,"
TOO_MANY = "Kode sudah lima kali salah. Minta tanda tangan di HP atau foto tanda terima."
WRONG = "Kode tidak cocok. Minta penerima membacakannya sekali lagi."


def picture_of(kind: str, drawing: str, slip: bytes | None, sender: str) -> bytes | None:
    """A cleaned JPEG of what was drawn or photographed; None for a code. Opens the picture in its box, so call it
    outside a transaction. Raises FormRejected beside the field."""
    if kind not in PROOFS:
        raise FormRejected({"proof": ["Pilih buktinya: kode, tanda tangan, atau foto tanda terima."]})
    if kind == CODE:
        return None
    data = _drawn(drawing) if kind == SIGNATURE else slip
    missing = "Minta penerima menandatangani di kotak itu." if kind == SIGNATURE else "Foto dulu tanda terimanya."
    field = "drawing" if kind == SIGNATURE else "slip"
    if not data:
        raise FormRejected({field: [missing]})
    try:
        return clean_photo(data, kind="attachment", sender=sender).jpeg
    except PhotoError as error:
        raise FormRejected({field: [error.message]}) from None


def check_code(guarantee: Guarantee, typed: str) -> str:
    """"" when right; else what is wrong, and the try is counted on the row. Inside the caller's transaction."""
    if guarantee.wrong_codes >= MOST_WRONG:
        return TOO_MANY
    digits = "".join(char for char in typed if char.isdigit())
    code = handover_code(guarantee)
    if code and hmac.compare_digest(digits.encode(), code.encode()):
        return ""
    guarantee.wrong_codes += 1
    return WRONG


def _drawn(drawing: str) -> bytes:
    if not drawing.startswith(PNG) or len(drawing) > LONGEST_DRAWING:
        return b""
    try:
        return base64.b64decode(drawing.removeprefix(PNG), validate=True)
    except (binascii.Error, ValueError):
        return b""

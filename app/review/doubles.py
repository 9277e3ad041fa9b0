"""Possible doubles on the desk: both sides beside each other, and settling a pair as "bukan ganda"."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.casework import notes
from app.registration import doubles
from app.registration.fields import Personal
from app.registration.models import Application
from app.registration.personal import open_personal
from app.registration.status import EXPIRED, REJECTED, WITHDRAWN
from app.review.likeness import Alike, Compared, alike_photos, compare_fields
from app.review.models import NOT_DOUBLE

# kind -> why the two stand beside each other
WHY: dict[str, str] = {
    doubles.NIK: "NIK sama",
    doubles.PHONE: "Nomor WhatsApp sama pada banyak pendaftaran",
    doubles.PHOTO: "Foto yang sama persis",
    doubles.PHOTO_NEAR: "Foto yang hampir sama",
}


@dataclass(frozen=True)
class Other:
    """The other registration of a pair and every reason why it may be the same one; `alike` are its photos that are
    like one of ours, `proposed` the reason that fits when it is none. The NIK stands in no row of `compared`: it is
    read on the card."""

    application: Application
    why: tuple[str, ...]
    found_at: datetime
    same_nik: bool
    alike: tuple[Alike, ...]
    compared: tuple[Compared, ...]
    proposed: str


def others_of(application_id: str) -> list[Other]:
    """Unsettled ones, the newest first."""
    pairs: dict[str, list[doubles.DoubleSuspicion]] = {}
    for row in doubles.suspicions_of(application_id, open_only=True):
        pairs.setdefault(_other_id(row, application_id), []).append(row)
    if not pairs:
        return []
    together = list(db.session.scalars(select(Application).where(Application.id.in_([application_id, *pairs]))))
    own = next(one for one in together if one.id == application_id)
    here = open_personal(own)
    return [_other(other_id, rows, own, here) for other_id, rows in reversed(pairs.items())]


def settle(application_id: str, other_id: str, reason: str, staff: Staff) -> None:
    """"Bukan ganda". Raises FormRejected without a reason, StaleDecision when it is settled already."""
    if not reason:
        raise FormRejected({"not_double": ["Tulis mengapa ini bukan ganda."]})
    with transaction():
        if db.session.get(Application, application_id) is None:
            raise NotFound()
        rows = [
            row for row in doubles.suspicions_of(application_id, open_only=True)
            if _other_id(row, application_id) == other_id
        ]
        if not rows:
            raise StaleDecision("Dugaan ganda ini sudah diselesaikan.")
        for row in rows:
            row.settled_at, row.settled_by = clock.now(), staff.id
        note = notes.add_note(("application", application_id), NOT_DOUBLE, reason, staff.id)
        doubles.mark_doubtful(application_id, other_id)
        journal.record(
            "double_settled", actor=journal.Actor("staff", staff.id), about=("application", application_id),
            detail={"other": other_id, "kinds": [row.kind for row in rows], "note": note.id},
        )


def _other_id(row: doubles.DoubleSuspicion, own_id: str) -> str:
    return row.other_id if row.application_id == own_id else row.application_id


def _other(other_id: str, rows: list[doubles.DoubleSuspicion], own: Application, here: Personal) -> Other:
    application = db.session.get_one(Application, other_id)
    alike, kinds = alike_photos(own, application), {row.kind for row in rows}
    return Other(
        application, tuple(dict.fromkeys(WHY[row.kind] for row in rows)), max(row.found_at for row in rows),
        own.nik_index == application.nik_index, alike, compare_fields(here, open_personal(application)),
        _proposed(kinds, application.status),
    )


def _proposed(kinds: set[str], status: str) -> str:
    """Only where the reason does not hang on what the photos show."""
    if kinds == {doubles.PHONE}:
        return "Beberapa orang memakai nomor WhatsApp yang sama."
    if doubles.NIK in kinds and status in (REJECTED, EXPIRED, WITHDRAWN):
        return "Orang sama, mengirim lagi setelah pendaftaran itu selesai."
    return ""

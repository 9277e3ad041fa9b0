"""Possible doubles on the desk: both sides beside each other, and settling a pair as "bukan ganda"."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.casework import notes
from app.registration import doubles
from app.registration.doubles import NEAR_BITS, bits_apart
from app.registration.fields import ON_DESK, Personal
from app.registration.models import Application, Photo
from app.registration.personal import open_personal
from app.registration.photo_kinds import BY_KIND, KINDS
from app.registration.status import EXPIRED, REJECTED, WITHDRAWN
from app.review.models import NOT_DOUBLE

# How alike two registrations are, in words: each photo and each field, with what differs marked.

SAME_TEXT = 0.6  # below this share of equal characters, marking the differing ones only confuses
# kind -> how sure a near photo makes; what `python -m bench doubles` measures on unlike people
SURE: dict[str, str] = {"ktp": "lihat sendiri", "selfie": "lihat sendiri", "signature": "hampir pasti"}
Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Alike:
    """A photo of this registration that is like one of the other. `percent` of the picture's 64 tones are equal."""

    kind: str
    label: str
    what: str
    percent: int
    sure: str


@dataclass(frozen=True)
class Compared:
    """One field on both sides: pieces of (text, differs), and in words what is between them."""

    label: str
    here: Pieces
    there: Pieces
    verdict: str

    @property
    def is_equal(self) -> bool:
        return self.verdict == "sama"


def alike_photos(here: Application, there: Application) -> tuple[Alike, ...]:
    """The same picture under any name, nearly the same one only under its own."""
    return tuple(_alike_photos(here, there))


def compare_fields(here: Personal, there: Personal) -> tuple[Compared, ...]:
    """Every field of the desk but the NIK, which is read on the card."""
    return tuple(
        compare(field.label, field.show(getattr(here, field.key)), field.show(getattr(there, field.key)))
        for field in ON_DESK
    )


def compare(label: str, here: str, there: str) -> Compared:
    if here == there:
        return Compared(label, ((here, False),), ((there, False),), "sama")
    matcher = SequenceMatcher(None, here, there, autojunk=False)
    if matcher.ratio() < SAME_TEXT:
        return Compared(label, ((here, False),), ((there, False),), "beda")
    steps = matcher.get_opcodes()
    mine = tuple((here[a:b], step != "equal") for step, a, b, _, _ in steps if a < b)
    theirs = tuple((there[c:d], step != "equal") for step, _, _, c, d in steps if c < d)
    apart = max(sum(len(text) for text, differs in side if differs) for side in (mine, theirs))
    unit = "angka" if all(text.isdigit() for text, differs in (*mine, *theirs) if differs) else "huruf"
    return Compared(label, mine, theirs, f"beda {apart} {unit}")


def _alike_photos(here: Application, there: Application) -> Iterator[Alike]:
    for kind in KINDS:
        own = here.photo(kind)
        twin = _twin(own, there) if own else None
        if own and twin:
            label = BY_KIND[kind].on_desk
            name = label if twin.kind == kind else f"{label} dan {BY_KIND[twin.kind].on_desk.lower()}"
            yield Alike(kind, name, "foto yang sama persis", 100, "pasti")
            continue
        near = there.photo(kind)
        if own and near and own.perceptual_hash and near.perceptual_hash and bits_apart(own, near) <= NEAR_BITS[kind]:
            percent = round(100 - 100 * bits_apart(own, near) / 64)
            yield Alike(kind, BY_KIND[kind].on_desk, "foto hampir sama", percent, SURE[kind])


def _twin(own: Photo, there: Application) -> Photo | None:
    return next((photo for photo in there.photos if photo.fingerprint == own.fingerprint), None)


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

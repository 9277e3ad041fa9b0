"""The reasons for returning or refusing in the hands of an administrator: reword, add,
stop offering. What residents were told before stays as it was sent."""

from app.accounts.sessions import STAFF, SignedIn
from app.base import journal
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotFound
from app.registration.reasons import ITEMS, REJECT, RETURN, CatalogueReason, ReasonText, all_reasons, offered, reason_of

REFUSAL = "tolak"  # chosen where a reason names no part of the form
PLACES: dict[str, str] = {**{key: f"Kembalikan: {label}" for key, label in ITEMS.items()}, REFUSAL: "Tolak pendaftaran"}
# field -> (shortest, longest, how it is called)
LENGTHS = {
    "office": (3, 60, "nama alasan"), "citizen": (10, 300, "kalimat untuk pemohon"), "advice": (10, 200, "saran"),
}


def existing(code: str) -> CatalogueReason:
    entry = reason_of(code)
    if entry is None:
        raise NotFound()
    return entry


def place_of(entry: CatalogueReason) -> str:
    return entry.item or REFUSAL


def add_reason(place: str, typed: dict[str, str], admin: SignedIn) -> None:
    """A reason of the office's own. Raises FormRejected naming the field."""
    if place not in PLACES:
        raise FormRejected({"place": ["Pilih salah satu."]})
    act, item = (REJECT, "") if place == REFUSAL else (RETURN, place)
    code = f"TAMBAHAN_{new_id()[:12].upper()}"
    _write(CatalogueReason(code, act, item, *_checked(typed, act)), "reason_added", admin)


def change(code: str, typed: dict[str, str], is_offered: bool, admin: SignedIn) -> None:
    """Raises FormRejected naming the field, also when nothing would be left to choose."""
    entry = existing(code)
    words = _checked(typed, entry.act)
    if entry.offered and not is_offered and len(offered(entry.act)) == 1:
        raise FormRejected({"offered": ["Paling sedikit satu alasan harus tetap dapat dipilih."]})
    _write(CatalogueReason(code, entry.act, entry.item, *words, is_offered), "reason_changed", admin)


def listed() -> list[tuple[str, list[CatalogueReason]]]:
    """(place in words, its reasons), in the order of the form."""
    entries = all_reasons()
    return [(words, [one for one in entries if place_of(one) == place]) for place, words in PLACES.items()]


def _checked(typed: dict[str, str], act: str) -> tuple[str, str, str]:
    """(office, citizen, advice); spaces and line breaks become one space, as WhatsApp wants it."""
    fields = ("office", "citizen", "advice") if act == REJECT else ("office", "citizen")
    words = {name: " ".join(typed.get(name, "").split()) for name in fields}
    errors = {}
    for name, text in words.items():
        shortest, longest, called = LENGTHS[name]
        if not shortest <= len(text) <= longest:
            errors[name] = [f"Isi {called}, {shortest} sampai {longest} huruf."]
    if errors:
        raise FormRejected(errors)
    return words["office"], words["citizen"], words.get("advice", "")


def _write(entry: CatalogueReason, action: str, admin: SignedIn) -> None:
    with transaction():
        row = db.session.get(ReasonText, entry.code) or ReasonText(code=entry.code)
        row.act, row.item, row.offered, row.changed_by = entry.act, entry.item, entry.offered, admin.id
        row.office, row.citizen, row.advice = entry.office, entry.citizen, entry.advice
        db.session.add(row)
        actor = journal.Actor(STAFF, admin.id)
        journal.record(action, actor=actor, about=("reason", entry.code), detail={"offered": entry.offered})

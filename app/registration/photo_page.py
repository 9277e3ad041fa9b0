"""What a page that asks for a photo tells the phone, so that both judge alike, and what it is told when one arrives.

The thresholds are those of the server (`app/photos/quality.py`), the refusals those of `app/photos/errors.py`: the
phone only says earlier what the server would say. The server stays the authority.
"""

import json
from collections.abc import Iterable

from flask import jsonify

from app.base.database import db
from app.photos import quality
from app.photos.cleaning import MAX_PHOTO_BYTES
from app.photos.errors import DamagedPhoto, EmptyFile, NotAPhoto, PhotoError, PoorPhoto, TooFewPixels, TooLarge
from app.photos.wire import MIN_LONG_SIDE
from app.registration.models import Application, Photo
from app.registration.photo_kinds import BY_KIND, PHOTOS
from app.web.assets import TABLES, asset_url
from app.web.htmx import come_back

SAME = "sama"
# hint -> (what is so, the same said a second time, what to do); the first that applies is told, the worst first
VERDICTS: dict[str, tuple[str, str, str]] = {
    SAME: ("Foto ini sama dengan {other}", "Masih sama dengan {other}", "Pastikan yang difoto sesuai, lalu foto lagi."),
    quality.DARK: (
        "Foto terlalu gelap", "Foto masih gelap", "Pindah ke dekat jendela atau nyalakan lampu, lalu foto lagi.",
    ),
    quality.BLURRED: ("Foto buram", "Foto masih buram", "Lap kamera dan pegang HP dengan dua tangan, lalu foto lagi."),
    quality.GLARING: (
        "Ada pantulan cahaya", "Masih ada pantulan cahaya",
        "Matikan lampu kilat dan miringkan sedikit HP Anda, lalu foto lagi.",
    ),
    quality.PALE: ("Tanda tangan pucat", "Tanda tangan masih pucat", "Pakai tinta yang lebih gelap, lalu foto lagi."),
}
TOLD_BY_PHONE = (SAME, quality.DARK, quality.BLURRED, quality.GLARING)  # of the rest only the server speaks
REFUSALS: dict[str, type[PhotoError]] = {
    "empty": EmptyFile, "large": TooLarge, "other": NotAPhoto, "damaged": DamagedPhoto, "small": TooFewPixels,
}


def verdict(photo: Photo | None, others: Iterable[Photo]) -> tuple[str, str, str] | None:
    """The worst that is to be told of a kept photo, in words; None when nothing is."""
    if photo is None:
        return None
    own = photo.perceptual_hash
    twin = next((other for other in others if quality.is_same_picture(other.perceptual_hash, own)), None)
    found = {*photo.hints, *((SAME,) if twin else ())}
    hint = next((hint for hint in VERDICTS if hint in found), None)
    if hint is None:
        return None
    first, again, advice = VERDICTS[hint]
    other = BY_KIND[twin.kind].label if twin else ""
    return first.format(other=other), again.format(other=other), advice


def said_of(error: PhotoError) -> str:
    """Why a photo was not taken; of a poor one what is so and what to do."""
    if not isinstance(error, PoorPhoto):
        return error.message
    first, _, advice = next(VERDICTS[hint] for hint in VERDICTS if hint in error.hints)
    return f"{first}. {advice}"


def others_of(application: Application, kind: str) -> list[Photo]:
    return [photo for photo in application.photos if photo.kind != kind]


# What is the same for every photo goes with the script, once: on a thin line three pages less of it are felt.
TABLES["js/photo.js"] = json.dumps({
    "at": quality.THRESHOLDS, "same": quality.SAME_BITS, "min": MIN_LONG_SIDE, "max": MAX_PHOTO_BYTES,
    "zoom": asset_url("js/zoom.js"),
    "words": {hint: words for hint, words in VERDICTS.items() if hint in TOLD_BY_PHONE},
    "no": {name: error.message for name, error in REFUSALS.items()},
}, separators=(",", ":"))


def judging(kind: str, others: Iterable[Photo] = ()) -> dict:
    """For the phone: words of this photo, and the perceptual hashes of the other photos of this person."""
    rule = BY_KIND[kind]
    return {
        "kind": kind, "label": rule.label, "ask": rule.ask, "look": rule.look, "use": rule.use,
        "card": rule.judged_as != "signature",
        "others": {BY_KIND[photo.kind].label: photo.perceptual_hash for photo in others},
    }


def taken(photo: Photo):
    """The answer to the phone: it is stored, and this is what the server thinks of it."""
    application = db.session.get(Application, photo.application_id)
    told = verdict(photo, others_of(application, photo.kind))
    return jsonify(stored=True, words=told)


def refused(error: PhotoError):
    response = jsonify(error=error.message)
    response.status_code = error.status
    return come_back(response, error.retry_after)


def labels_saved(application: Application) -> list[str]:
    """What is safe already, told when the line is lost."""
    return ["Data Anda", *(photo.label for photo in PHOTOS if application.photo(photo.kind))]

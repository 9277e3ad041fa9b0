"""How alike two registrations are, in words: each photo and each field, with what differs marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.registration.doubles import NEAR_BITS, bits_apart
from app.registration.fields import ON_DESK, Personal
from app.registration.models import Application, Photo
from app.registration.photo_kinds import BY_KIND, KINDS

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

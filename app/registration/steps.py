"""The citizen's way through the form.

Progress is never stored: it is worked out from what is saved. A step may be opened when every step
before it is complete. Pure functions over an application; no URL, no request.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.registration.models import Application
from app.registration.photo_kinds import PHOTOS, PhotoKind


@dataclass(frozen=True)
class Step:
    """`slug` is the last part of the step's address; `kind` names the photo of a photo step."""

    slug: str
    title: str
    is_complete: Callable[[Application], bool]
    kind: str | None = None


def _has_data(application: Application) -> bool:
    return application.personal_sealed is not None and application.password_hash is not None


def _photo_step(photo: PhotoKind) -> Step:
    return Step(photo.slug, photo.label, lambda application: application.photo(photo.kind) is not None, photo.kind)


DATA = Step("data", "Isi data Anda", _has_data)
CHECK = Step("periksa", "Periksa kembali data Anda", lambda application: False)

STEPS = (DATA, *map(_photo_step, PHOTOS), CHECK)
PHOTO_STEPS = {step.slug: step for step in STEPS if step.kind}


def first_unfinished(application: Application) -> Step:
    return next(step for step in STEPS if not step.is_complete(application))


def may_visit(step: Step, application: Application) -> bool:
    return STEPS.index(step) <= STEPS.index(first_unfinished(application))


def position(step: Step) -> int:
    """1-based, for 'Langkah 2 dari 5'."""
    return STEPS.index(step) + 1


def step_before(step: Step) -> Step | None:
    index = STEPS.index(step)
    return STEPS[index - 1] if index else None

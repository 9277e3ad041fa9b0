"""What the desk posts, read into plain values. Unknown answers and codes are left to the services."""

from werkzeug.datastructures import MultiDict

from app.registration.reasons import reason_of
from app.registration.transitions import GivenReason
from app.review import evidence
from app.review.checklist import NAMES, NIK, UNSURE
from app.review.evidence import POINT_KEYS, Evidence

LONGEST_NOTE = 300


def read_evidence(form: MultiDict) -> Evidence:
    """Raises FormRejected for a NIK that is none."""
    answers = {key: form[f"check_{key}"] for key in POINT_KEYS if f"check_{key}" in form}
    if form.get("nik_unreadable") == "y":
        answers[NIK] = UNSURE
    sentences = {key: read_text(form, f"why_{key}") for key in NAMES if f"why_{key}" in form}
    return evidence.cleaned(form.get("nik_read", ""), answers, form.get("siak", ""), sentences)


def read_reasons(form: MultiDict) -> tuple[GivenReason, ...]:
    """The ticked reasons for a return, each with its sentence."""
    known = filter(None, map(reason_of, form.getlist("reasons")))
    return tuple(GivenReason(entry.item, entry.code, _note(form, f"note_{entry.code}")) for entry in known)


def read_ground(form: MultiDict) -> GivenReason:
    return GivenReason("", form.get("ground", ""), _note(form, "note"))


def read_text(form: MultiDict, name: str, longest: int = LONGEST_NOTE) -> str:
    return form.get(name, "").strip()[:longest]


def _note(form: MultiDict, name: str) -> str:
    return read_text(form, name)

"""What an act on a case rests on: the own answers, met by those of others, by doubles and by who declared.

What an approval rested on becomes a row (`AccountBasis`); its constraints refuse what the rules forbid.
"""

from sqlalchemy import delete

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.base.problems import FormRejected
from app.casework import notes
from app.registration import doubles
from app.registration.models import Application
from app.registration.status import COMPLETE
from app.review import evidence as ev
from app.review.checklist import PROVISIONAL, SIAK_RESULTS, points_for
from app.review.models import ALONE, AccountBasis, SiakRecheck
from app.review.ruling import Circumstances, Look, differing, hindrances


def circumstances(application: Application, staff: Staff, why_alone: str = "") -> Circumstances:
    """What this person's answers meet on this case now."""
    open_pairs = doubles.suspicions_of(application.id, open_only=True)
    return Circumstances(
        points=points_for(is_flagged(application)),
        others=tuple(look for _, look in ev.looks_of_others(application, staff.id)),
        deciding=application.status == COMPLETE,
        open_doubles=len({frozenset((row.application_id, row.other_id)) for row in open_pairs}),
        alone=is_alone(application, staff), why_alone=bool(why_alone),
    )


def is_flagged(application: Application) -> bool:
    """Whether something stands under "Perlu dilihat"."""
    return bool(application.flags) or any(photo.hints for photo in application.photos)


def is_alone(application: Application, staff: Staff) -> bool:
    """Whether this person would decide what the same person declared complete."""
    return application.status == COMPLETE and application.declared_complete_by == staff.id


def rest_on_answers(application: Application, staff: Staff, why_alone: str = "") -> Look:
    """The own answers, when they allow the positive act of this state. Raises FormRejected naming what is
    missing."""
    look, met = ev.look_of(application, staff.id), circumstances(application, staff, why_alone)
    if errors := hindrances(look, met):
        raise FormRejected(errors)
    otherwise = [key for key in met.keys if differing(key, look, met.others)]
    ev.journal_evidence(application, ev.evidence_of(application, staff.id), otherwise, staff)
    return look


def say_why_alone(application: Application, staff: Staff, why_alone: str) -> None:
    """Keep why one person declares and decides. Raises FormRejected without a sentence."""
    if not is_alone(application, staff):
        return
    if not why_alone:
        raise FormRejected({"why_alone": ["Tulis mengapa Anda sendiri yang menyatakan lengkap dan memutuskan."]})
    notes.add_note(("application", application.id), ALONE, why_alone, staff.id)


def write_basis(application: Application, staff: Staff, look: Look) -> None:
    """Add the row inside the caller's transaction; the database refuses it when a rule was forgotten."""
    answers = {key: look.answer(key) for key in ("nik", "ktp", "name", "face", "card", "signature", "siak")}
    still_open = doubles.suspicions_of(application.id, open_only=True)
    db.session.add(AccountBasis(
        application_id=application.id, declared_by=application.declared_complete_by, decided_by=staff.id,
        alone=application.declared_complete_by == staff.id, open_doubles=len(still_open), at=clock.now(), **answers,
    ))
    db.session.flush()


def remove_basis(application_id: str) -> None:
    """Inside the caller's transaction, when the approval is taken back."""
    for model in (SiakRecheck, AccountBasis):
        db.session.execute(delete(model).where(model.application_id == application_id))


def is_provisional(look: Look) -> bool:
    return look.siak in SIAK_RESULTS and SIAK_RESULTS[look.siak].leads_to == PROVISIONAL

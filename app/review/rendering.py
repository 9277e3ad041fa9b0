"""The page of one case, as it is answered to a look, to a refused form and to somebody who came late."""

from flask import make_response, render_template, request
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict

from app.base.problems import FormRejected, StaleDecision
from app.registration.models import Application
from app.registration.reason_book import all_reasons, offered
from app.registration.reasons import ITEMS, REJECT, RETURN
from app.registration.status import REGISTRATION
from app.review import claims, second_look, service
from app.review.case_page import case_page, last_act
from app.review.checklist import ANSWERS, NAMES, POINTS, RECHECK_RESULTS, SIAK_RESULTS
from app.review.words import PHOTO_NAMES

TOO_LATE = (StaleDecision, StaleDataError)
# how what was typed is called and said to somebody who came too late
TYPED_NAMES = {
    "nik_read": "NIK pada KTP", "case_note": "Catatan kerja", "siak": "Hasil di SIAK", "note": "Catatan",
    "why_declared": "Mengapa dinyatakan lengkap", "not_double": "Alasan bukan ganda", "reason": "Alasan",
    "why_alone": "Mengapa satu orang", "second_what": "Yang ditanyakan kepada orang kedua",
    "recheck": "Hasil periksa ulang", "nik_unreadable": "NIK pada KTP",
    **{f"check_{point.key}": point.question for point in POINTS},
    **{f"why_{key}": f"Alasan: {name}" for key, name in NAMES.items()},
}
TYPED_WORDS = {**ANSWERS, "y": "tidak terbaca", **{key: result.label for key, result in SIAK_RESULTS.items()}}


def show_case(application: Application, status: int = 200, **extra):
    """`extra`: `errors` by field, `stale` sentence, `preview` text, `asking` to confirm a rejection."""
    page = case_page(application, current_user)
    context = {"errors": {}, "stale": "", "preview": "", "asking": False, "lost": False, "taken_over": None, **extra}
    typed = request.form if request.method == "POST" else MultiDict()
    return make_response(render_template(
        "review/case.html", page=page, typed=typed, last_act=last_act(page), photo_names=PHOTO_NAMES,
        answers=ANSWERS, names=NAMES, siak_results=SIAK_RESULTS, recheck_results=RECHECK_RESULTS, items=ITEMS,
        seconds=second_look.candidates(application, current_user.id) if page.mine else [],
        return_reasons=offered(RETURN), reject_reasons=offered(REJECT), labels=REGISTRATION.labels,
        typed_names=TYPED_NAMES,
        typed_words={**TYPED_WORDS, **{entry.code: entry.office for entry in all_reasons()}},
        colleagues=claims.colleagues() if page.mine or not page.is_open else [], **context,
    ), status)


def show_refused(application_id: str, rejected: FormRejected):
    """What is missing or wrong, with everything typed still there."""
    application = service.open_case(application_id, current_user)
    return show_case(application, 422, errors=rejected.errors)


def show_stale(application_id: str, error: StaleDecision | StaleDataError):
    """Who did what when, the case as it is now, and what was typed."""
    application = service.open_case(application_id, current_user, claim=False)
    return show_case(application, 409, stale=getattr(error, "message", StaleDecision.message))

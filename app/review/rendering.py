"""The page of one case, as it is answered to a look, to a refused form and to somebody who came late."""

from collections.abc import Callable

from flask import Response, make_response, render_template, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.casework.attempt import Refusal, typed_now, typed_words
from app.registration.models import Application
from app.registration.photo_kinds import ON_DESK
from app.registration.reasons import ITEMS, REJECT, RETURN, all_reasons, offered, reason_of
from app.registration.status import REGISTRATION
from app.registration.transitions import GivenReason
from app.review import evidence, second_look, service
from app.review.case_page import case_page, last_act
from app.review.checklist import ANSWERS, NAMES, NIK, POINTS, RECHECK_RESULTS, SIAK_RESULTS, UNSURE
from app.review.desk import colleagues
from app.review.evidence import POINT_KEYS, Evidence
from app.web.access import who_asks

# how what was typed is called and said to somebody who came too late
TYPED_NAMES = {
    "nik_read": "NIK pada KTP", "case_note": "Catatan kerja", "siak": "Hasil di SIAK", "note": "Catatan",
    "why_declared": "Mengapa dinyatakan lengkap", "not_double": "Alasan bukan ganda", "reason": "Alasan",
    "why_alone": "Mengapa satu orang", "second_what": "Yang ditanyakan kepada orang kedua",
    "recheck": "Hasil periksa ulang", "nik_unreadable": "NIK pada KTP",
    **{f"check_{point.key}": point.question for point in POINTS},
    **{f"why_{key}": f"Alasan: {name}" for key, name in NAMES.items()},
}
# parameters of the address: where the page of the acts ends, and that of who looked
OLDER = ("riwayat", "pembuka")
TYPED_WORDS = {**ANSWERS, "y": "tidak terbaca", **{key: result.label for key, result in SIAK_RESULTS.items()}}


def _row_id(name: str) -> int:
    """0 when the address names none; never larger than a database counts."""
    return min(max(request.args.get(name, 0, int), 0), 2**62)


def show_case(application: Application, refusal: Refusal | None = None, **extra):
    """`extra`: `preview` text, `asking` to confirm a rejection."""
    page = case_page(application, who_asks(), before=tuple(map(_row_id, OLDER)))
    context = {"preview": "", "asking": False, "lost": False, "taken_over": None, **extra}
    return make_response(render_template(
        "review/case.html", page=page, typed=typed_now(), last_act=last_act(page), photos=ON_DESK,
        answers=ANSWERS, names=NAMES, siak_results=SIAK_RESULTS, recheck_results=RECHECK_RESULTS, items=ITEMS,
        seconds=second_look.candidates(application, current_user.id) if page.mine else [],
        return_reasons=offered(RETURN, application.reached_by), reject_reasons=offered(REJECT),
        labels=REGISTRATION.labels, refusal=refusal, errors=refusal.errors if refusal else {},
        typed_before=typed_words(TYPED_NAMES, {**TYPED_WORDS, **{one.code: one.office for one in all_reasons()}}),
        colleagues=colleagues() if page.mine or not page.is_open else [], **context,
    ), refusal.status if refusal else 200)


def shows(application_id: str) -> Callable[[Refusal], Response]:
    """The case again, with everything typed; who came too late reads who did what when, and claims nothing."""
    def show(refusal: Refusal) -> Response:
        return show_case(service.open_case(application_id, current_user, claim=refusal.status == 422), refusal)

    return show


# What the desk posts, read into plain values. Unknown answers and codes are left to the services.

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

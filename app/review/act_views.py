"""The acts on one case. Who is late gets the page with 409, who forgot something with 422; both keep
everything that was typed."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.casework import undo
from app.casework.attempt import attempt, read_seen
from app.casework.desk import Seen
from app.registration.models import Application
from app.registration.reasons import REJECT, RETURN
from app.review import doubles, messages, rechecks, rights, second_look, service
from app.review.desk import DESK
from app.review.rendering import read_evidence, read_ground, read_reasons, read_text, show_case, shows
from app.web.access import staff
from app.web.htmx import go_to, render, wants_fragment

blueprint = Blueprint("acts", __name__, url_prefix="/petugas/pendaftaran/<application_id>")


@blueprint.post("/lengkap")
@staff("declare_complete")
def declare_complete(application_id: str):
    return _act(application_id, lambda seen: service.declare_complete(seen, read_evidence(request.form)))


@blueprint.post("/setujui")
@staff("decide")
def approve(application_id: str):
    why = read_text(request.form, "why_alone")
    return _act(application_id, lambda seen: service.approve(seen, read_evidence(request.form), why))


@blueprint.post("/kembalikan")
@staff("return")
def return_for_mending(application_id: str):
    why = read_text(request.form, "why_declared")
    return _act(
        application_id, lambda seen: service.return_for_mending(seen, read_reasons(request.form), why)
    )


@blueprint.post("/tolak")
@staff("decide")
def reject(application_id: str):
    """Asks once more before anything happens, with the text that will be sent."""
    ground, why = read_ground(request.form), read_text(request.form, "why_alone")
    if request.form.get("confirm") == "ya":
        return _act(application_id, lambda seen: service.reject(seen, ground, why))

    def ask(application: Application) -> Response:
        text = messages.preview(application, messages.REJECTED, messages.rejected(application, ground))
        return show_case(application, asking=True, preview=text)

    return _look(application_id, lambda case: service.check_reasons((ground,), REJECT, case), ask)


@blueprint.post("/pratinjau")
@staff("return")
def preview_return(application_id: str):
    """The WhatsApp text of a return, before it goes."""
    reasons = read_reasons(request.form)

    def show(application: Application):
        text = messages.preview_return(application, reasons)
        if wants_fragment():
            return render_template("review/preview.html", text=text)
        return show_case(application, preview=text)

    if wants_fragment() and not reasons:
        return render_template("review/preview.html", text="")
    return _look(application_id, lambda case: service.check_reasons(reasons, RETURN, case), show)


@blueprint.post("/batalkan")
@staff("take_case")
def take_back(application_id: str):
    seen = read_seen(application_id, current_user)
    return _do(application_id, lambda: undo.undo(DESK, seen), "Dibatalkan. Pesan untuk pemohon tidak jadi dikirim.")


@blueprint.post("/bukan-ganda")
@staff("settle_doubles")
def settle_double(application_id: str):
    other, reason = request.form.get("other", ""), read_text(request.form, "not_double")
    return _do(application_id, lambda: doubles.settle(application_id, other, reason, current_user),
               "Dicatat: bukan ganda.")


@blueprint.post("/sudah-dilihat")
@staff("take_case")
def mark_looked(application_id: str):
    version = read_seen(application_id, current_user).version
    return _do(application_id, lambda: service.mark_looked(application_id, version, current_user),
               "Sudah dilihat. Pendaftaran ini sekarang ada di antrean.")


def _act(application_id: str, act: Callable[[Seen], None]) -> Response:
    """What was done is told by the page itself, as long as it can be taken back."""
    seen = read_seen(application_id, current_user)
    return attempt(lambda: act(seen), lambda done: _back_to(application_id), shows(application_id))


def _do(application_id: str, act: Callable[[], object], said: str) -> Response:
    def then(done: object) -> Response:
        flash(said)
        return _back_to(application_id)

    return attempt(act, then, shows(application_id))


def _look(
    application_id: str, check: Callable[[Application], None], show: Callable[[Application], Response],
) -> Response:
    """For what only shows: the same checks as for an act, and nothing is written."""
    def look() -> Application:
        application = service.still_held(read_seen(application_id, current_user))
        check(application)
        return application

    return attempt(look, show, shows(application_id))


def _back_to(application_id: str) -> Response:
    return go_to(url_for("cases.case", application_id=application_id))


# Asking for a second person, looking into SIAK again, and days with one person.

second_pages = Blueprint("second", __name__, url_prefix="/petugas")
CASE_PATH = "/pendaftaran/<application_id>"


@second_pages.post(f"{CASE_PATH}/orang-kedua")
@staff("take_case")
def ask_second(application_id: str):
    def then(done: object):
        flash("Orang kedua diminta. Berkas pindah ke daftarnya, jawaban Anda tersimpan.")
        return go_to(url_for("review.home"))

    def ask() -> None:
        what = read_text(request.form, "second_what")
        seen = read_seen(application_id, current_user)
        second_look.ask(seen, read_evidence(request.form), request.form.get("second_to", ""), what)

    return attempt(ask, then, shows(application_id))


@second_pages.post(f"{CASE_PATH}/periksa-ulang")
@staff("decide")
def recheck(application_id: str):
    def then(confirmed: bool):
        flash("SIAK cocok. Akun tidak lagi sementara." if confirmed else
              "Akun ditangguhkan, pemohon diberi tahu alasannya.")
        return go_to(url_for("cases.case", application_id=application_id))

    result = request.form.get("recheck", "")
    return attempt(lambda: rechecks.record_result(application_id, result, current_user), then, shows(application_id))


@second_pages.post(f"{CASE_PATH}/periksa-ulang/ambil")
@staff("decide")
def take_recheck(application_id: str):
    def then(done: object):
        flash("Anda penanggung jawab pemeriksaan ulang ini.")
        return go_to(url_for("cases.case", application_id=application_id))

    return attempt(lambda: rechecks.become_owner(application_id, current_user), then, shows(application_id))


@second_pages.get("/satu-orang")
@staff("open_one_person_day")
def one_person_days():
    return _days_page()


@second_pages.post("/satu-orang")
@staff("open_one_person_day")
def open_one_person_day():
    try:
        rights.open_day(request.form.get("day", ""), read_text(request.form, "reason"), current_user)
    except FormRejected as rejected:
        return _days_page(422, rejected.errors)
    flash("Hari dibuka. Setiap keputusan oleh satu orang tercatat di bawah dengan alasannya.")
    return go_to(url_for("second.one_person_days"))


def _days_page(status: int = 200, errors: dict | None = None):
    return render(
        "review/one_person.html", status, errors=errors or {}, typed=request.form,
        days=rights.opened_days(), uses=rights.uses(),
    )

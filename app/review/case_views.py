"""One case at /petugas/pendaftaran/<id>: looking at it, holding it, keeping what is typed."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.casework import claims, notes
from app.casework.attempt import Refusal, attempt, read_seen
from app.registration.models import Application
from app.registration.photo_kinds import KINDS
from app.registration.status import COMPLETE
from app.review import photos, service
from app.review.case_page import case_page
from app.review.case_parts import answers_page
from app.review.desk import DESK, find_case
from app.review.rendering import read_evidence, read_text, show_case, shows
from app.web.access import polling, staff
from app.web.headers import photo_response
from app.web.htmx import go_to, render, wants_fragment

blueprint = Blueprint("cases", __name__, url_prefix="/petugas/pendaftaran/<application_id>")
PHOTO_RULE = f"/foto/<any({','.join(KINDS)}):kind>"


@blueprint.get("")
@staff("read_case")
def case(application_id: str):
    return show_case(service.open_case(application_id, current_user))


@blueprint.get(PHOTO_RULE)
@staff("read_case")
def photo(application_id: str, kind: str):
    return photo_response(photos.photo_for(application_id, kind, current_user), kind)


@blueprint.get(f"{PHOTO_RULE}/sebelumnya")
@staff("read_case")
def photo_before(application_id: str, kind: str):
    return photo_response(photos.photo_for(application_id, kind, current_user, before=True), kind)


@blueprint.post("/lihat-foto")
@staff("read_case")
def ask_for_photos(application_id: str):
    reason = read_text(request.form, "photo_reason")
    return attempt(lambda: photos.ask_for(application_id, reason, current_user),
                   lambda done: _back_to(application_id), shows(application_id))


@blueprint.get("/pin-baru")
@staff("file_at_counter")
def pin_page(application_id: str):
    return _pin_page(find_case(application_id))


@blueprint.post("/pin-baru")
@staff("file_at_counter")
def give_pin(application_id: str):
    try:
        service.give_pin(application_id, current_user, request.form.get("card_seen") == "y")
    except FormRejected as rejected:
        return _pin_page(find_case(application_id), 422, rejected.errors["card_seen"][0])
    return go_to(url_for("cases.pin_page", application_id=application_id))


def _pin_page(application: Application, status: int = 200, error: str = ""):
    pin = "" if error else service.pin_just_given(application, current_user)
    return render("review/new_pin.html", status, application=application, pin=pin, error=error)


@blueprint.post("/denyut")
@polling
@staff("take_case")
def beat(application_id: str):
    """The page is open; `active` says that somebody worked on it since the last beat."""
    token, is_active = request.form.get("claim_token", ""), request.form.get("active") == "1"
    held = claims.beat(DESK, application_id, token, is_active)
    return _holding(application_id, is_active, lost=not held)


@blueprint.get("/pegangan")
@polling
@staff("read_case")
def holding(application_id: str):
    return _holding(application_id)


@blueprint.post("/lepas")
@staff("take_case")
def release(application_id: str):
    claims.release(DESK, application_id, request.form.get("claim_token", ""))
    flash("Berkas dilepas. Petugas lain dapat memeriksanya.")
    return go_to(url_for("review.home"))


@blueprint.post("/serahkan")
@staff("take_case")
def hand_over(application_id: str):
    def then(done: object):
        flash("Berkas diserahkan.")
        return go_to(url_for("review.home"))

    seen, to_id = read_seen(application_id, current_user), request.form.get("to", "")
    return attempt(lambda: claims.hand_over(DESK, seen, to_id), then, shows(application_id))


@blueprint.post("/ambil-alih")
@staff("take_over")
def take_over(application_id: str):
    def then(done: object):
        flash("Berkas diambil alih. Catatan petugas sebelumnya tetap ada, jawaban diberi sendiri.")
        return _back_to(application_id)

    reason, to_id = read_text(request.form, "reason"), request.form.get("to", "")
    return attempt(lambda: claims.take_over(DESK, application_id, reason, to_id, current_user), then,
                   shows(application_id))


@blueprint.post("/nik")
@staff("take_case")
def compare_nik(application_id: str):
    """The NIK read on the card against the form; keeps everything else that is typed too."""
    def show(refusal: Refusal):
        if wants_fragment() and refusal.errors:
            return _nik_part(application_id, refusal.errors)
        return shows(application_id)(refusal)

    def then(done: object):
        return _nik_part(application_id, {}) if wants_fragment() else _back_to(application_id)

    return attempt(lambda: _save(application_id), then, show)


@blueprint.post("/draf")
@staff("take_case")
def save_draft(application_id: str):
    def then(done: object):
        if wants_fragment():
            return _answered(application_id)
        flash("Catatan dan jawaban tersimpan.")
        return _back_to(application_id)

    def show(refusal: Refusal):
        return ("", 204) if wants_fragment() else shows(application_id)(refusal)

    return attempt(lambda: _save(application_id), then, show)


def _save(application_id: str) -> None:
    seen = read_seen(application_id, current_user)
    note = read_text(request.form, "case_note", notes.LONGEST_WORKING) if "case_note" in request.form else None
    service.save_work(seen, read_evidence(request.form), note)


def _nik_part(application_id: str, errors: dict[str, list[str]]):
    page = case_page(find_case(application_id), current_user)
    status = 422 if errors else 200
    part = render_template("review/nik.html", page=page, errors=errors, typed=request.form)
    return part + _answered(application_id), status


def _answered(application_id: str) -> str:
    """What stands beside the answers now, and what is missing still."""
    application = find_case(application_id)
    return render_template("review/answered.html", answers=answers_page(application, current_user),
                           is_decision=application.status == COMPLETE)


def _holding(application_id: str, is_writing: bool = False, lost: bool = False):
    """Who holds it, and who else has it open; asking is a sign of life itself."""
    find_case(application_id)
    claims.be_present(("application", application_id), current_user, is_writing)
    page = case_page(find_case(application_id), current_user)
    return render_template(
        "review/holding.html", page=page, lost=lost and not page.mine, typed=request.form,
        taken_over=claims.taken_over(DESK, application_id) if lost else None,
    )


def _back_to(application_id: str):
    return go_to(url_for("cases.case", application_id=application_id))

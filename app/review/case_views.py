"""One case at /petugas/pendaftaran/<id>: looking at it, holding it, keeping what is typed."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.registration.photo_kinds import KINDS
from app.registration.status import COMPLETE
from app.review import claims, notes, photos, service
from app.review.answers_page import answers_page
from app.review.case_page import case_page
from app.review.forms import read_evidence, read_held, read_text
from app.review.models import TAKEN_OVER
from app.review.rendering import TOO_LATE, show_case, show_refused, show_stale
from app.web.access import polling, staff
from app.web.headers import photo_response
from app.web.htmx import go_to, wants_fragment

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
    try:
        photos.ask_for(application_id, read_text(request.form, "photo_reason"), current_user)
    except FormRejected as rejected:
        return show_refused(application_id, rejected)
    return _back_to(application_id)


@blueprint.post("/denyut")
@polling
@staff("take_case")
def beat(application_id: str):
    """The page is open; `active` says that somebody worked on it since the last beat."""
    token = request.form.get("claim_token", "")
    held = claims.beat(application_id, token, request.form.get("active") == "1")
    return _holding(application_id, lost=not held)


@blueprint.get("/pegangan")
@polling
@staff("read_case")
def holding(application_id: str):
    return _holding(application_id)


@blueprint.post("/lepas")
@staff("take_case")
def release(application_id: str):
    claims.release(application_id, request.form.get("claim_token", ""))
    flash("Berkas dilepas. Petugas lain dapat memeriksanya.")
    return go_to(url_for("review.home"))


@blueprint.post("/serahkan")
@staff("take_case")
def hand_over(application_id: str):
    try:
        token = request.form.get("claim_token", "")
        claims.hand_over(application_id, token, request.form.get("to", ""), current_user)
    except TOO_LATE as error:
        return show_stale(application_id, error)
    flash("Berkas diserahkan.")
    return go_to(url_for("review.home"))


@blueprint.post("/ambil-alih")
@staff("take_over")
def take_over(application_id: str):
    try:
        reason = read_text(request.form, "reason")
        claims.take_over(application_id, reason, request.form.get("to", ""), current_user)
    except FormRejected as rejected:
        return show_refused(application_id, rejected)
    flash("Berkas diambil alih. Catatan petugas sebelumnya tetap ada, jawaban diberi sendiri.")
    return _back_to(application_id)


@blueprint.post("/nik")
@staff("take_case")
def compare_nik(application_id: str):
    """The NIK read on the card against the form; keeps everything else that is typed too."""
    try:
        _save(application_id)
    except FormRejected as rejected:
        if wants_fragment():
            return _nik_part(application_id, rejected.errors)
        return show_refused(application_id, rejected)
    except TOO_LATE as error:
        return show_stale(application_id, error)
    return _nik_part(application_id, {}) if wants_fragment() else _back_to(application_id)


@blueprint.post("/draf")
@staff("take_case")
def save_draft(application_id: str):
    try:
        _save(application_id)
    except FormRejected as rejected:
        return ("", 204) if wants_fragment() else show_refused(application_id, rejected)
    except TOO_LATE as error:
        return ("", 204) if wants_fragment() else show_stale(application_id, error)
    if wants_fragment():
        return _answered(application_id)
    flash("Catatan dan jawaban tersimpan.")
    return _back_to(application_id)


def _save(application_id: str) -> None:
    held = read_held(request.form, application_id, current_user)
    note = read_text(request.form, "case_note", notes.LONGEST) if "case_note" in request.form else None
    service.save_work(held, read_evidence(request.form), note)


def _nik_part(application_id: str, errors: dict[str, list[str]]):
    page = case_page(service.find_case(application_id), current_user)
    status = 422 if errors else 200
    part = render_template("review/nik.html", page=page, errors=errors, typed=request.form)
    return part + _answered(application_id), status


def _answered(application_id: str) -> str:
    """What stands beside the answers now, and what is missing still."""
    application = service.find_case(application_id)
    return render_template("review/answered.html", answers=answers_page(application, current_user),
                           is_decision=application.status == COMPLETE)


def _holding(application_id: str, lost: bool = False):
    application = service.find_case(application_id)
    page = case_page(application, current_user)
    over = notes.latest(application_id, TAKEN_OVER, claims.LIFE) if lost else None
    return render_template(
        "review/holding.html", page=page, lost=lost and not page.mine, typed=request.form,
        taken_over=(notes.writer_of(over), notes.read_note(over)) if over else None,
    )


def _back_to(application_id: str):
    return go_to(url_for("cases.case", application_id=application_id))

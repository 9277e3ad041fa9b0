"""The acts on one case. Who is late gets the page with 409, who forgot something with 422; both keep
everything that was typed."""

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.registration.models import Application
from app.registration.reasons import REJECT, RETURN
from app.review import doubles, looking, messages, service
from app.review import take_back as taking_back
from app.review.forms import read_evidence, read_ground, read_held, read_reasons, read_text
from app.review.rendering import TOO_LATE, show_case, show_refused, show_stale
from app.review.service import Held
from app.web.access import staff
from app.web.htmx import go_to, wants_fragment

blueprint = Blueprint("acts", __name__, url_prefix="/petugas/pendaftaran/<application_id>")


@blueprint.post("/lengkap")
@staff("declare_complete")
def declare_complete(application_id: str):
    return _act(application_id, lambda held: service.declare_complete(held, read_evidence(request.form)))


@blueprint.post("/setujui")
@staff("decide")
def approve(application_id: str):
    why = read_text(request.form, "why_alone")
    return _act(application_id, lambda held: service.approve(held, read_evidence(request.form), why))


@blueprint.post("/kembalikan")
@staff("return")
def return_for_mending(application_id: str):
    why = read_text(request.form, "why_declared")
    return _act(
        application_id, lambda held: service.return_for_mending(held, read_reasons(request.form), why)
    )


@blueprint.post("/tolak")
@staff("decide")
def reject(application_id: str):
    """Asks once more before anything happens, with the text that will be sent."""
    ground, why = read_ground(request.form), read_text(request.form, "why_alone")
    if request.form.get("confirm") == "ya":
        return _act(application_id, lambda held: service.reject(held, ground, why))

    def ask(application: Application):
        service.check_reasons((ground,), REJECT)
        text = messages.preview(messages.REJECTED, messages.rejected(application, ground))
        return show_case(application, asking=True, preview=text)

    return _look(application_id, ask)


@blueprint.post("/pratinjau")
@staff("return")
def preview_return(application_id: str):
    """The WhatsApp text of a return, before it goes."""
    reasons = read_reasons(request.form)

    def show(application: Application):
        service.check_reasons(reasons, RETURN)
        text = messages.preview_return(application, reasons)
        if wants_fragment():
            return render_template("review/preview.html", text=text)
        return show_case(application, preview=text)

    if wants_fragment() and not reasons:
        return render_template("review/preview.html", text="")
    return _look(application_id, show)


@blueprint.post("/batalkan")
@staff("take_case")
def take_back(application_id: str):
    version = read_held(request.form, application_id, current_user).version
    try:
        taking_back.take_back(application_id, version, current_user)
    except TOO_LATE as error:
        return show_stale(application_id, error)
    flash("Dibatalkan. Pesan untuk pemohon tidak jadi dikirim.")
    return _back_to(application_id)


@blueprint.post("/bukan-ganda")
@staff("settle_doubles")
def settle_double(application_id: str):
    try:
        reason = read_text(request.form, "not_double")
        doubles.settle(application_id, request.form.get("other", ""), reason, current_user)
    except FormRejected as rejected:
        return show_refused(application_id, rejected)
    except TOO_LATE as error:
        return show_stale(application_id, error)
    flash("Dicatat: bukan ganda.")
    return _back_to(application_id)


@blueprint.post("/sudah-dilihat")
@staff("take_case")
def mark_looked(application_id: str):
    version = read_held(request.form, application_id, current_user).version
    try:
        looking.mark_looked(application_id, version, current_user)
    except TOO_LATE as error:
        return show_stale(application_id, error)
    flash("Sudah dilihat. Pendaftaran ini sekarang ada di antrean.")
    return _back_to(application_id)


def _act(application_id: str, act: Callable[[Held], None]):
    """What was done is told by the page itself, as long as it can be taken back."""
    held = read_held(request.form, application_id, current_user)
    try:
        act(held)
    except FormRejected as rejected:
        return show_refused(application_id, rejected)
    except TOO_LATE as error:
        return show_stale(application_id, error)
    return _back_to(application_id)


def _look(application_id: str, show: Callable[[Application], object]):
    """For what only shows: the same checks as for an act, and nothing is written."""
    try:
        return show(service.still_held(read_held(request.form, application_id, current_user)))
    except FormRejected as rejected:
        return show_refused(application_id, rejected)
    except TOO_LATE as error:
        return show_stale(application_id, error)


def _back_to(application_id: str):
    return go_to(url_for("cases.case", application_id=application_id))

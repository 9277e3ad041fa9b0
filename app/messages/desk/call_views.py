"""`Telepon pemohon` at /petugas/telepon: whom to call, what to say, what came of it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.messages import calls
from app.messages.desk import call_desk
from app.messages.whatsapp import errors
from app.web.access import staff

blueprint = Blueprint("calls", __name__, url_prefix="/petugas/telepon")


@blueprint.get("")
@staff("tell_applicant")
def tasks():
    return render_template("notifications/calls.html", lines=call_desk.waiting(current_user), error_for=errors.for_code)


@blueprint.get("/<task_id>")
@staff("tell_applicant")
def task(task_id: str):
    return _page(task_id)


@blueprint.post("/<task_id>")
@staff("tell_applicant")
def record(task_id: str):
    try:
        closed = calls.record_call(
            task_id, request.form.get("outcome", ""), request.form.get("note", ""), current_user
        )
    except FormRejected as rejected:
        return _page(task_id, rejected.errors["outcome"], 422)
    flash("Tugas selesai. Terima kasih." if closed else "Dicatat. Tugas tetap ada untuk dicoba lagi.")
    return redirect(url_for("calls.tasks"), 303)


def _page(task_id: str, wrong: list[str] | None = None, status: int = 200):
    page = render_template(
        "notifications/call.html", call=call_desk.open_call(task_id, current_user), outcomes=calls.OUTCOMES,
        labels_of_calls=calls.LABELS, error_for=errors.for_code, wrong=wrong or [], typed=request.form,
    )
    return page, status

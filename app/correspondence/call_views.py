"""`/petugas/telepon`: whom to phone because a message did not arrive."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from app.base import clock
from app.base.problems import NotFound
from app.casework.attempt import Refusal, attempt, read_seen, typed_words
from app.casework.list_page import ListPage, serve_list
from app.correspondence import calls, calls_page
from app.correspondence.status import LABELS, OUTCOMES
from app.messages.choose_gateway import error_for
from app.web.access import staff
from app.web.htmx import go_to

blueprint = Blueprint("calls", __name__, url_prefix="/petugas/telepon")
CALLS = ListPage(
    calls_page.CALLS_LIST, "notifications/calls.html", page="calls.tasks",
    case="calls.task", case_id_name="task_id", context=lambda: {"error_for": error_for, "labels_of_calls": LABELS},
)


serve_list(blueprint, CALLS, "tell_applicant")


@blueprint.get("/<task_id>")
@staff("tell_applicant")
def task(task_id: str):
    return _call_page(task_id)


@blueprint.post("/<task_id>")
@staff("tell_applicant")
def record(task_id: str):
    def then(closed: bool):
        flash("Tugas selesai. Terima kasih." if closed else "Dicatat. Tugas tetap ada untuk dicoba lagi.")
        return go_to(url_for("calls.tasks"))

    outcome, note = request.form.get("outcome", ""), request.form.get("note", "")
    seen = read_seen(task_id, current_user)
    return attempt(lambda: calls.record_call(seen, outcome, note), then, lambda refusal: _call_page(task_id, refusal))


@blueprint.get("/<task_id>/surat")
@staff("tell_applicant")
def letter(task_id: str):
    """What is said, on one sheet of paper."""
    call = calls_page.open_call(task_id, current_user)
    if not call.envelope:
        raise NotFound()
    return render_template("notifications/letter.html", call=call, now=clock.now())


@blueprint.post("/<task_id>/lepas")
@staff("tell_applicant")
def release(task_id: str):
    calls.release(task_id, current_user)
    return redirect(url_for("calls.tasks"), 303)


def _call_page(task_id: str, refusal: Refusal | None = None):
    words = {key: outcome.label for key, outcome in OUTCOMES.items()}
    call = calls_page.open_call(task_id, current_user)
    page = render_template(
        "notifications/call.html", call=call, outcomes=calls.outcomes_of(call.task),
        labels_of_calls=LABELS, error_for=error_for, refusal=refusal, typed=request.form,
        typed_before=typed_words({"outcome": "Hasil", "note": "Catatan"}, words),
    )
    return make_response(page, refusal.status if refusal else 200)

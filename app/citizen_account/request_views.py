"""`/petugas/permintaan`: requests for a new number, decided by two people."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.citizen_account import request_desk
from app.citizen_account.forms import DecisionForm
from app.web.access import staff
from app.web.headers import photo_response
from app.web.htmx import go_to

blueprint = Blueprint("account_requests", __name__, url_prefix="/petugas/permintaan")


@blueprint.app_context_processor
def _for_the_queue_page() -> dict:
    return {"waiting_numbers": request_desk.count_open}


@blueprint.get("")
@staff("confirm_request")
def queue():
    return render_template("citizen_account/requests.html", lines=request_desk.open_requests())


@blueprint.get("/<request_id>")
@staff("confirm_request")
def case(request_id: str):
    return _case_page(request_id)


@blueprint.get("/<request_id>/selfie")
@staff("confirm_request")
def selfie(request_id: str):
    return photo_response(request_desk.view_selfie(request_id, current_user), "selfie")


@blueprint.post("/<request_id>/setujui")
@staff("decide_request")
def propose(request_id: str):
    request_desk.propose(request_id, current_user)
    flash("Penggantian diajukan. Nomornya berganti setelah orang kedua memastikannya.")
    return go_to(url_for("account_requests.queue"))


@blueprint.post("/<request_id>/pastikan")
@staff("confirm_request")
def confirm(request_id: str):
    request_desk.confirm(request_id, current_user)
    flash("Nomor diganti. Nomor lama dan nomor baru diberi tahu.")
    return go_to(url_for("account_requests.queue"))


@blueprint.post("/<request_id>/tolak")
@staff("confirm_request")
def refuse(request_id: str):
    try:
        request_desk.refuse(request_id, current_user, request.form.get("reason", ""))
    except FormRejected as rejected:
        return _case_page(request_id, rejected.errors["reason"][0], 422)
    flash("Permintaan ditolak. Alasannya dikirim ke nomor yang diminta.")
    return go_to(url_for("account_requests.queue"))


def _case_page(request_id: str, error: str = "", status: int = 200):
    page = render_template(
        "citizen_account/request.html", case=request_desk.view_request(request_id, current_user),
        refusals=request_desk.REFUSALS, error=error, form=DecisionForm(formdata=None),
    )
    return page, status

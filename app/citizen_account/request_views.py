"""`/petugas/permintaan`: requests for a new number, decided by two people."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user

from app.casework.attempt import Refusal, attempt, typed_words
from app.casework.list_page import ListPage, serve_list
from app.citizen_account import request_desk
from app.citizen_account.number_service import NUMBER_CHANGE
from app.web.access import staff
from app.web.forms import OnwardForm
from app.web.headers import photo_response
from app.web.htmx import go_to

blueprint = Blueprint("account_requests", __name__, url_prefix="/petugas/permintaan")


@blueprint.app_context_processor
def _for_the_queue_page() -> dict:
    """`citizen_account/_of_registration.html` shows changes of number on the page of a registration."""
    return {"waiting_numbers": request_desk.count_open, "number_changes_of": request_desk.of_registration,
            "number_change_labels": NUMBER_CHANGE.labels}


REQUESTS = ListPage(
    request_desk.REQUESTS, "citizen_account/requests.html", page="account_requests.queue", case="account_requests.case",
    case_id_name="request_id", context=lambda: {"labels": NUMBER_CHANGE.labels},
)


serve_list(blueprint, REQUESTS, "confirm_request")


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
    return _act(request_id, request_desk.propose,
                "Penggantian diajukan. Nomornya berganti setelah orang kedua memastikannya.")


@blueprint.post("/<request_id>/pastikan")
@staff("confirm_request")
def confirm(request_id: str):
    return _act(request_id, request_desk.confirm, "Nomor diganti. Nomor lama dan nomor baru diberi tahu.")


@blueprint.post("/<request_id>/tolak")
@staff("confirm_request")
def refuse(request_id: str):
    reason = request.form.get("reason", "")
    return _act(request_id, partial(request_desk.refuse, reason=reason),
                "Permintaan ditolak. Alasannya dikirim ke nomor yang diminta.")


def _act(request_id: str, act: Callable[..., None], said: str):
    def then(done: object):
        flash(said)
        return go_to(url_for("account_requests.queue"))

    token = request.form.get("claim_token", "")[:32]
    return attempt(lambda: act(request_id, token=token, staff=current_user), then, partial(_case_page, request_id))


def _case_page(request_id: str, refusal: Refusal | None = None):
    reasons = {code: words[0] for code, words in request_desk.REFUSALS.items()}
    page = render_template(
        "citizen_account/request.html", case=request_desk.view_request(request_id, current_user), refusal=refusal,
        refusals=request_desk.REFUSALS, form=OnwardForm(formdata=None),
        error=refusal.errors.get("reason", [""])[0] if refusal else "",
        typed_before=typed_words({"reason": "Alasan"}, reasons),
    )
    return make_response(page, refusal.status if refusal else 200)

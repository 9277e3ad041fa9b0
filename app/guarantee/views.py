"""/petugas/jaminan: the guarantees of the office, their letters and couriers."""

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.base import clock
from app.base.problems import NotFound
from app.casework.attempt import Refusal, attempt, read_seen
from app.casework.claims import holder_of
from app.casework.list_page import ListPage, serve_list
from app.casework.time_left import time_left
from app.city.office_calendar import calendar_for
from app.guarantee import letter, page, queue, service
from app.guarantee.moves import find, unseal
from app.guarantee.status import GUARANTEE, RULES
from app.survey.qr import qr_svg
from app.web.access import holds, staff
from app.web.headers import photo_response
from app.web.htmx import go_to, render

blueprint = Blueprint("guarantees", __name__, url_prefix="/petugas/jaminan")
ONE = "/<guarantee_id>"
QUIET = Refusal(200)


LIST = ListPage(
    queue.GUARANTEES, "guarantee/list.html", page="guarantees.all_of_them", case="guarantees.case",
    case_id_name="guarantee_id",
    context=lambda: {"labels": GUARANTEE.labels},
)


serve_list(blueprint, LIST, "handle_guarantees")


@blueprint.get(ONE)
@staff("handle_guarantees")
def case(guarantee_id: str):
    return _show(guarantee_id)(QUIET)


@blueprint.post(f"{ONE}/surat")
@staff("handle_guarantees")
def print_letter(guarantee_id: str):
    """The page to print is the answer itself: the code exists nowhere else, and a reload prints another."""
    return attempt(
        lambda: letter.print_letter(read_seen(guarantee_id, current_user)),
        lambda made: render("guarantee/letter.html", letter=made, now=clock.now(), guarantee_id=guarantee_id,
                            survey_code=qr_svg(made.survey, "Kode QR survei")),
        _show(guarantee_id),
    )


@blueprint.post(f"{ONE}/kurir")
@staff("handle_guarantees")
def hand_over(guarantee_id: str):
    form = request.form
    return attempt(
        lambda: service.hand_over(
            read_seen(guarantee_id, current_user), form.get("courier", ""), form.get("day", ""), form.get("since", ""),
            form.get("until", ""),
        ), _then(guarantee_id, "hand_over"), _show(guarantee_id),
    )


@blueprint.post(f"{ONE}/maaf")
@staff("handle_guarantees")
def apologise(guarantee_id: str):
    return attempt(
        lambda: service.apologise(read_seen(guarantee_id, current_user), request.form.get("rule", "")),
        _then(guarantee_id, "apologise"), _show(guarantee_id),
    )


@blueprint.get(f"{ONE}/bukti")
@staff("handle_guarantees")
def proof_picture(guarantee_id: str):
    guarantee = service.view(guarantee_id, current_user)
    picture = unseal(guarantee, "proof", guarantee.proof_sealed)
    if not picture:  # proven by code, or erased since
        raise NotFound()
    return photo_response(picture, "bukti")


def _then(guarantee_id: str, act: str):
    def then(done: object):
        flash(next(one.done for one in GUARANTEE.acts if one.name == act))
        return go_to(url_for("guarantees.case", guarantee_id=guarantee_id))

    return then


def _show(guarantee_id: str):
    def show(refusal: Refusal):
        guarantee = service.view(guarantee_id, current_user) if refusal is QUIET else find(guarantee_id)
        left = time_left(guarantee.due_at, guarantee.warn_at, calendar_for())
        return render(
            "guarantee/case.html", refusal.status, shown=page.case_page(guarantee),
            label=GUARANTEE.labels[guarantee.status], left=left if GUARANTEE.clock_of(guarantee.status) else None,
            refusal=refusal, typed=request.form, couriers=service.couriers(), holder=holder_of(guarantee),
            handles=holds(current_user, "handle_guarantees"), may=GUARANTEE.may, rules=RULES,
        )

    return show

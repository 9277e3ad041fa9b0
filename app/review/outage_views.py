"""/petugas/gangguan-siak: when SIAK was away."""

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected, StaleDecision
from app.review import outages
from app.review.forms import read_text
from app.web.access import staff
from app.web.htmx import go_to, render

blueprint = Blueprint("outages", __name__, url_prefix="/petugas/gangguan-siak")


@blueprint.get("")
@staff("record_outages")
def page():
    return _page()


@blueprint.post("")
@staff("record_outages")
def record():
    form = request.form
    try:
        outages.record(form.get("began", ""), form.get("ended", ""), read_text(form, "source"), current_user)
    except FormRejected as rejected:
        return _page(422, rejected.errors)
    flash("Gangguan SIAK dicatat.")
    return go_to(url_for("outages.page"))


@blueprint.post("/<outage_id>/selesai")
@staff("record_outages")
def end(outage_id: str):
    try:
        outages.end(outage_id, current_user)
        flash("Dicatat: SIAK sudah dapat dibuka.")
    except StaleDecision as late:
        flash(late.message)
    return go_to(url_for("outages.page"))


def _page(status: int = 200, errors: dict | None = None):
    return render("review/outages.html", status, errors=errors or {}, typed=request.form, outages=outages.recorded())

"""/petugas/unduh: tables to take along, each tap a journal line."""

from datetime import date

from flask import Blueprint, request
from flask_login import current_user

from app.base import clock
from app.base.problems import NotFound
from app.evaluation import downloads
from app.web.access import OFFICE, needs_proof, staff
from app.web.headers import send_table
from app.web.htmx import render

blueprint = Blueprint("downloads", __name__, url_prefix=f"{OFFICE}/unduh")


@blueprint.get("")
@staff("download_data")
def page():
    return render("evaluation/downloads.html", downloads=downloads.DOWNLOADS, span=_span())


@blueprint.get("/<name_id>.<any(csv,xlsx):kind>")
@staff("download_data")
@needs_proof
def download(name_id: str, kind: str):
    wanted = downloads.DOWNLOADS.get(name_id)
    if wanted is None:
        raise NotFound()
    span = _span()
    downloads.note(name_id, kind, span, current_user)
    return send_table(name_id, kind, wanted.columns, wanted.rows(span), wanted.title)


def _span() -> downloads.Span:
    today = clock.today()
    return downloads.span_of(_day("dari", today.replace(month=1, day=1)), _day("sampai", today))


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise

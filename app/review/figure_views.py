"""/petugas/angka: the figures of the registrations, for supervisors."""

from datetime import date

from flask import Blueprint, request

from app.base import clock
from app.review import figures
from app.web.access import staff
from app.web.htmx import render

blueprint = Blueprint("review_figures", __name__, url_prefix="/petugas/angka")


@blueprint.get("")
@staff("read_figures")
def page():
    """This month unless other days are asked for; nonsense counts as not asked."""
    today = clock.today()
    start, end = _day("dari", today.replace(day=1)), _day("sampai", today)
    return render("review/figures.html", figures=figures.of_period(min(start, end), max(start, end)))


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise

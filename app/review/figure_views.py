"""/petugas/angka: the figures of the registrations, for supervisors."""

from datetime import date

from flask import Blueprint, request

from app import clock
from app.access import staff
from app.htmx import render
from app.review import figures

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

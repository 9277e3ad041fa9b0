"""The administrator's page of what `flask doctor` says."""

from flask import Blueprint

from app.base import clock
from app.doctor.finding import LEVELS
from app.doctor.report import examine, troubles
from app.web.access import OFFICE, staff
from app.web.htmx import render

blueprint = Blueprint("doctor", __name__, url_prefix=OFFICE)


@blueprint.get("/pemeriksaan")
@staff("see_installation")
def installation():
    """Of the machine that answers this page."""
    lines = examine()
    return render("office/installation.html", lines=lines, found=troubles(lines), levels=LEVELS[::-1], now=clock.now())

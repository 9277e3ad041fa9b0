"""Figures and exports at /petugas/pengaduan/angka, and the public summary at /pengaduan/ringkasan."""

from datetime import date

from flask import Blueprint, Response, render_template, request
from flask_login import current_user

from app.base import clock
from app.base.problems import NotFound
from app.base.services import kept_answer
from app.casework.list_page import look_of
from app.complaints.arriving.validation import day
from app.complaints.desk import inbox
from app.complaints.reports import figures
from app.identity.findings import FieldError
from app.web.access import holds, needs_proof, public, staff
from app.web.headers import send_table
from app.web.htmx import render

blueprint = Blueprint("complaint_figures", __name__)
KEPT_SECONDS = 600  # anybody may ask for it


@blueprint.get("/pengaduan/ringkasan")
@public
def public_summary():
    today = clock.today()
    summary = kept_answer("complaint_summary", KEPT_SECONDS, _of_this_year, of=today)
    return render("complaints/summary.html", summary=summary, fewest=figures.FEWEST_TOLD)


def _of_this_year() -> figures.Summary:
    today = clock.today()
    return figures.of_period(today.replace(month=1, day=1), today, public=True)


@blueprint.get("/petugas/pengaduan/angka")
@staff("read_complaints")
def figures_page():
    today = clock.today()
    start, end = _day("dari", today.replace(month=1, day=1)), _day("sampai", today)
    summary = figures.of_period(min(start, end), max(start, end))
    return render_template(
        "complaints/figures.html", summary=summary, may_export=holds(current_user, "export_complaints"),
        tabs=inbox.TABS,
    )


@blueprint.get("/petugas/pengaduan/unduh.<any(csv,xlsx):kind>")
@staff("export_complaints")
@needs_proof
def export(kind: str):
    return _export(kind, figures.EXPORT_COLUMNS, figures.export_rows, "pengaduan")


@blueprint.get("/petugas/pengaduan/lapor.<any(csv,xlsx):kind>")
@staff("export_complaints")
@needs_proof
def export_for_lapor(kind: str):
    return _export(kind, figures.LAPOR_COLUMNS, figures.lapor_rows, "lapor")


def _export(kind: str, columns: tuple[str, ...], rows, name: str) -> Response:
    asked = request.args.get("tab", inbox.OPEN)
    if asked not in (*inbox.TABS, inbox.ALL):
        raise NotFound()
    look = look_of(inbox.COMPLAINTS)
    figures.note_export(f"{name}.{kind}", asked, look)
    found = rows(figures.wanted_rows("" if asked == inbox.ALL else asked, look), current_user._get_current_object())
    return send_table(name, kind, columns, found, "Pengaduan")


def _day(name: str, otherwise: date) -> date:
    try:
        return day(request.args.get(name, "")[:20]) or otherwise
    except FieldError:
        return otherwise

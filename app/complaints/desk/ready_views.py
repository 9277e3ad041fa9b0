"""/petugas/pengaduan/teks: the ready answers, made and changed by whoever answers complaints."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.complaints.desk import ready
from app.web.access import staff

blueprint = Blueprint("ready_answers", __name__, url_prefix="/petugas/pengaduan/teks")


@blueprint.get("")
@staff("handle_complaints")
def page():
    return _page({})


@blueprint.post("")
@staff("handle_complaints")
def save():
    typed = request.form
    old, name = typed.get("old", "")[:20], typed.get("name", "")[:40]
    try:
        if typed.get("act") == "drop":
            ready.drop(old, current_user)
        else:
            ready.save(old, name, typed.get("text", ""), typed.get("final") == "ya", current_user)
    except FormRejected as rejected:
        return _page(rejected.errors, 422)
    flash("Teks dihapus." if typed.get("act") == "drop" else "Teks disimpan. Semua petugas langsung memakainya.")
    return redirect(url_for("ready_answers.page"), 303)


def _page(errors: dict[str, list[str]], status: int = 200):
    """`typed` is what was refused, in the place it was typed in; "" is the form for a new one."""
    shown = render_template(
        "complaints/ready.html", answers=ready.all_answers(), errors=errors, typed=request.form,
        variables=ready.VARIABLES, longest=ready.LONGEST,
    )
    return shown, status

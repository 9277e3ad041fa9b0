"""/petugas/alasan: the reasons officers choose from, kept by an administrator."""

from flask import Blueprint, flash, request
from flask_login import current_user

from app.base.problems import FormRejected
from app.office import reasons
from app.office.forms import NewReasonForm, ReasonForm
from app.web.access import OFFICE, needs_proof, staff
from app.web.htmx import go_to, render

blueprint = Blueprint("reasons", __name__, url_prefix=f"{OFFICE}/alasan")


@blueprint.get("")
@staff("manage_reasons")
@needs_proof
def all_of_them():
    return render("office/reasons.html", places=reasons.listed())


@blueprint.get("/tambah")
@staff("manage_reasons")
@needs_proof
def add_page():
    return _page(NewReasonForm(formdata=None))


@blueprint.post("/tambah")
@staff("manage_reasons")
@needs_proof
def add():
    form = NewReasonForm()
    try:
        reasons.add(form.place.data or "", _typed(form), current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _page(form, status=422)
    return _done("Alasan sudah ditambahkan.")


@blueprint.get("/<reason_id>")
@staff("manage_reasons")
@needs_proof
def one(reason_id: str):
    entry = reasons.existing(reason_id)
    return _page(ReasonForm(formdata=None, **vars(entry)), entry)


@blueprint.post("/<reason_id>")
@staff("manage_reasons")
@needs_proof
def change(reason_id: str):
    entry, form = reasons.existing(reason_id), ReasonForm()
    try:
        reasons.change(reason_id, _typed(form), "offered" in request.form, current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _page(form, entry, 422)
    return _done("Alasan sudah disimpan. Petugas langsung memakainya.")


def _typed(form: ReasonForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in reasons.LENGTHS}


def _page(form: ReasonForm, entry=None, status: int = 200):
    """`entry` is the reason as it is, None for a new one."""
    place = reasons.PLACES[reasons.place_of(entry)] if entry else ""
    return render("office/reason.html", status, form=form, entry=entry, place=place)


def _done(sentence: str):
    flash(sentence)
    return go_to(f"{OFFICE}/alasan")

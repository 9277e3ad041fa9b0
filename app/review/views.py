"""The desk at /petugas/: queue, one case with its photos, and the four acts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app import journal
from app.access import holds, staff
from app.extensions import transaction
from app.headers import photo_response
from app.identity.flags import FLAG_TEXT
from app.problems import FormRejected, NotFound
from app.registration.models import PHOTO_KINDS, Photo
from app.registration.personal import open_personal
from app.registration.photo_service import read_photo
from app.registration.reasons import CATALOGUE, ITEMS, REJECT_REASONS, RETURN_REASONS
from app.registration.status import LABELS, may
from app.registration.transitions import GivenReason
from app.review import queue, service
from app.review.history import line_text

blueprint = Blueprint("review", __name__, url_prefix="/petugas")


@blueprint.get("/")
@staff("staff_home")
def home():
    tab = request.args.get("tab", queue.FIRST_TAB)
    if tab not in queue.TABS:
        raise NotFound()
    rows = queue.page_of(tab) if holds(current_user.role, "read_case") else []
    return render_template(
        "review/queue.html", tab=tab, tabs=queue.TABS, counts=queue.counts(), rows=rows,
        labels=LABELS,
    )


@blueprint.get("/pendaftaran/<application_id>")
@staff("read_case")
def case(application_id: str):
    return _case_page(service.open_case(application_id, current_user))


@blueprint.get("/pendaftaran/<application_id>/foto/<any(ktp,signature,selfie):kind>")
@staff("read_case")
def photo(application_id: str, kind: str):
    kept = _current_photo(application_id, kind)
    with transaction():
        journal.record(
            "photo_viewed", actor=journal.Actor("staff", current_user.id),
            about=("application", application_id), detail={"kind": kind},
        )
    return photo_response(read_photo(kept), kind)


@blueprint.post("/pendaftaran/<application_id>/lengkap")
@staff("declare_complete")
def declare_complete(application_id: str):
    service.declare_complete(application_id, _version(), current_user)
    flash("Berkas dinyatakan lengkap. Pemohon diberi tahu batas waktunya.")
    return _back_to(application_id)


@blueprint.post("/pendaftaran/<application_id>/setujui")
@staff("decide")
def approve(application_id: str):
    service.approve(application_id, _version(), current_user)
    flash("Disetujui. Akun sudah aktif dan pemohon diberi tahu.")
    return _back_to(application_id)


@blueprint.post("/pendaftaran/<application_id>/kembalikan")
@staff("return")
def return_for_mending(application_id: str):
    reasons = tuple(
        GivenReason(CATALOGUE[code].item, code, request.form.get(f"note_{code}", "").strip()[:300])
        for code in request.form.getlist("reasons") if code in CATALOGUE
    )
    try:
        service.return_for_mending(application_id, _version(), current_user, reasons)
    except FormRejected as rejected:
        return _case_page(service.open_case(application_id, current_user), rejected, 422)
    flash("Dikembalikan. Pemohon diberi tahu apa yang perlu diperbaiki.")
    return _back_to(application_id)


@blueprint.post("/pendaftaran/<application_id>/tolak")
@staff("decide")
def reject(application_id: str):
    reason = GivenReason("", request.form.get("ground", ""), request.form.get("note", "").strip()[:300])
    try:
        service.reject(application_id, _version(), current_user, reason)
    except FormRejected as rejected:
        return _case_page(service.open_case(application_id, current_user), rejected, 422)
    flash("Ditolak. Pemohon diberi tahu alasannya.")
    return _back_to(application_id)


def _case_page(application, rejected: FormRejected | None = None, status: int = 200):
    page = render_template(
        "review/case.html", application=application, person=open_personal(application),
        label=LABELS[application.status], kinds=PHOTO_KINDS, items=ITEMS, may=may, holds=holds,
        flag_texts=[FLAG_TEXT.get(code, code) for code in application.flags],
        return_reasons=RETURN_REASONS, reject_reasons=REJECT_REASONS, catalogue=CATALOGUE,
        errors=rejected.errors if rejected else {}, typed=request.form,
        lines=journal.lines_about("application", application.id), line_text=line_text,
    )
    return page, status


def _current_photo(application_id: str, kind: str) -> Photo:
    application = service.find_case(application_id)
    kept = application.photo(kind)
    if kept is None:
        raise NotFound()
    return kept


def _version() -> int:
    """The version the page showed; nonsense counts as stale, not as an error of ours."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _back_to(application_id: str):
    return redirect(url_for("review.case", application_id=application_id), 303)

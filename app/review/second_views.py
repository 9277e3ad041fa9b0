"""Asking for a second person, looking into SIAK again, and days with one person."""

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.casework.attempt import attempt, read_seen
from app.review import one_person, rechecks, second_look
from app.review.forms import read_evidence, read_text
from app.review.rendering import shows
from app.web.access import staff
from app.web.htmx import go_to, render

blueprint = Blueprint("second", __name__, url_prefix="/petugas")
CASE = "/pendaftaran/<application_id>"


@blueprint.post(f"{CASE}/orang-kedua")
@staff("take_case")
def ask_second(application_id: str):
    def then(done: object):
        flash("Orang kedua diminta. Berkas pindah ke daftarnya, jawaban Anda tersimpan.")
        return go_to(url_for("review.home"))

    def ask() -> None:
        what = read_text(request.form, "second_what")
        seen = read_seen(application_id, current_user)
        second_look.ask(seen, read_evidence(request.form), request.form.get("second_to", ""), what)

    return attempt(ask, then, shows(application_id))


@blueprint.post(f"{CASE}/periksa-ulang")
@staff("decide")
def recheck(application_id: str):
    def then(confirmed: bool):
        flash("SIAK cocok. Akun tidak lagi sementara." if confirmed else
              "Akun ditangguhkan, pemohon diberi tahu alasannya.")
        return go_to(url_for("cases.case", application_id=application_id))

    result = request.form.get("recheck", "")
    return attempt(lambda: rechecks.record_result(application_id, result, current_user), then, shows(application_id))


@blueprint.post(f"{CASE}/periksa-ulang/ambil")
@staff("decide")
def take_recheck(application_id: str):
    def then(done: object):
        flash("Anda penanggung jawab pemeriksaan ulang ini.")
        return go_to(url_for("cases.case", application_id=application_id))

    return attempt(lambda: rechecks.become_owner(application_id, current_user), then, shows(application_id))


@blueprint.get("/satu-orang")
@staff("open_one_person_day")
def one_person_days():
    return _days_page()


@blueprint.post("/satu-orang")
@staff("open_one_person_day")
def open_one_person_day():
    try:
        one_person.open_day(request.form.get("day", ""), read_text(request.form, "reason"), current_user)
    except FormRejected as rejected:
        return _days_page(422, rejected.errors)
    flash("Hari dibuka. Setiap keputusan oleh satu orang tercatat di bawah dengan alasannya.")
    return go_to(url_for("second.one_person_days"))


def _days_page(status: int = 200, errors: dict | None = None):
    return render(
        "review/one_person.html", status, errors=errors or {}, typed=request.form,
        days=one_person.opened_days(), uses=one_person.uses(),
    )

"""The front of the office at /petugas/: lists, taking the next case, search, counter service."""

from functools import partial

from flask import Blueprint, flash, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected, NotFound
from app.casework.lists import COUNT_CAP
from app.casework.time_left import time_left
from app.city.office_calendar import calendar_for
from app.registration.draft_cookie import COOKIE
from app.registration.status import REGISTRATION, WAITING
from app.review import counter, next_case, queue, rights
from app.review import search as finder
from app.web.access import polling, staff
from app.web.htmx import go_to, render

blueprint = Blueprint("review", __name__, url_prefix="/petugas")


@blueprint.get("/")
@staff("staff_home")
def home():
    tab = request.args.get("tab", queue.FIRST_TAB)
    if tab not in queue.TABS:
        raise NotFound()
    rows, more = [], ""
    if queue.may_see_rows(current_user):
        rows, more = queue.page_of(tab, current_user.id, request.args.get("sesudah", ""))
    return _list_page(rows, tab=tab, more=more, is_later_page="sesudah" in request.args)


@blueprint.get("/hitungan")
@polling
@staff("staff_home")
def counts():
    return render_template("casework/counts.html", counts=queue.counts(current_user.id), cap=COUNT_CAP)


@blueprint.post("/berikutnya")
@staff("take_case")
def take_next():
    application_id = next_case.take_next(current_user)
    if application_id is None:
        flash("Tidak ada berkas yang menunggu Anda sekarang.")
        return go_to(url_for("review.home"))
    return go_to(url_for("cases.case", application_id=application_id))


@blueprint.post("/cari")
@staff("read_case")
def search():
    typed = request.form.get("q", "").strip()
    rows = finder.search(typed, current_user) if typed else []
    return _list_page(rows, tab="", searched=typed)


@blueprint.get("/data-diri")
@staff("take_case")
def kin():
    return render("review/kin.html", errors={}, typed={}, kept=rights.kin_of(current_user.id))


@blueprint.post("/data-diri")
@staff("take_case")
def save_kin():
    try:
        rights.save_kin(current_user.id, request.form)
    except FormRejected as rejected:
        kept = rights.kin_of(current_user.id)
        return render("review/kin.html", 422, errors=rejected.errors, typed=request.form, kept=kept)
    flash("Tersimpan. Anda tidak akan diberi berkas Anda sendiri atau keluarga satu KK.")
    return go_to(url_for("review.home"))


@blueprint.get("/loket")
@staff("file_at_counter")
def at_counter():
    return render("review/counter.html", error="")


@blueprint.post("/loket")
@staff("file_at_counter")
def start_at_counter():
    if request.form.get("notice") != "y":
        return render("review/counter.html", 422, error="Bacakan pemberitahuan, lalu beri tanda centang.")
    token = counter.start_at_counter(current_user)
    return COOKIE.give(go_to(url_for("registration.data")), token)


@blueprint.post("/loket/selesai")
@staff("file_at_counter")
def done_at_counter():
    flash("Pendaftaran di loket selesai. Layar ini tidak menyimpan data warga tadi.")
    return COOKIE.take(go_to(url_for("review.home")))


def _list_page(rows: list[queue.Row], tab: str, more: str = "", searched: str = "", is_later_page: bool = False):
    return render(
        "review/queue.html", tab=tab,
        tab_names=[(key, one.label, url_for("review.home", tab=key)) for key, one in queue.TABS.items()],
        counts=queue.counts(current_user.id),
        cap=COUNT_CAP, rows=rows, labels=REGISTRATION.labels,
        clock_names={status: REGISTRATION.clock_of(status).label for status in WAITING}, more=more, searched=searched,
        time_left=partial(time_left, calendar=calendar_for()),
        is_later_page=is_later_page, most=finder.MOST, done=queue.decided_today(current_user.id),
        sees_rows=queue.may_see_rows(current_user), kin=rights.kin_of(current_user.id),
    )

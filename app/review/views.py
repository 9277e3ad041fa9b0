"""The front of the office at /petugas/: lists, taking the next case, search, counter service; the figures at
/petugas/angka, and when SIAK was away at /petugas/gangguan-siak."""

from datetime import date
from functools import partial
from urllib.parse import urlsplit

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.accounts.gates import DUE_PAGES, SIGN_IN_PAGES
from app.accounts.sessions import STAFF
from app.base import clock
from app.base.problems import FormRejected, StaleDecision
from app.casework.list_page import ListPage, around, serve_beside, serve_next, serve_search, show_list
from app.registration import drafts
from app.registration.draft_cookie import COOKIE
from app.registration.fields import WITHOUT_WHATSAPP
from app.registration.status import REGISTRATION
from app.review import figures, outages, rights, worklist
from app.review import search as finder
from app.review.rendering import read_text
from app.web.access import holds, staff
from app.web.htmx import go_to, render
from app.web.jabatan import JABATAN_HOMES

blueprint = Blueprint("review", __name__, url_prefix="/petugas")


def _around() -> dict:
    standing = worklist.standing_of(current_user.id)
    return {
        "labels": REGISTRATION.labels, "most": finder.MOST, "sees_rows": _sees_rows(), **standing._mapping,
    }


def _sees_rows() -> bool:
    return holds(current_user, "read_case")


QUEUE = ListPage(
    worklist.REGISTRATIONS, "review/queue.html", page="review.home",
    case="cases.case", case_id_name="application_id", about="application", context=_around, sees_lines=_sees_rows,
)


@blueprint.app_context_processor
def _for_the_case() -> dict:
    return {"around_registration": partial(around, QUEUE)}


@blueprint.get("/")
@staff("staff_home")
def home():
    if _has_own_page() and not request.args:
        return go_to(url_for(JABATAN_HOMES[current_user.jabatan]))
    return show_list(QUEUE)


serve_beside(blueprint, QUEUE, "staff_home", "read_case")
serve_search(blueprint, QUEUE, finder.search, "read_case", finder.LONGEST)
serve_next(blueprint, QUEUE, worklist.take_next, "take_case", "Tidak ada berkas yang menunggu Anda sekarang.")


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
    return render("review/counter.html", errors={}, ways=WITHOUT_WHATSAPP, chosen="")


@blueprint.post("/loket")
@staff("file_at_counter")
def start_at_counter():
    chosen, errors = request.form.get("reached_by", ""), {}
    if request.form.get("notice") != "y":
        errors["notice"] = ["Bacakan pemberitahuan, lalu beri tanda centang."]
    if chosen not in ("", *WITHOUT_WHATSAPP):
        errors["reached_by"] = ["Pilih cara menyampaikan hasilnya."]
    if errors:
        return render("review/counter.html", 422, errors=errors, ways=WITHOUT_WHATSAPP, chosen=chosen)
    token = drafts.start_at_counter(current_user, chosen)
    return COOKIE.give(go_to(url_for("registration.data")), token)


@blueprint.post("/loket/selesai")
@staff("file_at_counter")
def done_at_counter():
    flash("Pendaftaran di meja layanan selesai. Layar ini tidak menyimpan data warga tadi.")
    return COOKIE.take(go_to(url_for("review.home")))


def _has_own_page() -> bool:
    """Whoever oversees lands on the page made for the function; one who works on cases too, only at signing in."""
    if not current_user.jabatan:
        return False
    before = urlsplit(request.referrer or "").path
    return not holds(current_user, "take_case") or before in (SIGN_IN_PAGES[STAFF], *DUE_PAGES.values())


figures_blueprint = Blueprint("review_figures", __name__, url_prefix="/petugas/angka")


@figures_blueprint.get("", endpoint="page")
@staff("read_figures")
def figures_page():
    """This month unless other days are asked for; nonsense counts as not asked."""
    today = clock.today()
    start, end = _day("dari", today.replace(day=1)), _day("sampai", today)
    return render("review/figures.html", figures=figures.of_period(min(start, end), max(start, end)))


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise


outages_blueprint = Blueprint("outages", __name__, url_prefix="/petugas/gangguan-siak")


@outages_blueprint.get("", endpoint="page")
@staff("record_outages")
def outages_page():
    return _page()


@outages_blueprint.post("")
@staff("record_outages")
def record():
    form = request.form
    try:
        outages.record(form.get("began", ""), form.get("ended", ""), read_text(form, "source"), current_user)
    except FormRejected as rejected:
        return _page(422, rejected.errors)
    flash("Gangguan SIAK dicatat.")
    return go_to(url_for("outages.page"))


@outages_blueprint.post("/<outage_id>/selesai")
@staff("record_outages")
def end(outage_id: str):
    try:
        outages.end(outage_id, current_user)
        flash("Dicatat: SIAK sudah dapat dibuka.")
    except StaleDecision as late:
        flash(late.message)
    return go_to(url_for("outages.page"))


def _page(status: int = 200, errors: dict | None = None):
    return render("review/outages.html", status, errors=errors or {}, typed=request.form, outages=outages.recorded())

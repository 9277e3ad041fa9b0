"""`/lacak`: number and PIN, the status page that refreshes itself, withdrawing, going on elsewhere."""

from flask import Blueprint, flash, g, redirect, request, url_for
from wtforms import HiddenField, StringField

from app.base import clock
from app.base.database import db
from app.base.ids import LONG_CODE, REGISTRATION_PIN
from app.base.problems import FormRejected, NotAllowed, NotFound
from app.guessing import budgets, step_codes
from app.guessing.known_browser import STEP_COOKIE, remember, visitor
from app.guessing.step_codes import StepNeeded
from app.registration import draft_cookie, drafts
from app.registration.links import RESUME, find_link
from app.registration.mending import withdraw
from app.registration.models import Application
from app.registration.receipt import receipt_png
from app.registration.status import DRAFT, RETURNED
from app.tracking import visits
from app.tracking.page import status_page
from app.tracking.visits import Visit
from app.tracking.words import MEANING, NOTICE_TONE
from app.web import access
from app.web.access import follower, polling, public
from app.web.cookies import Cookie
from app.web.errors import to_the_door
from app.web.forms import CodeForm, EmptyForm, TextForm
from app.web.headers import png_response
from app.web.htmx import go_to, render, wants_fragment

COOKIE = Cookie("loket_lacak", visits.VISIT_LIFE)


def held_visit() -> Visit | None:
    token = COOKIE.held()
    return visits.find_visit(token) if token else None


@access.gate("follower")
def _gate(_access):
    visit = held_visit()
    if visit is None:
        return to_the_door("Isi lagi nomor dan PIN Anda", url_for("tracking.home"))
    g.application_id, g.with_pin = visit.application_id, visit.with_pin
    return None


class FollowForm(TextForm):
    """`to` is where the resident was going: only a name from a list of ours."""

    number = StringField("Nomor pendaftaran")
    pin = StringField("PIN")
    to = HiddenField()


blueprint = Blueprint("tracking", __name__, url_prefix="/lacak")
ONWARD = {"perbaikan": "mending.overview"}


@blueprint.get("")
@public
def home():
    """The status while a visit lasts, else the form; `?pin` asks a link's visitor for the PIN."""
    visit = held_visit()
    if visit is None or ("pin" in request.args and not visit.with_pin):
        number = request.args.get("nomor", "")[:20]
        return _form_page(FollowForm(formdata=None, number=number, to=request.args.get("ke", "")))
    return _status_page(visit.application_id, visit.with_pin, "tracking/status.html")


@blueprint.post("")
@public
def follow():
    form = FollowForm()
    try:
        opened = visits.open_visit(form.number.data or "", form.pin.data or "", visitor())
    except visits.NoMatch as missed:
        form.pin.data = ""
        return _form_page(form, 422, missed.message)
    except StepNeeded as needed:
        onward = {"ke": form.to.data} if form.to.data in ONWARD else {}
        return STEP_COOKIE.give(go_to(url_for("tracking.code_page", **onward)), needed.token)
    return _enter(opened, form.to.data)


@blueprint.get("/kode")
@public
def code_page():
    if not step_codes.held(STEP_COOKIE.held(), budgets.TRACKING):
        return go_to(url_for("tracking.home"))
    return _code_page(CodeForm(formdata=None, next=request.args.get("ke", "")))


@blueprint.post("/kode")
@public
def send_code():
    form = CodeForm()
    try:
        opened = visits.finish_visit(STEP_COOKIE.held(), form.code.data or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _code_page(form, 422)
    except step_codes.StepOver as over:
        return STEP_COOKIE.take(_form_page(FollowForm(formdata=None), over.status, over.message))
    return STEP_COOKIE.take(_enter(opened, form.next.data))


@blueprint.get("/keadaan")
@follower
@polling
def live():
    """The part that htmx asks for again and again."""
    if not wants_fragment():
        return go_to(url_for("tracking.home"))
    return _status_page(g.application_id, g.with_pin, "tracking/live.html")


@blueprint.get("/t/<token>")
@public
def by_link(token: str):
    """Programs look at links before people do, so looking uses nothing up."""
    link = find_link(token)
    if link is None:
        return _form_page(FollowForm(formdata=None), 404, "Tautan ini sudah tidak berlaku.", stale_link=True)
    if link.purpose == RESUME:
        return render("tracking/resume.html", form=EmptyForm(formdata=None), token=token)
    returned = db.session.get(Application, link.application_id).status == RETURNED
    answer, held = redirect(url_for("mending.overview" if returned else "tracking.home"), 303), held_visit()
    if held is not None and held.with_pin and held.application_id == link.application_id:
        return answer  # the link opens less than the PIN that was typed here before
    opened = visits.open_by_link(token)
    return remember(COOKIE.give(answer, opened.token), opened.mark)


@blueprint.post("/t/<token>")
@public
def resume_by_link(token: str):
    moved = drafts.move_by_link(token)
    if moved is None:
        return _form_page(FollowForm(formdata=None), 404, "Tautan ini sudah tidak berlaku.", stale_link=True)
    return draft_cookie.COOKIE.give(go_to(url_for("registration.check")), moved)


@blueprint.post("/lanjutkan")
@follower
def resume():
    """A draft goes on in this browser."""
    _demand_pin()
    response = draft_cookie.COOKIE.give(go_to(url_for("registration.check")), drafts.move_draft(g.application_id))
    visits.end_visit(COOKIE.held())
    return COOKIE.take(response)


@blueprint.get("/batalkan")
@follower
def ask_withdrawal():
    _demand_pin()
    return _withdraw_page()


@blueprint.post("/batalkan")
@follower
def withdraw_it():
    _demand_pin()
    if request.form.get("confirm") != "ya":
        return _withdraw_page()
    withdraw(g.application_id)
    flash("Pendaftaran sudah dibatalkan.")
    return go_to(url_for("tracking.home"))


@blueprint.get("/bukti.png")
@follower
def receipt():
    _demand_pin()
    return png_response(receipt_png(_sent_application()), "bukti-pendaftaran")


@blueprint.get("/bukti")
@follower
def print_receipt():
    _demand_pin()
    return render(
        "registration/receipt.html", application=_sent_application(), picture=url_for("tracking.receipt"),
        back=url_for("tracking.home"),
    )


@blueprint.post("/selesai")
@public
def leave():
    visits.end_visit(COOKIE.held())
    return COOKIE.take(go_to(url_for("tracking.home")))


def _demand_pin() -> None:
    if not g.with_pin:
        raise NotAllowed("Untuk ini kami perlu PIN Anda. Buka Lacak Pendaftaran, lalu isi nomor dan PIN.")


def _sent_application() -> Application:
    application = db.session.get(Application, g.application_id)
    if application.status == DRAFT:
        raise NotFound()
    return application


def _enter(opened: visits.Opened, wanted: str | None):
    response = COOKIE.give(go_to(url_for(ONWARD.get(wanted or "", "tracking.home"))), opened.token)
    return remember(response, opened.mark)


def _code_page(form: CodeForm, status: int = 200):
    return render(
        "accounts/step.html", status, form=form, action=url_for("tracking.send_code"),
        start=url_for("tracking.home"), start_label="Lacak Pendaftaran",
        why="Nomor ini terlalu sering dicoba dari HP atau komputer yang tidak kami kenal.",
        sent=f"Nomor dan PIN tadi benar? Kode {LONG_CODE} angka sudah kami kirim ke nomor WhatsApp di pendaftaran "
             "itu.",
        ways=("Buka tautan di salah satu pesan WhatsApp dari kami. Tautan itu tidak ikut dibatasi.",
              "Periksa nomor dan PIN, lalu isi sekali lagi."),
    )


def _form_page(form: FollowForm, status: int = 200, missed: str = "", stale_link: bool = False):
    return render(
        "tracking/form.html", status, form=form, missed=missed, stale_link=stale_link,
        pin_digits=REGISTRATION_PIN,
    )


def _status_page(application_id: str, with_pin: bool, template: str):
    page = status_page(application_id, with_pin)
    return render(
        template, view=page, with_pin=with_pin, meaning=MEANING[page.status],
        tone=NOTICE_TONE.get(page.status, ""), now=clock.now(), form=EmptyForm(formdata=None),
    )


def _withdraw_page():
    page = status_page(g.application_id)
    if not page.may_withdraw:
        flash("Pendaftaran ini tidak dapat dibatalkan lagi di sini. Hubungi kami jika perlu.")
        return go_to(url_for("tracking.home"))
    return render("tracking/withdraw.html", view=page, form=EmptyForm(formdata=None))

"""`/lupa-sandi`: NIK, code by WhatsApp, new password; and the way without WhatsApp.

Every answer is the same whether or not the NIK has an account.
"""

from flask import Blueprint, flash, g, request, url_for

from app.accounts.forms import NewPasswordForm
from app.base.ids import CODE, LONG_CODE
from app.base.problems import FormRejected, TooManyRequests
from app.citizen_account import codes, number_service, password_service
from app.citizen_account.forms import AskCodeForm, LostNumberForm, give_cookie, held_token, held_tokens, take_cookie
from app.citizen_account.models import PASSWORD
from app.guessing.known_browser import remember, visitor
from app.identity.findings import FieldError
from app.identity.nik import parse_sixteen
from app.photos.errors import PhotoError, PoorPhoto
from app.registration.photo_page import judging, said_of
from app.registration.photo_service import sent_file
from app.web.access import public
from app.web.forms import CodeForm
from app.web.htmx import as_step, come_back, go_to, render

blueprint = Blueprint("recovery", __name__, url_prefix="/lupa-sandi")
CODE_LABEL = "Kode dari WhatsApp"
ENOUGH_CODES = (
    "Kode untuk NIK ini sudah diminta beberapa kali hari ini. Pakai kode yang sudah masuk, atau minta lagi besok. "
    "Di HP yang biasa Anda pakai untuk masuk, kode masih dapat diminta."
)


@blueprint.get("")
@public
def start():
    return _recovery_page("forgot", AskCodeForm(formdata=None))


@blueprint.post("")
@public
def ask():
    form = AskCodeForm()
    try:
        token = password_service.ask_for_code(_nik(form), visitor())
    except FormRejected as rejected:
        return _rejected("forgot", form, rejected)
    except TooManyRequests as error:
        page = _recovery_page("forgot", form, error.status, ENOUGH_CODES)
        page.headers["Retry-After"] = str(error.retry_after)
        return as_step(page)
    return give_cookie(go_to(url_for("recovery.code_page")), PASSWORD, token)


@blueprint.get("/kode")
@public
def code_page():
    row = codes.newest_of(held_tokens(PASSWORD), PASSWORD)
    if row is None:
        return _code_is_over()
    if row.proved_at is not None:
        return go_to(url_for("recovery.new_page"))
    return _code_page(CodeForm(formdata=None, label=CODE_LABEL))


@blueprint.post("/kode")
@public
def prove():
    form = CodeForm(label=CODE_LABEL)
    try:
        is_enough = password_service.prove_code(held_tokens(PASSWORD), form.code.data or "")
    except FormRejected as rejected:
        form.code.data = ""
        form.show_errors(rejected.errors)
        return _code_page(form, 422)
    except codes.ChallengeOver as over:
        return _start_again(over)
    return go_to(url_for("recovery.new_page" if is_enough else "recovery.code_page"))


@blueprint.get("/baru")
@public
def new_page():
    row = codes.newest_of(held_tokens(PASSWORD), PASSWORD)
    if row is None:
        return _code_is_over()
    if row.proved_at is None:
        return go_to(url_for("recovery.code_page"))
    return _recovery_page("forgot_new", NewPasswordForm(formdata=None))


@blueprint.post("/baru")
@public
def set_new():
    form = NewPasswordForm()
    try:
        mark = password_service.set_forgotten(held_tokens(PASSWORD), form.new_password.data or "")
    except FormRejected as rejected:
        return _rejected("forgot_new", form, rejected)
    except codes.ChallengeOver as over:
        return _start_again(over)
    flash("Kata sandi baru tersimpan. Silakan masuk.")
    return remember(take_cookie(go_to(url_for("accounts.sign_in_page")), PASSWORD), mark)


@blueprint.get("/t/<token>")
@public
def stop_page(token: str):
    """Programs look at links before people do, so looking stops nothing."""
    if not password_service.is_stop_link(token):
        return _recovery_page("stop_codes", AskCodeForm(formdata=None), 404, "Tautan ini sudah tidak berlaku.")
    return render("citizen_account/stop_codes.html", form=AskCodeForm(formdata=None), problem="", token=token)


@blueprint.post("/t/<token>")
@public
def stop(token: str):
    if not password_service.stop_codes(token):
        return _recovery_page("stop_codes", AskCodeForm(formdata=None), 404, "Tautan ini sudah tidak berlaku.")
    return go_to(url_for("recovery.stopped"))


@blueprint.get("/dihentikan")
@public
def stopped():
    return render("citizen_account/codes_stopped.html")


@blueprint.get("/tanpa-whatsapp")
@public
def lost_number_page():
    return _lost_page(LostNumberForm(formdata=None))


@blueprint.post("/tanpa-whatsapp")
@public
def lost_number():
    form = LostNumberForm()
    try:
        number = form.new_number.data or ""
        nik = number_service.asked_by_stranger(form.nik.data or "", number)
        data, filename = sent_file(request.files)
        number_service.ask_operator(
            nik, number, data, filename, visitor(), signed_in=False, despite=form.despite.data == "ya",
        )
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _lost_page(form, 422)
    except PhotoError as error:
        again = isinstance(error, PoorPhoto)
        return come_back(_lost_page(form, error.status, said_of(error), again), error.retry_after)
    return go_to(url_for("recovery.received"))


@blueprint.get("/diterima")
@public
def received():
    return render("citizen_account/request_received.html")


def _code_page(form: CodeForm, status: int = 200):
    row = codes.newest_of(held_tokens(PASSWORD), PASSWORD)
    return render(
        "citizen_account/forgot_code.html", status, form=form, second=row is not None and codes.wants_second(row),
        second_digits=LONG_CODE,
    )


def _nik(form) -> str:
    try:
        return parse_sixteen(form.nik.data, "NIK")
    except FieldError as error:
        raise FormRejected({"nik": [error.message]}) from None


def _code_is_over():
    """Opened again too late, or never asked for."""
    if held_token(PASSWORD):
        flash(codes.ChallengeOver.message)
    return go_to(url_for("recovery.start"))


def _start_again(over: codes.ChallengeOver):
    return take_cookie(_recovery_page("forgot", AskCodeForm(formdata=None), over.status, over.message), PASSWORD)


def _rejected(name: str, form, rejected: FormRejected):
    form.show_errors(rejected.errors)
    return _recovery_page(name, form, 422)


@blueprint.context_processor
def _digits() -> dict:
    return {"code_digits": CODE}


def _recovery_page(name: str, form, status: int = 200, problem: str = ""):
    return render(f"citizen_account/{name}.html", status, form=form, problem=problem)


def _lost_page(form: LostNumberForm, status: int = 200, photo_error: str = "", again: bool = False):
    g.photo_page = True
    return render(
        "citizen_account/lost_number.html", status, form=form, photo_error=photo_error, judging=judging("selfie"),
        again=again or form.despite.data == "ya",
        action=url_for("recovery.lost_number"), ask_nik=True, back=url_for("recovery.start"),
    )

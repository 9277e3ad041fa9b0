"""The resident: sign in, sign out."""

from flask import Blueprint, request, url_for
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.accounts import gates, sessions
from app.accounts.forms import SignInForm
from app.accounts.gates import (
    HOMES,
    SIGN_IN_PAGES,
    give_cookie,
    held_token,
    next_query,
    safe_next,
    signed_in,
)
from app.accounts.passwords import SessionOver, SignInRejected
from app.accounts.sessions import CITIZEN
from app.base.ids import LONG_CODE
from app.base.problems import FormRejected
from app.citizen_account import account as sign_in_service
from app.guessing import budgets, step_codes
from app.guessing.known_browser import STEP_COOKIE, remember, visitor
from app.guessing.step_codes import StepNeeded
from app.identity.findings import FieldError
from app.identity.nik import parse_sixteen
from app.web.access import public
from app.web.forms import CodeForm, OnwardForm
from app.web.htmx import go_to, render

blueprint = Blueprint("accounts", __name__)


@blueprint.app_template_global("signed_in_here")
def signed_in_here() -> bool:
    """Whether the menu leads to the account. A page that tells of a database gone away has a menu, too."""
    try:
        return bool(held_token(CITIZEN)) and signed_in(CITIZEN) is not None
    except (OperationalError, PoolTimeout):
        return False


@blueprint.get("/masuk")
@public
def sign_in_page():
    if signed_in(CITIZEN):
        return go_to(HOMES[CITIZEN])
    return _page(SignInForm(formdata=None, next=request.args.get("next", "")))


@blueprint.post("/masuk")
@public
def sign_in():
    form = SignInForm()
    try:
        nik = parse_sixteen(form.nik.data, "NIK")
        entered = sign_in_service.sign_in(nik, form.password.data or "", visitor(), held_token(CITIZEN))
    except FieldError as error:
        form.show_errors({"nik": [error.message]})
        return _page(form, 422)
    except SignInRejected:
        return _page(form, 422, rejected=True)
    except StepNeeded as needed:
        return STEP_COOKIE.give(go_to(url_for("accounts.code_page") + next_query(form.next.data)), needed.token)
    return _enter(form, entered)


@blueprint.get("/masuk/kode")
@public
def code_page():
    if not step_codes.held(STEP_COOKIE.held(), budgets.CITIZEN):
        return go_to(SIGN_IN_PAGES[CITIZEN])
    return _code_page(CodeForm(formdata=None, next=request.args.get("next", "")))


@blueprint.post("/masuk/kode")
@public
def send_code():
    form = CodeForm()
    try:
        entered = sign_in_service.finish_sign_in(STEP_COOKIE.held(), form.code.data or "", held_token(CITIZEN))
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _code_page(form, 422)
    except step_codes.StepOver as over:
        page = _page(SignInForm(formdata=None, next=form.next.data), over.status, over=over.message)
        return STEP_COOKIE.take(page)
    return STEP_COOKIE.take(_enter(form, entered))


@blueprint.app_errorhandler(SessionOver)
def session_over(over: SessionOver):
    """A resident typed the own password wrong three times; the office answers for itself."""
    return gates.show_out(CITIZEN, over.message)


@blueprint.post("/keluar")
@public
def sign_out():
    return gates.end_session(CITIZEN)


def _enter(form: OnwardForm, entered: sessions.Entered):
    response = give_cookie(go_to(safe_next(form.next.data, HOMES[CITIZEN])), CITIZEN, entered.token)
    return remember(response, entered.mark)


def _code_page(form: CodeForm, status: int = 200):
    return render(
        "accounts/step.html", status, form=form, action=url_for("accounts.send_code"),
        start=SIGN_IN_PAGES[CITIZEN], start_label="Masuk",
        why="Hari ini terlalu banyak percobaan masuk yang gagal dari HP atau komputer yang tidak kami kenal.",
        sent=f"Jika NIK dan kata sandi tadi benar, kode {LONG_CODE} angka sudah kami kirim ke nomor WhatsApp akun "
             "Anda.",
        ways=("Periksa NIK dan kata sandi, lalu masuk sekali lagi.",
              "Lupa kata sandi? Buka Lupa kata sandi di halaman Masuk."),
    )


def _page(form: SignInForm, status: int = 200, rejected: bool = False, over: str = ""):
    return render("accounts/sign_in.html", status, form=form, rejected=rejected, over=over)

"""Staff: sign in, what is due on the way in, sign out."""

from flask import Blueprint, Response, flash, request, url_for

from app.accounts import gates, second_factor, staff_service
from app.accounts.forms import StaffChangePasswordForm, StaffNewPasswordForm, StaffSignInForm
from app.accounts.gates import (
    DUE_PAGES,
    HOMES,
    OFFICE,
    SIGN_IN_PAGES,
    give_cookie,
    held_token,
    next_query,
    safe_next,
    signed_in,
)
from app.accounts.passwords import SessionOver, SignInRejected
from app.accounts.sessions import ENROL, PASSWORD, STAFF, SignedIn
from app.base.problems import FormRejected
from app.guessing import budgets, step_codes
from app.guessing.known_browser import STEP_COOKIE, remember, visitor
from app.guessing.step_codes import StepNeeded
from app.web.access import public, staff_arriving
from app.web.forms import CodeForm, OnwardForm
from app.web.headers import PHOTO_CSP
from app.web.htmx import go_to, render

blueprint = Blueprint("staff_accounts", __name__, url_prefix=OFFICE)
APP_CODE = "Kode 6 angka"


@blueprint.get("/masuk")
@public
def sign_in_page():
    if signed_in(STAFF):
        return go_to(HOMES[STAFF])
    return _sign_in_page(_empty(StaffSignInForm))


@blueprint.post("/masuk")
@public
def sign_in():
    form = StaffSignInForm()
    name, password = form.username.data or "", form.password.data or ""
    try:
        entered = staff_service.sign_in(name, password, visitor(), held_token(STAFF))
    except SignInRejected as rejected:
        return _sign_in_page(form, 422, rejected.message)
    except StepNeeded as needed:
        return STEP_COOKIE.give(go_to(url_for("staff_accounts.step_page") + next_query(form.next.data)), needed.token)
    return remember(_enter(form, entered.token), entered.mark)


@blueprint.get("/masuk/kode")
@public
def step_page():
    if not step_codes.held(STEP_COOKIE.held(), budgets.STAFF):
        return go_to(SIGN_IN_PAGES[STAFF])
    return _step_page(_empty(CodeForm))


@blueprint.post("/masuk/kode")
@public
def send_step():
    form = CodeForm()
    try:
        entered = second_factor.finish_sign_in(
            STEP_COOKIE.held(), form.code.data or "", visitor(), held_token(STAFF)
        )
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _step_page(form, 422)
    except step_codes.StepOver as over:
        page = _sign_in_page(StaffSignInForm(formdata=None, next=form.next.data), over.status, over.message)
        return STEP_COOKIE.take(page)
    return STEP_COOKIE.take(remember(_enter(form, entered.token), entered.mark))


@blueprint.post("/keluar")
@public
def sign_out():
    return gates.end_session(STAFF)


@blueprint.get("/sandi")
@staff_arriving
def password_page():
    return _elsewhere(PASSWORD) or _password_page(_empty(_password_form()))


@blueprint.post("/sandi")
@staff_arriving
def change_password():
    if answer := _elsewhere(PASSWORD):
        return answer
    form = _password_form()()
    current = (form.current_password.data or "") if isinstance(form, StaffChangePasswordForm) else None
    new, again = form.new_password.data or "", form.new_password_again.data or ""
    try:
        token = staff_service.change_password(_person(), new, again, current)
    except SessionOver as over:
        return gates.show_out(STAFF, over.message)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _password_page(form, 422)
    response = remember(_enter(form, token), staff_service.mark_of_person(_person().id))
    flash("Kata sandi baru Anda sudah tersimpan.")
    return response


@blueprint.get("/dua-langkah")
@staff_arriving
def code_page():
    return _no_code_due() or _code_page(_empty(CodeForm, label=APP_CODE))


@blueprint.post("/dua-langkah")
@staff_arriving
def send_code():
    if answer := _no_code_due():
        return answer
    form, person = CodeForm(label=APP_CODE), _person()
    try:
        if person.due == ENROL:
            response = _enrolled(form, second_factor.enrol(person, form.code.data or ""))
        else:
            response = _enter(form, second_factor.prove(person, form.code.data or "", visitor()))
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _code_page(form, 422)
    return remember(response, staff_service.mark_of_person(person.id))


@blueprint.get("/dua-langkah/qr")
@staff_arriving
def qr():
    response = Response(second_factor.qr_svg(_person()), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    return response


def _person() -> SignedIn:
    return signed_in(STAFF)


def _empty(form: type[OnwardForm], **more: str) -> OnwardForm:
    return form(formdata=None, next=request.args.get("next", ""), **more)


def _enter(form: OnwardForm, token: str) -> Response:
    """Go where the person wanted; the gate there leads to whatever is still due."""
    return give_cookie(go_to(safe_next(form.next.data, HOMES[STAFF], OFFICE)), STAFF, token)


def _enrolled(form: OnwardForm, enrolled: second_factor.Enrolled) -> Response:
    onward = safe_next(form.next.data, HOMES[STAFF], OFFICE)
    response = give_cookie(Response(), STAFF, enrolled.token)  # first: it renews the CSRF token
    response.data = render("accounts/recovery_codes.html", codes=enrolled.recovery_codes, onward=onward).data
    return response


def _elsewhere(page: str):
    """What is due comes in its order; a page that is not due now leads to the one that is."""
    due = _person().due
    return go_to(DUE_PAGES[due]) if due and DUE_PAGES[due] != DUE_PAGES[page] else None


def _no_code_due():
    return _elsewhere(ENROL) if _person().due else go_to(HOMES[STAFF])


def _password_form() -> type[OnwardForm]:
    return StaffNewPasswordForm if _person().due == PASSWORD else StaffChangePasswordForm


def _sign_in_page(form: StaffSignInForm, status: int = 200, rejected: str = ""):
    return render("accounts/staff_sign_in.html", status, form=form, rejected=rejected)


def _step_page(form: CodeForm, status: int = 200):
    return render(
        "accounts/staff_step.html", status, form=form, action=url_for("staff_accounts.send_step"),
        start=SIGN_IN_PAGES[STAFF],
    )


def _password_page(form: OnwardForm, status: int = 200):
    person = _person()
    return render(
        "accounts/staff_password.html", status, form=form, due=person.due == PASSWORD, username=person.username,
    )


def _code_page(form: CodeForm, status: int = 200):
    person = _person()
    secret = second_factor.offered_secret(person) if person.due == ENROL else ""
    groups = " ".join(secret[i:i + 4] for i in range(0, len(secret), 4))  # for typing it off the screen
    return render("accounts/second_factor.html", status, form=form, secret=groups)

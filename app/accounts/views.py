"""The resident: sign in, sign out."""

from flask import Blueprint, flash, request

from app.access import public
from app.accounts import service
from app.accounts.attempts import SignInRejected
from app.accounts.cookies import give_cookie, held_token, take_cookie
from app.accounts.forms import SignInForm
from app.accounts.gates import HOMES, SIGN_IN_PAGES, signed_in
from app.accounts.safe_next import safe_next
from app.accounts.sessions import CITIZEN
from app.htmx import go_to, render
from app.identity.errors import FieldError
from app.identity.sixteen import parse_sixteen

blueprint = Blueprint("accounts", __name__)


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
        token = service.sign_in(nik, form.password.data or "", request.remote_addr or "", held_token(CITIZEN))
    except FieldError as error:
        form.show_errors({"nik": [error.message]})
        return _page(form, 422)
    except SignInRejected:
        return _page(form, 422, rejected=True)
    return give_cookie(go_to(safe_next(form.next.data, HOMES[CITIZEN])), CITIZEN, token)


@blueprint.post("/keluar")
@public
def sign_out():
    """Open to all: whoever's session has run out meanwhile still gets rid of the cookie."""
    if person := signed_in(CITIZEN):
        service.sign_out(person)
    response = take_cookie(go_to(SIGN_IN_PAGES[CITIZEN]), CITIZEN)
    flash("Anda sudah keluar.")
    return response


def _page(form: SignInForm, status: int = 200, rejected: bool = False):
    return render("accounts/sign_in.html", status, form=form, rejected=rejected)

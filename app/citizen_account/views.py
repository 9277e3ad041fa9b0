"""`/akun`: the resident's own account."""

from flask import Blueprint, flash, g, request, url_for

from app.accounts.forms import ChangePasswordForm
from app.accounts.gates import give_cookie as give_session
from app.accounts.gates import show_out, signed_in
from app.accounts.models import Citizen
from app.accounts.sessions import CITIZEN, SignedIn
from app.base.database import db
from app.base.problems import FormRejected
from app.citizen_account import account, codes, number_service, password_service
from app.citizen_account.forms import (
    BothCodesForm,
    LostNumberForm,
    NewNumberForm,
    RevealForm,
    give_cookie,
    held_token,
    take_cookie,
)
from app.citizen_account.models import NUMBER
from app.guessing.known_browser import remember, visitor
from app.photos.errors import PhotoError, PoorPhoto
from app.registration.fields import shown
from app.registration.personal import open_citizen
from app.registration.photo_page import judging, said_of
from app.registration.photo_service import sent_file
from app.web.access import citizen
from app.web.htmx import come_back, go_to, render

blueprint = Blueprint("citizen_account", __name__, url_prefix="/akun")


@blueprint.get("")
@citizen
def home():
    return render("citizen_account/account.html", account=account.account_page(_person().id))


@blueprint.get("/data")
@citizen
def data_page():
    return _page("reveal", RevealForm(formdata=None))


@blueprint.post("/data")
@citizen
def reveal():
    """Shown as the answer to this POST and nowhere else: no address opens it again."""
    form = RevealForm()
    try:
        person = account.reveal(_person(), form.password.data or "")
    except FormRejected as rejected:
        return _rejected("reveal", form, rejected)
    return render("citizen_account/own_data.html", data=shown(person))


@blueprint.get("/sandi")
@citizen
def password_page():
    return _page("password", ChangePasswordForm(formdata=None))


@blueprint.post("/sandi")
@citizen
def change_password():
    form = ChangePasswordForm()
    try:
        entered = password_service.change_known(
            _person(), form.current_password.data or "", form.new_password.data or ""
        )
    except FormRejected as rejected:
        return _rejected("password", form, rejected)
    response = give_session(go_to(url_for("citizen_account.home")), CITIZEN, entered.token)
    flash("Kata sandi baru tersimpan. Di HP dan komputer lain Anda sudah keluar.")
    return remember(response, entered.mark)


@blueprint.post("/keluar-semua")
@citizen
def sign_out_everywhere():
    password_service.sign_out_everywhere(_person())
    return show_out(CITIZEN, "Anda sudah keluar dari semua HP dan komputer.")


@blueprint.get("/nomor")
@citizen
def number_page():
    return _page("number", NewNumberForm(formdata=None))


@blueprint.post("/nomor")
@citizen
def ask_codes():
    form = NewNumberForm()
    try:
        token = number_service.ask_for_codes(_person(), form.password.data or "", form.new_number.data or "")
    except FormRejected as rejected:
        return _rejected("number", form, rejected)
    return give_cookie(go_to(url_for("citizen_account.codes_page")), NUMBER, token)


@blueprint.get("/nomor/kode")
@citizen
def codes_page():
    return _codes_page(BothCodesForm(formdata=None))


@blueprint.post("/nomor/kode")
@citizen
def prove_codes():
    form = BothCodesForm()
    try:
        number_service.prove_both(_person(), held_token(NUMBER), form.code_old.data or "", form.code_new.data or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _codes_page(form, 422)
    except codes.ChallengeOver as over:
        return take_cookie(_page("number", NewNumberForm(formdata=None), over.status, over.message), NUMBER)
    flash("Nomor WhatsApp akun Anda sudah diganti.")
    return take_cookie(go_to(url_for("citizen_account.home")), NUMBER)


@blueprint.get("/nomor/hilang")
@citizen
def lost_number_page():
    return _lost_page(LostNumberForm(formdata=None))


@blueprint.post("/nomor/hilang")
@citizen
def lost_number():
    form = LostNumberForm()
    nik = open_citizen(db.session.get_one(Citizen, _person().id)).nik
    try:
        data, filename = sent_file(request.files)
        number_service.ask_operator(
            nik, form.new_number.data or "", data, filename, visitor(), signed_in=True,
            despite=form.despite.data == "ya",
        )
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _lost_page(form, 422)
    except PhotoError as error:
        again = isinstance(error, PoorPhoto)
        return come_back(_lost_page(form, error.status, said_of(error), again), error.retry_after)
    return go_to(url_for("recovery.received"))


def _person() -> SignedIn:
    return signed_in(CITIZEN)


def _rejected(name: str, form, rejected: FormRejected):
    form.show_errors(rejected.errors)
    return _page(name, form, 422)


def _page(name: str, form, status: int = 200, problem: str = ""):
    return render(f"citizen_account/{name}.html", status, form=form, problem=problem)


def _codes_page(form: BothCodesForm, status: int = 200):
    numbers = number_service.asked_numbers(_person(), held_token(NUMBER))
    if numbers is None:
        if held_token(NUMBER):
            flash(codes.ChallengeOver.message)
        return go_to(url_for("citizen_account.number_page"))
    return render("citizen_account/number_codes.html", status, form=form, old=numbers[0], new=numbers[1])


def _lost_page(form: LostNumberForm, status: int = 200, photo_error: str = "", again: bool = False):
    g.photo_page = True
    return render(
        "citizen_account/lost_number.html", status, form=form, photo_error=photo_error, judging=judging("selfie"),
        again=again or form.despite.data == "ya",
        action=url_for("citizen_account.lost_number"), ask_nik=False, back=url_for("citizen_account.number_page"),
    )

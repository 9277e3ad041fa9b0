"""What a resident may demand about the own data: `/akun/hak-data` with an account, `/lacak/hak-data`
with number and PIN."""

from flask import Blueprint, Response, flash, g, render_template, request, url_for
from wtforms import PasswordField, StringField, TextAreaField

from app.accounts.gates import signed_in
from app.accounts.sessions import CITIZEN
from app.base import clock
from app.base.problems import FormRejected, NotAllowed, StaleDecision
from app.privacy import service
from app.privacy.export import zip_of
from app.privacy.kinds import KINDS, OPEN, STOPPED
from app.privacy.service import Asker
from app.registration.fields import CORRECTABLE
from app.web.access import citizen, follower, public
from app.web.forms import ChoiceField, OnwardForm
from app.web.htmx import go_to, render

# Forms of the rights over personal data.


class AskForm(OnwardForm):
    """`field` and `value` count for a correction only."""

    kind = ChoiceField("Apa yang Anda minta?")
    field = ChoiceField("Isian yang perlu diperbaiki", choices=[("", "Pilih"), *CORRECTABLE.items()])
    value = StringField("Yang benar")
    text = TextAreaField("Penjelasan")

    def offer(self, kinds: tuple[str, ...]) -> None:
        self.kind.choices = [("", "Pilih"), *((kind, KINDS[kind].label) for kind in kinds)]


class CopyForm(OnwardForm):
    password = PasswordField("Kata sandi")


blueprint = Blueprint("privacy", __name__)


@blueprint.get("/akun/hak-data")
@citizen
def home():
    return _page(_account(), AskForm(formdata=None))


@blueprint.post("/akun/hak-data")
@citizen
def ask():
    return _asked(_account(), "privacy.home")


@blueprint.get("/akun/hak-data/salinan")
@citizen
def copy_page():
    return render("privacy/copy.html", form=CopyForm(formdata=None))


@blueprint.post("/akun/hak-data/salinan")
@citizen
def take_copy():
    """Shown or downloaded as the answer to this POST and nowhere else: no address opens it again."""
    form = CopyForm()
    try:
        copy = service.take_copy(signed_in(CITIZEN), form.password.data or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return render("privacy/copy.html", 422, form=form)
    if request.form.get("as") != "zip":
        return render("privacy/own_copy.html", data=copy.data, now=clock.now())
    page = render_template("privacy/copy_file.html", data=copy.data, now=clock.now())
    response = Response(zip_of(copy, page), mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="data-saya.zip"'
    return response


@blueprint.get("/lacak/hak-data")
@follower
def home_with_pin():
    return _page(_pin_holder(), AskForm(formdata=None))


@blueprint.post("/lacak/hak-data")
@follower
def ask_with_pin():
    return _asked(_pin_holder(), "privacy.home_with_pin")


@blueprint.get("/lacak/hak-data/t/<token>")
@public
def stop_page(token: str):
    """Programs look at links before people do, so looking stops nothing."""
    return _stop_page(token)


@blueprint.post("/lacak/hak-data/t/<token>")
@public
def stop_deletion(token: str):
    try:
        service.stop_deletion(token)
    except StaleDecision:
        return _stop_page(token, 409)
    return go_to(url_for("privacy.stop_page", token=token))


def _stop_page(token: str, status: int = 200):
    row = service.find_stopped(token)
    return render(
        "privacy/stop.html", status, row=row, token=token, is_open=row.status == OPEN,
        is_stopped=row.ground == STOPPED, address=url_for("privacy.stop_deletion", token=token),
    )


def _account() -> Asker:
    return service.account_holder(signed_in(CITIZEN).id)


def _pin_holder() -> Asker:
    if not g.with_pin:
        raise NotAllowed("Untuk ini kami perlu PIN Anda. Buka Lacak Pendaftaran, lalu isi nomor dan PIN.")
    return service.pin_holder(g.application_id)


def _asked(asker: Asker, back: str):
    form = AskForm()
    try:
        service.ask(
            asker, form.kind.data or "", form.text.data or "", form.field.data or "", form.value.data or ""
        )
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _page(asker, form, 422)
    flash("Permintaan Anda kami terima. Jawabannya muncul di halaman ini, dan Anda kami beri tahu lewat WhatsApp.")
    return go_to(url_for(back))


def _page(asker: Asker, form: AskForm, status: int = 200):
    form.offer(asker.may_ask)
    return render(
        "privacy/rights.html", status, form=form, requests=service.own_requests(asker), kinds=KINDS,
        has_account=asker.citizen_id is not None,
    )

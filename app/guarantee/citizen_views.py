"""What the resident does about a guarantee: refuse the delivery, and use the code of the letter."""

from flask import Blueprint, flash, g, request, url_for
from wtforms import StringField

from app.accounts.forms import NewPasswordForm
from app.base.problems import FormRejected, NotAllowed
from app.guarantee import letter, service
from app.guessing.known_browser import remember
from app.web.access import follower, public
from app.web.htmx import go_to, render

blueprint = Blueprint("guarantee", __name__)


class LetterForm(NewPasswordForm):
    number = StringField("Nomor pendaftaran")
    code = StringField("Kode dari surat")


@blueprint.get("/lacak/tidak-perlu-diantar")
@follower
def ask_decline():
    _demand_pin()
    return render("guarantee/decline.html")


@blueprint.post("/lacak/tidak-perlu-diantar")
@follower
def decline():
    _demand_pin()
    service.decline(g.application_id)
    flash("Dicatat: suratnya tidak kami antar. Akun Anda tetap aktif.")
    return go_to(url_for("tracking.home"))


@blueprint.get("/masuk/surat")
@public
def letter_page():
    return _letter_page(LetterForm(formdata=None, number=request.args.get("nomor", "")[:20]))


@blueprint.post("/masuk/surat")
@public
def use_letter():
    form = LetterForm()
    try:
        values = form.single_values()
        mark = letter.use_code(values["number"], values["code"], values["new_password"], request.remote_addr or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _letter_page(form, 422)
    flash("Kata sandi baru sudah disimpan. Silakan masuk.")
    return remember(go_to(url_for("accounts.sign_in_page")), mark)


def _letter_page(form: LetterForm, status: int = 200):
    return render("guarantee/letter_code.html", status, form=form)


def _demand_pin() -> None:
    if not g.with_pin:
        raise NotAllowed("Untuk ini kami perlu PIN Anda. Buka Lacak Pendaftaran, lalu isi nomor dan PIN.")

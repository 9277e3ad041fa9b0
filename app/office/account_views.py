"""/petugas/kontak: how I am reached; /petugas/permintaan-akun: what a supervisor decides about colleagues'
accounts; /petugas/pemulihan: a colleague's own recovery code instead of the supervisor; /petugas/bertugas: the roster
and one's own switch; /petugas/terlambat: late work, to be handed out."""

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from wtforms import PasswordField, StringField

from app.accounts import gates, proof
from app.accounts.gates import HOMES
from app.accounts.passwords import SessionOver
from app.accounts.sessions import STAFF
from app.base.problems import FormRejected
from app.office import contacts, duty, late, resets
from app.office.contacts import Contact
from app.web.access import OFFICE, needs_proof, public, staff
from app.web.forms import OnwardForm
from app.web.htmx import go_to, render


class ContactForm(OnwardForm):
    phone = StringField("Nomor WhatsApp")
    email = StringField("Alamat e-mail")
    password = PasswordField("Kata sandi Anda")


class RecoveryForm(OnwardForm):
    username = StringField("Nama pengguna")
    code = StringField("Kode pemulihan")


blueprint = Blueprint("office_accounts", __name__, url_prefix=OFFICE)


@blueprint.get("/kontak")
@staff("staff_home")
def contact_page():
    known = contacts.own_contact(current_user)
    return _contact_page(ContactForm(formdata=None, phone=known.phone, email=known.email), known)


@blueprint.post("/kontak")
@staff("staff_home")
def keep_contact():
    """The password stands in the same form (docs/security.md A12)."""
    form = ContactForm()
    try:
        proof.prove(current_user, form.password.data or "")
        contacts.change_contact(current_user, form.phone.data or "", form.email.data or "")
    except SessionOver as over:
        return gates.show_out(STAFF, over.message)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _contact_page(form, contacts.own_contact(current_user), 422)
    flash("Kontak Anda sudah tersimpan.")
    return go_to(f"{OFFICE}/kontak")


@blueprint.get("/permintaan-akun")
@staff("approve_accounts")
def requests():
    return render("office/account_requests.html", lines=resets.waiting_for(current_user))


@blueprint.get("/permintaan-akun/<request_id>")
@staff("approve_accounts")
@needs_proof
def one_request(request_id: str):
    line = resets.request_of(request_id, current_user)
    return render("office/account_request.html", line=line, waiting=resets.is_waiting(line.row))


@blueprint.post("/permintaan-akun/<request_id>/setujui")
@staff("approve_accounts")
@needs_proof
def approve(request_id: str):
    resets.approve(request_id, current_user)
    flash("Sudah disetujui. Pegawai itu diberi tahu langsung.")
    return go_to(HOMES[STAFF])


@blueprint.post("/permintaan-akun/<request_id>/tolak")
@staff("approve_accounts")
@needs_proof
def refuse(request_id: str):
    resets.refuse(request_id, current_user)
    flash("Permintaan ditolak. Tidak ada yang berubah pada akun itu.")
    return go_to(HOMES[STAFF])


@blueprint.get("/pemulihan")
@public
def recovery_page():
    return _recovery_page(RecoveryForm(formdata=None))


@blueprint.post("/pemulihan")
@public
def recover():
    """Leads on to the link in this very browser; nobody else is shown it."""
    form = RecoveryForm()
    try:
        link = resets.recover(form.username.data or "", form.code.data or "", request.remote_addr or "")
    except resets.CodeRejected as rejected:
        form.show_errors({"code": [rejected.message]})
        return _recovery_page(form, 422)
    return go_to(link)


def _contact_page(form: ContactForm, known: Contact, status: int = 200):
    return render("office/contact.html", status, form=form, known=known)


def _recovery_page(form: RecoveryForm, status: int = 200):
    return render("office/recovery.html", status, form=form)


duty_blueprint = Blueprint("duty", __name__, url_prefix="/petugas")


@duty_blueprint.get("/bertugas")
@staff("staff_home")
def roster():
    return render("office/roster.html", roster=duty.roster(), own=duty.own(current_user.id),
                  is_reached=bool(contacts.own_contact(current_user)))


@duty_blueprint.post("/bertugas")
@staff("staff_home")
def settle():
    form = request.form
    if form.get("act") == "off":
        back, letters = duty.go_off(current_user), duty.letters_of(current_user.id)
        flash(f"Anda tidak bertugas. {back} perkara kembali ke antrean." if back else "Anda tidak bertugas.")
        if letters:
            flash(f"Anda masih membawa {letters} surat. Serahkan kepada rekan, lalu kurirnya diganti di Jaminan.")
    elif form.get("act") == "on":
        duty.come_back(current_user)
        flash("Anda bertugas lagi.")
    else:
        duty.settle(current_user, form.get("counter", ""), form.get("late_notice") == "y")
        flash("Tersimpan.")
    return go_to(url_for("duty.roster"))


@duty_blueprint.get("/terlambat")
@staff("take_over")
def late_work():
    lines = late.lines()
    return render(
        "office/late.html", lines=lines, number=sum(one.is_late for one in lines), people=duty.present(),
        most=late.MOST, complaints=late.late_complaints(),
    )

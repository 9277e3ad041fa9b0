"""/petugas/pegawai: the administrator's list of accounts; /petugas/undangan: the link for the person."""

from flask import Blueprint, flash, request
from flask_login import current_user
from wtforms import StringField

from app.accounts import sessions, staff_service
from app.accounts.forms import StaffNewPasswordForm
from app.accounts.gates import HOMES, give_cookie
from app.accounts.sessions import STAFF
from app.base.problems import FormRejected
from app.guessing.known_browser import remember
from app.office import invitations, people, resets
from app.web.access import OFFICE, ROLE_WORDS, ROLES, needs_proof, public, staff
from app.web.forms import ChoiceField, OnwardForm
from app.web.htmx import go_to, render
from app.web.jabatan import JABATAN_WORDS

NO_JABATAN = ("", "tanpa jabatan pengawasan")


class PersonForm(OnwardForm):
    name = StringField("Nama lengkap")
    username = StringField("Nama pengguna")
    role = ChoiceField("Peran", choices=list(ROLE_WORDS.items()))
    jabatan = ChoiceField("Jabatan", choices=[NO_JABATAN, *JABATAN_WORDS.items()])


blueprint = Blueprint("staff_admin", __name__, url_prefix=OFFICE)
LIST = f"{OFFICE}/pegawai"
ASKED = "Permintaan sudah dikirim. Pengawas memutuskannya. Belum ada yang berubah pada akun ini."


@blueprint.get("/pegawai")
@staff("manage_staff")
@needs_proof
def everybody():
    return render("office/staff.html", people=people.everybody())


@blueprint.get("/pegawai/tambah")
@staff("manage_staff")
@needs_proof
def add_page():
    return _add_page(PersonForm(formdata=None))


@blueprint.post("/pegawai/tambah")
@staff("manage_staff")
@needs_proof
def add():
    form = PersonForm()
    try:
        staff_id, link = people.invite(
            form.username.data or "", form.role.data or "", form.jabatan.data or "", form.name.data or "", current_user,
        )
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _add_page(form, 422)
    return _link_page(staff_id, link)


@blueprint.get("/pegawai/<staff_id>")
@staff("manage_staff")
@needs_proof
def person(staff_id: str):
    return render(
        "office/person.html", person=people.one(staff_id), sessions=people.open_sessions(staff_id),
        roles=ROLES, waiting=waiting if resets.is_waiting(waiting := resets.newest_of(staff_id)) else None,
        was_entered=people.was_entered(staff_id),
    )


@blueprint.post("/pegawai/<staff_id>/peran")
@staff("manage_staff")
@needs_proof
def change_place(staff_id: str):
    if people.change_place(staff_id, request.form.get("role", ""), request.form.get("jabatan", ""), current_user):
        return _done(staff_id, "Peran dan jabatan sudah disimpan. Pegawai ini masuk lagi dengan peran barunya.")
    return _done(staff_id, ASKED)


@blueprint.post("/pegawai/<staff_id>/nonaktifkan")
@staff("manage_staff")
@needs_proof
def disable(staff_id: str):
    people.disable(staff_id, current_user)
    return _done(staff_id, "Akun sudah dinonaktifkan dan dikeluarkan dari semua perangkat.")


@blueprint.post("/pegawai/<staff_id>/aktifkan")
@staff("manage_staff")
@needs_proof
def enable(staff_id: str):
    return _asked_or_link(staff_id, people.enable(staff_id, current_user))


@blueprint.post("/pegawai/<staff_id>/tautan")
@staff("manage_staff")
@needs_proof
def renew(staff_id: str):
    return _asked_or_link(staff_id, people.renew(staff_id, "phone_lost" in request.form, current_user))


@blueprint.post("/pegawai/<staff_id>/akhiri-sesi")
@staff("manage_staff")
@needs_proof
def end_sessions(staff_id: str):
    people.end_sessions(staff_id, request.form.get("session") or None, current_user)
    return _done(staff_id, "Sudah dikeluarkan.")


@blueprint.get("/undangan/<token>")
@public
def invitation(token: str):
    return _invitation_page(token, StaffNewPasswordForm(formdata=None))


@blueprint.post("/undangan/<token>")
@public
def accept(token: str):
    form = StaffNewPasswordForm()
    try:
        session_token = invitations.accept(token, form.new_password.data or "", form.new_password_again.data or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _invitation_page(token, form, 422)
    response = give_cookie(go_to(HOMES[STAFF]), STAFF, session_token)
    person = sessions.load(session_token, STAFF)
    # with a second factor still due, its code makes this browser known
    return response if person is None or person.due else remember(response, staff_service.mark_of_person(person.id))


def _add_page(form: PersonForm, status: int = 200):
    return render("office/staff_add.html", status, form=form)


def _asked_or_link(staff_id: str, link: invitations.NewLink | None):
    return _link_page(staff_id, link) if link else _done(staff_id, ASKED)


def _link_page(staff_id: str, link: invitations.NewLink):
    """Shown this once: only the hash of the link is kept."""
    return render("office/staff_link.html", person=people.one(staff_id), link=link)


def _invitation_page(token: str, form: StaffNewPasswordForm, status: int = 200):
    return render("office/invitation.html", status, form=form, person=invitations.invited(token), token=token)


def _done(staff_id: str, sentence: str):
    flash(sentence)
    return go_to(f"{LIST}/{staff_id}")

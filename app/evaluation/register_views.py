"""/petugas/kompetensi, /petugas/sarana, /petugas/pelindungan-data, /petugas/standar: what standard J, K and M keep."""

from flask import Blueprint, Response, flash, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.complaints.ticket.files import File
from app.evaluation import registers, standard
from app.evaluation.forms import BreachForm, CompetenceForm, FacilityForm, FaultForm, TrainingForm, VersionForm
from app.evaluation.models import EDUCATION, FACILITIES, KNOWLEDGE
from app.photos.disk_space import demand_space
from app.web.access import OFFICE, needs_proof, staff
from app.web.headers import PHOTO_CSP
from app.web.htmx import go_to, render

blueprint = Blueprint("registers", __name__, url_prefix=OFFICE)


@blueprint.app_template_global("standard_version")
def _standard_version():
    return standard.in_force()


@blueprint.get("/kompetensi")
@staff("keep_registers")
def people():
    return render("evaluation/people.html", people=registers.people(), education=EDUCATION, knowledge=KNOWLEDGE)


@blueprint.get("/kompetensi/<staff_id>")
@staff("keep_registers")
def person(staff_id: str):
    return _person_page(staff_id)


@blueprint.post("/kompetensi/<staff_id>")
@staff("keep_registers")
def check_competence(staff_id: str):
    form = CompetenceForm()
    try:
        ticked = {key: form[key].data for key in KNOWLEDGE}
        registers.check_competence(staff_id, {"education": form.education.data, **ticked}, current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _person_page(staff_id, competence=form, status=422)
    flash("Tersimpan.")
    return go_to(url_for("registers.people"))


@blueprint.post("/kompetensi/<staff_id>/pelatihan")
@staff("keep_registers")
def add_training(staff_id: str):
    form = TrainingForm()
    sent = request.files.get("evidence")
    try:
        if sent and sent.filename:
            demand_space()
        evidence = File(sent.read(), sent.filename) if sent and sent.filename else None
        registers.add_training(staff_id, form.single_values(), evidence, current_user, request.remote_addr or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _person_page(staff_id, training=form, status=422, file_error=rejected.errors.get("evidence", [""])[0])
    flash("Pelatihan tersimpan.")
    return go_to(url_for("registers.person", staff_id=staff_id))


@blueprint.get("/kompetensi/bukti/<training_id>")
@staff("keep_registers")
def evidence(training_id: str):
    row, content = registers.evidence_of(training_id, current_user)
    ending = "pdf" if row.content_type == "application/pdf" else "jpg"
    response = Response(content, mimetype=row.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="bukti-pelatihan.{ending}"'
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    return response


@blueprint.get("/sarana")
@staff("keep_registers")
def facilities():
    return render("evaluation/facilities.html", facilities=registers.facilities(), kinds=FACILITIES,
                  open_fault=registers.open_fault, warnings=registers.warnings())


@blueprint.get("/sarana/tambah")
@staff("keep_registers")
def add_page():
    return _facility_page(None, FacilityForm(formdata=None, quantity="1", least="0"))


@blueprint.post("/sarana/tambah")
@staff("keep_registers")
def add():
    return _save_facility(None)


@blueprint.get("/sarana/<facility_id>")
@staff("keep_registers")
def facility(facility_id: str):
    return _facility_page(facility_id)


@blueprint.post("/sarana/<facility_id>")
@staff("keep_registers")
def change(facility_id: str):
    registers.facility(facility_id)
    return _save_facility(facility_id)


@blueprint.post("/sarana/<facility_id>/gangguan")
@staff("keep_registers")
def report_fault(facility_id: str):
    form = FaultForm()
    try:
        registers.report_fault(facility_id, form.single_values(), current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _facility_page(facility_id, fault=form, status=422)
    flash("Gangguan tercatat.")
    return go_to(url_for("registers.facility", facility_id=facility_id))


@blueprint.post("/sarana/gangguan/<fault_id>/selesai")
@staff("keep_registers")
def mend(fault_id: str):
    facility_id = registers.mend_fault(fault_id, current_user)
    flash("Gangguan dicatat selesai.")
    return go_to(url_for("registers.facility", facility_id=facility_id))


@blueprint.get("/pelindungan-data")
@staff("keep_registers")
def breaches():
    return _breach_page(BreachForm(formdata=None))


@blueprint.post("/pelindungan-data")
@staff("keep_registers")
def record_breach():
    form = BreachForm()
    try:
        registers.record_breach(form.single_values(), current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _breach_page(form, 422)
    flash("Kejadian tercatat.")
    return go_to(url_for("registers.breaches"))


@blueprint.get("/standar")
@staff("keep_standard")
def versions():
    return _version_page(VersionForm(formdata=None))


@blueprint.post("/standar")
@staff("keep_standard")
@needs_proof
def record_version():
    form = VersionForm()
    try:
        number = standard.record(form.single_values(), current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _version_page(form, 422)
    flash(f"Standar pelayanan versi {number} tercatat.")
    return go_to(url_for("registers.versions"))


def _save_facility(facility_id: str | None):
    form = FacilityForm()
    try:
        registers.save_facility(facility_id, form.single_values(), current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _facility_page(facility_id, form, status=422)
    flash("Tersimpan.")
    return go_to(url_for("registers.facilities"))


def _person_page(staff_id: str, competence=None, training=None, status: int = 200, file_error: str = ""):
    one = registers.person(staff_id)
    known = {key: getattr(one.competence, key) for key in ("education", *KNOWLEDGE)} if one.competence else {}
    return render(
        "evaluation/person.html", status, person=one, file_error=file_error,
        competence=competence or CompetenceForm(formdata=None, data=known),
        training=training or TrainingForm(formdata=None),
    )


def _facility_page(facility_id: str | None, form=None, fault=None, status: int = 200):
    row = registers.facility(facility_id) if facility_id else None
    if form is None:
        names = ("kind", "name", "place", "quantity", "least", "valid_until", "repairer", "retired_on")
        form = FacilityForm(formdata=None, data={name: _shown(getattr(row, name)) for name in names})
    return render("evaluation/facility.html", status, facility=row, form=form,
                  fault=fault or FaultForm(formdata=None, data={"repairer": row.repairer if row else ""}),
                  open_fault=registers.open_fault(row) if row else None)


def _breach_page(form: BreachForm, status: int = 200):
    return render("evaluation/breaches.html", status, form=form, breaches=registers.breaches(),
                  in_time=registers.was_told_in_time)


def _version_page(form: VersionForm, status: int = 200):
    return render("evaluation/versions.html", status, form=form, versions=standard.versions(),
                  is_unrecorded=standard.is_unrecorded(), current=standard.in_force())


def _shown(value) -> str:
    return "" if value is None else str(value)

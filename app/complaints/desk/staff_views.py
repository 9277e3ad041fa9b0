"""The complaint inbox at /petugas/pengaduan: lists, search, and the thirty-second entry; ready answers at /teks; the
page of one incident at /petugas/kejadian: its tickets, and the answer that goes to each of them."""

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.base.ids import new_id
from app.base.problems import FormRejected
from app.casework import drafts
from app.casework.list_page import ListPage, around, serve_list, serve_next, serve_search
from app.casework.lists import staff_names
from app.complaints.arriving import typed_in
from app.complaints.desk import answering, inbox, incidents, ready, search
from app.complaints.desk.rendering import sent_files
from app.complaints.public.typed import EntryForm
from app.complaints.ticket import files
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import name_of, open_pin, title_of
from app.complaints.ticket.status import WAITING_FOR_US, label_of
from app.complaints.ticket.visibility import may_see
from app.complaints.ticket.words import CATEGORIES, KINDS, OUTCOMES, channel_names
from app.photos.errors import PhotoBusy
from app.web.access import holds, staff
from app.web.htmx import go_to

ENTRY = "entry:baru:catat"
blueprint = Blueprint("complaint_inbox", __name__, url_prefix="/petugas/pengaduan")


@blueprint.record_once
def _offer_to_other_pages(state) -> None:
    """`complaints/_of_registration.html` shows a registration's tickets wherever it is included, so
    that no other feature has to import this one."""
    state.app.jinja_env.globals["complaints_of_registration"] = inbox.of_registration
    state.app.jinja_env.globals.update(refusal_of=files.refusal_words, name_of=name_of, file_word=files.word_for)


def _around() -> dict:
    return {
        "kinds": KINDS, "categories": CATEGORIES, "channels": channel_names(),
        "may_export": holds(current_user, "export_complaints"), "opened": search.OPENED, "most": search.MOST,
    }


INBOX = ListPage(
    inbox.COMPLAINTS, "complaints/inbox.html", page="complaint_inbox.inbox_page",
    case="complaint_desk.ticket_page", case_id_name="ticket_id", about="ticket",
    context=_around,
)


@blueprint.app_context_processor
def _for_the_ticket() -> dict:
    return {"around_complaint": partial(around, INBOX)}


serve_list(blueprint, INBOX, "read_complaints")
serve_search(blueprint, INBOX, search.search, "read_complaints", search.LONGEST)
serve_next(
    blueprint, INBOX, inbox.take_next, "handle_complaints", "Tidak ada pengaduan yang menunggu Anda sekarang.",
)


@blueprint.get("/catat")
@staff("handle_complaints")
def entry_page():
    form = EntryForm(formdata=None, submission_id=new_id(), channel=request.args.get("kanal", ""))
    return _entry_page(form, entered=typed_in.just_entered(request.args.get("tercatat", ""), current_user))


@blueprint.post("/catat")
@staff("handle_complaints")
def save_entry():
    form = EntryForm()
    ticked = {name: bool(form[name].data) for name in ("anonymous", "secret", "about_staff")}
    try:
        ticket = typed_in.enter(form.single_values(), ticked, sent_files(), current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _entry_page(form, 422, rejected.errors.get("files", [""])[0])
    except PhotoBusy as busy:
        page, status = _entry_page(form, busy.status, busy.message)
        return page, status, {"Retry-After": str(busy.retry_after)}
    drafts.drop(ENTRY, current_user)
    if may_see(ticket, current_user):
        return go_to(url_for("complaint_desk.ticket_page", ticket_id=ticket.id))
    return go_to(url_for("complaint_inbox.entry_page", kanal=ticket.channel, tercatat=ticket.id))


def _entry_page(form: EntryForm, status: int = 200, file_error: str = "", entered: Ticket | None = None):
    """`entered` went to a supervisor at once: who typed it in sees its number and PIN here."""
    form.channel.choices = list(typed_in.channels().items())
    form.about_staff_id.choices = list(staff_names().items())
    pin = open_pin(entered) if entered else ""
    page = render_template("complaints/entry.html", form=form, file_error=file_error, entered=entered, pin=pin)
    return page, status


ready_blueprint = Blueprint("ready_answers", __name__, url_prefix="/petugas/pengaduan/teks")


@ready_blueprint.get("")
@staff("handle_complaints")
def page():
    return _ready_page({})


@ready_blueprint.post("")
@staff("handle_complaints")
def save():
    typed = request.form
    old, name = typed.get("old", "")[:20], typed.get("name", "")[:40]
    try:
        if typed.get("act") == "drop":
            ready.drop(old, current_user)
        else:
            ready.save(old, name, typed.get("text", ""), typed.get("final") == "ya", current_user)
    except FormRejected as rejected:
        return _ready_page(rejected.errors, 422)
    flash("Teks dihapus." if typed.get("act") == "drop" else "Teks disimpan. Semua petugas langsung memakainya.")
    return redirect(url_for("ready_answers.page"), 303)


def _ready_page(errors: dict[str, list[str]], status: int = 200):
    """`typed` is what was refused, in the place it was typed in; "" is the form for a new one."""
    shown = render_template(
        "complaints/ready.html", answers=ready.all_answers(), errors=errors, typed=request.form,
        variables=ready.VARIABLES, longest=ready.LONGEST,
    )
    return shown, status


incidents_blueprint = Blueprint("incidents", __name__, url_prefix="/petugas/kejadian")


@incidents_blueprint.get("/<incident_id>")
@staff("read_complaints")
def incident_page(incident_id: str):
    return _incident_page(incident_id)


@incidents_blueprint.post("/<incident_id>/jawab")
@staff("handle_complaints")
def answer(incident_id: str):
    typed = request.form
    incidents.find_incident(incident_id)
    given = answering.Answer(
        text=typed.get("text", ""), outcome=typed.get("outcome", ""), late_reason=typed.get("late_reason", ""),
    )
    try:
        told = incidents.answer_all(incident_id, given, current_user)
    except FormRejected as rejected:
        return _incident_page(incident_id, errors=rejected.errors), 422
    return _incident_page(incident_id, told=told)


def _incident_page(incident_id: str, told=None, errors=None):
    incident, tickets = incidents.find_incident(incident_id), incidents.tickets_of(incident_id, current_user)
    return render_template(
        "complaints/incident.html", incident=incident, title=title_of(incident), tickets=tickets,
        subjects=incidents.subjects(tickets), waiting=[one for one in tickets if one.status in WAITING_FOR_US],
        label_of=label_of, outcomes=OUTCOMES, told=told, errors=errors or {}, typed=request.form,
    )

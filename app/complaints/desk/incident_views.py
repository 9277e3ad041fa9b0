"""The page of one incident at /petugas/kejadian: its tickets, and the answer that goes to each of them."""

from flask import Blueprint, render_template, request
from flask_login import current_user

from app.base.problems import FormRejected
from app.complaints.desk import answering, incidents
from app.complaints.ticket.personal import title_of
from app.complaints.ticket.status import WAITING_FOR_US, label_of
from app.complaints.ticket.words import OUTCOMES
from app.web.access import staff

blueprint = Blueprint("incidents", __name__, url_prefix="/petugas/kejadian")


@blueprint.get("/<incident_id>")
@staff("read_complaints")
def incident_page(incident_id: str):
    return _page(incident_id)


@blueprint.post("/<incident_id>/jawab")
@staff("handle_complaints")
def answer(incident_id: str):
    typed = request.form
    incidents.find(incident_id)
    given = answering.Answer(
        text=typed.get("text", ""), outcome=typed.get("outcome", ""), late_reason=typed.get("late_reason", ""),
    )
    try:
        told = incidents.answer_all(incident_id, given, current_user)
    except FormRejected as rejected:
        return _page(incident_id, errors=rejected.errors), 422
    return _page(incident_id, told=told)


def _page(incident_id: str, told=None, errors=None):
    incident, tickets = incidents.find(incident_id), incidents.tickets_of(incident_id, current_user)
    return render_template(
        "complaints/incident.html", incident=incident, title=title_of(incident), tickets=tickets,
        subjects=incidents.subjects(tickets), waiting=[one for one in tickets if one.status in WAITING_FOR_US],
        label_of=label_of, outcomes=OUTCOMES, told=told, errors=errors or {}, typed=request.form,
    )

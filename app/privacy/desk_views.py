"""`/petugas/hak-data`: requests about personal data, with their clock."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.messages.states import LABELS as MESSAGE_LABELS
from app.privacy import desk
from app.privacy.forms import AnswerForm, RefuseForm
from app.privacy.kinds import GROUNDS, KINDS, grounds_for, label_of
from app.registration.fields import BY_KEY, KEPT
from app.web.access import staff
from app.web.htmx import go_to

blueprint = Blueprint("privacy_desk", __name__, url_prefix="/petugas/hak-data")


@blueprint.app_context_processor
def _for_other_pages() -> dict:
    return {"waiting_rights": desk.waiting, "restriction_of": desk.restriction_of}


@blueprint.get("")
@staff("answer_rights")
def queue():
    answered = "dijawab" in request.args
    lines = desk.answered_requests() if answered else desk.open_requests()
    return render_template(
        "privacy/requests.html", lines=lines, answered=answered, kinds=KINDS
    )


@blueprint.get("/<request_id>")
@staff("answer_rights")
def case(request_id: str):
    return _case_page(request_id)


@blueprint.post("/<request_id>/penuhi")
@staff("answer_rights")
def grant(request_id: str):
    form = AnswerForm()
    try:
        desk.grant(request_id, current_user, form.answer.data or "", sure=bool(form.sure.data))
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _case_page(request_id, form, status=422)
    return _answered()


@blueprint.post("/<request_id>/tolak")
@staff("answer_rights")
def refuse(request_id: str):
    form = RefuseForm()
    try:
        desk.refuse(request_id, current_user, form.ground.data or "", form.note.data or "")
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _case_page(request_id, refusing=form, status=422)
    return _answered()


def _answered():
    flash("Jawaban tercatat dan pemohon diberi tahu.")
    return go_to(url_for("privacy_desk.queue"))


def _case_page(
    request_id: str, granting: AnswerForm | None = None, refusing: RefuseForm | None = None, status: int = 200,
):
    case = desk.view(request_id, current_user)
    granting = granting or AnswerForm(formdata=None, answer=KINDS[case.row.kind].answer)
    refusing = refusing or RefuseForm(formdata=None)
    refusing.ground.choices = [(code, ground.label) for code, ground in grounds_for(case.row.kind).items()]
    page = render_template(
        "privacy/request.html", case=case, granting=granting, refusing=refusing, kinds=KINDS, fields=BY_KEY,
        record=KEPT,
        label=label_of(case.row.status, case.row.ground), grounds=GROUNDS, message_labels=MESSAGE_LABELS,
    )
    return page, status

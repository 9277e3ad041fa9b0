"""`/petugas/hak-data`: requests about personal data, with their clock."""

from flask import Blueprint, flash, make_response, render_template, url_for
from flask_login import current_user
from wtforms import BooleanField, TextAreaField

from app.casework.attempt import Refusal, attempt, read_seen, typed_words
from app.casework.list_page import ListPage, serve_list
from app.messages.states import LABELS as MESSAGE_LABELS
from app.privacy import desk, rights_case
from app.privacy.kinds import GROUNDS, KINDS, grounds_for, label_of
from app.registration.fields import BY_KEY, KEPT
from app.web.access import staff
from app.web.forms import ChoiceField, OnwardForm
from app.web.htmx import go_to

# how what was typed is called to somebody who came too late
TYPED_NAMES = {
    "answer": "Jawaban", "note": "Keterangan", "ground": "Dasar penolakan", "sure": "Sudah pasti siapa yang meminta",
}
REQUESTS = ListPage(
    rights_case.REQUESTS, "privacy/requests.html", page="privacy_desk.queue", case="privacy_desk.case",
    case_id_name="request_id", context=lambda: {"kinds": KINDS},
)


class AnswerForm(OnwardForm):
    """Granting: what the resident reads. `sure` counts for a deletion only."""

    answer = TextAreaField("Jawaban untuk pemohon")
    sure = BooleanField("Saya sudah memastikan bahwa pemilik data sendiri yang meminta.")


class RefuseForm(OnwardForm):
    """Refusing: a ground of the list, and what is to be added to its words."""

    ground = ChoiceField("Dasar penolakan")
    note = TextAreaField("Tambahan untuk pemohon, jika perlu")


blueprint = Blueprint("privacy_desk", __name__, url_prefix="/petugas/hak-data")


@blueprint.app_context_processor
def _for_other_pages() -> dict:
    return {"waiting_rights": rights_case.waiting, "restriction_of": desk.restriction_of}


serve_list(blueprint, REQUESTS, "answer_rights")


@blueprint.get("/<request_id>")
@staff("answer_rights")
def case(request_id: str):
    return _case_page(request_id)


@blueprint.post("/<request_id>/penuhi")
@staff("answer_rights")
def grant(request_id: str):
    form = AnswerForm()

    def show(refusal: Refusal):
        form.show_errors(refusal.errors)
        return _case_page(request_id, granting=form, refusal=refusal)

    text, sure = form.answer.data or "", bool(form.sure.data)
    seen = read_seen(request_id, current_user)
    return attempt(lambda: desk.grant(seen, text, sure=sure), lambda done: _answered(), show)


@blueprint.post("/<request_id>/tolak")
@staff("answer_rights")
def refuse(request_id: str):
    form = RefuseForm()

    def show(refusal: Refusal):
        form.show_errors(refusal.errors)
        return _case_page(request_id, refusing=form, refusal=refusal)

    ground, note = form.ground.data or "", form.note.data or ""
    seen = read_seen(request_id, current_user)
    return attempt(lambda: desk.refuse(seen, ground, note), lambda done: _answered(), show)


def _answered():
    flash("Jawaban tercatat dan pemohon diberi tahu.")
    return go_to(url_for("privacy_desk.queue"))


def _case_page(
    request_id: str, granting: AnswerForm | None = None, refusing: RefuseForm | None = None,
    refusal: Refusal | None = None,
):
    case = desk.view(request_id, current_user)
    granting = granting or AnswerForm(formdata=None, answer=KINDS[case.row.kind].answer)
    refusing = refusing or RefuseForm(formdata=None)
    refusing.ground.choices = [(code, ground.label) for code, ground in grounds_for(case.row.kind).items()]
    page = render_template(
        "privacy/request.html", case=case, granting=granting, refusing=refusing, kinds=KINDS, fields=BY_KEY,
        record=KEPT,
        label=label_of(case.row.status, case.row.ground), grounds=GROUNDS, message_labels=MESSAGE_LABELS,
        refusal=refusal if refusal and not refusal.errors else None,
        typed_before=typed_words(TYPED_NAMES, {code: ground.label for code, ground in GROUNDS.items()}),
    )
    return make_response(page, refusal.status if refusal else 200)

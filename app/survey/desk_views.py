"""/petugas/survei: results for supervisors, what has to be looked at, sheets of paper, and the code for the counter."""

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected
from app.survey import answering, figures, inviting, notices
from app.survey.answering import Filled, LinkOver
from app.survey.elements import ELEMENTS
from app.survey.forms import PaperForm, RemarkForm
from app.web.access import OFFICE, holds, staff
from app.web.htmx import go_to, render

blueprint = Blueprint("survey_desk", __name__, url_prefix=f"{OFFICE}/survei")


@blueprint.get("")
@staff("read_survey")
def results():
    period = _asked_period(request.args)
    return render(
        "survey/results.html", figures=figures.of_months(period.first, period.last), period=period,
        parts=figures.PARTS, may_answer=(may_answer := holds(current_user, "answer_survey")),
        waiting=notices.count_waiting(current_user) if may_answer else 0,
    )


@blueprint.get("/saran")
@staff("answer_survey")
def read_suggestions():
    period = _asked_period(request.args)
    return render("survey/suggestions.html", found=answering.read_suggestions(period.first, period.last, current_user),
                  period=period, parts=figures.PARTS, most=answering.SUGGESTIONS_SHOWN)


@blueprint.post("/saran/<answer_id>")
@staff("answer_survey")
def quote(answer_id: str):
    answering.allow_quote(answer_id, request.form.get("quotable") == "ya", current_user)
    period = _asked_period(request.form)
    return go_to(url_for("survey_desk.read_suggestions", tahun=period.year, bagian=period.part))


@blueprint.get("/perhatian")
@staff("answer_survey")
def attention():
    return _attention_page()


@blueprint.post("/perhatian/<answer_id>")
@staff("answer_survey")
def settle_answer(answer_id: str):
    return _settled(answer_id, lambda remark: notices.settle_answer(answer_id, remark, current_user))


@blueprint.post("/perhatian/pengaduan/<ticket_id>")
@staff("answer_survey")
def settle_ticket(ticket_id: str):
    reopen = request.form.get("reopen") == "ya"
    return _settled(ticket_id, lambda remark: notices.settle_ticket(ticket_id, remark, reopen, current_user))


@blueprint.get("/kertas")
@staff("enter_paper_survey")
def paper():
    return _paper_page(PaperForm(formdata=None))


@blueprint.post("/kertas")
@staff("enter_paper_survey")
def enter_paper():
    form = PaperForm()
    try:
        values = form.single_values()
        errors = {}
        marks, rest = _judged(answering.marks_of, values, errors), _judged(answering.rest_of, values, errors)
        month = next((one for one in answering.paper_months() if one.isoformat() == values["month"]), None)
        if month is None:
            errors["month"] = ["Pilih bulan dari daftar."]
        if errors:
            raise FormRejected(errors)
        answering.send_paper(values["token"], Filled(marks, *rest), month, current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _paper_page(form, 422)
    except LinkOver:
        flash("Lembar ini sudah tersimpan. Yang di bawah adalah lembar baru.")
        return go_to(url_for("survey_desk.paper"))
    flash("Lembar tersimpan. Silakan lembar berikutnya.")
    return go_to(url_for("survey_desk.paper", bulan=month.isoformat()))


@blueprint.get("/kode-qr")
@staff("enter_paper_survey")
def poster():
    address = inviting.counter_address()
    return render("survey/poster.html", address=address, code=inviting.qr_svg(address, "Kode QR survei"))


def _asked_period(values) -> figures.Period:
    return figures.wanted_period(values.get("tahun", ""), values.get("bagian", ""))


def _judged(rule, values: dict[str, str], errors: dict):
    """What `rule` makes of the values; what it refuses is added to `errors`, so that all is said at once."""
    try:
        return rule(values)
    except FormRejected as rejected:
        errors.update(rejected.errors)
        return {}


def _paper_page(form: PaperForm, status: int = 200):
    months = answering.paper_months()
    form.month.choices = [(one.isoformat(), one) for one in months]
    if not form.month.data:
        asked = request.args.get("bulan", "")
        form.month.data = asked if asked in dict(form.month.choices) else months[0].isoformat()
    if not form.token.data:
        form.token.data = answering.sheet()
    return render("survey/paper.html", status, form=form, elements=ELEMENTS)


def _settled(about: str, act):
    form = RemarkForm()
    try:
        act(form.single_values()["remark"])
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _attention_page(form, about, 422)
    flash("Tersimpan.")
    return go_to(url_for("survey_desk.attention"))


def _attention_page(form: RemarkForm | None = None, about: str = "", status: int = 200):
    """`about` is the row the form with a fault belongs to; all others are empty."""
    return render(
        "survey/attention.html", status, answers=notices.waiting_answers(),
        tickets=notices.waiting_tickets(current_user), form=form or RemarkForm(formdata=None), about=about,
        empty=RemarkForm(formdata=None), suggestion_of=answering.suggestion_of,
        may_open=holds(current_user, "read_complaints"),
    )

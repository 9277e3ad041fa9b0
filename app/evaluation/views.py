"""/petugas/evaluasi: the yearly evaluation step by step, its print and its workbook."""

from datetime import date

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.base import clock, journal
from app.base.database import transaction
from app.base.problems import FormRejected, NotFound, StaleDecision
from app.base.services import city
from app.evaluation import downloads, evaluating, standard
from app.evaluation.forms import ActionForm, ConclusionForm, FindingForm, SignForm, YearForm
from app.evaluation.models import ACTION_STATES
from app.web.access import OFFICE, holds, needs_proof, staff
from app.web.headers import send_table, send_workbook
from app.web.htmx import go_to, render

blueprint = Blueprint("evaluation", __name__, url_prefix=f"{OFFICE}/evaluasi")
ANY_YEAR = "/<year_id>"  # four digits; judged by _year


@blueprint.get("")
@staff("read_evaluation")
def everything():
    return _list_page(YearForm(formdata=None))


@blueprint.post("")
@staff("prepare_evaluation")
def start():
    form = YearForm()
    try:
        year = int(form.year.data) if (form.year.data or "").isdecimal() else 0
        evaluating.start(year, current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _list_page(form, 422)
    return go_to(url_for("evaluation.one", year_id=year))


@blueprint.get(ANY_YEAR)
@staff("read_evaluation")
def one(year_id: str):
    return _page(_year(year_id))


@blueprint.post(ANY_YEAR + "/angka")
@staff("prepare_evaluation")
def freeze(year_id: str):
    evaluating.freeze(_year(year_id), _version(), current_user)
    flash("Angka sudah dibekukan.")
    return _back(year_id, "angka")


@blueprint.post(ANY_YEAR + "/temuan")
@staff("prepare_evaluation")
def add_finding(year_id: str):
    form = FindingForm()
    try:
        evaluating.add_finding(_year(year_id), form.single_values(), current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _page(_year(year_id), finding=form, status=422)
    flash("Temuan tersimpan.")
    return _back(year_id, "temuan")


@blueprint.post("/temuan/<finding_id>/hapus")
@staff("prepare_evaluation")
def remove_finding(finding_id: str):
    year = evaluating.remove_finding(finding_id, current_user)
    flash("Temuan dihapus.")
    return _back(year, "temuan")


@blueprint.post("/temuan/<finding_id>/kabar")
@staff("prepare_evaluation")
def follow_up(finding_id: str):
    form = ActionForm()
    shown = _shown_year()
    try:
        values = form.single_values()
        year = evaluating.follow_up(finding_id, values["state"], values["news"], current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        if shown is None:
            raise NotFound() from None
        return _page(shown, action=(finding_id, form), status=422)
    flash("Kabar tersimpan.")
    return _back(shown or year, "tindakan" if shown in (None, year) else "tahun-lalu")


@blueprint.post(ANY_YEAR + "/kesimpulan")
@staff("prepare_evaluation")
def conclude(year_id: str):
    form = ConclusionForm()
    try:
        evaluating.conclude(_year(year_id), _version(), form.conclusion.data or "", current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _page(_year(year_id), conclusion=form, status=422)
    except StaleDecision as stale:  # what was typed comes back with it
        form.form_errors.append(stale.message)
        return _page(_year(year_id), conclusion=form, status=409)
    flash("Kesimpulan tersimpan.")
    return _back(year_id, "kesimpulan")


@blueprint.post(ANY_YEAR + "/tanda-tangan")
@staff("sign_evaluation")
@needs_proof
def sign(year_id: str):
    form = SignForm()
    try:
        evaluating.sign(
            _year(year_id), _version(), request.form.get("fingerprint", ""), form.remark.data or "", current_user,
        )
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _page(_year(year_id), signing=form, status=422)
    flash("Evaluasi sudah ditandatangani.")
    return _back(year_id, "tanda-tangan")


@blueprint.get(ANY_YEAR + "/cetak")
@staff("read_evaluation")
def printed(year_id: str):
    row = evaluating.find(_year(year_id))
    if row.figures is None:
        return go_to(url_for("evaluation.one", year_id=year_id))
    last = evaluating.before(row.year)
    return render(
        "evaluation/print.html", row=row, content=row.figures, last=last, states=ACTION_STATES,
        last_values={one["key"]: one["value"] for one in last.figures["figures"]} if last and last.figures else {},
        people=evaluating.people_of(row), ordinal=sum(one.year <= row.year for one in evaluating.everything()),
        version=standard.in_force(date.fromisoformat(row.figures["until"])), series=_series(row.figures),
        last_series=_series(last.figures) if last else [],
    )


@blueprint.get(ANY_YEAR + "/unduh.xlsx")
@staff("read_evaluation")
def workbook(year_id: str):
    row = evaluating.find(_year(year_id))
    with transaction():
        journal.record("data_exported", actor=journal.Actor("staff", current_user.id), about=("download", "evaluasi"),
                       detail={"name": year_id})
    return send_workbook(f"evaluasi-{row.year}", evaluating.sheets(evaluating.find(row.year)))


def _series(content: dict | None) -> list[tuple[int, str, float]]:
    """(place in the year, month, percent in time) for the line of the print; months without a promise are none."""
    table = next((one for one in (content or {}).get("tables", []) if one["key"] == "months"), {"rows": []})
    shares = ((place, row[0][:3], row[6]) for place, row in enumerate(table["rows"]) if row[5])
    return [(place, month, float(share.rstrip("%").replace(",", "."))) for place, month, share in shares]


def _page(year: int, status: int = 200, **forms):
    row = evaluating.find(year)
    last = evaluating.before(year)
    letters = [("", "Pilih satu"), *((one.letter, f"{one.letter}. {one.name}") for one in city().standard.components)]
    finding = forms.get("finding") or FindingForm(formdata=None)
    finding.letter.choices = letters
    return render(
        "evaluation/one.html", status, row=row, last=last, content=row.figures, finding=finding,
        until=date.fromisoformat(row.figures["until"]) if row.figures else None,
        action=forms.get("action"), new_action=ActionForm, states=ACTION_STATES,
        conclusion=forms.get("conclusion") or ConclusionForm(formdata=None, conclusion=row.conclusion),
        signing=forms.get("signing") or SignForm(formdata=None), people=evaluating.people_of(row),
        missing=[] if row.signed_at else evaluating.what_is_missing(row), owners=city().oversight,
        may_prepare=holds(current_user, "prepare_evaluation") and row.signed_at is None,
        may_follow=holds(current_user, "prepare_evaluation"),
        may_sign=evaluating.may_sign(current_user) and row.signed_at is None,
    )


def _list_page(form: YearForm, status: int = 200):
    form.year.choices = [(str(year), str(year)) for year in evaluating.years()]
    return render("evaluation/list.html", status, rows=evaluating.everything(), form=form,
                  due=evaluating.due_words(clock.today()), may_prepare=holds(current_user, "prepare_evaluation"))


def _year(year_id: str) -> int:
    if len(year_id) == 4 and year_id.isascii() and year_id.isdigit():
        return int(year_id)
    raise NotFound()


def _shown_year() -> int | None:
    asked = request.form.get("shown", "")
    return int(asked) if len(asked) == 4 and asked.isascii() and asked.isdigit() else None


def _version() -> int:
    typed = request.form.get("version", "")[:9]
    return int(typed) if typed.isascii() and typed.isdigit() else 0


def _back(year_id, part: str):
    return go_to(url_for("evaluation.one", year_id=str(year_id), _anchor=part))


# /petugas/unduh: tables to take along, each tap a journal line.

download_pages = Blueprint("downloads", __name__, url_prefix=f"{OFFICE}/unduh")


@download_pages.get("")
@staff("download_data")
def page():
    return render("evaluation/downloads.html", downloads=downloads.DOWNLOADS, span=_asked_span())


@download_pages.get("/<name_id>.<any(csv,xlsx):kind>")
@staff("download_data")
@needs_proof
def download(name_id: str, kind: str):
    wanted = downloads.DOWNLOADS.get(name_id)
    if wanted is None:
        raise NotFound()
    span = _asked_span()
    downloads.note(name_id, kind, span, current_user)
    return send_table(name_id, kind, wanted.columns, wanted.rows(span), wanted.title)


def _asked_span() -> downloads.Span:
    today = clock.today()
    return downloads.span_of(_asked_day("dari", today.replace(month=1, day=1)), _asked_day("sampai", today))


def _asked_day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise

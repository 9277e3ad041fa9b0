"""The five pages of those who oversee, the months they sign off, notices of the office, and /kinerja for everybody."""

from flask import Blueprint, flash, g, url_for
from flask_login import current_user
from wtforms import StringField, TextAreaField

from app.base.problems import FormRejected
from app.casework import lists
from app.casework.lists import Look
from app.office.late import late_now
from app.oversight import figures, notices, pages, public, signing, summary
from app.review import worklist
from app.web.access import OFFICE, staff
from app.web.access import public as open_to_all
from app.web.forms import OnwardForm
from app.web.htmx import go_to, render
from app.web.jabatan import JABATAN, JABATAN_HOMES

# Forms of those who oversee. The rules live in the services.


class SignForm(OnwardForm):
    month = StringField("Bulan")
    remark = TextAreaField("Catatan (boleh kosong)")


class NoticeForm(OnwardForm):
    """`begins` and `ends` are local times as a datetime-local input writes them."""

    title = StringField("Apa yang tutup atau terganggu")
    instead = TextAreaField("Yang dapat dilakukan warga")
    begins = StringField("Mulai (kosong: sekarang)")
    ends = StringField("Sampai")


# jabatan -> the page it lands on and what its tab is called
OWN_PAGE = {
    jabatan: (JABATAN_HOMES[jabatan], words) for jabatan, words in zip(
        JABATAN, ("Ringkasan", "Beban kerja", "Bidang", "Analisis", "Sistem"), strict=True,
    )
}
blueprint = Blueprint("oversight", __name__, url_prefix=OFFICE)
public_blueprint = Blueprint("performance", __name__)


def _said():
    """What the office announces; a page asks for its words and for their style."""
    said = g.get("office_says")
    if said is None:
        said = g.office_says = notices.in_force()
    return said


@public_blueprint.app_context_processor
def _for_every_page() -> dict:
    return {"office_says": _said, "public_figures": public.of_now, "own_page": OWN_PAGE}


@public_blueprint.get("/kinerja")
@open_to_all
def performance():
    return render("oversight/performance.html", told=public.of_now(), fewest=public.FEWEST_TOLD)


@blueprint.get("/ringkasan")
@staff("see_summary")
def head():
    return render("oversight/summary.html", view=summary.of_now(), month=signing.newest_for(current_user))


@blueprint.get("/ringkasan/terlambat")
@staff("see_summary")
def late_work():
    return render("oversight/late.html", late=late_now())


@blueprint.get("/beban-kerja")
@staff("see_workload")
def workload():
    return render(
        "oversight/workload.html", load=pages.load_now(), flow=figures.kept("flow", summary.flow_chart),
        month=signing.newest_for(current_user), notices=[one for one in notices.all_of_them() if one.state != "over"],
        absence=pages.absence(), registers=pages.registers_now(),
    )


@blueprint.get("/bidang")
@staff("see_field")
def field():
    promise, target = figures.kept("times", pages.times_charts)
    return render(
        "oversight/field.html", late=late_now(),
        counts=lists.counts(worklist.REGISTRATIONS, Look(current_user)), disputed=pages.disputed(),
        share=figures.kept("share", summary.share_chart),
        promise=promise, target=target,
        guarantees=pages.guarantees_running(),
        by_age=pages.open_by_age(), by_channel=pages.received_by_channel(), month=signing.newest_for(current_user),
    )


@blueprint.get("/analisis")
@staff("see_analysis")
def analysis():
    promise, target = figures.kept("times", pages.times_charts)
    by_hour, by_day = figures.kept("sent", pages.sent_by_hour_and_day)
    return render(
        "oversight/analysis.html", reasons=figures.kept("reasons", pages.return_reasons), steps=pages.steps_reached(),
        right=figures.kept("right", pages.first_time_right), by_hour=by_hour, by_day=by_day,
        by_channel=pages.received_by_channel(),
        promise=promise, target=target,
        month=signing.newest_for(current_user),
    )


@blueprint.get("/sistem")
@staff("see_operations")
def operations():
    return render(
        "oversight/operations.html", machine=pages.machine(), failed=pages.failed_chart(),
        month=signing.newest_for(current_user),
    )


@blueprint.get("/bulan")
@staff("sign_month")
def months():
    return _months_page(SignForm(formdata=None))


@blueprint.post("/bulan")
@staff("sign_month")
def sign():
    form = SignForm()
    try:
        signing.sign(form.month.data or "", form.remark.data or "", current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _months_page(form, 422)
    flash("Sudah dicatat. Terima kasih sudah memeriksa.")
    return go_to(url_for("oversight.months"))


@blueprint.get("/pengumuman")
@staff("manage_notices")
def notices_page():
    return _notices_page(NoticeForm(formdata=None))


@blueprint.post("/pengumuman")
@staff("manage_notices")
def put_up_notice():
    form = NoticeForm()
    try:
        notices.put_up(form.title.data or "", form.instead.data or "", form.begins.data or "", form.ends.data or "",
                       current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _notices_page(form, 422)
    flash("Pengumuman dipasang. Semua halaman menampilkannya selama masa yang Anda isi.")
    return go_to(url_for("oversight.notices_page"))


@blueprint.post("/pengumuman/<notice_id>/cabut")
@staff("manage_notices")
def take_down_notice(notice_id: str):
    notices.take_down(notice_id, current_user)
    flash("Pengumuman dicabut.")
    return go_to(url_for("oversight.notices_page"))


def _months_page(form: SignForm, status: int = 200):
    return render("oversight/months.html", status, form=form, months=signing.months_for(current_user))


def _notices_page(form: NoticeForm, status: int = 200):
    return render("oversight/notices.html", status, form=form, notices=notices.all_of_them())

"""/petugas/jurnal, /petugas/kalender, /petugas/hak and /petugas/pemeriksaan; /petugas/alasan: the reasons officers
choose from."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, request
from flask_login import current_user
from sqlalchemy import select
from wtforms import BooleanField, DateField, StringField, TextAreaField

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db
from app.base.problems import FormRejected, NotFound
from app.city.dates import MONTHS
from app.city.office_calendar import CalendarDay, calendar_for, change_day, undecreed_year_warning, years_around
from app.office import journal_page, people, reasons
from app.office.journal_page import Filters
from app.office.notices import notices_for
from app.office.reasons import PLACES
from app.web.access import OFFICE, ROLE_WORDS, holds, needs_proof, place_words, staff
from app.web.forms import ChoiceField, OnwardForm
from app.web.headers import send_table
from app.web.htmx import go_to, render
from app.web.jabatan import JABATAN_WORDS


class DayForm(OnwardForm):
    """`kind` is `libur` (a day off) or `kerja` (worked after all)."""

    day = DateField("Tanggal")
    kind = ChoiceField("Hari itu", choices=[("libur", "Libur"), ("kerja", "Kantor buka")])
    name = StringField("Nama hari")
    reason = TextAreaField("Alasan perubahan")
    source = StringField("Sumber")


class ReasonForm(OnwardForm):
    """`citizen` is what the resident reads, `office` what officers choose by; `advice` is for refusals."""

    office = StringField("Nama alasan")
    citizen = TextAreaField("Kalimat untuk pemohon")
    advice = TextAreaField("Yang dapat dilakukan pemohon")
    offered = BooleanField("Petugas dapat memilih alasan ini")


class NewReasonForm(ReasonForm):
    place = ChoiceField("Dipakai untuk", choices=list(PLACES.items()))


blueprint = Blueprint("office", __name__, url_prefix=OFFICE)
# permission, address and words of each page in the menu "Lainnya"
MENU = (
    ("see_summary", "oversight.head", "Ringkasan Kepala Dinas"),
    ("see_workload", "oversight.workload", "Beban kerja"),
    ("see_field", "oversight.field", "Bidang PIAK"),
    ("see_analysis", "oversight.analysis", "Analisis"),
    ("see_operations", "oversight.operations", "Status sistem"),
    ("sign_month", "oversight.months", "Pemeriksaan bulanan"),
    ("manage_notices", "oversight.notices_page", "Pengumuman kantor"),
    ("read_figures", "review_figures.page", "Angka pendaftaran"),
    ("take_over", "duty.late_work", "Pekerjaan terlambat"),
    ("staff_home", "duty.roster", "Yang bertugas"),
    ("carry_letters", "courier.day", "Antar surat"),
    ("read_survey", "survey_desk.results", "Survei kepuasan"),
    ("enter_paper_survey", "survey_desk.paper", "Catat survei kertas"),
    ("enter_paper_survey", "survey_desk.poster", "Kode QR survei"),
    ("record_outages", "outages.page", "Gangguan SIAK"),
    ("keep_registers", "registers.people", "Kompetensi pelaksana"),
    ("keep_registers", "registers.facilities", "Sarana dan prasarana"),
    ("keep_registers", "registers.breaches", "Kegagalan pelindungan data"),
    ("keep_standard", "registers.versions", "Versi standar pelayanan"),
    ("read_evaluation", "evaluation.everything", "Evaluasi tahunan"),
    ("download_data", "downloads.page", "Unduh data"),
    ("open_one_person_day", "second.one_person_days", "Hari dengan satu orang"),
    ("read_journal", "office.journal", "Jurnal"),
    ("manage_staff", "staff_admin.everybody", "Pegawai"),
    ("manage_calendar", "office.calendar", "Kalender kantor"),
    ("manage_reasons", "reasons.all_of_them", "Alasan"),
    ("see_installation", "doctor.installation", "Pemeriksaan sistem"),
    ("staff_home", "office.rights_page", "Wewenang tiap peran"),
    ("approve_accounts", "office_accounts.requests", "Permintaan akun pegawai"),
    ("staff_home", "office_accounts.contact_page", "Kontak saya"),
    ("staff_home", "staff_lock.pin_page", "PIN layar"),
    ("staff_home", "staff_accounts.password_page", "Ganti kata sandi"),
)


@blueprint.app_context_processor
def _notices() -> dict:
    return {"office_notices": notices_for, "office_pages": MENU, "holds": holds, "role_words": ROLE_WORDS,
            "jabatan_words": JABATAN_WORDS, "place_words": place_words}


@blueprint.get("/jurnal")
@staff("read_journal")
def journal():
    filters, typed = _filters(), request.args
    lines = journal_page.read(filters, _number(typed.get("sebelum")), current_user)
    return render(
        "office/journal.html", lines=lines, filters=filters, people=journal_page.staff_choices(),
        actions=journal_page.action_choices(), query=[(k, v) for k, v in typed.items() if k != "sebelum" and v],
    )


@blueprint.get("/jurnal/unduh.<any(csv,xlsx):kind>")
@staff("read_journal")
@needs_proof
def journal_download(kind: str):
    rows = journal_page.export(_filters(), kind, current_user._get_current_object())
    return send_table("jurnal", kind, journal_page.COLUMNS, rows, "Jurnal")


@blueprint.get("/hak")
@staff("staff_home")
def rights_page():
    return render("office/rights.html", rights=people.table(), columns=people.COLUMNS)


@blueprint.get("/kalender")
@staff("manage_calendar")
@needs_proof
def calendar():
    return _calendar_page(DayForm(formdata=None))


@blueprint.post("/kalender")
@staff("manage_calendar")
@needs_proof
def change_calendar():
    form = DayForm()
    day = form.day.data
    try:
        if day is None or day.year not in _years():
            raise FormRejected({"day": [f"Isi tanggal antara tahun {_years()[0]} dan {_years()[-1]}."]})
        change_day(
            day, form.kind.data == "kerja", form.name.data or "", form.reason.data or "",
            form.source.data or "", current_user,
        )
    except FormRejected as rejected:
        form.day.errors = []  # WTForms speaks English there; ours says the same
        form.show_errors({_field(name): sentences for name, sentences in rejected.errors.items()})
        return _calendar_page(form, 422)
    flash("Kalender sudah diubah. Batas waktu yang masih berjalan ikut dihitung ulang.")
    return go_to(f"{OFFICE}/kalender?tahun={day.year}")


def _calendar_page(form: DayForm, status: int = 200):
    asked = _number(request.args.get("tahun"))
    if asked is not None and asked not in _years():
        raise NotFound()
    typed = form.day.data.year if form.day.data and form.day.data.year in _years() else None
    chosen = typed or asked or clock.today().year
    return render(
        "office/calendar.html", status, form=form, year=chosen, years=_years(), months=months_of(chosen),
        warning=undecreed_year_warning(clock.today()),
    )


def _years() -> list[int]:
    return years_to_choose(clock.today().year)


def _field(name: str) -> str:
    return "kind" if name == "is_working" else name


def _filters() -> Filters:
    typed = request.args
    return Filters(
        _text("siapa"), _text("tindakan"), _text("tentang"), _date(typed.get("dari")), _date(typed.get("sampai")),
    )


def _text(name: str) -> str:
    """PostgreSQL knows no NUL."""
    return request.args.get(name, "")[:journal_page.LONGEST_TYPED]


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


reasons_blueprint = Blueprint("reasons", __name__, url_prefix=f"{OFFICE}/alasan")


@reasons_blueprint.get("")
@staff("manage_reasons")
@needs_proof
def all_of_them():
    return render("office/reasons.html", places=reasons.listed())


@reasons_blueprint.get("/tambah")
@staff("manage_reasons")
@needs_proof
def add_page():
    return _page(NewReasonForm(formdata=None))


@reasons_blueprint.post("/tambah")
@staff("manage_reasons")
@needs_proof
def add():
    form = NewReasonForm()
    try:
        reasons.add_reason(form.place.data or "", _typed(form), current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _page(form, status=422)
    return _done("Alasan sudah ditambahkan.")


@reasons_blueprint.get("/<reason_id>")
@staff("manage_reasons")
@needs_proof
def one(reason_id: str):
    entry = reasons.existing(reason_id)
    return _page(ReasonForm(formdata=None, **vars(entry)), entry)


@reasons_blueprint.post("/<reason_id>")
@staff("manage_reasons")
@needs_proof
def change(reason_id: str):
    entry, form = reasons.existing(reason_id), ReasonForm()
    try:
        reasons.change(reason_id, _typed(form), "offered" in request.form, current_user)
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _page(form, entry, 422)
    return _done("Alasan sudah disimpan. Petugas langsung memakainya.")


def _typed(form: ReasonForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in reasons.LENGTHS}


def _page(form: ReasonForm, entry=None, status: int = 200):
    """`entry` is the reason as it is, None for a new one."""
    place = reasons.PLACES[reasons.place_of(entry)] if entry else ""
    return render("office/reason.html", status, form=form, entry=entry, place=place)


def _done(sentence: str):
    flash(sentence)
    return go_to(f"{OFFICE}/alasan")


# One year of the office calendar, month by month, for the page of the administrator.

@dataclass(frozen=True)
class Day:
    """A day that differs from its weekday. `changed_by` is a name, or empty for a day as seeded."""

    day: date
    name: str
    is_working: bool
    source: str
    reason: str
    changed_by: str


@dataclass(frozen=True)
class Month:
    name: str
    days: list[Day]


def months_of(year: int) -> list[Month]:
    """The twelve months; days off that no row holds yet come from the calendar in force."""
    rows = _rows_of_year(year)
    off = calendar_for().days_off
    unseeded = {day: Day(day, name, False, "", "", "") for day, name in off.items() if day.year == year}
    days = sorted({**unseeded, **rows}.values(), key=lambda day: day.day)
    return [Month(name, [d for d in days if d.day.month == number]) for number, name in enumerate(MONTHS, 1)]


def years_to_choose(this_year: int) -> list[int]:
    return list(years_around(this_year))


def _rows_of_year(year: int) -> dict[date, Day]:
    inside = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    found = db.session.execute(
        select(CalendarDay, Staff.name).outerjoin(Staff, Staff.id == CalendarDay.changed_by).where(inside)
    )
    return {
        row.day: Day(row.day, row.name, row.is_working, row.source, row.reason, name or "") for row, name in found
    }

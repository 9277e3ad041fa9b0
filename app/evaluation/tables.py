"""The tables behind the figures of a year; each is frozen and printed with them, and a sheet of the workbook."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select

from app.base.clock import WIB
from app.base.database import db
from app.casework.figures import Period, days_of
from app.city.dates import show_moment, show_month
from app.complaints.reports import figures as complaint_figures
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.status import MERGED
from app.complaints.ticket.words import NOT_A_CASE, OUTCOMES
from app.evaluation import registers, standard
from app.evaluation.models import EDUCATION, FACILITIES, KNOWLEDGE, DataBreach
from app.guarantee import figures as guarantee_figures
from app.registration.models import Application
from app.registration.status import ACTIVE, REJECTED
from app.review import figures as review_figures
from app.review import promises
from app.review.models import SiakOutage
from app.survey import figures as survey_figures
from app.survey.elements import half_up

MONTHS = 12


@dataclass(frozen=True)
class Table:
    """`rows` hold texts and numbers."""

    key: str
    title: str
    columns: list[str]
    rows: list[list] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Span:
    """A year as far as it has come: `first` and `last` are days, both inside."""

    first: date
    last: date

    @property
    def period(self) -> Period:
        return days_of(self.first, self.last)


def by_month(span: Span, ended: list[promises.Ended]) -> Table:
    sent, approved, rejected = (
        _counts_by_month(column, span, *conditions) for column, conditions in (
            (Application.submitted_at, (Application.submitted_at.is_not(None),)),
            (Application.decided_at, (Application.status == ACTIVE,)),
            (Application.decided_at, (Application.status == REJECTED,)),
        )
    )
    rows = []
    for month in range(1, span.last.month + 1):
        mine = promises.count(one for one in ended if one.at.astimezone(WIB).month == month)
        rows.append([show_month(date(span.first.year, month, 1)), sent[month], approved[month], rejected[month],
                     mine.kept, mine.of, percent(mine.kept, mine.of)])
    return Table("months", "Setiap bulan", ["Bulan", "Dikirim", "Disetujui", "Ditolak", "Janji ditepati",
                                            "Janji berakhir", "Tepat janji"], rows)


def _counts_by_month(column, span: Span, *conditions) -> dict[int, int]:
    """By month in WIB, counted here because the two databases cut moments differently."""
    found = dict.fromkeys(range(1, MONTHS + 1), 0)
    query = select(column).where(span.period.holds(column), *conditions)
    for moment in db.session.scalars(query.execution_options(yield_per=1000)):
        found[moment.astimezone(WIB).month] += 1
    return found


def reasons(office: review_figures.Figures) -> Table:
    return Table("reasons", "Alasan pengembalian dan penolakan", ["Alasan", "Kali"],
                 [[words, number] for words, number in office.reasons],
                 "Yang dibatalkan dalam satu menit tidak dihitung. Satu berkas dapat memuat beberapa alasan.")


def complaint_tables(span: Span, summary: complaint_figures.Summary) -> list[Table]:
    columns = ["Diterima", "Dijawab", "Terlambat belum dijawab", "Dibuka lagi", "Hari sampai dijawab", "Tepat waktu",
               "Nilai (1-5)"]
    tables = [
        Table(f"complaints_{key}", title, [first, *columns], [
            [one.name, one.received, one.answered, one.late_open, one.reopened, one.shown_days,
             percent(one.kept, one.judged), comma(one.satisfaction) if one.ratings else "-"] for one in groups
        ]) for key, title, first, groups in (
            ("kind", "Pengaduan menurut jenis", "Jenis", summary.by_kind),
            ("channel", "Pengaduan menurut saluran", "Saluran", summary.by_channel),
            ("category", "Pengaduan menurut kategori", "Kategori", summary.by_category),
        )
    ]
    query = select(Ticket.outcome, func.count()).where(
        span.period.holds(Ticket.received_at), Ticket.status != MERGED, Ticket.outcome != NOT_A_CASE,
    ).group_by(Ticket.outcome)
    counts = dict(db.session.execute(query).all())
    rows = [[words, counts.get(key, 0)] for key, words in OUTCOMES.items()]
    return [*tables, Table("outcomes", "Pengaduan menurut hasil", ["Hasil", "Pengaduan"],
                           [*rows, ["Belum ada hasil", counts.get("", 0)]])]


def survey_tables(survey: survey_figures.Figures) -> list[Table]:
    elements = [[one.element.name, comma(one.score.mean), comma(one.score.value), one.score.grade.letter]
                for one in survey.elements]
    months = [[show_month(month), number, comma(score.value) if score else "-"] for month, number, score
              in survey.months]
    profile = [[title, words, number] for title, counts in survey.profile.items() for words, number in counts]
    taps = survey.taps
    note = f"Satu ketukan: {taps.satisfied}% puas dari {taps.count} ketukan." if taps.count else ""
    return [
        Table("elements", "Survei: setiap unsur", ["Unsur", "Rata-rata (1-4)", "Nilai", "Mutu"], elements, note),
        Table("survey_months", "Survei: setiap bulan", ["Bulan", "Jawaban", "IKM"], months),
        Table("respondents", "Survei: siapa yang menjawab", ["Tentang", "Jawaban", "Orang"], profile),
    ]


def guarantees(span: Span) -> Table:
    found = guarantee_figures.of_period(span.period.first, span.period.last)
    return Table("guarantees", "Jaminan layanan menurut yang tidak sesuai", ["Yang tidak sesuai", "Perkara"],
                 [[words, number] for words, number in found.breaches],
                 f"{found.delivered_in_time} dari {found.delivered} yang diantar sampai pada batas waktunya. Satu "
                 "perkara dapat memuat beberapa hal.")


def outages(span: Span) -> Table:
    query = select(SiakOutage).where(
        SiakOutage.began_at < span.period.last,
        (SiakOutage.ended_at.is_(None)) | (SiakOutage.ended_at >= span.period.first),
    ).order_by(SiakOutage.began_at)
    rows = [[show_moment(row.began_at), show_moment(row.ended_at) if row.ended_at else "masih berlangsung", row.source]
            for row in db.session.scalars(query)]
    return Table("outages", "Gangguan SIAK", ["Mulai", "Selesai", "Sumber"], rows)


def competence() -> Table:
    rows = [[one.staff.name, EDUCATION.get(one.competence.education, "-") if one.competence else "-",
             "Lengkap" if not one.missing else "; ".join(one.missing)] for one in registers.people()]
    return Table("competence", "Kompetensi pelaksana (K)", ["Pegawai", "Pendidikan", "Pengetahuan"], rows,
                 "Pengetahuan: " + ", ".join(KNOWLEDGE.values()).lower() + ".")


def trainings(span: Span) -> Table:
    rows = [[one.staff.name, row.title, _day(row.held_on), _day(row.valid_until), "ada" if row.storage_key else "tidak"]
            for one in registers.people() for row in one.trainings if span.first <= row.held_on <= span.last]
    return Table("trainings", "Pelatihan", ["Pegawai", "Pelatihan", "Tanggal", "Berlaku sampai", "Bukti"], rows)


def facilities_table() -> Table:
    rows = []
    for row in registers.facilities():
        if row.retired_on is None:
            fault = registers.open_fault(row)
            state = f"Terganggu sejak {_day(fault.began_on)}: {fault.what}" if fault else "Baik"
            rows.append([FACILITIES[row.kind], row.name, row.quantity, state, len(row.faults), row.repairer or "-"])
    return Table("facilities", "Sarana dan prasarana (J)",
                 ["Jenis", "Nama", "Jumlah", "Status", "Gangguan tercatat", "Yang memperbaiki"], rows)


def breaches_in(span: Span) -> list[DataBreach]:
    return [row for row in registers.breaches()
            if span.first <= row.found_at.astimezone(WIB).date() <= span.last]


def breaches_table(span: Span) -> Table:
    rows = [[show_moment(row.found_at), row.what, row.people,
             "ya" if registers.was_told_in_time(row) else "tidak", row.action] for row in breaches_in(span)]
    return Table("breaches", "Kegagalan pelindungan data", ["Diketahui", "Kejadian", "Orang", "Dalam 3 x 24 jam",
                                                            "Tindakan"], rows)


def versions_table(span: Span) -> Table:
    rows = [[row.number, _day(row.valid_from), row.approved_by, row.document or "-", row.change]
            for row in standard.changes_between(span.first, span.last)]
    return Table("versions", "Perubahan standar pelayanan", ["Versi", "Berlaku sejak", "Disetujui", "Surat",
                                                             "Perubahan"], rows)


def percent(part: int, whole: int) -> str:
    """95,2%, rounded half up, but never 100 while one is missing."""
    if not whole:
        return "-"
    value = half_up(Fraction(100 * part, whole), 1)
    if part < whole and value == 100:
        return "99,9%"
    return f"{comma(value)}%"


def grouped(number: int) -> str:
    """2.124."""
    return f"{number:,}".replace(",", ".")


def comma(value) -> str:
    return f"{value}".replace(".", ",")


def _day(value: date | None) -> str:
    return value.strftime("%d-%m-%Y") if value else "-"

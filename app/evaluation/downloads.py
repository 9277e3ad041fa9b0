"""What can be taken along for a period: each table without personal data, read in steps so that any number of rows
streams through a small machine."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, or_, select

from app.base import journal
from app.base.clock import WIB
from app.base.database import db, end_reading, transaction
from app.base.services import sealer
from app.city.dates import show_month
from app.evaluation import figures
from app.evaluation.tables import Span
from app.registration.models import Application, Reason, StatusChange
from app.registration.reasons import ITEMS, reason_of
from app.registration.status import ACTIVE, DRAFT, REGISTRATION, REJECTED
from app.survey.elements import ELEMENTS, PROFILE, SERVICES, WAYS
from app.survey.models import SurveyAnswer

STEP = 500
ACTS: dict[str, str] = {
    "declare_complete": "Dinyatakan lengkap", "approve": "Disetujui", "return": "Dikembalikan", "reject": "Ditolak",
    "take_back": "Dibatalkan dalam satu menit", "take_back_early": "Dibatalkan dalam satu menit",
}


@dataclass(frozen=True)
class Download:
    """`rows` yields tuples of the columns for a span."""

    title: str
    what: str
    columns: Sequence[str]
    rows: Callable[[Span], Iterator[tuple]]


def note(key: str, kind: str, span: Span, staff) -> None:
    """Who took what along is a journal line."""
    with transaction():
        journal.record(
            "data_exported", actor=journal.Actor("staff", staff.id), about=("download", key),
            detail={"name": f"{key}.{kind}", "since": span.first.isoformat(), "until": span.last.isoformat()},
        )


def code_of(application_id: str) -> str:
    """The same registration has the same code in every table, and the code leads nowhere outside of them."""
    return sealer().index("download", application_id)[:12].upper()


def _registrations(span: Span) -> Iterator[tuple]:
    columns = (
        Application.id, Application.submitted_at, Application.status, Application.filed_by,
        Application.declared_complete_at, Application.due_at, Application.decided_at, Application.survey_consent,
    )
    query = select(*columns).where(Application.status != DRAFT, span.period.holds(Application.submitted_at))
    for row in _in_steps(query, Application.submitted_at, Application.id):
        yield (
            code_of(row.id), _moment(row.submitted_at), REGISTRATION.labels[row.status].office,
            "Meja layanan" if row.filed_by else "Online", _moment(row.declared_complete_at), _moment(row.due_at),
            _moment(row.decided_at), _in_time(row), "Ya" if row.survey_consent else "Tidak",
        )


def _decisions(span: Span) -> Iterator[tuple]:
    columns = (StatusChange.id, StatusChange.application_id, StatusChange.at, StatusChange.act,
               StatusChange.from_status, StatusChange.to_status)
    query = select(*columns).where(StatusChange.act.in_(ACTS), span.period.holds(StatusChange.at))
    for rows in _steps(query, StatusChange.at, StatusChange.id):
        reasons: dict[int, list[str]] = {}
        found = select(Reason.change_id, Reason.item, Reason.code).where(Reason.change_id.in_([row.id for row in rows]))
        for change_id, item, code in db.session.execute(found.order_by(Reason.id)):
            reason = reason_of(code)
            words = reason.office if reason else code
            reasons.setdefault(change_id, []).append(f"{ITEMS[item]}: {words}" if item in ITEMS else words)
        for row in rows:
            yield (
                code_of(row.application_id), _moment(row.at), ACTS[row.act],
                *(REGISTRATION.labels[status].office for status in (row.from_status, row.to_status)),
                "; ".join(reasons.get(row.id, [])),
            )


def _figures(span: Span) -> Iterator[tuple]:
    for one in figures.collect_span(span).figures:
        yield one.title, one.value, one.target, one.counted, one.definition


def _answers(span: Span) -> Iterator[tuple]:
    first, last = span.first.replace(day=1), span.last.replace(day=1)
    columns = [getattr(SurveyAnswer, name) for name in ("id", "month", "way", "service")]
    columns += [getattr(SurveyAnswer, one.code) for one in ELEMENTS]
    columns += [getattr(SurveyAnswer, key) for key in PROFILE]
    query = select(*columns).where(SurveyAnswer.month.between(first, last))
    for row in _in_steps(query, SurveyAnswer.month, SurveyAnswer.id):
        yield (
            show_month(row.month), WAYS[row.way], SERVICES[row.service],
            *(getattr(row, one.code) for one in ELEMENTS),
            *(choices.get(getattr(row, key), "") for key, (_, choices) in PROFILE.items()),
        )


DOWNLOADS: dict[str, Download] = {
    "pendaftaran": Download(
        "Pendaftaran", "Waktu dan status setiap pendaftaran yang dikirim pada hari-hari itu. Tanpa nama, NIK, nomor, "
        "dan alamat; kodenya hanya untuk mencocokkan dengan tabel keputusan.",
        ("Kode", "Dikirim", "Status", "Lewat", "Dinyatakan lengkap", "Batas janji", "Diputus", "Dalam janji",
         "Bersedia disurvei"), _registrations,
    ),
    "keputusan": Download(
        "Keputusan", "Setiap pernyataan lengkap, pengembalian, persetujuan, dan penolakan dengan alasannya. Tanpa nama "
        "petugas.", ("Kode", "Waktu", "Tindakan", "Dari", "Menjadi", "Alasan"), _decisions,
    ),
    "angka": Download(
        "Angka", "Angka utama dengan yang dihitung dan definisinya.",
        ("Ukuran", "Nilai", "Target", "Yang dihitung", "Definisi"), _figures,
    ),
    "survei": Download(
        "Jawaban survei", "Setiap jawaban dengan bulannya. Saran tidak ikut, karena di dalamnya dapat tertulis nama.",
        ("Bulan", "Lewat", "Layanan", *(one.name for one in ELEMENTS), *(title for title, _ in PROFILE.values())),
        _answers,
    ),
}


def _in_steps(query: Select, *order) -> Iterator:
    for rows in _steps(query, *order):
        yield from rows


def _steps(query: Select, moment, key) -> Iterator[list]:
    """Rows in the order of (moment, key), some at a time; each step is a query of its own, so that no reading lasts
    as long as the slowest line takes to download."""
    after = None
    while True:
        step = query if after is None else query.where(or_(moment > after[0], and_(moment == after[0], key > after[1])))
        rows = list(db.session.execute(step.order_by(moment, key).limit(STEP)))
        if rows:
            after = getattr(rows[-1], moment.key), getattr(rows[-1], key.key)
            yield rows
        end_reading()
        if len(rows) < STEP:
            return


def _in_time(row) -> str:
    if row.status not in (ACTIVE, REJECTED) or row.declared_complete_at is None:
        return ""
    return "Ya" if row.decided_at <= row.due_at else "Tidak"


def _moment(value: datetime | None) -> str:
    return value.astimezone(WIB).strftime("%d-%m-%Y %H.%M") if value else ""


def span_of(first: date, last: date) -> Span:
    return Span(min(first, last), max(first, last))

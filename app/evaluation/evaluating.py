"""The yearly evaluation: begun, its figures frozen, findings and what is done about them, signed, and followed up."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, end_reading, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected, NotAllowed, NotFound, StaleDecision
from app.base.spreadsheets import Sheet
from app.evaluation import figures
from app.evaluation.filling import Typed
from app.evaluation.models import ACTION_STATES, DONE, DROPPED, LETTERS, Evaluation, Finding
from app.identity.findings import FieldError
from app.identity.text import clean_multiline
from app.web.access import holds, place_words
from app.web.jabatan import KEPALA_DINAS

FIRST_YEAR = 2020
REMIND_FROM = 11  # November of the year; January of the next is its month 13
LONGEST_WORDS = 3000
SIGNED = "Evaluasi ini sudah ditandatangani. Isinya tidak dapat diubah lagi."
CHANGED = "Evaluasi ini sudah diubah orang lain sejak Anda membukanya. Muat ulang halamannya."


@dataclass(frozen=True)
class People:
    """Names of who did what, "" for what is not done, and how two of them are called in the office."""

    started_by: str
    frozen_by: str
    signed_by: str
    started_place: str
    signed_place: str


def years() -> list[int]:
    """Years that can be evaluated, the newest first."""
    this_year = clock.today().year
    return [this_year, this_year - 1, this_year - 2]


def everything() -> list[Evaluation]:
    return list(db.session.scalars(select(Evaluation).order_by(Evaluation.year.desc())))


def find(year: int) -> Evaluation:
    """Raises NotFound."""
    row = db.session.get(Evaluation, year)
    if row is None:
        raise NotFound()
    return row


def before(year: int) -> Evaluation | None:
    """The evaluation before this year's, whose actions are looked at again."""
    query = select(Evaluation).where(Evaluation.year < year).order_by(Evaluation.year.desc()).limit(1)
    return db.session.scalar(query)


def start(year: int, staff) -> None:
    """Raises FormRejected for a year that is not offered; a second start changes nothing."""
    if year not in years():
        raise FormRejected({"year": ["Pilih tahun dari daftar."]})
    with transaction() as session:
        if session.get(Evaluation, year) is None:
            session.add(Evaluation(year=year, started_by=staff.id))
            _note("evaluation_started", staff, year)


def freeze(year: int, version: int, staff) -> None:
    """Collect the figures and keep them as they are now. May be done again until the signature."""
    find(year)
    collected = figures.collect(year).as_json()
    end_reading()
    with _changing(year, version) as row:
        row.figures, row.frozen_at, row.frozen_by = collected, clock.now(), staff.id
        row.fingerprint = fingerprint_of(collected)
        _note("evaluation_frozen", staff, year)


def fingerprint_of(collected: dict) -> str:
    """SHA-256 of the figures, the same wherever it is computed."""
    return hashlib.sha256(json.dumps(collected, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def conclude(year: int, version: int, words: str, staff) -> None:
    """Raises FormRejected, StaleDecision."""
    kept = _words("conclusion", words)
    with _changing(year, version) as row:
        row.conclusion = kept
        _note("evaluation_concluded", staff, year)


def add_finding(year: int, values: Mapping[str, str], staff) -> None:
    typed = Typed(values)
    kept = {
        "letter": typed.choice("letter", dict.fromkeys(LETTERS, "")), "what": typed.line("what", 500),
        "action": typed.line("action", 500), "owner": typed.line("owner", 120), "due_on": typed.day("due_on"),
    }
    typed.settle()
    with transaction() as session:
        _unsigned(session.get(Evaluation, year, with_for_update=True))
        session.add(Finding(id=new_id(), year=year, **kept))
        _note("evaluation_finding_added", staff, year)


def remove_finding(finding_id: str, staff) -> int:
    """Before the signature only. Returns the year."""
    with transaction() as session:
        row = _finding(finding_id)
        _unsigned(session.get(Evaluation, row.year, with_for_update=True))
        year = row.year
        session.delete(row)
        _note("evaluation_finding_removed", staff, year)
    return year


def follow_up(finding_id: str, state: str, news: str, staff) -> int:
    """What became of an action; the only thing that goes on after the signature. Returns the year."""
    typed = Typed({"state": state, "news": news})
    chosen, said = typed.choice("state", ACTION_STATES), typed.line("news", 500, may_be_empty=True)
    if chosen in (DONE, DROPPED) and not said:
        typed.refuse("news", "Tulis hasilnya atau alasannya.")
    typed.settle()
    with transaction():
        row = _finding(finding_id)
        row.state, row.news, row.state_at = chosen, said, clock.now()
        _note("evaluation_action_followed", staff, row.year)
        return row.year


def sign(year: int, version: int, fingerprint: str, remark: str, staff) -> None:
    """Of the figures this person saw, which `fingerprint` names. Raises NotAllowed, StaleDecision, and FormRejected
    naming what is missing."""
    if not may_sign(staff):
        raise NotAllowed("Evaluasi ini ditandatangani Kepala Dinas.")
    kept = _words("remark", remark, may_be_empty=True)
    with _changing(year, version) as row:
        missing = what_is_missing(row)
        if missing:
            raise FormRejected({"remark": missing[:1]})
        if row.fingerprint != fingerprint:
            raise StaleDecision(CHANGED)
        row.signed_at, row.signed_by, row.remark = clock.now(), staff.id, kept
        journal.record(
            "evaluation_signed", actor=journal.Actor("staff", staff.id), about=("evaluation", str(year)),
            detail={"fingerprint": row.fingerprint},
        )


def may_sign(staff) -> bool:
    """The Kepala Dinas signs; a supervisor only where nobody has that jabatan."""
    if staff.jabatan == KEPALA_DINAS:
        return holds(staff, "sign_evaluation")
    query = select(Staff.id).where(Staff.jabatan == KEPALA_DINAS, Staff.disabled_at.is_(None)).limit(1)
    return holds(staff, "sign_evaluation") and db.session.scalar(query) is None


def what_is_missing(row: Evaluation) -> list[str]:
    """What has to be there before the signature, in sentences."""
    found = []
    if row.frozen_at is None:
        found.append("Angkanya belum dibekukan.")
    if not row.findings:
        found.append("Belum ada temuan dan tindakan perbaikan.")
    if not row.conclusion:
        found.append("Kesimpulannya belum ditulis.")
    last = before(row.year)
    if last is not None and any(one.state_at < row.started_at and one.state not in (DONE, DROPPED)
                                for one in last.findings):
        found.append(f"Tindakan tahun {last.year} belum semuanya dilihat lagi.")
    return found


def people_of(row: Evaluation) -> People:
    ids = [row.started_by, row.frozen_by, row.signed_by]
    known = {one.id: one for one in db.session.scalars(select(Staff).where(Staff.id.in_(filter(None, ids))))}
    people = [known.get(one) for one in ids]
    return People(*(one.name if one else "" for one in people),
                  *(place_words(one) if one else "" for one in (people[0], people[2])))


def due_words(today: date) -> str:
    """The reminder of month 11 and the late notice of month 13; "" when nothing is due."""
    year = today.year if today.month >= REMIND_FROM else today.year - 1
    row = db.session.get(Evaluation, year)
    if row is not None and row.signed_at is not None:
        return ""
    if today.month >= REMIND_FROM:
        return f"Evaluasi pelayanan tahun {year} perlu disiapkan. Standar pelayanan: paling sedikit sekali setahun."
    if year < FIRST_YEAR or (row is None and not _was_running(year)):
        return ""
    return f"Evaluasi pelayanan tahun {year} terlambat: belum ditandatangani Kepala Dinas."


def sheets(row: Evaluation) -> list[Sheet]:
    """All tables of the evaluation, for a workbook."""
    content = row.figures or {"figures": [], "tables": []}
    last = before(row.year)
    columns = ["Komponen", "Temuan", "Tindakan", "Penanggung jawab", "Paling lambat", "Status", "Kabar"]
    return [
        Sheet("Angka utama", ["Ukuran", "Nilai", "Target", "Yang dihitung", "Definisi"],
              [[one["title"], one["value"], one["target"], one["counted"], one["definition"]]
               for one in content["figures"]]),
        *(Sheet(table["title"], table["columns"], table["rows"]) for table in content["tables"]),
        Sheet("Temuan dan tindakan", columns, [_line(one) for one in row.findings]),
        Sheet("Tindakan tahun lalu", columns, [_line(one) for one in last.findings] if last else []),
    ]


def _line(one: Finding) -> list:
    return [one.letter, one.what, one.action, one.owner, one.due_on, ACTION_STATES[one.state], one.news]


@contextmanager
def _changing(year: int, version: int) -> Iterator[Evaluation]:
    """One change of an unsigned evaluation in one transaction, of the version somebody saw."""
    with transaction() as session:
        row = _unsigned(session.get(Evaluation, year, with_for_update=True))
        if row.version != version:
            raise StaleDecision(CHANGED)
        yield row


def _unsigned(row: Evaluation | None) -> Evaluation:
    if row is None:
        raise NotFound()
    if row.signed_at is not None:
        raise StaleDecision(SIGNED)
    return row


def _finding(finding_id: str) -> Finding:
    row = db.session.get(Finding, finding_id, with_for_update=True)
    if row is None:
        raise NotFound()
    return row


def _words(name: str, typed: str, may_be_empty: bool = False) -> str:
    try:
        text = clean_multiline(typed)
    except FieldError as error:
        raise FormRejected({name: [error.message]}) from None
    if not text and not may_be_empty:
        raise FormRejected({name: ["Isi bagian ini."]})
    if len(text) > LONGEST_WORDS:
        raise FormRejected({name: [f"Terlalu panjang. Paling banyak {LONGEST_WORDS} huruf."]})
    return text


def _was_running(year: int) -> bool:
    """Whether anybody worked here in that year."""
    first = db.session.scalar(select(Staff.created_at).order_by(Staff.created_at).limit(1))
    return first is not None and first.year <= year


def _note(action: str, staff, year: int) -> None:
    journal.record(action, actor=journal.Actor("staff", staff.id), about=("evaluation", str(year)))

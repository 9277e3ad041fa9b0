"""Ready answers: texts of the office with a short name (/gratis), made and changed at the desk.

While nobody has changed one, those of the city file serve. None can hold what could not be sent.
"""

import re
from dataclasses import dataclass

from sqlalchemy import delete, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected
from app.base.services import city
from app.city.dates import show_date
from app.complaints.desk import guard
from app.complaints.ticket.models import ReadyAnswer, Ticket

LONGEST, MOST = 320, 40
NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,19}")
VARIABLE = re.compile(r"\[[^\]\n]*\]")
VARIABLES = ("[nama]", "[tiket]", "[tanggal]", "[batas]")


@dataclass(frozen=True)
class Ready:
    """`final` is whether this text ends a case; "" as `id` is one of the city file."""

    name: str
    text: str
    final: bool
    id: str = ""


def all_answers() -> list[Ready]:
    query = select(ReadyAnswer).order_by(ReadyAnswer.name)
    kept = [Ready(row.name, row.text, row.final, row.id) for row in db.session.scalars(query)]
    return kept or [Ready(one.name, one.text, one.final) for one in city().canned_answers]


def save(old: str, name: str, text: str, final: bool, staff) -> None:
    """Make one, or change the one called `old`. Raises FormRejected naming the field."""
    name, text = name.strip().lower().lstrip("/"), "\n".join(line.rstrip() for line in text.strip().splitlines())
    with transaction():
        known = _own()
        _check(name, text, taken=name != old and name in known, full=old not in known and len(known) >= MOST)
        row = known.get(old)
        if row is None:
            row = ReadyAnswer(id=new_id())
            db.session.add(row)
        row.name, row.text, row.final = name, text, final
        row.changed_at, row.changed_by = clock.now(), staff.id
        journal.record("ready_answer_saved", actor=journal.Actor("staff", staff.id), about=("ready_answer", row.id),
                       detail={"name": name})


def drop(name: str, staff) -> None:
    """Raises FormRejected for the last one: then those of the city file would come back."""
    with transaction():
        known = _own()
        if len(known) < 2:
            raise FormRejected({"name": ["Sisakan paling sedikit satu teks."]})
        if name in known:
            db.session.execute(delete(ReadyAnswer).where(ReadyAnswer.name == name))
            journal.record("ready_answer_dropped", actor=journal.Actor("staff", staff.id),
                           about=("ready_answer", known[name].id), detail={"name": name})


def fill_in(text: str, ticket: Ticket, name: str) -> str:
    """A ready answer with its variables filled in."""
    values = {
        "[nama]": name or "Pelapor", "[tiket]": ticket.number, "[tanggal]": show_date(ticket.received_at),
        "[batas]": show_date(ticket.resolve_due_at),
    }
    for variable, value in values.items():
        text = text.replace(variable, value)
    return text


def _own() -> dict[str, ReadyAnswer]:
    """The office's own by name; the first change takes over those of the city file."""
    rows = list(db.session.scalars(select(ReadyAnswer)))
    if not rows:
        rows = [ReadyAnswer(id=new_id(), name=one.name, text=one.text, final=one.final)
                for one in city().canned_answers]
        db.session.add_all(rows)
        db.session.flush()
    return {row.name: row for row in rows}


def _check(name: str, text: str, taken: bool, full: bool) -> None:
    errors = {}
    unknown = [found for found in VARIABLE.findall(text) if found not in VARIABLES]
    if not NAME.fullmatch(name):
        errors["name"] = ["Nama pendek: 2 sampai 20 huruf kecil, angka, atau tanda hubung, misalnya gratis."]
    elif taken:
        errors["name"] = ["Nama ini sudah dipakai."]
    elif full:
        errors["name"] = [f"Sudah ada {MOST} teks. Hapus yang tidak dipakai."]
    if not text:
        errors["text"] = ["Tulis teksnya."]
    elif len(text) > LONGEST:
        errors["text"] = [f"Paling banyak {LONGEST} huruf, supaya selalu muat dalam satu pesan WhatsApp. "
                          f"Sekarang {len(text)}."]
    elif unknown:
        errors["text"] = [f"{unknown[0]} tidak dikenal. Pakai {', '.join(VARIABLES)}."]
    elif found := guard.found_in(text):
        errors["text"] = [f"Teks ini tampaknya memuat {' dan '.join(found)}. Hapus dulu."]
    if errors:
        raise FormRejected(errors)

"""Ready answers: texts of the office with a short name (/gratis), made and changed at the desk.

While nobody has changed one, those of the city file serve. None can hold what could not be sent.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import FormRejected
from app.base.services import city
from app.base.written import Written
from app.city.dates import show_date
from app.complaints.ticket.models import ReadyAnswer, Ticket
from app.identity.text import strip_invisible

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


ALL = Written(select(ReadyAnswer.id, ReadyAnswer.name, ReadyAnswer.text, ReadyAnswer.final).order_by(ReadyAnswer.name))


def all_answers() -> list[Ready]:
    kept = [Ready(row.name, row.text, row.final, row.id) for row in ALL.ask()]
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
    elif found := found_in(text):
        errors["text"] = [f"Teks ini tampaknya memuat {' dan '.join(found)}. Hapus dulu."]
    if errors:
        raise FormRejected(errors)


# Stops an answer for a public channel that holds a NIK, a Nomor KK or a phone number.
#
# Better one question too many than a number on the radio: everything that could be one is named, apart from the
# office's own numbers and the national ones. Ways to write digits are undone first.

NIK, PHONE, EMAIL = "NIK atau nomor KK", "nomor telepon", "alamat e-mail"
LONG_NUMBER = 14  # one or two digits of a NIK may be missing: it is still a NIK
_DATE = re.compile(r"(?<!\d)\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d(?!\d)")
_TIME = re.compile(r"(?<!\d)[0-2]?\d[.:][0-5]\d(?!\d)")
_TICKET = re.compile(r"\bADU-\d{4}-\d+", re.IGNORECASE)
_MONEY = re.compile(r"\bRp\.?\s?\d[\d.]*(?:,\d+)?", re.IGNORECASE)
_DIGITS = re.compile(r"\+?\(?\d(?:[\s().,/_*\u2013-]{0,3}\d){5,}")
_PHONE = re.compile(r"(?:\+?62|0)\d{7,12}|8[1-9]\d{7,10}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)


def found_in(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """What kinds of personal numbers the text seems to hold, each once. `allowed` are the office's own
    numbers and addresses, in any spelling."""
    plain = _plain_text(text)
    own = {_bare(number) for number in allowed if "@" not in number}
    own_mail = {address.lower() for address in allowed if "@" in address}
    found: list[str] = []
    for run in _DIGITS.findall(_without_harmless(plain)):
        digits = _bare(run)
        if digits in own:
            continue
        if len(digits) >= LONG_NUMBER:
            found.append(NIK)
        elif _PHONE.fullmatch(digits):
            found.append(PHONE)
    if any(address.lower().strip(".,;") not in own_mail for address in _EMAIL.findall(plain)):
        found.append(EMAIL)
    return list(dict.fromkeys(found))


def _plain_text(text: str) -> str:
    """Digits of every script and width as 0-9, O and l between digits as 0 and 1."""
    digits = "".join(str(unicodedata.digit(c)) if unicodedata.digit(c, None) is not None and c.isdigit() else c
                     for c in strip_invisible(text))
    return re.sub(r"(?<=\d)[oO](?=[\doO])", "0", re.sub(r"(?<=\d)[lI](?=[\dlI])", "1", digits))


def _without_harmless(text: str) -> str:
    for pattern in (_TICKET, _MONEY, _DATE, _TIME):
        text = pattern.sub(" ; ", text)
    return text


def _bare(number: str) -> str:
    """+62 812, 62812 and 0812 are one."""
    digits = re.sub(r"\D", "", number)
    return "0" + digits[2:] if digits.startswith("62") else digits

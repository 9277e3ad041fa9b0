"""What may stand in a complaint, and in which words it is refused. Lenient: a complaint is not an application."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from app.base import clock
from app.base.problems import FormRejected
from app.complaints.arriving.intake import Details
from app.complaints.ticket.personal import Contact
from app.complaints.ticket.words import BY_EMAIL, BY_PAGE, BY_WHATSAPP, CATEGORIES, KINDS
from app.identity.findings import FieldError
from app.identity.phone import parse_whatsapp
from app.identity.text import EMAIL, clean_multiline, clean_text

LONGEST_TEXT, LONGEST_LINE, LONGEST_REPLY = 5000, 200, 5000
EARLIEST = date(1990, 1, 1)
# a lenient address: something, @, a name with a dot; no blank, no quote, no line break (header injection)
DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII),
    re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII),
)
# about a person of the office: goes to a supervisor, and is hidden from that person
ABOUT_STAFF = frozenset({"conduct", "illegal_fee"})


@dataclass
class Checked:
    """Values by field, and the sentences of those that are wrong."""

    values: dict = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def take(self, name: str, rule: Callable[[str], object], raw: str) -> None:
        try:
            self.values[name] = rule(raw)
        except FieldError as error:
            self.values[name] = None
            self.errors[name] = [error.message]

    def refuse(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, [sentence])


def check_complaint(values: Mapping[str, str], ticked: Mapping[str, bool]) -> tuple[Contact, str, Details]:
    """The public form. Raises FormRejected naming every field that is wrong."""
    checked = Checked()
    for name, rule in RULES.items():
        checked.take(name, rule, values.get(name) or "")
    _check_way_back(checked, ticked)
    if checked.errors:
        raise FormRejected(checked.errors)
    got = checked.values
    contact = Contact(name=got["name"], phone=got["whatsapp_number"], email=got["email"])
    return contact, got["text"], Details(
        kind=got["kind"], category=got["category"], place=got["place"], happened_on=got["happened_on"],
        anonymous=bool(ticked.get("anonymous")), secret=bool(ticked.get("secret")),
        about_staff=got["category"] in ABOUT_STAFF, answer_by=got["answer_by"],
        survey_consent=bool(ticked.get("survey")),
    )


def _check_way_back(checked: Checked, ticked: Mapping[str, bool]) -> None:
    """A channel without an address would leave the answer nowhere; none at all is a choice too."""
    way = checked.values["answer_by"]
    if way == BY_WHATSAPP and not checked.values["whatsapp_number"]:
        checked.refuse("whatsapp_number", "Isi nomor WhatsApp Anda, atau pilih cara lain menerima jawaban.")
    if way == BY_EMAIL and not checked.values["email"]:
        checked.refuse("email", "Isi alamat e-mail Anda, atau pilih cara lain menerima jawaban.")


def words(most: int, empty: str) -> Callable[[str], str]:
    """Lines of text; `empty` is the sentence for none, "" when none is right."""

    def rule(raw: str) -> str:
        if len(raw) > most:
            raise FieldError(f"Tulisan ini terlalu panjang. Paling banyak {most} huruf, Anda menulis {len(raw)}.")
        text = clean_multiline(raw)
        if not text and empty:
            raise FieldError(empty)
        return text

    return rule


def line(raw: str) -> str:
    if len(raw) > LONGEST_LINE:
        raise FieldError(f"Isian ini terlalu panjang. Paling banyak {LONGEST_LINE} huruf.")
    return clean_text(raw)


def one_of(known: Mapping[str, str], sentence: str) -> Callable[[str], str]:
    def rule(raw: str) -> str:
        if raw not in known:
            raise FieldError(sentence)
        return raw

    return rule


def day(raw: str) -> date | None:
    """2026-11-22, as date fields send it, or 22-11-2026, as people type it."""
    text = clean_text(raw)
    if not text:
        return None
    found = DATES[0].fullmatch(text)
    parts = found.groups() if found else tuple(reversed(m.groups())) if (m := DATES[1].fullmatch(text)) else None
    try:
        value = date(*map(int, parts)) if parts else None
    except ValueError:
        value = None
    if value is None:
        raise FieldError("Isi tanggal seperti 22-11-2026, atau kosongkan.")
    if value > clock.today():
        raise FieldError("Tanggal ini belum terjadi. Periksa lagi, atau kosongkan.")
    if value < EARLIEST:
        raise FieldError("Tanggal ini terlalu lama. Periksa lagi tahunnya, atau kosongkan.")
    return value


def phone(raw: str) -> str:
    return parse_whatsapp(raw).value if raw.strip() else ""


def email(raw: str) -> str:
    text = clean_text(raw).replace(" ", "")
    if text and (len(text) > LONGEST_LINE or not EMAIL.fullmatch(text) or ".." in text):
        raise FieldError("Alamat e-mail ini tidak lengkap. Contoh: nama@contoh.id.")
    return text


RULES: dict[str, Callable[[str], object]] = {
    "kind": one_of(KINDS, "Pilih pengaduan, aspirasi, atau permintaan informasi."),
    "category": one_of(CATEGORIES, "Pilih tentang apa pengaduan Anda."),
    "text": words(LONGEST_TEXT, "Tulis apa yang terjadi."),
    "happened_on": day,
    "place": line,
    "name": line,
    "answer_by": one_of({BY_WHATSAPP: "", BY_EMAIL: "", BY_PAGE: ""}, "Pilih ke mana jawaban kami kirim."),
    "whatsapp_number": phone,
    "email": email,
}

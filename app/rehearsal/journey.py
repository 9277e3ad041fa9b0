"""The steps of the rehearsal, each a small function that says what it saw or raises Stumble."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import pyotp
from sqlalchemy import select

from app.accounts import staff_service
from app.base import clock
from app.base.database import db
from app.base.ids import new_id
from app.base.services import city, settings
from app.demo import photos
from app.identity.mask import show_phone
from app.messages import states
from app.messages.choose_gateway import gateway
from app.messages.gateway import Found, Sought
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload
from app.registration.photo_kinds import PHOTOS
from app.rehearsal.person import Page, Person
from app.review.checklist import POINTS

NUMBER, PIN = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b"), re.compile(r"PIN\D{0,20}(\d{6})\b")
TICKET = re.compile(r"ADU-\d{4}-\d{6}")
RESULT = "akun_aktif"
COLLEAGUES = ("petugas", "operator")
# a decision can be taken back for a minute before its message goes
MESSAGE_SECONDS = 180


class Stumble(Exception):
    """The text says what was seen instead."""


@dataclass
class Rehearsal:
    """The people of one rehearsal, all invented; `nik` is of the city, and of nobody: its serial is above 9000."""

    base: str
    nik: str = ""
    name: str = ""
    phone: str = ""
    password: str = field(default_factory=lambda: "gladi-" + secrets.token_hex(8), repr=False)
    number: str = ""
    pin: str = field(default="", repr=False)
    case: str = ""
    staff: dict[str, Person] = field(default_factory=dict)
    usernames: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.nik = f"{city().region.digits}014505{90 - secrets.randbelow(10)}9{secrets.randbelow(999):03d}"
        self.name = "GLADI CONTOH " + "".join(secrets.choice("ABDEGIKLMNORSTU") for _ in range(6))
        allowed = sorted(settings().whatsapp_allow)
        self.phone = allowed[0] if allowed else f"+62811000{secrets.randbelow(99999):05d}"
        self.resident = Person(self.base)


def demand(page: Page, status: int, *words: str) -> Page:
    """Raises Stumble."""
    if page.status != status:
        raise Stumble(f"{page.address.rpartition('/')[2] or '/'} menjawab {page.status}: {page.heading or '-'}")
    for word in words:
        if word not in page.words:
            raise Stumble(f"halaman \"{page.heading}\" tidak memuat \"{word}\"")
    return page


def open_home(going: Rehearsal) -> str:
    demand(going.resident.open("/"), 200, "Login User Baru")
    return f"{going.base} menjawab"


def fill_in(going: Rehearsal) -> str:
    person = going.resident
    demand(person.open("/daftar"), 200)
    demand(person.send("/daftar", {"notice": "y"}), 200)
    person.open("/daftar/data")
    demand(person.send("/daftar/data", {
        "nik": going.nik, "full_name": going.name, "whatsapp_number": show_phone(going.phone),
        "kk_number": going.nik[:6] + "010110" + "0001", "new_password": going.password,
        "address": f"Jl. Gladi 1, RT 01/RW 01, {city().name}",
    }), 200)
    return "data isian diterima"


def send_photos(going: Rehearsal) -> str:
    drawn = photos.set_of(nik=going.nik, name=going.name, address=f"Jl. Gladi 1, {city().name}")
    for photo in PHOTOS:
        going.resident.open(f"/daftar/{photo.slug}")
        demand(going.resident.send_photo(f"/daftar/{photo.slug}", drawn[photo.kind]), 200)
    return f"{len(PHOTOS)} foto diterima"


def send_registration(going: Rehearsal) -> str:
    going.resident.open("/daftar/periksa")
    going.resident.send("/daftar/periksa", {})
    page = demand(going.resident.send("/daftar/periksa", {"confirm": "ya"}), 200, "Registrasi selesai")
    going.number, going.pin = NUMBER.search(page.words).group(), PIN.search(page.words).group(1)
    return f"nomor {going.number}"


def follow(going: Rehearsal) -> str:
    person = Person(going.base)
    person.open("/lacak")
    demand(person.send("/lacak", {"number": going.number, "pin": going.pin}), 200, going.number)
    return "nomor dan PIN membuka status"


def officers_come(going: Rehearsal) -> str:
    for role in COLLEAGUES:
        username = f"gladi-{role}-{secrets.token_hex(2)}"
        one_time = staff_service.add_staff(username, role, f"Gladi {role.title()}")
        going.usernames.append(username)
        going.staff[role] = _signed_in(going.base, username, one_time)
    return "petugas dan operator masuk" + (" dengan kode kedua" if settings().staff_2fa else "")


def _signed_in(base: str, username: str, one_time: str) -> Person:
    """With the one-time password, then an own one, then the app for codes; as on anybody's first day."""
    person, own = Person(base), "gladi " + secrets.token_hex(12)
    person.open("/petugas/masuk")
    page = demand(person.send("/petugas/masuk", {"username": username, "password": one_time}), 200)
    while (due := urlsplit(page.address).path.rpartition("/")[2]) in ("sandi", "dua-langkah"):
        if due == "sandi":
            page = person.send("/petugas/sandi", {"new_password": own, "new_password_again": own})
        else:
            secret = re.search(r"<b>([A-Z2-7 ]{20,})</b>", page.text).group(1).replace(" ", "")
            demand(person.send("/petugas/dua-langkah", {"code": pyotp.TOTP(secret).now()}), 200, "kode cadangan")
            page = person.open("/petugas/")
        demand(page, 200)
    return person


def declare_complete(going: Rehearsal) -> str:
    page = demand(going.staff["petugas"].open("/petugas/"), 200)
    # the link that bears the number: a row names it also where it is ticked
    link = re.search(rf"/petugas/pendaftaran/([0-9a-f]{{32}})[^>]*>\s*{going.number}", page.text)
    if link is None:
        raise Stumble(f"{going.number} tidak ada di antrean")
    going.case = link[1]
    _act(going, "petugas", "lengkap")
    return "dinyatakan lengkap"


def approve(going: Rehearsal) -> str:
    _act(going, "operator", "setujui")
    return "disetujui"


def _act(going: Rehearsal, role: str, act: str) -> None:
    person, address = going.staff[role], f"/petugas/pendaftaran/{going.case}"
    page = demand(person.open(address), 200)
    for other in re.findall(r'name="other"[^>]*value="([0-9a-f]{32})"', page.text):
        _send(person, f"{address}/bukan-ganda", {"other": other, "not_double": "Foto gladi digambar mesin."})
        page = person.open(address)
    answers = {f"check_{point.key}": "ya" for point in POINTS} | {"siak": "found", "nik_read": going.nik}
    demand(_send(person, f"{address}/{act}", answers), 200)


def _send(person: Person, address: str, fields: dict[str, str]) -> Page:
    carried = {name: person.page.field(name) for name in ("version", "claim_token")}
    return person.send(address, {**carried, **fields})


def hear(going: Rehearsal) -> str:
    """Until the message about the decision has left us, and the gateway says that it has it."""
    end = time.monotonic() + MESSAGE_SECONDS
    query = select(OutboxMessage).where(
        OutboxMessage.about_id == going.case, OutboxMessage.template == RESULT,
    ).execution_options(populate_existing=True)
    while time.monotonic() < end:
        row = db.session.scalar(query)
        state = row.state if row else "belum ada"
        if row is not None and row.state in states.LEFT_US:
            return _known_to_gateway(row)
        if row is not None and row.state in (states.FAILED, states.CANCELLED):
            raise Stumble(f"pesannya {states.LABELS[row.state].office.lower()} ({row.error_code})")
        db.session.rollback()
        time.sleep(1)
    raise Stumble(f"pesannya masih \"{state}\" setelah {MESSAGE_SECONDS} detik; apakah worker berjalan?")


def _known_to_gateway(row: OutboxMessage) -> str:
    if not gateway().capabilities.receipts:
        return "pesan dicetak (WHATSAPP_GATEWAY=console)"
    sought = Sought(open_payload(row).to, row.check_code, clock.now() - timedelta(minutes=10))
    if not isinstance(gateway().look_up(sought), Found):
        raise Stumble("penyedia WhatsApp tidak mengenal pesannya")
    return f"pesan {row.check_code} ada pada penyedia WhatsApp"


def sign_in(going: Rehearsal) -> str:
    person = Person(going.base)
    person.open("/masuk")
    demand(person.send("/masuk", {"nik": going.nik, "password": going.password}), 200, going.nik[-4:])
    return "warga masuk ke akunnya"


def complain(going: Rehearsal) -> str:
    person = Person(going.base)
    page = demand(person.open("/pengaduan"), 200)
    page = demand(person.send("/pengaduan", {
        "submission_id": page.field("submission_id") or new_id(), "kind": "complaint", "category": "late",
        "text": "Ini pengaduan gladi. Antrean lama sekali dan tidak ada yang menjelaskan.", "answer_by": "page",
        "name": going.name,
    }), 200)
    found = TICKET.search(page.words)
    if not found:
        raise Stumble(f"pengaduan tidak diterima: {page.heading}")
    return f"pengaduan {found.group()} diterima"


def officers_go(going: Rehearsal) -> str:
    for username in going.usernames:
        staff_service.disable_staff(username)
    going.usernames.clear()
    return "akun petugas gladi ditutup"


STEPS: tuple[tuple[str, Callable[[Rehearsal], str]], ...] = (
    ("Halaman depan", open_home), ("Isian", fill_in), ("Foto", send_photos), ("Kirim", send_registration),
    ("Lacak", follow), ("Petugas masuk", officers_come), ("Dinyatakan lengkap", declare_complete),
    ("Keputusan", approve), ("Pesan WhatsApp", hear), ("Masuk ke akun", sign_in), ("Pengaduan", complain),
)

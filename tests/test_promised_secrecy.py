"""Promised confidentiality, page by page: every address of the office is opened with every id there is, as the
accused and as colleagues, and nothing of what they must not know stands on any of them."""

import io
import itertools
import re
from copy import copy

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.accounts.models import Staff
from app.base.database import db, transaction
from app.base.services import photo_store, sealer
from app.complaints.desk import inbox as lists
from app.complaints.ticket import timekeeping
from app.complaints.ticket.models import Ticket, TicketAttachment, TicketMessage
from app.correspondence import calls
from app.correspondence.call_task import CallTask
from app.identity.mask import mask_email, mask_phone, show_phone
from app.messages.gateway import Attachment, InboundNews
from app.messages.inbound import inbox
from app.messages.models import STORED, InboundAttachment, InboundMessage, OutboxMessage
from app.photos.store import new_key
from app.registration.models import Application
from tests.builders import add_staff, an_application, photo_files, sign_in_staff
from tests.complaints import Handler, a_ticket, staff_id, the
from tests.prepared import Prepared

REPORTER, THIRD = "+6281298765432", "+6281255500005"
SECRET_WORDS = ("membentakku", "mengancamku", "kwitansinya")
UNKNOWN_PHONE, UNKNOWN_NAME, UNKNOWN_MAIL = "+6281311223344", "RATNA CONTOH RAHASIA", "ratna.rahasia@contoh.id"
# how a number is written on a page: whole, for reading, and cut short
WAYS = (str, show_phone, mask_phone)
A_FILE = "(a photo or another file)"
ROLES = ("petugas", "operator", "supervisor")
HANDLERS = (pytest.param("petugas", marks=pytest.mark.long), "operator")  # an operator opens all a petugas opens


def arrives(app, text: str, sender: str, number: int, photo: bool = False) -> None:
    files = (Attachment("https://api.twilio.com/x", "image/jpeg"),) if photo else ()
    with app.app_context():
        with transaction():
            inbox.keep(InboundNews(f"SM{number:032x}", sender, text, "Siti", attachments=files), source="webhook")
        inbox.handle_new()
        waiting = select(InboundAttachment.id).where(InboundAttachment.storage_key.is_(None))
        for source_id in list(db.session.scalars(waiting)):
            key = new_key()
            photo_store().put_new(key, sealer().seal(photo_files()["ktp"], f"inbound_attachment:{source_id}:file"))
            with transaction() as session:
                row = session.get(InboundAttachment, source_id)
                row.state, row.content_type, row.storage_key = STORED, "image/jpeg", key
        timekeeping.adopt_files()
        db.session.remove()


def nobody_was_reached(app, about: str | None = None) -> None:
    """Every message of ours becomes a task to phone."""
    with app.app_context(), transaction() as session:
        for row in session.scalars(select(OutboxMessage)):
            row.state = "failed"
            calls.open_task(row.id, "63024")


class City:
    """Whoever works there, `accused` one of them; one complaint about `accused`, told on WhatsApp and answered, with
    a second one split off and a third merged into it; one by e-mail; and one of somebody who wanted to stay unknown,
    linked to a registration."""

    def __init__(self, app):
        for other in ROLES:
            add_staff(app, other, other)
        self.accused = add_staff(app, "accused", "petugas")
        add_staff(app, "lead2", "supervisor")
        self.moves_into(app)
        self.hidden = [self._whatsapp(), self._email(), self._split()]
        self.hidden.append(self._merged())
        self.application = an_application(app)
        self.unknown = a_ticket(
            app, text="Antrean lama.", phone=UNKNOWN_PHONE, name=UNKNOWN_NAME, anonymous=True,
            application_id=self.application,
        )
        self.unknown_by_mail = a_ticket(app, "email", phone="", name=UNKNOWN_NAME, email=UNKNOWN_MAIL, anonymous=True)
        nobody_was_reached(app)
        with app.app_context(), transaction() as session:
            for row in session.scalars(select(OutboxMessage).where(OutboxMessage.channel == "email")):
                row.state = "failed"

    def moves_into(self, app) -> None:
        self.app = app
        self.lead = Handler(sign_in_staff(app.test_client(), "lead2"))

    def marks(self, ticket_id: str) -> None:
        accused = {"about_staff": "y", "about_staff_id": self.accused}
        assert self.lead.verifies(ticket_id, **accused, act="save").status == 200

    def _newest(self) -> str:
        with self.app.app_context():
            return db.session.scalar(select(Ticket.id).order_by(Ticket.number.desc()).limit(1))

    def _whatsapp(self) -> str:
        arrives(self.app, f"Petugas di loket dua {SECRET_WORDS[0]}", REPORTER, 1, photo=True)
        ticket_id = self._newest()
        self.marks(ticket_id)
        self.lead.answers(ticket_id, f"Kami menyesal petugas itu {SECRET_WORDS[0]}.")
        arrives(self.app, f"Masih {SECRET_WORDS[0]}", REPORTER, 2)
        return ticket_id

    def _email(self) -> str:
        return a_ticket(self.app, "email", text=SECRET_WORDS[1], phone="", email="pelapor.surat@contoh.id",
                        name="PELAPOR SURAT", about_staff=True, about_staff_id=self.accused)

    def _split(self) -> str:
        """Said within a conversation that the accused reads."""
        arrives(self.app, "KTP saya belum jadi", "+6281277700001", 3)
        arrives(self.app, f"Petugasnya minta uang, ini {SECRET_WORDS[2]}", "+6281277700001", 4)
        open_one = self._newest()
        with self.app.app_context():
            message = db.session.get(Ticket, open_one).messages[-1].id
        self.lead.acts(open_one, "pisah", message=message)
        made = self._newest()
        self.marks(made)
        self.open_one = open_one
        return made

    def _merged(self) -> str:
        first = a_ticket(self.app, text=SECRET_WORDS[1], phone=THIRD, name="ORANG KETIGA")
        second = a_ticket(self.app, text=SECRET_WORDS[1], phone=THIRD, name="ORANG KETIGA")
        self.lead.acts(first, "gabung", number=the(self.app, second, "number"))
        self.marks(second)
        self.hidden.append(second)
        return first

    def needles(self) -> list[str]:
        numbers = [the(self.app, ticket_id, "number") for ticket_id in self.hidden]
        phones = [way(number) for number in (REPORTER, THIRD) for way in WAYS]
        return [*numbers, *self.hidden, *SECRET_WORDS, *phones, "pelapor.surat", "PELAPOR SURAT", "ORANG KETIGA"]

    def unknown_needles(self) -> list[str]:
        names = [UNKNOWN_NAME, "RATNA", UNKNOWN_MAIL, "ratna.rahasia", mask_email(UNKNOWN_MAIL)]
        return [*names, *(way(UNKNOWN_PHONE) for way in WAYS)]

    def ids(self) -> dict[str, list[str]]:
        models = {
            "ticket_id": (Ticket,), "attachment_id": (TicketAttachment, InboundAttachment), "task_id": (CallTask,),
            "message_id": (OutboxMessage, InboundMessage, TicketMessage), "application_id": (Application,),
        }
        with self.app.app_context():
            return {name: [i for model in kinds for i in db.session.scalars(select(model.id))]
                    for name, kinds in models.items()}


PREPARED = Prepared(City)


def a_city(app, role: str = "petugas") -> City:
    """One of its own, where the accused has this role."""
    city = copy(PREPARED.into(app))
    city.moves_into(app)
    with app.app_context(), transaction() as session:
        session.get_one(Staff, city.accused).role = role
    return city


def addresses(city: City) -> list[str]:
    """Every GET address of the office, with every id and the queries that narrow a list."""
    ids, found = city.ids(), []
    for rule in city.app.url_map.iter_rules():
        access = city.app.view_functions[rule.endpoint].access
        if access.kind != "staff" or "GET" not in rule.methods:
            continue
        names = [name for name in rule.arguments if name.endswith("_id")]
        path = re.sub(r"<any\('?([^',)]+)[^>]*>", r"\1", rule.rule)
        for values in itertools.product(*(ids.get(name, ["0f" * 16]) for name in names)):
            address = path
            for name, value in zip(names, values, strict=True):
                address = re.sub(rf"<(?:[^<>]*:)?{name}>", value, address)
            found.append(address)
    numbers = [the(city.app, ticket_id, "number") for ticket_id in city.hidden]
    found += [f"/petugas/pengaduan?tab={tab}" for tab in lists.TABS]
    found += [f"/petugas/pengaduan/{name}.{kind}?tab=semua" for name in ("unduh", "lapor") for kind in ("csv", "xlsx")]
    found += [f"/petugas/pesan?keadaan={state}" for state in ("failed", "pending")]
    found += [f"/petugas/jurnal?tentang={one}" for one in (*numbers, *city.hidden)]
    found += [f"/petugas/jurnal?siapa={one}" for one in ("citizen", "system", staff_id(city.app, "lead2"))]
    found += [f"/petugas/jurnal?tindakan={one}" for one in ("ticket_receive", "ticket_answer", "ticket_split")]
    return found


def said(answer) -> str:
    """What an answer shows, a spreadsheet unpacked."""
    if answer.status_code != 200:
        return ""
    if answer.mimetype.endswith("spreadsheetml.sheet"):
        sheet = load_workbook(io.BytesIO(answer.data)).active
        return " ".join(str(value) for row in sheet.values for value in row)
    if not answer.mimetype.startswith("text/"):
        return A_FILE
    return answer.get_data(as_text=True)


def leaks(city: City, client, needles: list[str]) -> list[tuple[str, str]]:
    """(address, needle) of everything found; what the address itself says, the page may repeat."""
    found = []
    for address in addresses(city):
        text = said(client.get(address))
        if text == A_FILE and re.search("/berkas/|/lampiran/", address):
            found.append((address, A_FILE))  # nobody but the reporter sent any
        found += [(address, needle) for needle in needles if needle in text and needle not in address]
    return found


@pytest.mark.parametrize("role", [*HANDLERS, "supervisor"])
def test_no_page_of_the_office_shows_the_accused_anything_of_the_complaint(app, role):
    city = a_city(app, role)
    accused = sign_in_staff(app.test_client(), "accused")
    assert leaks(city, accused, city.needles()) == []
    handler = Handler(accused)
    handler.open("/petugas/pengaduan")
    for typed in (*city.needles(), "0812-9876-5432", "pelapor.surat@contoh.id"):
        page = handler.send("/petugas/pengaduan/cari", {"q": typed})
        assert not any(number in page.text for number in city.needles()[:5] if number != typed), typed


@pytest.mark.parametrize("role", HANDLERS)
def test_no_page_tells_colleagues_who_the_anonymous_one_is(app, role):
    city = a_city(app)
    client = sign_in_staff(app.test_client(), role)
    found = [leak for leak in leaks(city, client, city.unknown_needles()) if leak[1] != A_FILE]
    assert found == []
    handler, number = Handler(client), the(app, city.unknown, "number")
    assert number in handler.open("/petugas/pengaduan").text, "the words are for everybody who handles complaints"
    application = handler.open(f"/petugas/pendaftaran/{city.application}")
    assert number not in application.text, "the registration would tell whose it is"
    with app.app_context():
        registration = db.session.get(Application, city.application).number
    assert registration not in handler.reads(city.unknown).text
    for typed in (UNKNOWN_NAME, "0813-1122-3344", UNKNOWN_MAIL, registration):
        assert number not in handler.finds(typed).text


def test_the_lead_finds_everything_where_it_belongs(app):
    """So that the walk above looks for what is really there."""
    city = a_city(app)
    shown = " ".join(said(city.lead.client.get(address)) for address in addresses(city))
    missing = [needle for needle in (*city.needles(), *city.unknown_needles()) if needle not in shown]
    assert [needle for needle in missing if not needle.startswith("+62")] == []


def test_the_accused_acts_on_no_message_about_the_complaint(app):
    city = a_city(app, "operator")
    accused = Handler(sign_in_staff(app.test_client(), "accused"))
    with app.app_context():
        about = OutboxMessage.about_id == city.hidden[0]
        message = db.session.scalar(select(OutboxMessage.id).where(about))
        task = db.session.scalar(select(CallTask.id).where(CallTask.message_id == message))
        mail = db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.about_id == city.hidden[1]))
    for address, data in (
        (f"pesan/{message}/kirim-ulang", {}), (f"pesan/{message}/sudah-disampaikan", {}),
        (f"telepon/{task}", {"outcome": "told"}), (f"pesan/email/{mail}/kirim-ulang", {}),
    ):
        accused.open("/petugas/pesan")
        assert accused.send(f"/petugas/{address}", data).status == 404, address
    with app.app_context():
        assert db.session.get(CallTask, task).closed_at is None


def test_an_officer_cannot_try_out_who_the_anonymous_one_is(app, staff_client):
    unknown = a_ticket(app, phone=UNKNOWN_PHONE, anonymous=True)
    known = a_ticket(app, phone=UNKNOWN_PHONE)
    stranger = a_ticket(app, phone="+6281200009999")
    petugas = Handler(staff_client("petugas"))
    answers = [petugas.acts(unknown, "gabung", number=the(app, one, "number")) for one in (known, stranger)]
    assert {page.status for page in answers} == {422}
    assert all("Pelapornya anonim" in page.text for page in answers)


def test_what_is_merged_is_kept_from_the_same_people(app, staff_client):
    petugas, supervisor = Handler(staff_client("petugas")), Handler(staff_client("supervisor"))
    about, plain = a_ticket(app, about_staff=True, about_staff_id=staff_id(app, "petugas1")), a_ticket(app)
    supervisor.acts(about, "gabung", number=the(app, plain, "number"))
    assert petugas.reads(plain).status == 404 and petugas.reads(about).status == 404


def test_the_journal_keeps_its_numbers_and_says_nothing_of_what_is_kept(app, staff_client):
    city = a_city(app, "supervisor")
    accused = Handler(sign_in_staff(app.test_client(), "accused"))
    text = accused.open("/petugas/jurnal").text
    assert "Tindakan atas pengaduan yang tidak dapat Anda buka" in text
    hidden = accused.open(f"/petugas/jurnal?tentang={the(app, city.hidden[0], 'number')}").text
    assert "Tidak ada baris yang cocok" in hidden


@pytest.mark.long
def test_the_same_on_postgresql(pg_app):
    city = a_city(pg_app, "operator")
    assert leaks(city, sign_in_staff(pg_app.test_client(), "accused"), city.needles()) == []
    found = leaks(city, sign_in_staff(pg_app.test_client(), "petugas"), city.unknown_needles())
    assert found == []

"""The demo: invented staff and residents, made once through the same services as real ones."""

import secrets
from datetime import datetime, timedelta
from random import Random

import click
from sqlalchemy import select

from app.accounts.models import Staff
from app.accounts.passwords import hash_password
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import DomainError
from app.base.services import settings
from app.casework.desk import Seen
from app.city.office_calendar import calendar_for
from app.city.worktime import add_working_minutes
from app.complaints.arriving import intake
from app.complaints.desk import acts, answering
from app.complaints.ticket.models import Ticket
from app.complaints.ticket.personal import Contact
from app.demo import past, past_complaints, past_guarantee, past_survey, waiting
from app.demo.past_rows import Book
from app.demo.photos import Holder
from app.registration.models import Application
from app.review import outages
from app.review import service as review
from app.review.evidence import Evidence
from app.web import access, jabatan

# role, username, name: fictional
STAFF = (
    ("petugas", "petugas1", "Rina Contoh"), ("petugas", "petugas2", "Dewi Contoh"),
    ("operator", "operator1", "Bayu Contoh"), ("operator", "operator2", "Hendra Contoh"),
    ("supervisor", "supervisor1", "Sri Contoh"), ("admin", "admin1", "Agus Contoh"),
    *(("petugas", f"petugas{number}", f"{name} Contoh")
      for number, name in enumerate(("Yuni", "Eko", "Lilik", "Fajar", "Nur", "Joko"), 3)),
    *(("operator", f"operator{number}", f"{name} Contoh") for number, name in enumerate(("Tri", "Adi", "Ratna"), 3)),
)
# the five who oversee: username, name, jabatan, role
OVERSEERS = (
    ("kadis1", "Bambang Contoh", jabatan.KEPALA_DINAS, access.SUPERVISOR),
    ("sekretaris1", "Wati Contoh", jabatan.SEKRETARIS, access.SUPERVISOR),
    ("kabid1", "Hadi Contoh", jabatan.KEPALA_BIDANG, access.SUPERVISOR),
    ("analis1", "Lina Contoh", jabatan.ANALIS, access.SUPERVISOR),
    ("go1", "Yusuf Contoh", jabatan.OPERATOR_GO, access.OPERATOR),
)
OUTAGE_AGO = 10 * 8 * 60  # working minutes
# half a year, as every line of months shows six, and a year of answers, as a half year is compared with the one before
PAST_DAYS, PAST_REGISTRATIONS, PAST_COMPLAINTS, PAST_ANSWERS = 184, 700, 200, 660
FEWER = 4  # with `few` the past is this many times thinner
YEAR_DAYS, YEAR_REGISTRATIONS, YEAR_COMPLAINTS, YEAR_ANSWERS = 365, 2000, 300, 400
# the year before it, so that an evaluation has one to be compared with
EARLIER_REGISTRATIONS, EARLIER_COMPLAINTS, EARLIER_ANSWERS = 500, 60, 120
# NIK, name, phone, KK, address: fictional; the family serials 00xx do not belong to anybody known
PEOPLE = (
    ("3574014505900001", "SITI CONTOH AMINAH", "0812-0000-1001", "3574010101100001",
     "Jl. Contoh Mawar 5, RT 02/RW 03, Ketapang, Kademangan"),
    ("3574031212850002", "BUDI CONTOH SANTOSO", "0812-0000-1002", "3574030202110002",
     "Gang Contoh Melati 12, RT 01/RW 01, Mayangan, Mayangan"),
    ("3574047103920003", "NUR'AINI CONTOH", "0812-0000-1003", "3574040303120003",
     "Jl. Contoh Kenanga 7, RT 04/RW 02, Kanigaran, Kanigaran"),
    ("3574020107780004", "SUPARMAN", "0812-0000-1004", "3574020404130004",
     "Dusun Contoh, RT 03/RW 01, Pakistaji, Wonoasih"),
    ("3574055008990005", "DEWI CONTOH LESTARI", "0812-0000-1005", "3574050505140005",
     "Jl. Contoh Anggrek 21, RT 05/RW 04, Jrebeng Lor, Kedopok"),
)


def seed(few: bool = False) -> None:
    """Invent staff, months of work and dozens who wait, or with `few` a handful, once; data of earlier starts is
    kept."""
    if db.session.scalar(select(Staff.id).limit(1)) is None:
        _make_staff()
    past_survey.write_registers()
    if db.session.scalar(select(Application.id).limit(1)) is not None:
        return
    with waiting.drawn(0 if few else len(waiting.PLACES)) as pictures:
        share = FEWER if few else 1
        write_past(PAST_DAYS, PAST_REGISTRATIONS // share, PAST_COMPLAINTS // share, PAST_ANSWERS // share)
        waiting.write(calendar_for(), pictures())
    ids = [_make_application(*person) for person in PEOPLE]
    review.declare_complete(waiting.seen(ids[1], "petugas1"), Evidence(PEOPLE[1][0], waiting.ALL_WELL))
    review.return_for_mending(waiting.seen(ids[2], "petugas1"), waiting.BLURRED)
    past_guarantee.write(calendar_for(), _make_application)
    seed_complaints()
    waiting.have_arrived()


def _make_application(nik: str, name: str, phone: str, kk: str, address: str) -> str:
    return waiting.send(nik, name, phone, kk, address, waiting.set_of(Holder(nik, name, address)))


def write_past(days: int, registrations: int, complaints: int, answers: int, until: int = 0) -> None:
    """Work that is over, of the days from `days` to `until` before today, so that pictures show something."""
    rng, calendar, now = Random(days), calendar_for(), clock.now()  # noqa: S311 (no secret)
    first, last = (clock.today() - timedelta(days=number) for number in (days, until))
    book = Book(calendar, rng)
    book.tell(past.plan(registrations, first, last, now, calendar, rng, known=book.known()))
    book.write()
    past_complaints.write_complaints(past_complaints.plan_complaints(complaints, first, last, now, calendar, rng))
    past_survey.write_survey(answers, last - timedelta(days=YEAR_DAYS), last, rng)
    _siak_was_away(add_working_minutes(calendar, now, -OUTAGE_AGO))


def _siak_was_away(began: datetime) -> None:
    if not outages.recorded():
        operator = db.session.scalar(select(Staff).where(Staff.username == "operator1"))
        local = began.astimezone(WIB)
        ended = (local + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
        outages.record(local.strftime("%Y-%m-%dT%H:%M"), ended, "Dicoba di kantor, lalu diumumkan Ditjen Dukcapil",
                       operator)


def seed_year() -> None:
    """A year of invented work in front of what is there, and less of it in the year before that. Raises DomainError
    when it has been written already."""
    begun = clock.now() - timedelta(days=YEAR_DAYS - 30)
    if db.session.scalar(select(Application.id).where(Application.submitted_at < begun).limit(1)) is not None:
        raise DomainError("the invented year is there already; remove instance/ to begin anew")
    write_past(2 * YEAR_DAYS, EARLIER_REGISTRATIONS, EARLIER_COMPLAINTS, EARLIER_ANSWERS, until=YEAR_DAYS)
    write_past(YEAR_DAYS, YEAR_REGISTRATIONS, YEAR_COMPLAINTS, YEAR_ANSWERS)
    past_survey.write_evaluations()


def say_ready() -> None:
    click.echo(f"\nLoket siap di http://127.0.0.1:{settings().port}")
    click.echo(f"Demo sign-ins (also in {_logins_path()}):")
    click.echo(_logins_path().read_text() if _logins_path().exists() else "  (none)")


def _make_staff() -> None:
    lines = []
    with transaction() as session:
        everybody = [*((role, username, name, "") for role, username, name in STAFF),
                     *((role, username, name, place) for username, name, place, role in OVERSEERS)]
        for role, username, name, place in everybody:
            password = "-".join(secrets.token_hex(3) for _ in range(3))
            session.add(Staff(
                id=new_id(), username=username, name=name, role=role, jabatan=place,
                password_hash=hash_password(password), must_change_password=False,
            ))
            lines.append(f"{role} {username} {password}")
    path = _logins_path()
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")


def _logins_path():
    return settings().instance / "demo-logins.txt"


# Invented complaints of the demo, through the same door as real ones: every channel, some already at work.

BUDI = Contact(name="BUDI CONTOH", phone="+6281200002001")
KNOWN_BY = "7712345"  # a reference that the months before do not hold
# channel, contact, words, days ago, details
TICKETS: tuple[tuple[str, Contact, str, int, dict], ...] = (
    ("web", BUDI, "Antrean di meja dua lama sekali dan tidak ada yang menjelaskan.", 0, {"category": "late"}),
    ("whatsapp", Contact(name="Siti", phone="+6281200002002"), "KTP saya sudah sebulan belum jadi, kapan ya?", 1,
     {"kind": "information", "category": "late"}),
    ("radio", Contact(name="Pak Joko Contoh"), "Pendengar menanyakan syarat pindah kelurahan yang berubah-ubah.", 3,
     {"category": "requirements"}),
    ("kotak_saran", Contact(), "Mohon ditambah kursi tunggu untuk lansia.", 6, {"kind": "aspiration"}),
    ("telepon", Contact(name="Ibu Rini Contoh", phone="0335-421000"), "Nama anak di KK salah satu huruf.", 2,
     {"category": "wrong_data", "answer_by": "phone"}),
    ("lapor", Contact(name="Pelapor LAPOR!"), "Ada yang meminta uang untuk mempercepat pembuatan KTP.", 4,
     {"category": "illegal_fee", "about_staff": True, "secret": True, "outside_reference": KNOWN_BY}),
    ("facebook", Contact(name="Warga Contoh"), "Situsnya tidak bisa dibuka tadi malam.", 1, {"category": "website"}),
    ("web", BUDI, "Saya ingin tahu jam buka kantor saat Ramadan.", 9, {"kind": "information"}),
)


def seed_complaints() -> None:
    """Once; data of earlier starts is kept."""
    if db.session.scalar(select(Ticket.id).where(Ticket.outside_reference == KNOWN_BY).limit(1)) is not None:
        return
    made = [_make(*ticket) for ticket in TICKETS]
    petugas = db.session.scalar(select(Staff).where(Staff.username == "petugas1"))
    _pass_on(made[2], petugas, "penduduk")
    _pass_on(made[4], petugas, "pencatatan_sipil")
    answering.send_answer(_seen_ticket(made[7], petugas), answering.Answer(
        "Selama Ramadan kantor buka pukul 08.00 sampai 15.00 WIB.", outcome="granted",
        late_reason="Menunggu penetapan jam Ramadan.",
    ))


def _make(channel: str, contact: Contact, text: str, days: int, details: dict) -> Ticket:
    return intake.receive(
        channel, contact, text, received_at=clock.now() - timedelta(days=days), as_new=True,
        details=intake.Details(**details), actor=journal.VISITOR,
    )


def _pass_on(ticket: Ticket, petugas: Staff, unit: str) -> None:
    classes = acts.Classes(ticket.kind, ticket.category, unit=unit, handler=petugas.id)
    acts.classify(_seen_ticket(ticket, petugas), classes, verify=True)


def _seen_ticket(ticket: Ticket, petugas: Staff) -> Seen:
    return Seen(ticket.id, db.session.get(Ticket, ticket.id).version, "", petugas)

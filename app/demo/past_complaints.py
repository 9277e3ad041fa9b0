"""Complaints of months past, over every channel, and those that are open today: new, passed on, followed up, asked
about, spoken to again. Each comes about by the services of the product alone, at the moment it names."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.casework.desk import Seen
from app.city.worktime import Calendar, add_working_minutes, due_after_working_days
from app.complaints.arriving import intake
from app.complaints.desk import acts, answering
from app.complaints.ticket.models import OUTBOUND, Ticket
from app.complaints.ticket.personal import Contact
from app.complaints.ticket.transitions import change_status
from app.demo.past import FIRST_NAMES
from app.registration.fields import villages

# (channel, how many of a hundred)
CHANNELS = (
    ("web", 30), ("whatsapp", 14), ("kotak_saran", 12), ("telepon", 10), ("lapor", 9), ("radio", 6), ("langsung", 5),
    ("facebook", 4), ("instagram", 3), ("email", 3), ("view", 2), ("medsos_kota", 2),
)
# (kind, category, part of the office, how many of a hundred, words)
WORDS = (
    ("complaint", "late", "pelayanan", 30, (
        "Pendaftaran saya menunggu terlalu lama dan belum ada kabar.",
        "Sudah tiga hari kerja belum ada jawaban, padahal janjinya satu hari.",
        "Saya sudah kirim ulang foto KTP hari Senin, sampai sekarang belum diperiksa.",
        "Antrean nomor di loket 2 tidak jalan hampir satu jam.",
    )),
    ("complaint", "website", "piak", 22, (
        "Foto KTP saya diminta ulang dua kali padahal menurut saya sudah jelas.",
        "Halaman unggah foto berhenti di 90 persen, sudah dicoba dua HP.",
        "Kode WhatsApp tidak masuk-masuk, jadi saya tidak bisa melanjutkan.",
    )),
    ("information", "requirements", "penduduk", 18, (
        "Apakah KTP dengan alamat lama boleh dipakai mendaftar?",
        "Anak saya baru 17 tahun, apa saja yang harus dibawa?",
        "Apakah surat pindah dari Lumajang bisa diurus tanpa datang?",
    )),
    ("complaint", "wrong_data", "pencatatan_sipil", 12, (
        "Nama di akun saya kurang satu huruf.", "Tanggal lahir anak saya di akta terbalik dengan bulannya.",
    )),
    ("aspiration", "other", "sekretariat", 10, (
        "Mohon ditambah petugas pada hari Senin.", "Tolong kursi tunggu untuk ibu hamil ditambah.",
    )),
    ("complaint", "conduct", "pelayanan", 8, (
        "Petugas kurang jelas menerangkan langkahnya.", "Petugas di loket 3 menjawab sambil bermain HP.",
    )),
)
ANSWER = "Terima kasih sudah menyampaikan. Kami sudah memeriksa dan menindaklanjutinya."
QUESTION = "Boleh kami minta nomor pendaftaran Bapak/Ibu, supaya dapat kami lihat?"
REPLY = "Maaf baru balas. Nomornya ada di HP istri saya, nanti saya kirim."
LATE, OPEN, OPEN_SINCE = 0.06, 0.75, timedelta(days=28)
HOURS = (8, 9, 10, 11, 13, 14, 15, 19, 20)
# how far one that is open has come, and how many of a hundred
NEW, PASSED_ON, FOLLOWED, ASKED, SPOKE_AGAIN = range(5)
STAGES = (40, 25, 15, 10, 10)


@dataclass(frozen=True)
class Complaint:
    """`answered_at` is None while nobody has answered; then it has come as far as `stage`."""

    received_at: datetime
    answered_at: datetime | None
    channel: str
    kind: str
    category: str
    unit: str
    words: str
    place: str
    contact: Contact
    rating: int | None
    stage: int


def plan_complaints(
    number: int, first: date, last: date, now: datetime, calendar: Calendar, rng: Random,
) -> list[Complaint]:
    days = (last - first).days
    moments = sorted(
        datetime.combine(first + timedelta(days=rng.randrange(days)), time(rng.choice(HOURS), rng.randrange(60)), WIB)
        for _ in range(number)
    )
    return [_complaint(moment.astimezone(UTC), now, calendar, rng) for moment in moments]


def _complaint(received: datetime, now: datetime, calendar: Calendar, rng: Random) -> Complaint:
    channel = rng.choices([key for key, _ in CHANNELS], [share for _, share in CHANNELS])[0]
    kind, category, unit, _, words = rng.choices(WORDS, [share for *_, share, _ in WORDS])[0]
    if rng.random() < LATE:
        due = due_after_working_days(calendar, received, 14)
        answered = add_working_minutes(calendar, due, rng.randint(60, 1500))
    else:
        answered = add_working_minutes(calendar, received, rng.randint(120, 2000))
    unanswered = answered >= now or (now - received < OPEN_SINCE and rng.random() < OPEN)
    place = f"Kelurahan {rng.choice(sorted(villages()))}" if rng.random() < 0.4 else ""
    rating = rng.choices((None, 2, 3, 4, 5), (55, 4, 8, 15, 18))[0]
    stage = rng.choices(range(len(STAGES)), STAGES)[0]
    return Complaint(received, None if unanswered else answered, channel, kind, category, unit, rng.choice(words),
                     place, _contact(channel, rng), rating, stage)


def _contact(channel: str, rng: Random) -> Contact:
    """As far as the channel tells it."""
    name = "" if channel == "kotak_saran" else f"{rng.choice(FIRST_NAMES).title()} Contoh"
    number = rng.randrange(10_000)
    return Contact(
        name=name, phone=f"+62812{31_000_000 + number}" if channel == "whatsapp" else "",
        email=f"warga{number}@contoh.invalid" if channel == "email" else "",
    )


def write_complaints(complaints: list[Complaint]) -> None:
    """In the order of time, as the numbers of tickets are given out in it; each by one of the colleagues."""
    able = select(Staff).where(Staff.who_may("handle_complaints"), Staff.jabatan == "")
    desk = list(db.session.scalars(able.order_by(Staff.username)))
    for turn, complaint in enumerate(complaints):
        _receive(complaint, desk[turn % len(desk)])


def _receive(complaint: Complaint, staff: Staff) -> None:
    with clock.told_as(complaint.received_at):
        ticket_id = intake.receive(
            complaint.channel, complaint.contact, complaint.words, received_at=complaint.received_at, as_new=True,
            details=intake.Details(kind=complaint.kind, category=complaint.category, place=complaint.place),
            actor=journal.VISITOR,
        ).id
    if complaint.answered_at is None:
        _work_on(ticket_id, complaint, staff)
        return
    with clock.told_as(complaint.answered_at):
        if complaint.contact.known:
            outcome = "proven" if complaint.kind == "complaint" and complaint.category != "late" else "granted"
            answering.send_answer(_seen(ticket_id, staff), answering.Answer(ANSWER, outcome=outcome, breach="none",
                                                                       late_reason="Menunggu data dari kecamatan."))
        else:
            _answered_in_place(ticket_id, complaint, staff)


def _answered_in_place(ticket_id: str, complaint: Complaint, staff: Staff) -> None:
    """Who left no number reads it where it was written."""
    with transaction() as session:
        ticket = session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True)
        acts.add_message(ticket, OUTBOUND, ANSWER, "web", staff, final=True)
        change_status(ticket, "answer", journal.Actor("staff", staff.id))
        ticket.outcome = "proven" if complaint.kind == "complaint" else "granted"
        if complaint.rating:
            ticket.rating, ticket.rated_at = complaint.rating, clock.now()


def _work_on(ticket_id: str, complaint: Complaint, staff: Staff) -> None:
    """As far as it has come, within the hours since it came."""
    share = (clock.now() - complaint.received_at) / 5
    steps = (_pass_on, _follow_up, _ask, _hear) if complaint.contact.phone else (_pass_on, _follow_up)
    for number, step in enumerate(steps[:complaint.stage], 1):
        with clock.told_as(complaint.received_at + number * share):
            step(ticket_id, complaint, staff)


def _pass_on(ticket_id: str, complaint: Complaint, staff: Staff) -> None:
    classes = acts.Classes(complaint.kind, complaint.category, unit=complaint.unit, handler=staff.id)
    acts.classify(_seen(ticket_id, staff), classes, verify=True)


def _follow_up(ticket_id: str, _complaint: Complaint, staff: Staff) -> None:
    acts.follow_up(_seen(ticket_id, staff))


def _ask(ticket_id: str, _complaint: Complaint, staff: Staff) -> None:
    answering.send_answer(_seen(ticket_id, staff), answering.Answer(QUESTION, final=False))


def _hear(ticket_id: str, complaint: Complaint, _staff: Staff) -> None:
    intake.receive("whatsapp", complaint.contact, REPLY, into=ticket_id, received_at=clock.now())


def _seen(ticket_id: str, staff: Staff) -> Seen:
    return Seen(ticket_id, db.session.get_one(Ticket, ticket_id).version, "", staff)

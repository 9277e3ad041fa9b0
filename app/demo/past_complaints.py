"""Complaints of the invented past: they come in by the one door of every channel and are answered by its own acts, each
at the moment it is said to have happened. Nobody is written to: their people left no number."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.city.worktime import Calendar, add_working_minutes, due_after_working_days
from app.complaints.arriving import intake
from app.complaints.desk.acts import add_message
from app.complaints.ticket.models import OUTBOUND, Ticket
from app.complaints.ticket.personal import Contact
from app.complaints.ticket.transitions import change_status
from app.demo.past import FIRST_NAMES

# (channel, how many of a hundred)
CHANNELS = (
    ("web", 30), ("whatsapp", 14), ("kotak_saran", 12), ("telepon", 10), ("lapor", 9), ("radio", 6), ("langsung", 5),
    ("facebook", 4), ("instagram", 3), ("email", 3), ("view", 2), ("medsos_kota", 2),
)
# (kind, category, words, how many of a hundred)
WORDS = (
    ("complaint", "late", "Pendaftaran saya menunggu terlalu lama dan belum ada kabar.", 30),
    ("complaint", "website", "Foto KTP saya diminta ulang dua kali padahal menurut saya sudah jelas.", 22),
    ("information", "requirements", "Apakah KTP dengan alamat lama boleh dipakai mendaftar?", 18),
    ("complaint", "wrong_data", "Nama di akun saya kurang satu huruf.", 12),
    ("aspiration", "other", "Mohon ditambah petugas pada hari Senin.", 10),
    ("complaint", "conduct", "Petugas kurang jelas menerangkan langkahnya.", 8),
)
ANSWER = "Terima kasih sudah menyampaikan. Kami sudah memeriksa dan menindaklanjutinya."
LATE, OPEN, OPEN_SINCE = 0.06, 0.25, timedelta(days=28)
HOURS = (8, 9, 10, 11, 13, 14, 15, 19, 20)


@dataclass(frozen=True)
class Complaint:
    """`answered_at` is None while nobody has answered."""

    received_at: datetime
    answered_at: datetime | None
    channel: str
    kind: str
    category: str
    words: str
    name: str
    rating: int | None


def plan(number: int, first: date, now: datetime, calendar: Calendar, rng: Random) -> list[Complaint]:
    days = (now.astimezone(WIB).date() - first).days
    moments = sorted(
        datetime.combine(first + timedelta(days=rng.randrange(days)), time(rng.choice(HOURS), rng.randrange(60)), WIB)
        for _ in range(number)
    )
    return [_complaint(moment.astimezone(UTC), now, calendar, rng) for moment in moments]


def _complaint(received: datetime, now: datetime, calendar: Calendar, rng: Random) -> Complaint:
    channel = rng.choices([key for key, _ in CHANNELS], [share for _, share in CHANNELS])[0]
    kind, category, words, _ = rng.choices(WORDS, [share for *_, share in WORDS])[0]
    if rng.random() < LATE:
        due = due_after_working_days(calendar, received, 14)
        answered = add_working_minutes(calendar, due, rng.randint(60, 1500))
    else:
        answered = add_working_minutes(calendar, received, rng.randint(120, 2000))
    unanswered = answered >= now or (now - received < OPEN_SINCE and rng.random() < OPEN)
    rating = rng.choices((None, 2, 3, 4, 5), (55, 4, 8, 15, 18))[0]
    return Complaint(received, None if unanswered else answered, channel, kind, category, words,
                     f"{rng.choice(FIRST_NAMES).title()} Contoh", rating)


def write(complaints: list[Complaint]) -> None:
    """In the order of time, as the numbers of tickets are given out in it."""
    staff = db.session.scalars(select(Staff).where(Staff.username == "petugas1")).one()
    for complaint in complaints:
        with clock.told_as(complaint.received_at):
            _receive(complaint, staff)


def _receive(complaint: Complaint, staff: Staff) -> None:
    ticket_id = intake.receive(
        complaint.channel, Contact(name=complaint.name), complaint.words, received_at=complaint.received_at,
        as_new=True, details=intake.Details(kind=complaint.kind, category=complaint.category), actor=journal.VISITOR,
    ).id
    if complaint.answered_at is None:
        with transaction() as session:
            session.get_one(Ticket, ticket_id).assigned_to = staff.id if complaint.rating else None
        return
    actor = journal.Actor("staff", staff.id)
    with clock.told_as(complaint.answered_at), transaction() as session:
        ticket = session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True)
        add_message(ticket, OUTBOUND, ANSWER, "web", staff, final=True)
        change_status(ticket, "answer", actor)
        ticket.outcome = "proven" if complaint.kind == "complaint" else "granted"
        if complaint.rating:
            ticket.rating, ticket.rated_at = complaint.rating, clock.now()

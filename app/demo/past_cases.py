"""What the demo invents beside registrations: complaints of months past, answers to the survey, and the
registers. Complaints come about by the services of the product alone, each at the moment it is said to have happened;
nobody is written to, because these people left no number."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import func, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.ids import new_id
from app.city.worktime import Calendar, add_working_minutes, due_after_working_days
from app.complaints.arriving import intake
from app.complaints.desk.acts import add_message
from app.complaints.ticket.models import OUTBOUND, Ticket
from app.complaints.ticket.personal import Contact
from app.complaints.ticket.transitions import change_status
from app.demo.past import FIRST_NAMES
from app.evaluation import registers, standard
from app.evaluation.models import KNOWLEDGE, Facility
from app.survey.answering import seal_suggestion
from app.survey.elements import CODES, FEE, LINK, OFFICE, PAPER, PROFILE, QR, REGISTRATION, SENT
from app.survey.models import SurveyAnswer, SurveyTap

SUGGESTING = 0.15
SUGGESTIONS = (
    "Petugasnya ramah, tetapi foto KTP saya diminta dua kali.", "Bagus, tidak perlu antre lagi.",
    "Mohon ditambah kursi tunggu.", "Pesan WhatsApp-nya jelas dan cepat.", "Langkah foto selfie agak membingungkan.",
)
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


def write_complaints(complaints: list[Complaint]) -> None:
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


# how often 1, 2, 3 and 4 are given, of a hundred
USUAL, WORSE, FREE = (1, 8, 50, 41), (3, 16, 53, 28), (0, 1, 1, 98)
WEAK = ("u3", "sarpras", "u2")
WAYS = ((LINK, REGISTRATION, 60), (QR, OFFICE, 25), (PAPER, OFFICE, 15))
TAPS = (3, 5, 12, 45, 35)  # of 1 to 5, of a hundred


def write_survey(number: int, first: date, last: date, rng: Random) -> None:
    months = [date(n // 12, n % 12 + 1, 1) for n in range(_month(first), _month(last) + 1)]
    with transaction() as session:
        for _ in range(number):
            session.add(_answer(rng.choice(months), rng))
        for month in months:
            _tap(month, number // len(months), rng)


def _answer(month: date, rng: Random) -> SurveyAnswer:
    way, service, _ = rng.choices(WAYS, [share for *_, share in WAYS])[0]
    marks = {code: rng.choices((1, 2, 3, 4), FREE if code == FEE else WORSE if code in WEAK else USUAL)[0]
             for code in CODES}
    profile = {key: rng.choice([*choices, ""]) for key, (_, choices) in PROFILE.items()}
    answer = SurveyAnswer(id=new_id(), month=month, way=way, service=service, **marks, **profile)
    if rng.random() < SUGGESTING:
        answer.suggestion_sealed = seal_suggestion(answer.id, rng.choice(SUGGESTIONS))
        answer.quotable = rng.random() < 0.5
    return answer


def _tap(month: date, number: int, rng: Random) -> None:
    for value, share in enumerate(TAPS, 1):
        known = select(func.count()).where(
            SurveyTap.month == month, SurveyTap.value == value, SurveyTap.place == SENT,
        )
        if not db.session.scalar(known) and (count := round(number * share / 100 * rng.uniform(0.8, 1.2))):
            db.session.add(SurveyTap(month=month, value=value, place=SENT, count=count))


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


# kind, name, place, quantity, least, who mends it
THINGS = (
    ("internet", "Jaringan internet kantor", "Ruang server", 1, 0, "Diskominfo"),
    ("supplies", "Kertas A4 (rim)", "Gudang", 14, 5, ""),
    ("computer", "Komputer loket", "Loket 1 sampai 4", 4, 4, "Operator GO Online"),
    ("printer", "Printer loket", "Loket 2", 2, 1, "CV Contoh Servis"),
    ("siak", "Aplikasi SIAK", "Kantor", 1, 0, "Ditjen Dukcapil"),
)


def write_registers() -> None:
    """Once, after the staff."""
    keeper = db.session.scalar(select(Staff).where(Staff.username == "admin1"))
    if keeper is None or db.session.scalar(select(Facility.id).limit(1)) is not None:
        return
    today = clock.today()
    standard.record({
        "valid_from": today.replace(month=1, day=1).isoformat(), "approved_by": "Kepala Dinas (contoh)",
        "document": "188.45/12/2026 (contoh)", "change": "Penetapan pertama.",
    }, keeper)
    for place, staff_id in enumerate(db.session.scalars(select(Staff.id).order_by(Staff.username)).all()):
        known = {"education": ("s1", "slta", "s2")[place % 3], **dict.fromkeys(KNOWLEDGE, "y")}
        registers.check_competence(staff_id, known if place % 5 else {**known, "communication": ""}, keeper)
    registers.add_training(db.session.scalar(select(Staff.id).where(Staff.username == "petugas1")), {
        "title": "Komunikasi di meja layanan (contoh)", "held_on": (today - timedelta(days=60)).isoformat(),
        "valid_until": (today + timedelta(days=20)).isoformat(),
    }, None, keeper, "")
    for kind, name, where, quantity, least, repairer in THINGS:
        registers.save_facility(None, {
            "kind": kind, "name": name, "place": where, "quantity": str(quantity), "least": str(least),
            "repairer": repairer,
        }, keeper)
    printer = db.session.scalar(select(Facility.id).where(Facility.kind == "printer"))
    registers.report_fault(printer, {
        "what": "kertas sering macet", "began_on": (today - timedelta(days=9)).isoformat(),
        "repairer": "CV Contoh Servis",
    }, keeper)

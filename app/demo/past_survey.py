"""What the demo invents beside cases: answers to the survey, the registers, and the yearly evaluation."""

from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import func, select

from app.accounts.models import Staff
from app.base import clock
from app.base.clock import WIB
from app.base.database import db, transaction
from app.base.ids import new_id
from app.evaluation import evaluating, registers, standard
from app.evaluation.models import DONE, KNOWLEDGE, RUNNING, Evaluation, Facility, Finding
from app.survey.answering import seal_suggestion
from app.survey.elements import CODES, FEE, LINK, OFFICE, PAPER, PROFILE, QR, REGISTRATION, SENT
from app.survey.models import SurveyAnswer, SurveyTap

SUGGESTING = 0.15
SUGGESTIONS = (
    "Petugasnya ramah, tetapi foto KTP saya diminta dua kali.", "Bagus, tidak perlu antre lagi.",
    "Mohon ditambah kursi tunggu.", "Pesan WhatsApp-nya jelas dan cepat.", "Langkah foto selfie agak membingungkan.",
)

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


# The yearly evaluation of the demo: last year's signed, with what became of its actions, and this year's begun.

# letter, finding, action, owner, month and day by which it is done, state and news of the year after
LAST_YEAR = (
    ("C", "Sembilan dari sepuluh keputusan hari Jumat jatuh pada Senin.", "Operator kedua bertugas Jumat sore.",
     "Kepala Bidang PIAK", (3, 31), DONE, "Berjalan sejak Februari."),
    ("A", "Foto KTP buram menjadi alasan pengembalian terbanyak.", "Foto diperiksa di HP sebelum dikirim.",
     "Operator GO Online", (6, 30), DONE, "Sejak Mei foto gelap dan buram langsung diberitahukan."),
    ("K", "Dua petugas belum pernah mengikuti pelatihan komunikasi.", "Pelatihan bersama BKPSDM.", "Sekretaris",
     (9, 30), RUNNING, "dipindahkan ke tahun depan"),
)
THIS_YEAR = (
    ("J", "Printer loket sering macet, dan warga menilai sarana rendah.", "Penggantian printer dalam anggaran.",
     "Sekretaris", (6, 30)),
    ("C", "Janji yang terlambat terbanyak pada hari setelah libur.", "Jadwal cadangan setelah libur panjang.",
     "Kepala Bidang PIAK", (3, 31)),
)
WORDS_BEFORE = "Layanan berjalan sesuai standar. Yang masih lemah: keputusan hari Jumat, foto KTP, dan komunikasi."
CONCLUSION = (
    "Sebagian besar pendaftaran selesai tepat janji. Yang terlambat suratnya diantar. Yang masih lemah: waktu setelah "
    "libur, sarana, dan kejelasan prosedur."
)


def write_evaluations() -> None:
    """Once, behind the invented year."""
    today = clock.today()
    lina, bambang = _staff("analis1"), _staff("kadis1")
    with clock.told_as(min(clock.now(), datetime(today.year, 1, 12, 9, tzinfo=WIB))):
        before = _prepare(today.year - 1, [one[:5] for one in LAST_YEAR], WORDS_BEFORE, lina)
        evaluating.sign(before.year, before.version, before.fingerprint, "", bambang)
    year = _prepare(today.year, THIS_YEAR, CONCLUSION, lina).year
    news = {action: (state, said) for _, _, action, _, _, state, said in LAST_YEAR}
    for finding in db.session.scalars(select(Finding).where(Finding.year == year - 1)).all():
        evaluating.follow_up(finding.id, *news[finding.action], lina)


def _prepare(year: int, findings, words: str, staff: Staff) -> Evaluation:
    evaluating.start(year, staff)
    evaluating.freeze(year, evaluating.find(year).version, staff)
    for letter, what, action, owner, (month, day) in findings:
        evaluating.add_finding(year, {
            "letter": letter, "what": what, "action": action, "owner": owner, "due_on": f"{year + 1}-{month:02}-{day}",
        }, staff)
    evaluating.conclude(year, evaluating.find(year).version, words, staff)
    return evaluating.find(year)


def _staff(username: str) -> Staff:
    return db.session.scalars(select(Staff).where(Staff.username == username)).one()

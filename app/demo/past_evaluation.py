"""The yearly evaluation of the demo: last year's signed, with what became of its actions, and this year's begun."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock
from app.base.clock import WIB
from app.base.database import db
from app.evaluation import evaluating
from app.evaluation.models import DONE, RUNNING, Evaluation, Finding

# letter, finding, action, owner, month and day by which it is done, state and news of the year after
LAST = (
    ("C", "Sembilan dari sepuluh keputusan hari Jumat jatuh pada Senin.", "Operator kedua bertugas Jumat sore.",
     "Kepala Bidang PIAK", (3, 31), DONE, "Berjalan sejak Februari."),
    ("A", "Foto KTP buram menjadi alasan pengembalian terbanyak.", "Foto diperiksa di HP sebelum dikirim.",
     "Operator GO Online", (6, 30), DONE, "Sejak Mei foto gelap dan buram langsung diberitahukan."),
    ("K", "Dua petugas belum pernah mengikuti pelatihan komunikasi.", "Pelatihan bersama BKPSDM.", "Sekretaris",
     (9, 30), RUNNING, "dipindahkan ke tahun depan"),
)
PRESENT = (
    ("J", "Printer loket sering macet, dan warga menilai sarana rendah.", "Penggantian printer dalam anggaran.",
     "Sekretaris", (6, 30)),
    ("C", "Janji yang terlambat terbanyak pada hari setelah libur.", "Jadwal cadangan setelah libur panjang.",
     "Kepala Bidang PIAK", (3, 31)),
)
WORDS_BEFORE = "Layanan berjalan sesuai standar. Yang masih lemah: keputusan hari Jumat, foto KTP, dan komunikasi."
WORDS = ("Sebagian besar pendaftaran selesai tepat janji. Yang terlambat suratnya diantar. Yang masih lemah: waktu "
         "setelah libur, sarana, dan kejelasan prosedur.")


def write() -> None:
    """Once, behind the invented year."""
    today = clock.today()
    lina, bambang = _staff("analis1"), _staff("kadis1")
    with clock.told_as(min(clock.now(), datetime(today.year, 1, 12, 9, tzinfo=WIB))):
        before = _prepare(today.year - 1, [one[:5] for one in LAST], WORDS_BEFORE, lina)
        evaluating.sign(before.year, before.version, before.fingerprint, "", bambang)
    year = _prepare(today.year, PRESENT, WORDS, lina).year
    news = {action: (state, said) for _, _, action, _, _, state, said in LAST}
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

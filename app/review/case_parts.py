"""Parts of the page of a case: the answers, the NIK read beside the NIK typed, what else is known of the person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, bindparam, or_, select

from app.accounts.models import Staff
from app.base import clock
from app.base.written import Written
from app.casework.kinds import Label
from app.identity.findings import FLAG_TEXT
from app.identity.mask import mask_nik_staff
from app.identity.nik import birth_date_and_sex, region_path
from app.registration.models import Application
from app.registration.personal import Personal
from app.registration.photo_kinds import BY_KIND, COUNT_WORD
from app.registration.status import COMPLETE, REGISTRATION, WAITING
from app.review import evidence as case_evidence
from app.review.checklist import (
    APPROVE_PROVISIONALLY,
    ASK_SECOND,
    DIFFERS,
    EQUAL,
    NIK,
    NO,
    SIAK,
    SIAK_RESULTS,
    UNREADABLE,
    UNSURE,
    YES,
    Look,
    Point,
    allowed,
    differing,
    hindrances,
    needs_sentence,
)
from app.web.access import holds

# Words of the desk that stand nowhere else: flags of other rows, hints about photos, sexes.

OTHER_FLAGS: dict[str, str] = {
    "NIK_SUDAH_PUNYA_AKUN": "NIK ini sudah memiliki akun. Pemilik akun dikirimi pesan.",
    "NIK_DIAJUKAN_LAGI": "Ada pendaftaran lain dengan NIK yang sama dan belum selesai.",
    "NOMOR_DIPAKAI_BANYAK": "Nomor WhatsApp ini dipakai pada banyak pendaftaran yang belum selesai.",
    "KK_DIPAKAI_BANYAK": "Nomor KK ini dipakai pada banyak pendaftaran yang belum selesai.",
    "FOTO_SAMA": f"Dua dari {COUNT_WORD} foto adalah foto yang sama.",
}
HINTS: dict[str, str] = {
    "buram": "tampak kurang tajam", "gelap": "tampak gelap", "silau": "tampak silau", "pucat": "tampak pucat",
}
SEXES: dict[str | None, str] = {"L": "laki-laki", "P": "perempuan", None: "jenis kelamin tidak terbaca"}


def flag_text(code: str) -> str:
    return FLAG_TEXT.get(code) or OTHER_FLAGS.get(code, code)


def hint_text(kind: str, hint: str) -> str:
    return f"{BY_KIND[kind].on_desk} {HINTS.get(hint, hint)}."


# The NIK of the form beside the NIK read on the card. The first stays hidden until the second is typed, so that the
# officer reads the card and not the form.

@dataclass(frozen=True)
class NikEvidence:
    """`declared` is "" until something was read; `differing` are 1-based places. For who reads masked
    data both numbers are masked and nothing is derived."""

    read: str
    declared: str = ""
    differing: tuple[int, ...] = ()
    born: date | None = None
    sex: str = ""
    region: str = ""
    is_unreadable: bool = False

    @property
    def is_equal(self) -> bool:
        return bool(self.read) and not self.differing


def nik_evidence(
    application: Application, person: Personal, known: case_evidence.Evidence, is_open: bool,
) -> NikEvidence:
    if not known.nik_read:
        return NikEvidence("", is_unreadable=known.answers.get(NIK) == UNSURE)
    differing = case_evidence.differing_digits(application, known.nik_read)
    if not is_open:
        return NikEvidence(mask_nik_staff(known.nik_read), mask_nik_staff(person.nik), differing)
    born, sex = birth_date_and_sex(person.nik, clock.today())
    return NikEvidence(known.nik_read, person.nik, differing, born, SEXES[sex], region_path(person.nik[:6]))


# What the page shows about the answers: the own ones, those of others once the own one is given, what is still
# missing, and which acts they allow.

WORDS: dict[str, str] = {
    EQUAL: "sama dengan isian", DIFFERS: "beda dengan isian", UNREADABLE: "tidak terbaca",
    YES: "Ya", NO: "Tidak", UNSURE: "Tidak pasti", **{key: one.label for key, one in SIAK_RESULTS.items()},
}

# what was not looked at yet is told after what speaks against the act
UNANSWERED = ("Ketik ", "Jawab: ", "Pilih ")


@dataclass(frozen=True)
class Aside:
    """Beside one answer: what others said as (name, words), or that it is still closed; whether they differ,
    and whether the own answer needs a sentence."""

    theirs: tuple[tuple[str, str], ...]
    is_closed: bool
    differs: bool
    needs_sentence: bool


@dataclass(frozen=True)
class AnswersPage:
    """`missing` are the sentences that stand against the main act, `asks_siak` whether SIAK is asked now."""

    points: Sequence[Point]
    asides: Mapping[str, Aside]
    missing: tuple[str, ...]
    asks_siak: bool
    is_provisional: bool
    may_ask_second: bool
    is_alone: bool


def answers_page(application: Application, staff: Staff) -> AnswersPage:
    """`staff` is who looks at it. Who still has to answer sees nobody else's answer before the own one."""
    met, look = case_evidence.circumstances(application, staff), case_evidence.look_of(application, staff.id)
    answers_now = application.status in WAITING and holds(staff, "take_case")
    others = case_evidence.looks_of_others(application, staff.id)
    against = hindrances(look, met)
    acts = allowed(look, met)
    keys = (NIK, *(point.key for point in met.points), SIAK)
    return AnswersPage(
        points=met.points,
        asides={key: _aside(key, look, others, not answers_now, needs_sentence(key, look, met)) for key in keys},
        missing=tuple(sorted((one[0] for one in against.values()), key=lambda text: text.startswith(UNANSWERED))),
        asks_siak=application.status == COMPLETE or application.status not in WAITING,
        is_provisional=APPROVE_PROVISIONALLY in acts, may_ask_second=ASK_SECOND in acts, is_alone=met.alone,
    )


def _aside(key: str, look: Look, others: list[tuple[str, Look]], is_open: bool, needs: bool) -> Aside:
    said = tuple((name, WORDS[other.answer(key)]) for name, other in others if other.answer(key))
    shown = is_open or bool(look.answer(key))
    differs = shown and differing(key, look, [other for _, other in others])
    return Aside(said if shown else (), bool(said) and not shown, differs, needs)


# What else the office knows of the person of a case: other registrations of the NIK, the Nomor KK or the number,
# those that ended included.

SHARED = {"nik_index": "NIK", "kk_index": "Nomor KK", "phone_index": "nomor WhatsApp"}
MOST_OTHERS = 20


COLUMNS = [getattr(Application, column) for column in SHARED]
OTHERS = Written(select(
    Application.id, Application.number, Application.status, Application.submitted_at, *COLUMNS,
).where(
    or_(*(column == bindparam(column.key) for column in COLUMNS)),
    Application.id != bindparam("case"), Application.submitted_at.is_not(None),
).order_by(Application.submitted_at.desc()).limit(MOST_OTHERS))


@dataclass(frozen=True)
class KeptRegistration:
    """Another registration; `same` names what it has in common."""

    id: str
    number: str
    label: Label
    sent_at: datetime
    same: tuple[str, ...]


def others_of_person(application: Application) -> tuple[KeptRegistration, ...]:
    """The newest first; drafts belong to their resident alone, and what is erased shares nothing any more."""
    known = {column: value for column in SHARED if (value := getattr(application, column))}
    if not known:
        return ()
    rows = OTHERS.ask({"case": application.id, **{column: known.get(column) for column in SHARED}})
    return tuple(_kept_registration(row, known) for row in rows)


def _kept_registration(row: Row, known: dict[str, str]) -> KeptRegistration:
    same = tuple(SHARED[column] for column, value in known.items() if getattr(row, column) == value)
    return KeptRegistration(row.id, row.number, REGISTRATION.labels[row.status], row.submitted_at, same)

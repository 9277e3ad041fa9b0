"""The NIK of the form beside the NIK read on the card. The first stays hidden until the second is
typed, so that the officer reads the card and not the form."""

from dataclasses import dataclass
from datetime import date

from app.base import clock
from app.identity.mask import mask_nik_staff
from app.identity.nik import birth_date_and_sex, region_path
from app.registration.models import Application
from app.registration.personal import Personal
from app.review import evidence as ev
from app.review.checklist import NIK, UNSURE
from app.review.words import SEXES


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


def nik_evidence(application: Application, person: Personal, known: ev.Evidence, is_open: bool) -> NikEvidence:
    if not known.nik_read:
        return NikEvidence("", is_unreadable=known.answers.get(NIK) == UNSURE)
    differing = ev.differing_digits(application, known.nik_read)
    if not is_open:
        return NikEvidence(mask_nik_staff(known.nik_read), mask_nik_staff(person.nik), differing)
    born, sex = birth_date_and_sex(person.nik, clock.today())
    return NikEvidence(known.nik_read, person.nik, differing, born, SEXES[sex], region_path(person.nik[:6]))

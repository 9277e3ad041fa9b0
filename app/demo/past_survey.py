"""Answers to the survey in the invented past: better by and by, the fee nearly always free of charge."""

from datetime import date
from random import Random

from sqlalchemy import func, select

from app.base.database import db, transaction
from app.survey.elements import CODES, FEE, LINK, OFFICE, PAPER, PROFILE, QR, REGISTRATION, SENT
from app.survey.models import SurveyAnswer, SurveyTap

# how often 1, 2, 3 and 4 are given, of a hundred
USUAL, WORSE, FREE = (1, 8, 50, 41), (3, 16, 53, 28), (0, 1, 1, 98)
WEAK = ("u3", "sarpras", "u2")
WAYS = ((LINK, REGISTRATION, 60), (QR, OFFICE, 25), (PAPER, OFFICE, 15))
TAPS = (3, 5, 12, 45, 35)  # of 1 to 5, of a hundred


def write(number: int, first: date, last: date, rng: Random) -> None:
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
    return SurveyAnswer(month=month, way=way, service=service, **marks, **profile)


def _tap(month: date, number: int, rng: Random) -> None:
    for value, share in enumerate(TAPS, 1):
        known = select(func.count()).where(
            SurveyTap.month == month, SurveyTap.value == value, SurveyTap.place == SENT,
        )
        if not db.session.scalar(known) and (count := round(number * share / 100 * rng.uniform(0.8, 1.2))):
            db.session.add(SurveyTap(month=month, value=value, place=SENT, count=count))


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1

"""By what a browser of one registration is known again (docs/limits.md)."""

from app import guesses
from app.guesses import Mark
from app.registration.models import Application
from app.services import sealer


def number_index(number: str) -> str:
    return sealer().index("tracking-number", number)


def mark_of(application: Application) -> Mark:
    return guesses.mark_of(guesses.TRACKING, number_index(application.number or ""), application.id)

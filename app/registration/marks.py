"""By what a browser of one registration is known again (docs/limits.md)."""

from app.base.services import sealer
from app.guessing import budgets
from app.guessing.budgets import Mark
from app.registration.models import Application


def number_index(number: str) -> str:
    return sealer().index("tracking-number", number)


def mark_of(application: Application) -> Mark:
    return budgets.mark_of(budgets.TRACKING, number_index(application.number or ""), application.id)

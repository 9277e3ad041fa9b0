"""What the page shows about the answers: the own ones, those of others once the own one is given, what is
still missing, and which acts they allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.accounts.models import Staff
from app.registration.models import Application
from app.registration.status import COMPLETE, WAITING
from app.review import basis
from app.review import evidence as ev
from app.review.checklist import NIK, NO, SIAK, SIAK_RESULTS, UNSURE, YES, Point
from app.review.ruling import (
    APPROVE_PROVISIONALLY,
    ASK_SECOND,
    DIFFERS,
    EQUAL,
    UNREADABLE,
    Look,
    allowed,
    differing,
    hindrances,
    needs_sentence,
)
from app.web.access import holds

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
    met, look = basis.circumstances(application, staff), ev.look_of(application, staff.id)
    answers_now = application.status in WAITING and holds(staff, "take_case")
    others = ev.looks_of_others(application, staff.id)
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

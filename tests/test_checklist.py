"""Nobody becomes a user on nothing (standar pelayanan M): which answers lead to an account, and which never."""

from collections import ChainMap
from itertools import combinations, product

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Citizen, Staff
from app.base import clock
from app.base.database import db, transaction
from app.base.problems import FormRejected
from app.casework.desk import Seen
from app.registration.models import Application
from app.review import service
from app.review.checklist import Circumstances, Look, allowed, points_for
from app.review.evidence import Evidence
from app.review.models import AccountBasis, CaseEvidence
from tests.builders import add_staff
from tests.desk import a_case, declare, nik_of, officer, row

ANSWERS = ("", "ya", "tidak", "tidak_pasti")
POINTS = ("ktp", "name", "face", "card", "signature")
NIKS = ("", "equal", "differs", "unreadable")
SIAK = ("", "found", "name_differs", "kk_differs", "moved", "deceased", "not_found", "unavailable")
APPROVALS = {"approve", "approve_provisionally"}
OTHER_NIK = nik_of(77)


def should_lead_to(nik, ktp, name, face, card, signature, siak) -> set[str]:
    """The issue in its own words: certain about NIK, card, name and face, the signature at least not refused,
    and SIAK found or closed. Nothing else leads to an account."""
    if nik != "equal" or {ktp, name, face, card} != {"ya"} or signature != "ya":
        return set()
    return {"found": {"approve"}, "unavailable": {"approve_provisionally"}}.get(siak, set())


def walk(answers: tuple[str, ...], stops: bool = False, **circumstances) -> int:
    """How many of all combinations of these answers led to an account; each as the issue says."""
    met, led = Circumstances(points_for(flagged=False), deciding=True, **circumstances), 0
    for nik, *given, siak in product(NIKS, *[answers] * len(POINTS), SIAK):
        acts = allowed(Look(nik, dict(zip(POINTS, given, strict=True)), siak), met)
        wanted = set() if stops else should_lead_to(nik, *given, siak)
        assert acts & APPROVALS == wanted, (nik, given, siak)
        led += bool(wanted)
    return led


def test_of_all_combinations_of_answers_only_the_certain_ones_lead_to_an_account():
    assert walk(ANSWERS) == 2, "found and closed, each in one way"


@pytest.mark.parametrize("answers", [("ya", "tidak_pasti"), pytest.param(ANSWERS, marks=pytest.mark.long)], ids=len)
def test_open_doubles_and_a_single_person_without_a_reason_stop_every_one_of_them(answers):
    assert walk(answers, open_doubles=0, alone=True, why_alone=True) == 2
    assert walk(answers, open_doubles=0, alone=True, why_alone=False, stops=True) == 0
    assert walk(answers, open_doubles=3, alone=False, why_alone=False, stops=True) == 0
    assert walk(answers, open_doubles=3, alone=True, why_alone=True, stops=True) == 0


@pytest.mark.parametrize("key", ["nik", "ktp", "name", "face", "card"])
def test_what_is_uncertain_can_be_returned_or_given_to_a_second_person_and_nothing_else(key):
    look = Look("unreadable" if key == "nik" else "equal",
                {point: "tidak_pasti" if point == key else "ya" for point in POINTS}, "found",
                explained=frozenset({key}))
    for deciding in (False, True):
        met = Circumstances(points_for(flagged=False), deciding=deciding)
        assert allowed(look, met) == {"return", "ask_second"}, "a sentence does not replace certainty"


def test_a_signature_that_cannot_be_judged_needs_a_sentence():
    met = Circumstances(points_for(flagged=False), deciding=True)
    unsure = {**dict.fromkeys(POINTS, "ya"), "signature": "tidak_pasti"}
    assert not allowed(Look("equal", unsure, "found"), met) & APPROVALS
    assert allowed(Look("equal", unsure, "found", explained=frozenset({"signature"})), met) & APPROVALS


@pytest.mark.parametrize("theirs", ["tidak", "tidak_pasti"])
@pytest.mark.parametrize("key", POINTS)
def test_where_somebody_answered_otherwise_the_own_answer_stands_with_a_sentence_only(key, theirs):
    yes = dict.fromkeys(POINTS, "ya")
    met = Circumstances(points_for(flagged=False), [Look("equal", {**yes, key: theirs})], deciding=True)
    assert not allowed(Look("equal", yes, "found"), met) & APPROVALS
    assert allowed(Look("equal", yes, "found", explained=frozenset({key})), met) & APPROVALS


def test_an_answer_changed_after_those_of_others_were_shown_counts_as_a_difference():
    yes = dict.fromkeys(POINTS, "ya")
    met = Circumstances(points_for(flagged=False), [Look("equal", yes)], deciding=True)
    changed = Look("equal", yes, "found", first={"face": "tidak_pasti"})
    assert "ask_second" in allowed(changed, met) and not allowed(changed, met) & APPROVALS


def test_points_that_do_not_apply_are_not_asked():
    assert "flags" not in {point.key for point in points_for(flagged=False)}
    assert "flags" in {point.key for point in points_for(flagged=True)}


# -- the same through the service and the front door --

GOOD = {"nik_read": nik_of(1), "siak": "found", **{f"check_{point}": "ya" for point in POINTS}}
BAD: dict[str, tuple[str, ...]] = {
    "nik_read": ("", OTHER_NIK), "siak": ("", "name_differs", "kk_differs", "moved", "deceased", "not_found"),
    **{f"check_{point}": ("", "tidak", "tidak_pasti") for point in POINTS},
}
SINGLES = [{field: value} for field, values in BAD.items() for value in values]


def citizens(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Citizen))


def forgets(username: str) -> None:
    """Take away what this person answered before, so that each try stands alone."""
    with transaction() as session:
        session.execute(delete(CaseEvidence).where(
            CaseEvidence.staff_id.in_(select(Staff.id).where(Staff.username == username))))


def as_evidence(answers: dict[str, str]) -> Evidence:
    points = {point: answers[f"check_{point}"] for point in POINTS if answers[f"check_{point}"]}
    return Evidence(answers["nik_read"], points, answers["siak"])


@pytest.mark.parametrize("together", [1, pytest.param(2, marks=pytest.mark.long)], ids=["one", "a pair"])
def test_no_bad_answer_and_no_pair_of_them_makes_an_account_through_the_service(app, time, together):
    case = a_case(app)
    declare(app, case)
    officer(app, "bayu")
    with app.app_context():
        bayu = db.session.scalar(select(Staff).where(Staff.username == "bayu"))
        opened = service.open_case(case, bayu)
        held = Seen(case, opened.version, opened.claim_token, bayu)
        for bad in combinations(SINGLES, together):
            forgets("bayu")
            with pytest.raises(FormRejected):
                service.approve(held, as_evidence({**GOOD, **dict(ChainMap(*bad))}))
        assert db.session.get(Application, case, populate_existing=True).status == "complete"
        assert db.session.scalar(select(func.count()).select_from(Citizen)) == 0
        forgets("bayu")
        service.approve(held, as_evidence(GOOD))
    assert row(app, case).status == "active" and citizens(app) == 1


def test_no_bad_answer_makes_an_account_through_the_front_door(app, time):
    case = a_case(app)
    declare(app, case)
    bayu = officer(app, "bayu")
    for bad in [*SINGLES, {"nik_read": "", "nik_unreadable": "y"}]:
        with app.app_context():
            forgets("bayu")
        bayu.opens_case(case)
        page = bayu.sends_act(case, "setujui", **{**GOOD, **bad})
        assert page.status == 422 and page.tree.xpath("//*[contains(@class, 'error-summary')]"), bad
        beside = page.tree.xpath("string(//*[@id='belum'])").strip()
        assert beside.startswith("Belum dapat disetujui:"), (bad, "beside the button")
    assert row(app, case).status == "complete" and citizens(app) == 0


def test_open_suspicions_of_doubles_are_answered_one_by_one_before_an_approval(app, time):
    case = a_case(app)
    others = [a_case(app, 2, full_name="WARGA CONTOH DUA"), a_case(app, 3, full_name="WARGA CONTOH TIGA")]
    declare(app, case)
    bayu = officer(app, "bayu")
    bayu.opens_case(case)
    bayu.sends_act(case, "draf", **{**GOOD, "siak": ""})
    told = bayu.opens_case(case).soup.select_one("#belum").get_text(" ", strip=True)
    assert told.startswith("Belum dapat disetujui: Selesaikan dulu 2 dugaan ganda"), told
    for left, other in zip((2, 1), others, strict=True):
        bayu.opens_case(case)
        page = bayu.sends_act(case, "setujui", **GOOD)
        assert page.status == 422 and f"Selesaikan dulu {left} dugaan ganda" in page.text
        bayu.sends_act(case, "bukan-ganda", other=other, not_double="Orang lain, fotonya foto uji.")
    bayu.opens_case(case)
    assert bayu.sends_act(case, "setujui", **GOOD).status == 200 and row(app, case).status == "active"


FORBIDDEN = (
    ({"face": "tidak_pasti"}, "certain"), ({"ktp": ""}, "certain"), ({"nik": "differs"}, "nik_was_read"),
    ({"siak": "moved"}, "siak_not_against"), ({"signature": "tidak"}, "signature_not_refused"),
    ({"open_doubles": 1}, "doubles_settled"), ({"decided_by": "declared_by"}, "two_people"),
)


def why_refused(values: dict) -> str:
    try:
        with transaction() as session:
            session.add(AccountBasis(**values))
    except IntegrityError as error:
        return str(error.orig)
    return ""


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_the_database_itself_refuses_what_the_rules_forbid(request, time, which):
    app = request.getfixturevalue(which)
    case = a_case(app)
    with app.app_context():
        allowed = {
            "application_id": case, "declared_by": add_staff(app, "bayu", "operator"), "alone": False, "nik": "equal",
            "decided_by": add_staff(app, "hendra", "operator"), **dict.fromkeys(POINTS, "ya"), "siak": "found",
            "open_doubles": 0, "at": clock.now(),
        }
        for change, rule in FORBIDDEN:
            values = {**allowed, **{key: allowed.get(value, value) for key, value in change.items()}}
            assert rule in why_refused(values), change
        assert why_refused(allowed) == ""

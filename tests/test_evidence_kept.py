"""What somebody found on a case: what is kept of it, whose it is, and what it means for the act. The rules by
themselves; test_evidence.py goes through the page."""

import json
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected
from app.casework import notes
from app.registration.models import Application, StatusChange
from app.review import evidence
from app.review.checklist import DIFFERS, EQUAL, NIK, NO, POINTS, SIAK, UNREADABLE, UNSURE, YES, Look
from app.review.evidence import Evidence, cleaned
from app.review.models import ALONE, AccountBasis, CaseEvidence
from tests.builders import add_staff
from tests.desk import a_case, nik_of

OTHER_NIK = nik_of(99)


@pytest.fixture
def case(app, time):
    """One case, and two who look at it; asked about in a new session each time, as by another page."""
    case_id = a_case(app)
    staff = {name: add_staff(app, name, "operator") for name in ("rina", "bayu", "sri")}
    with app.app_context():
        with transaction() as session:
            for name, staff_id in staff.items():
                session.get_one(Staff, staff_id).name = f"{name.title()} Contoh"
        yield Case(case_id, staff)


class Case:
    def __init__(self, case_id: str, staff: dict[str, str]):
        self.id, self.staff = case_id, staff

    def person(self, name: str) -> Staff:
        return db.session.get_one(Staff, self.staff[name])

    def row(self) -> Application:
        db.session.remove()
        return db.session.get_one(Application, self.id)

    def keeps(self, who: str, /, read: str = "", siak: str = "", sentences=None, **answers) -> Evidence:
        with transaction():
            row = db.session.get_one(Application, self.id)
            return evidence.keep(row, cleaned(read, answers, siak, sentences), self.person(who))

    def look(self, name: str) -> Look:
        return evidence.look_of(self.row(), self.staff[name])

    def becomes(self, **columns) -> None:
        with transaction():
            for name, value in columns.items():
                setattr(db.session.get_one(Application, self.id), name, value)

    def lines(self, action: str) -> list[dict]:
        found = [line for line in journal.lines_about("application", self.id) if line.action == action]
        return [{"by": line.actor_id, **json.loads(line.detail)} for line in found]


def test_what_is_in_no_list_is_dropped_and_a_sentence_is_cut():
    given = cleaned(" ", {"ktp": YES, "face": "mungkin", "hair": YES, NIK: UNSURE}, "besok", {
        "ktp": "x" * 301, "hair": "y", SIAK: "z"})
    assert given == Evidence("", {"ktp": YES, NIK: UNSURE}, "", {"ktp": "x" * 300, SIAK: "z"})
    assert cleaned(f" {OTHER_NIK[:8]} {OTHER_NIK[8:]} ", {NIK: UNSURE}, "found") == Evidence(OTHER_NIK, {}, "found")
    assert cleaned("", {NIK: YES}, "").answers == {}
    assert cleaned("", {}, "", None) == Evidence()
    with pytest.raises(FormRejected) as refused:
        cleaned("123", {}, "")
    assert refused.value.errors.keys() == {"nik_read"}


def test_everybody_answers_for_himself_and_adds_to_his_own(case):
    assert evidence.evidence_of(case.row(), case.staff["rina"]) == Evidence() and case.look("rina") == Look()
    assert evidence.latest_evidence(case.row()) == Evidence()
    case.keeps("rina", ktp=YES, sentences={"signature": "Goresannya tipis."})
    assert case.keeps("rina", name=NO, ktp=UNSURE) == Evidence(
        "", {"ktp": UNSURE, "name": NO}, "", {"signature": "Goresannya tipis."},
    )
    assert case.keeps("rina", sentences={"signature": ""}).sentences == {}
    whole = evidence.evidence_of(case.row(), case.staff["rina"])
    assert whole == Evidence("", {"ktp": UNSURE, "name": NO})
    assert evidence.evidence_of(case.row(), case.staff["bayu"]) == Evidence()
    row = db.session.scalars(select(CaseEvidence)).one()
    assert row.nik_read_sealed is row.sentences_sealed is None


def test_a_nik_is_either_read_or_cannot_be_read_whatever_came_last(case):
    case.keeps("rina", read=OTHER_NIK)
    assert case.look("rina").nik == DIFFERS
    case.keeps("rina", ktp=YES)
    assert case.look("rina").nik == DIFFERS, "nothing typed leaves what was read"
    case.keeps("rina", **{NIK: UNSURE})
    assert case.look("rina").nik == UNREADABLE
    case.keeps("rina", read=nik_of(1))
    assert case.look("rina").nik == EQUAL and NIK not in case.look("rina").answers
    case.keeps("rina", read=nik_of(1))
    assert case.lines("nik_compared") == [
        {"by": case.staff["rina"], "equal": False}, {"by": case.staff["rina"], "equal": True},
    ]
    row = db.session.scalars(select(CaseEvidence)).one()
    assert nik_of(1).encode() not in row.nik_read_sealed


def test_siak_counts_only_from_who_looks_before_the_decision(case):
    assert case.keeps("rina", siak="found").siak == ""
    case.becomes(status="complete")
    assert case.keeps("bayu", siak="found").siak == "found" and case.keeps("bayu", ktp=YES).siak == "found"
    assert case.look("bayu").answer(SIAK) == "found" and case.look("rina").answer(SIAK) == ""


def test_the_places_at_which_a_nik_differs_are_counted_from_one(case):
    row, right = case.row(), nik_of(1)
    assert evidence.differing_digits(row, right) == ()
    assert evidence.differing_digits(row, "9" + right[1:15] + "9") == (1, 16)
    assert evidence.differing_digits(row, "") == tuple(range(1, 17))


def test_what_others_found_is_told_with_their_names_the_earliest_first(case, time):
    case.keeps("bayu", read=OTHER_NIK, ktp=NO)
    time.moves(minutes=1)
    case.keeps("rina", read=nik_of(1), ktp=YES, sentences={"ktp": "Saya lihat jelas."})
    told = evidence.looks_of_others(case.row(), case.staff["sri"])
    assert [(name, look.nik, look.answer("ktp"), look.explained) for name, look in told] == [
        ("Bayu Contoh", DIFFERS, NO, frozenset()), ("Rina Contoh", EQUAL, YES, frozenset({"ktp"})),
    ]
    assert [name for name, _ in evidence.looks_of_others(case.row(), case.staff["rina"])] == ["Bayu Contoh"]
    assert evidence.latest_evidence(case.row()).nik_read == nik_of(1)
    assert case.look("rina").first == {NIK: EQUAL, "ktp": YES}, "answered first while Bayu's stood there"
    case.keeps("rina", ktp=NO, name=YES)
    assert case.look("rina").first == {NIK: EQUAL, "ktp": YES}, "the first answer stays the first"
    assert case.look("bayu").first == {}


def test_a_new_sending_is_looked_at_anew(case):
    case.keeps("rina", read=nik_of(1), ktp=YES)
    with transaction() as session:
        session.add(StatusChange(
            application_id=case.id, act="resubmit", from_status="returned", to_status="submitted", actor_kind="citizen",
        ))
        session.add(StatusChange(
            application_id=case.id, act="declare_complete", from_status="submitted", to_status="complete",
            actor_kind="staff", actor_id=case.staff["rina"],
        ))
    assert case.look("rina") == Look() and evidence.latest_evidence(case.row()) == Evidence()
    case.keeps("rina", ktp=NO)
    assert case.look("rina").answer("ktp") == NO
    assert db.session.scalar(select(func.count()).select_from(CaseEvidence)) == 2


ALL_YES = {point.key: YES for point in POINTS if not point.only_flagged}


def test_an_act_rests_on_ones_own_answers_and_the_journal_says_on_which(case):
    with pytest.raises(FormRejected) as refused, transaction():
        evidence.rest_on_answers(db.session.get_one(Application, case.id), case.person("rina"))
    assert {"nik_read", "check_ktp"} <= refused.value.errors.keys() and case.lines("evidence_given") == []
    case.keeps("rina", read=nik_of(1), **{**ALL_YES, "flags": YES})
    with transaction():
        look = evidence.rest_on_answers(db.session.get_one(Application, case.id), case.person("rina"))
    assert look.nik == EQUAL
    line, = case.lines("evidence_given")
    assert line["by"] == case.staff["rina"] and line["siak"] == "" and line["differing"] == []
    assert line["answers"]["ktp"] == YES and nik_of(1) not in json.dumps(line)


def test_who_answers_otherwise_than_others_is_in_the_journal_with_the_point(case):
    case.keeps("bayu", read=nik_of(1), **{**ALL_YES, "flags": YES, "face": NO})
    case.keeps("rina", read=nik_of(1), **{**ALL_YES, "flags": YES}, sentences={"face": "Rambutnya saja berbeda."})
    with transaction():
        evidence.rest_on_answers(db.session.get_one(Application, case.id), case.person("rina"))
    assert case.lines("evidence_given")[0]["differing"] == ["face"]


def test_who_declared_and_decides_says_why_alone(case):
    row, rina = case.row(), case.person("rina")
    assert not evidence.is_alone(row, rina)
    case.becomes(declared_complete_by=case.staff["rina"])
    assert not evidence.is_alone(case.row(), case.person("rina")), "it was sent anew"
    case.becomes(status="complete")
    assert evidence.is_alone(case.row(), case.person("rina")) and not evidence.is_alone(case.row(), case.person("bayu"))

    def says(name: str, why: str) -> None:
        with transaction():
            evidence.say_why_alone(db.session.get_one(Application, case.id), case.person(name), why)

    with pytest.raises(FormRejected) as refused:
        says("rina", "")
    assert refused.value.errors.keys() == {"why_alone"}
    says("bayu", "")
    says("rina", "Yang lain sakit.")
    kept, = notes.notes_of(("application", case.id), ALONE)
    assert (notes.read_note(kept), kept.staff_id) == ("Yang lain sakit.", case.staff["rina"])
    met = evidence.circumstances(case.row(), case.person("rina"), "Sakit.")
    assert (met.deciding, met.alone, met.why_alone, met.open_doubles) == (True, True, True, 0)
    assert not evidence.circumstances(case.row(), case.person("rina")).why_alone
    case.becomes(status="submitted")
    assert not evidence.circumstances(case.row(), case.person("rina")).deciding


@pytest.mark.parametrize("alone", [True, False])
def test_what_an_approval_rested_on_is_a_row_until_it_is_taken_back(case, alone):
    declared = case.staff["rina" if alone else "bayu"]
    case.becomes(status="complete", declared_complete_by=declared)
    look = Look(EQUAL, ALL_YES, "found")
    with transaction():
        if alone:
            evidence.say_why_alone(db.session.get_one(Application, case.id), case.person("rina"), "Sendiri.")
        evidence.write_basis(db.session.get_one(Application, case.id), case.person("rina"), look)
    row = db.session.scalars(select(AccountBasis)).one()
    assert (row.application_id, row.declared_by, row.decided_by, row.alone, row.open_doubles, row.at) == (
        case.id, declared, case.staff["rina"], alone, 0, clock.now(),
    )
    assert (row.nik, row.ktp, row.siak) == (EQUAL, YES, "found")
    with transaction():
        evidence.remove_basis("another")
    assert db.session.scalar(select(func.count()).select_from(AccountBasis)) == 1
    with transaction():
        evidence.remove_basis(case.id)
    assert db.session.scalar(select(func.count()).select_from(AccountBasis)) == 0


def test_an_account_is_provisional_only_while_siak_is_closed():
    results = ("found", "unavailable", "moved", "", "besok")
    assert [key for key in results if evidence.is_provisional(Look(siak=key))] == ["unavailable"]


def test_something_stands_under_perlu_dilihat_when_the_form_or_a_photo_says_so():
    plain, hinted = SimpleNamespace(hints=[]), SimpleNamespace(hints=["buram"])
    for flags, photos, flagged in (([], [plain], False), (["X"], [plain], True), ([], [plain, hinted], True)):
        assert evidence.is_flagged(SimpleNamespace(flags=flags, photos=photos)) is flagged

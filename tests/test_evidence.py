"""What somebody answers about a case is kept as it was given: whose, what it said, and what it says in the journal."""

import json

import pytest

from app.base import journal
from app.base.database import db
from app.review.models import CaseEvidence
from tests.browser import LOOKED_AT
from tests.desk import a_case, nik_of, officer

OTHER_NIK = "3574014505900099"


@pytest.fixture
def case(app, time) -> str:
    return a_case(app)


@pytest.fixture
def rina(app, case):
    somebody = officer(app, "rina", "petugas")
    somebody.opens_case(case)
    return somebody


def compared(app, case: str) -> list[bool]:
    """For each time a NIK was compared: was it the same."""
    with app.app_context():
        lines = journal.lines_about("application", case)
        return [json.loads(line.detail)["equal"] for line in lines if line.action == "nik_compared"]


def test_each_nik_that_is_typed_is_journalled_once_with_what_came_out(app, case, rina):
    rina.sends_act(case, "draf", check_ktp="ya")
    assert compared(app, case) == []
    rina.sends_act(case, "nik", nik_read=OTHER_NIK)
    rina.sends_act(case, "nik", nik_read=OTHER_NIK)
    rina.sends_act(case, "nik", nik_read=nik_of(1))
    assert compared(app, case) == [False, True]


def test_the_nik_that_was_read_says_where_it_was_given_out_first(case, rina):
    assert "Pertama terbit di Kademangan, Kota Probolinggo" in rina.sends_act(case, "nik", nik_read=nik_of(1)).text


def test_a_nik_that_nobody_typed_is_not_one_that_nobody_can_read(case, rina):
    unreadable = "NIK pada foto KTP tidak terbaca"
    assert unreadable not in rina.opens_case(case).text
    assert unreadable not in rina.sends_act(case, "draf", check_ktp="ya").text
    assert unreadable in rina.sends_act(case, "nik", nik_unreadable="y").text
    assert unreadable not in rina.sends_act(case, "nik", nik_read=nik_of(1)).text


def test_a_nik_typed_beside_the_answer_that_it_cannot_be_read_was_read(case, rina):
    page = rina.sends_act(case, "nik", nik_read=nik_of(1), nik_unreadable="y")
    assert "sama dengan isian" in page.text and "tidak terbaca" not in page.soup.select_one("#bukti-nik").get_text()


def test_answers_that_nobody_offers_are_not_kept(app, case, rina):
    rina.sends_act(case, "draf", check_face="barangkali", check_ktp="ya", siak="besok")
    with app.app_context():
        row = db.session.scalar(db.select(CaseEvidence))
        assert (row.answers, row.siak) == ({"ktp": "ya"}, "")


def test_a_sentence_is_kept_sealed_and_not_longer_than_its_field_takes(app, case, rina):
    rina.sends_act(case, "draf", check_signature="tidak_pasti", why_signature="Goresannya " + "tipis " * 60)
    kept = rina.opens_case(case).soup.select_one("#why_signature")["value"]
    assert kept.startswith("Goresannya tipis tipis") and len(kept) == 300
    with app.app_context():
        assert b"tipis" not in db.session.scalar(db.select(CaseEvidence.sentences_sealed))


def test_who_answers_nothing_reads_what_was_found_last(app, time, case, rina):
    rina.sends_act(case, "nik", nik_read=nik_of(1))
    assert rina.sends_act(case, "lengkap", **LOOKED_AT).status == 200
    time.moves(minutes=5)
    bayu = officer(app, "bayu")
    bayu.opens_case(case)
    bayu.sends_act(case, "nik", nik_read=OTHER_NIK)
    told = officer(app, "sri", "supervisor").opens_case(case).soup.select_one("#bukti-nik").get_text()
    assert "2 angka pada foto KTP berbeda dengan isian." in told


def test_what_speaks_against_an_act_is_told_before_what_was_not_looked_at_yet(app, time, case, rina):
    rina.sends_act(case, "draf", check_signature="tidak")
    told = rina.opens_case(case).soup.select_one("#belum").get_text(" ", strip=True)
    assert told.startswith("Belum dapat dinyatakan lengkap: Anda menjawab Tidak pada:"), told
    time.moves(minutes=30)
    bayu = officer(app, "bayu")
    bayu.opens_case(case)
    bayu.sends_act(case, "draf", check_signature="ya")
    beside = bayu.opens_case(case).soup.select_one("#aside-signature").get_text(" ", strip=True)
    assert beside.endswith(": Tidak berbeda"), "who answers otherwise reads it after the own answer"

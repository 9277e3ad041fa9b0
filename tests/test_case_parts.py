"""What the page of a case shows of the answers, and to whom; and what else is known of the person."""

from types import SimpleNamespace

from app.base import clock
from app.base.database import db
from app.registration.personal import open_personal
from app.review import case_parts
from app.review.checklist import DIFFERS, EQUAL, NAMES, NIK, NO, UNREADABLE, UNSURE, YES
from app.review.evidence import Evidence
from tests.desk import a_case, nik_of
from tests.test_evidence_kept import ALL_YES, OTHER_NIK, case  # noqa: F401

# ruff: noqa: F811 - a fixture is imported and named as argument


def test_both_numbers_stand_side_by_side_once_one_was_read_and_masked_for_who_reads_masked(case):
    row = case.row()
    person = open_personal(row)

    def shown(known: Evidence, is_open: bool = True):
        return case_parts.nik_evidence(row, person, known, is_open)

    nothing = shown(Evidence())
    assert (nothing.read, nothing.declared, nothing.is_unreadable, nothing.is_equal) == ("", "", False, False)
    assert shown(Evidence(answers={NIK: UNSURE})).is_unreadable
    equal = shown(Evidence(nik_of(1)))
    assert (equal.read, equal.declared, equal.differing, equal.sex) == (nik_of(1), nik_of(1), (), "perempuan")
    assert equal.is_equal and not equal.is_unreadable
    assert (equal.born.isoformat(), "Kademangan" in equal.region) == ("1990-05-05", True)
    differs = shown(Evidence(OTHER_NIK), is_open=False)
    assert differs.differing and not differs.is_equal and (differs.born, differs.region) == (None, "")
    assert nik_of(1) not in (differs.declared, differs.read) and differs.read != OTHER_NIK


def test_the_answers_of_others_are_shown_after_ones_own(case, time):
    case.keeps("bayu", read=nik_of(1), ktp=NO)
    page = case_parts.answers_page(case.row(), case.person("rina"))
    aside = page.asides["ktp"]
    assert (aside.theirs, aside.is_closed, aside.differs) == ((), True, False)
    assert page.asides["name"].is_closed is False and not page.may_ask_second
    time.moves(minutes=1)
    case.keeps("rina", ktp=YES)
    page = case_parts.answers_page(case.row(), case.person("rina"))
    aside = page.asides["ktp"]
    assert (aside.theirs, aside.is_closed, aside.differs, aside.needs_sentence) == (
        (("Bayu Contoh", "Tidak"),), False, True, True,
    )
    assert page.asides[NIK].is_closed and page.may_ask_second and not page.asks_siak and not page.is_alone
    reader = SimpleNamespace(id=case.staff["sri"], role="supervisor", jabatan="")
    page = case_parts.answers_page(case.row(), reader)
    assert page.asides["ktp"].theirs == (("Bayu Contoh", "Tidak"), ("Rina Contoh", "Ya"))
    assert page.asides[NIK].theirs == (("Bayu Contoh", "sama dengan isian"),) and not page.asides[NIK].is_closed


def test_siak_is_asked_of_who_decides_and_read_afterwards(case):
    asked = {}
    for status in ("submitted", "complete", "returned", "active"):
        case.becomes(status=status)
        asked[status] = case_parts.answers_page(case.row(), case.person("rina")).asks_siak
    assert asked == {"submitted": False, "complete": True, "returned": True, "active": True}
    case.becomes(status="active")
    case.becomes(status="complete")
    case.keeps("bayu", read=nik_of(1), siak="unavailable", **{**ALL_YES, "flags": YES})
    page = case_parts.answers_page(case.row(), case.person("bayu"))
    assert page.is_provisional and page.missing == ()


def test_what_speaks_against_an_act_stands_before_what_was_not_looked_at_yet(case):
    case.becomes(status="complete")
    case.keeps("rina", signature=NO)
    missing = case_parts.answers_page(case.row(), case.person("rina")).missing
    assert missing[0].startswith("Anda menjawab Tidak pada:")
    assert all(text.startswith(("Ketik ", "Jawab: ", "Pilih ")) for text in missing[1:]) and len(missing) >= 6


def test_other_registrations_of_the_same_person_are_told_with_what_they_share(app, case, time):
    time.moves(hours=1)
    same_phone = a_case(app, 2, kk_number="3574014505909999")
    time.moves(hours=1)
    same_kk = a_case(app, 3, whatsapp_number="081200005555")
    a_case(app, 4, kk_number="3574014505908888", whatsapp_number="081200006666")  # shares nothing
    db.session.remove()
    told = {other.id: other for other in case_parts.others_of_person(case.row())}
    assert told.keys() == {same_phone, same_kk}
    assert told[same_phone].same == ("nomor WhatsApp",)
    assert told[same_kk].same == ("Nomor KK",)
    assert [other.id for other in case_parts.others_of_person(case.row())] == [same_kk, same_phone], "the newest first"
    assert told[same_kk].label.office == "Baru" and told[same_kk].sent_at == clock.now()
    erased = SimpleNamespace(id=case.id, nik_index=None, kk_index=None, phone_index=None)
    assert case_parts.others_of_person(erased) == ()


def test_flags_hints_and_answers_are_said_in_words():
    for code, words in case_parts.OTHER_FLAGS.items():
        assert case_parts.flag_text(code) == words and " " in words
    assert case_parts.OTHER_FLAGS.keys() == {
        "NIK_SUDAH_PUNYA_AKUN", "NIK_DIAJUKAN_LAGI", "NOMOR_DIPAKAI_BANYAK", "KK_DIPAKAI_BANYAK", "FOTO_SAMA",
    }
    known = next(iter(case_parts.FLAG_TEXT))
    assert case_parts.flag_text(known) == case_parts.FLAG_TEXT[known] and case_parts.flag_text("LAIN") == "LAIN"
    hints = [case_parts.hint_text("ktp", hint).rpartition(" tampak ")[2] for hint in case_parts.HINTS]
    assert hints == ["kurang tajam.", "gelap.", "silau.", "pucat."]
    assert case_parts.SEXES == {"L": "laki-laki", "P": "perempuan", None: "jenis kelamin tidak terbaca"}
    said = {EQUAL: "sama dengan isian", DIFFERS: "beda dengan isian", UNREADABLE: "tidak terbaca", YES: "Ya",
            NO: "Tidak", UNSURE: "Tidak pasti", "found": "Cocok", "unavailable": "Tidak dapat dibuka"}
    assert said.items() <= case_parts.WORDS.items() and NAMES[NIK] == "NIK pada KTP"

"""Everybody answers for himself: who declares does not decide, differences are settled, doubts go on to others."""

from sqlalchemy import select

from app.accounts.models import Staff
from app.base.database import db
from tests.browser import LOOKED_AT
from tests.desk import a_case, declare, nik_of, officer, row

POINTS = ("ktp", "name", "face", "card", "signature")
GOOD = {"nik_read": nik_of(1), "siak": "found", **{f"check_{point}": "ya" for point in POINTS}}


def test_who_declared_complete_does_not_decide_as_the_product_is_shipped(app, time):
    case, bayu = a_case(app), officer(app, "bayu")
    bayu.acts(case, "lengkap")
    assert "Keputusan dibuat oleh operator lain." in bayu.opens_case(case).text
    for act, data in (("setujui", GOOD), ("tolak", {"ground": "BUKAN_WARGA_KOTA", "confirm": "ya"})):
        bayu.opens_case(case)
        assert bayu.sends_act(case, act, **data).status == 403
    bayu.sees_queue()
    assert "Tidak ada berkas yang menunggu Anda" in bayu.send("/petugas/berikutnya", {}).text
    assert officer(app, "hendra").acts(case, "setujui").status == 200 and row(app, case).status == "active"


def test_on_a_day_the_supervisor_opened_one_person_decides_with_a_reason_the_supervisor_reads(app, time):
    case, bayu, sri = a_case(app), officer(app, "bayu"), officer(app, "sri", "supervisor")
    bayu.acts(case, "lengkap")
    sri.open("/petugas/satu-orang")
    refused = sri.send("/petugas/satu-orang", {"day": "2026-11-22", "reason": ""})
    assert refused.status == 422 and "Tulis mengapa hanya satu orang yang bertugas." in refused.text
    sri.send("/petugas/satu-orang", {"day": "2026-11-23", "reason": "Yang lain sakit."})
    bayu.opens_case(case)
    page = bayu.sends_act(case, "setujui", **GOOD)
    assert page.status == 422 and "Tulis mengapa Anda sendiri yang menyatakan lengkap dan memutuskan." in page.text
    bayu.opens_case(case)
    ground = {"ground": "BUKAN_WARGA_KOTA", "confirm": "ya"}
    assert bayu.sends_act(case, "tolak", **ground).status == 422
    bayu.opens_case(case)
    assert bayu.sends_act(case, "setujui", **GOOD, why_alone="Hari ini saya sendiri.").status == 200
    assert row(app, case).status == "active"
    told = sri.open("/petugas/").text
    assert "1 keputusan dalam 7 hari dibuat oleh orang yang juga menyatakan lengkap." in told
    assert "Hari ini saya sendiri." in sri.open("/petugas/satu-orang").text


def test_the_next_day_two_people_are_needed_again(app, time):
    case, bayu, sri = a_case(app), officer(app, "bayu"), officer(app, "sri", "supervisor")
    sri.open("/petugas/satu-orang")
    sri.send("/petugas/satu-orang", {"day": "2026-11-23", "reason": "Yang lain sakit."})
    bayu.acts(case, "lengkap")
    time.moves(days=1)
    again = officer(app, "bayu")
    again.opens_case(case)
    assert again.sends_act(case, "setujui", **GOOD, why_alone="Masih sendiri.").status == 403


# -- own answers --


def test_who_decides_starts_with_an_empty_list_and_reads_the_nik_on_the_card_himself(app, time):
    case = a_case(app)
    declare(app, case)
    page = officer(app, "bayu").opens_case(case)
    assert not page.soup.select("#periksa input:checked") and nik_of(1) not in str(page.soup)
    asides = {one["id"]: one.get_text(" ", strip=True) for one in page.soup.select(".aside")}
    assert asides["aside-face"] == asides["aside-nik"] == "jawaban lain tertutup"
    assert asides["aside-siak"] == ""


def test_the_first_persons_answer_opens_after_ones_own_and_a_difference_is_marked_and_settled(app, time):
    case = a_case(app)
    declare(app, case)
    bayu = officer(app, "bayu")
    bayu.opens_case(case)
    page = bayu.sends_act(case, "draf", check_face="tidak_pasti", check_ktp="ya")
    assert page.soup.select_one("#aside-ktp b").get_text() == "sama"
    assert page.soup.select_one("#aside-face b").get_text() == "berbeda"
    assert page.soup.select_one("#aside-name").get_text() == "jawaban lain tertutup"
    refused = bayu.sends_act(case, "setujui", **GOOD)
    assert refused.status == 422 and "tulis satu kalimat mengapa jawaban Anda tetap begitu" in refused.text
    bayu.opens_case(case)
    done = bayu.sends_act(case, "setujui", **GOOD, why_face="Diperbesar, tahi lalat dan telinga sama.")
    assert done.status == 200 and row(app, case).status == "active"


def test_answers_given_with_a_refused_approval_stay_given(app, time):
    """Otherwise the answers of the first person would be seen and one's own given anew, unmarked."""
    case = a_case(app)
    declare(app, case)
    bayu = officer(app, "bayu")
    bayu.opens_case(case)
    assert bayu.sends_act(case, "setujui", **{**GOOD, "check_name": "tidak"}).status == 422
    bayu.opens_case(case)
    assert bayu.sends_act(case, "setujui", **GOOD).status == 422
    assert row(app, case).status == "complete"


def test_the_page_without_scripts_and_the_fragment_for_scripts_say_the_same(app, time):
    case = a_case(app)
    declare(app, case)
    bayu = officer(app, "bayu")
    page = bayu.opens_case(case)
    data = {name: page.field(name) for name in ("csrf_token", "version", "claim_token")}
    answer = bayu.client.post(f"/petugas/pendaftaran/{case}/draf", data={**data, **GOOD, "siak": "unavailable"},
                              headers={"HX-Request": "true"})
    assert 'id="aside-face" hx-swap-oob="true"' in answer.text and "Setujui sementara" in answer.text
    page = bayu.opens_case(case)
    assert page.soup.select_one("#tombol-utama").get_text() == "Setujui sementara"
    assert "akun dibuat sementara" in page.soup.select_one("#belum").get_text()


# -- a second person --


def test_who_is_not_sure_hands_the_case_to_a_second_person_who_answers_for_himself(app, time):
    case = a_case(app)
    rina, dewi = officer(app, "rina", "petugas"), officer(app, "dewi", "petugas")
    with app.app_context():
        dewi_id = db.session.scalar(select(Staff.id).where(Staff.username == "dewi"))
    rina.opens_case(case)
    unsure = {**GOOD, "check_face": "tidak_pasti", "siak": ""}
    assert rina.sends_act(case, "lengkap", **unsure).status == 422
    rina.opens_case(case)
    asked = rina.sends_act(case, "orang-kedua", **unsure, second_to=dewi_id, second_what="Wajahnya sama?")
    assert asked.status == 200 and "Orang kedua diminta." in asked.text
    assert "Orang lain yang melanjutkan." in rina.opens_case(case).text
    assert rina.sends_act(case, "lengkap", **GOOD).status == 403, "a doubt is not answered by who had it"
    assert len(dewi.open("/petugas/?tab=orang-kedua").soup.select("td a.number")) == 1
    assert not rina.open("/petugas/?tab=orang-kedua").soup.select("td a.number")
    page = dewi.opens_case(case)
    assert "Wajahnya sama?" in page.text and not page.soup.select("#periksa input:checked")
    refused = dewi.sends_act(case, "lengkap", **GOOD)
    assert refused.status == 422, "the two differ, so she says why"
    dewi.opens_case(case)
    assert dewi.sends_act(case, "lengkap", **GOOD, why_face="Sama, hanya lebih tua.").status == 200
    assert row(app, case).status == "complete"
    assert not dewi.open("/petugas/?tab=orang-kedua").soup.select("td a.number")


def test_without_a_doubt_nobody_is_asked_and_only_of_those_who_may_go_on(app, time):
    case = a_case(app)
    declare(app, case)
    bayu, rina = officer(app, "bayu"), officer(app, "rina", "petugas")
    bayu.opens_case(case)
    assert bayu.sends_act(case, "orang-kedua", **GOOD).status == 422
    bayu.opens_case(case)
    unsure = {**GOOD, "check_card": "tidak_pasti"}
    nobody = bayu.sends_act(case, "orang-kedua", **unsure)
    assert nobody.status == 422 and "Tidak ada petugas lain yang dapat melanjutkan berkas ini." in nobody.text
    officer(app, "hendra")
    with app.app_context():
        rina_id = db.session.scalar(select(Staff.id).where(Staff.username == "rina"))
    bayu.opens_case(case)
    assert bayu.sends_act(case, "orang-kedua", **unsure, second_to=rina_id).status == 422
    assert rina.opens_case(case).status == 200
    bayu.opens_case(case)
    assert bayu.sends_act(case, "orang-kedua", **unsure).status == 200
    assert len(officer(app, "hendra").open("/petugas/?tab=orang-kedua").soup.select("td a.number")) == 1
    assert not rina.open("/petugas/?tab=orang-kedua").soup.select("td a.number"), "a petugas does not decide"


def test_an_unreadable_nik_is_an_answer_of_its_own(app, time):
    case, rina = a_case(app), officer(app, "rina", "petugas")
    officer(app, "dewi", "petugas")
    rina.opens_case(case)
    page = rina.sends_act(case, "nik", nik_unreadable="y")
    assert "NIK pada foto KTP tidak terbaca" in page.text and nik_of(1) not in str(page.soup)
    assert page.soup.select_one("#r-KTP_BURAM").has_attr("checked")
    assert rina.sends_act(case, "lengkap", **{**LOOKED_AT, "siak": ""}).status == 422
    rina.opens_case(case)
    assert rina.sends_act(case, "orang-kedua").status == 200

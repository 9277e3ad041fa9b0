"""One case, one person: who opens it first holds it, lets go by itself, and is never overruled silently."""

import pytest
from sqlalchemy import select

from app.accounts.models import SignIn
from app.base.database import db
from tests.browser import LOOKED_AT, Officer
from tests.builders import add_staff, sign_in_staff
from tests.crowd import at_once
from tests.desk import a_case, journalled, messages, name_staff, nik_of, officer, row

CASE = "/petugas/pendaftaran/{}"


def beats(person: Officer, application_id: str, active: bool) -> str:
    """What the open page hears when it asks who holds the case."""
    data = {name: person.page.field(name) for name in ("csrf_token", "claim_token")}
    answer = person.client.post(f"{CASE.format(application_id)}/denyut", data={**data, "active": str(int(active))})
    assert answer.status_code == 200
    return answer.text


def is_off(person: Officer) -> bool:
    """Whether the button of the main act cannot be pressed."""
    button = person.page.soup.select_one("[data-ask]")
    return button is None or button.has_attr("disabled")


def test_who_opens_a_free_case_holds_it_and_everybody_else_reads(app, time):
    application_id = a_case(app)
    rina, dewi = officer(app, "rina", "petugas"), officer(app, "dewi", "petugas")
    name_staff(app, "rina", "Rina Contoh")
    rina.opens_case(application_id)
    assert not is_off(rina)
    page = dewi.opens_case(application_id)
    assert "Sedang diperiksa Rina Contoh" in page.text and is_off(dewi)
    assert page.soup.select_one("#check_ktp").has_attr("disabled")
    assert "SITI CONTOH AMINAH" in page.text


def test_a_claim_makes_no_new_version_of_the_case(app, time):
    application_id = a_case(app)
    before = row(app, application_id).version
    officer(app, "rina").opens_case(application_id)
    assert row(app, application_id).version == before


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_of_six_people_at_once_one_takes_the_case_and_decides(request, which):
    app = request.getfixturevalue(which)
    application_id = a_case(app)
    for i in range(6):
        add_staff(app, f"op{i}", "operator")
    people = [Officer(sign_in_staff(app.test_client(), f"op{i}")) for i in range(6)]
    assert at_once(lambda person: person.opens_case(application_id).status, people) == [200] * 6
    assert sum(not is_off(person) for person in people) == 1

    def declare(person: Officer) -> int:
        form = {name: person.page.field(name) for name in ("csrf_token", "version", "claim_token")}
        answer = person.client.post(
            f"{CASE.format(application_id)}/lengkap", data={**form, **LOOKED_AT, "nik_read": nik_of(1)}
        )
        return answer.status_code

    assert sorted(at_once(declare, people)) == [303] + [409] * 5
    assert journalled(app, application_id).count("application_declare_complete") == 1
    assert [template for template, _ in messages(app)].count("berkas_lengkap") == 1


def test_ten_idle_minutes_let_go_and_whoever_comes_late_loses_nothing_typed(app, time):
    application_id = a_case(app)
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    name_staff(app, "dewi", "Dewi Contoh")
    rina.opens_case(application_id)
    time.moves(minutes=10)
    dewi.opens_case(application_id)
    assert not is_off(dewi)
    late = rina.sends_act(
        application_id, "kembalikan", reasons=["KTP_BURAM"], note_KTP_BURAM="Bagian kiri gelap sekali."
    )
    assert late.status == 409
    assert "Sekarang dipegang Dewi Contoh" in late.text and "Bagian kiri gelap sekali." in late.text
    assert "Foto KTP buram" in late.text
    assert row(app, application_id).status == "submitted"


def test_late_for_a_decision_one_reads_who_decided_what_and_when(app, time):
    application_id = a_case(app)
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    name_staff(app, "dewi", "Dewi Contoh")
    rina.opens_case(application_id)
    time.moves(minutes=11)
    dewi.acts(application_id, "kembalikan", reasons=["KTP_BURAM"])
    late = rina.sends_act(application_id, "lengkap", **LOOKED_AT, nik_read=nik_of(1))
    assert late.status == 409
    assert "Menunggu pemohon oleh Dewi Contoh" in late.text and "pukul 10.11 WIB" in late.text
    assert nik_of(1) in late.text and "Foto KTP utuh, asli, dan terbaca" in late.text


def test_a_pause_in_which_nobody_took_the_case_costs_nothing(app, time):
    application_id = a_case(app)
    rina = officer(app, "rina")
    rina.opens_case(application_id)
    time.moves(minutes=25)
    done = rina.sends_act(application_id, "lengkap", **LOOKED_AT, nik_read=nik_of(1))
    assert done.status == 200 and row(app, application_id).status == "complete"


def test_an_open_page_holds_the_case_only_while_somebody_works_on_it(app, time):
    application_id = a_case(app)
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    rina.opens_case(application_id)
    for _ in range(2):
        time.moves(minutes=8)
        assert "Anda pegang" in beats(rina, application_id, active=True)
        dewi.opens_case(application_id)
        assert is_off(dewi)
    for _ in range(5):
        time.moves(minutes=2)
        told = beats(rina, application_id, active=False)
    assert "Berkas dilepas karena 10 menit tidak ada kegiatan" in told
    assert "Anda pegang" in beats(rina, application_id, active=True), "who comes back goes on"


def test_the_page_that_asks_by_itself_does_not_prolong_the_session(app, time):
    application_id = a_case(app)
    rina = officer(app, "rina")
    rina.opens_case(application_id)

    def seen_at():
        with app.app_context():
            return db.session.scalar(select(SignIn.seen_at))

    before = seen_at()
    time.moves(minutes=5)
    beats(rina, application_id, active=True)
    rina.client.get(f"{CASE.format(application_id)}/pegangan")
    rina.client.get("/petugas/hitungan")
    assert seen_at() == before


def test_a_second_tab_of_the_same_person_does_not_cut_off_the_first(app, time):
    application_id = a_case(app)
    rina = officer(app, "rina")
    first = rina.opens_case(application_id).field("claim_token")
    time.moves(minutes=3)
    assert rina.opens_case(application_id).field("claim_token") == first


def test_letting_go_frees_the_case_at_once(app, time):
    application_id = a_case(app)
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    rina.opens_case(application_id)
    rina.sends_act(application_id, "lepas")
    dewi.opens_case(application_id)
    assert not is_off(dewi)


def test_a_supervisor_takes_over_with_a_reason_and_the_notes_stay(app, time):
    application_id = a_case(app)
    rina, dewi, sri = officer(app, "rina"), officer(app, "dewi"), officer(app, "sri", "supervisor")
    name_staff(app, "sri", "Sri Contoh")
    dewi_id = name_staff(app, "dewi", "Dewi Contoh")
    rina.opens_case(application_id)
    rina.sends_act(application_id, "draf", case_note="Menunggu telepon pemohon.", check_ktp="ya")
    sri.opens_case(application_id)
    assert sri.sends_act(application_id, "ambil-alih", to=dewi_id).status == 422
    sri.sends_act(application_id, "ambil-alih", to=dewi_id, reason="Rina sakit hari ini.")
    told = beats(rina, application_id, active=True)
    assert "Sri Contoh mengambil alih berkas ini:" in told and "Rina sakit hari ini." in told
    page = dewi.opens_case(application_id)
    assert not is_off(dewi) and page.field("case_note") == "Menunggu telepon pemohon."
    assert not page.soup.select_one("#check_ktp-ya").has_attr("checked"), "everybody answers for himself"
    assert rina.sends_act(application_id, "lengkap", **LOOKED_AT).status == 409
    assert "claim_taken_over" in journalled(app, application_id)


def test_taking_over_is_for_supervisors_and_goes_to_those_who_may_work_on_it(app, time):
    application_id = a_case(app)
    rina, sri = officer(app, "rina"), officer(app, "sri", "supervisor")
    officer(app, "agus", "admin")
    rina.opens_case(application_id)
    assert rina.sends_act(application_id, "ambil-alih", reason="Saya mau.").status == 403
    sri.opens_case(application_id)
    admin_id = name_staff(app, "agus", "Agus Contoh")
    assert sri.sends_act(application_id, "ambil-alih", to=admin_id, reason="Coba.").status == 403
    assert rina.opens_case(application_id).field("claim_token"), "the claim is as it was"


def test_the_holder_hands_a_case_to_a_colleague(app, time):
    application_id = a_case(app)
    rina, dewi = officer(app, "rina"), officer(app, "dewi")
    dewi_id = name_staff(app, "dewi", "Dewi Contoh")
    rina.opens_case(application_id)
    rina.sends_act(application_id, "serahkan", to=dewi_id)
    dewi.opens_case(application_id)
    assert not is_off(dewi)
    rina.opens_case(application_id)
    assert is_off(rina)


def test_a_petugas_reads_a_complete_case_and_leaves_it_free(app, time):
    application_id = a_case(app)
    petugas = officer(app, "rina", "petugas")
    petugas.acts(application_id, "lengkap")
    petugas.opens_case(application_id)
    assert row(app, application_id).claimed_by is None


def test_a_resident_corrects_nothing_once_somebody_looks(app, time):
    application_id = a_case(app)
    officer(app, "rina", "petugas").opens_case(application_id)
    assert row(app, application_id).taken_up_at is not None

"""The acts on one case: evidence before them, the message before it goes, a minute to think again."""

import pytest

from app.accounts.models import Citizen
from app.base.database import db
from app.messages import dispatcher
from app.messages.choose_gateway import gateway
from tests.browser import LOOKED_AT, Resident
from tests.desk import a_case, declare, journalled, messages, name_staff, nik_of, officer, row

OTHER_NIK = "3574014505900099"


@pytest.fixture
def operator(app, time):
    return officer(app, "bayu")


@pytest.fixture
def case(app, time) -> str:
    return a_case(app)


def status_of(app, application_id: str) -> str:
    return row(app, application_id).status


def citizens(app) -> int:
    with app.app_context():
        return db.session.scalar(db.select(db.func.count()).select_from(Citizen))


def test_the_nik_of_the_form_stays_hidden_until_the_one_on_the_card_is_typed(operator, case):
    page = operator.opens_case(case)
    assert nik_of(1) not in str(page.soup)
    page = operator.sends_act(case, "nik", nik_read=nik_of(1))
    assert "sama dengan isian" in page.text and nik_of(1) in page.text
    assert "5 Mei 1990, perempuan" in page.text and "Kota Probolinggo" in page.text


def test_every_photo_carries_who_looks_at_it_and_when(app, operator, case):
    name_staff(app, "bayu", "Bayu Contoh")
    marks = operator.opens_case(case).soup.select(".frame .mark")
    said = "Hanya untuk memeriksa pendaftaran · Bayu Contoh · Sen, 23 Nov 2026 10.00"
    assert [" ".join(mark.get_text().split()) for mark in marks] == [said] * 4


def test_digits_that_differ_are_marked_and_the_reason_is_proposed(app, operator, case):
    operator.opens_case(case)
    page = operator.sends_act(case, "nik", nik_read=OTHER_NIK)
    assert "2 angka berbeda: angka ke-15, 16" in page.text
    assert [mark.get_text() for mark in page.soup.select("#bukti-nik mark")] == ["0", "1", "9", "9"]
    assert page.soup.select_one("#r-NIK_TIDAK_COCOK").has_attr("checked")
    assert operator.sends_act(case, "lengkap", **LOOKED_AT).status == 422
    assert status_of(app, case) == "submitted"


def test_comparing_by_htmx_changes_the_nik_part_alone(app, operator, case):
    page = operator.opens_case(case)
    data = {name: page.field(name) for name in ("csrf_token", "version", "claim_token")}
    answer = operator.client.post(
        f"/petugas/pendaftaran/{case}/nik", data={**data, "nik_read": nik_of(1)}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200 and answer.text.lstrip().startswith("<section") and nik_of(1) in answer.text


def test_what_was_not_looked_at_is_named_and_nothing_typed_is_lost(app, operator, case):
    operator.opens_case(case)
    page = operator.sends_act(case, "lengkap", check_face="ya", case_note="Lihat lagi besok.")
    assert page.status == 422
    summary = page.soup.select_one(".error-summary").get_text(" ")
    assert "Ketik NIK yang terbaca pada foto KTP." in summary and "Jawab: Tanda tangan ada dan serupa." in summary
    assert "SIAK" not in summary, "SIAK is asked before the decision only"
    assert page.soup.select_one("#check_face-ya").has_attr("checked")
    assert page.field("case_note") == "Lihat lagi besok."
    assert status_of(app, case) == "submitted"


def test_a_no_stops_the_declaration_and_proposes_the_reason(app, operator, case):
    operator.opens_case(case)
    answers = {**LOOKED_AT, "nik_read": nik_of(1), "check_signature": "tidak"}
    assert operator.sends_act(case, "lengkap", **answers).status == 422
    operator.sends_act(case, "draf", check_signature="tidak", check_face="tidak")
    page = operator.opens_case(case)
    assert page.soup.select_one("#r-TTD_TIDAK_JELAS").has_attr("checked")
    assert "Foto tanda tangan belum sesuai" in page.soup.select_one("#pratinjau").get_text()
    assert page.soup.select_one("#g-SELFIE_BEDA_ORANG").has_attr("checked")
    assert status_of(app, case) == "submitted"


def test_what_siak_shows_decides_whether_it_can_be_approved_and_is_journalled(app, operator, case):
    declare(app, case)
    assert operator.acts(case, "setujui", siak="moved").status == 422
    operator.opens_case(case)
    assert operator.sends_act(case, "setujui", **{**LOOKED_AT, "siak": "unavailable"}).status == 200
    assert status_of(app, case) == "active"
    assert journalled(app, case).count("evidence_given") == 2


def test_the_message_is_shown_before_it_goes(operator, case):
    page = operator.opens_case(case)
    assert "kami nyatakan lengkap pada" in page.soup.select_one(".peek .message").get_text()
    page = operator.sends_act(case, "pratinjau", reasons=["KTP_BURAM"], note_KTP_BURAM="Sisi kiri gelap.")
    shown = page.soup.select_one("#pratinjau").get_text()
    assert "Foto KTP kurang jelas." in shown and "Sisi kiri gelap" in shown
    assert page.soup.select_one("#r-KTP_BURAM").has_attr("checked")


def test_a_rejection_is_asked_twice(app, operator, case):
    operator.opens_case(case)
    asked = operator.sends_act(case, "tolak", ground="BUKAN_WARGA_KOTA", note="Terdaftar di Malang.")
    assert "Yakin menolak pendaftaran ini?" in asked.text and "Terdaftar di Malang" in asked.text
    assert status_of(app, case) == "submitted"
    operator.sends_act(case, "tolak", ground="BUKAN_WARGA_KOTA", note="Terdaftar di Malang.", confirm="ya")
    assert status_of(app, case) == "rejected"


@pytest.mark.parametrize(("act", "data", "reached", "restored"), [
    ("setujui", {}, "active", "complete"),
    ("tolak", {"ground": "BUKAN_WARGA_KOTA"}, "rejected", "complete"),
    ("kembalikan", {"reasons": ["KTP_BURAM"], "why_declared": "Saya salah lihat."}, "returned", "complete"),
])
def test_a_decision_is_taken_back_within_a_minute_and_no_message_goes(
    app, time, operator, case, act, data, reached, restored,
):
    declare(app, case)
    time.moves(seconds=90)
    due = row(app, case).due_at
    page = operator.acts(case, act, **data)
    assert status_of(app, case) == reached and "Salah tekan?" in page.text
    time.moves(seconds=59)
    with app.app_context():
        dispatcher.deliver_due()
    operator.opens_case(case)
    operator.sends_act(case, "batalkan")
    assert status_of(app, case) == restored and row(app, case).due_at == due
    assert citizens(app) == 0
    assert messages(app)[-1][1] == "cancelled"
    acts = [line for line in journalled(app, case) if line.startswith("application_")]
    assert len(acts) == 4 and acts[-1] == "application_take_back", "both acts stay in the journal"
    assert operator.acts(case, "setujui").status == 200, "the case can be decided anew"


def test_a_declaration_is_taken_back_too(app, time, operator, case):
    due = row(app, case).due_at
    operator.acts(case, "lengkap")
    operator.sends_act(case, "batalkan")
    now = row(app, case)
    assert (now.status, now.declared_complete_at, now.due_at) == ("submitted", None, due)
    assert sorted(messages(app)) == [("berkas_lengkap", "cancelled"), ("pendaftaran_diterima", "pending")]


def test_after_a_minute_the_message_goes_and_the_act_stays(app, time, operator, case):
    operator.acts(case, "lengkap")
    time.moves(seconds=61)
    with app.app_context():
        dispatcher.deliver_due()
        assert gateway()
    assert messages(app)[-1][1] != "pending"
    assert operator.sends_act(case, "batalkan").status == 409
    assert status_of(app, case) == "complete"


def test_nobody_takes_back_what_somebody_else_did(app, time, operator, case):
    operator.acts(case, "lengkap")
    hendra = officer(app, "hendra")
    page = hendra.opens_case(case)
    assert "Salah tekan?" not in page.text
    assert hendra.sends_act(case, "batalkan").status == 409


def test_returning_after_the_declaration_says_why_it_was_declared(app, operator, case):
    declare(app, case)
    operator.opens_case(case)
    refused = operator.sends_act(case, "kembalikan", reasons=["KTP_BURAM"])
    assert refused.status == 422 and "Tulis mengapa berkas ini dinyatakan lengkap." in refused.text
    operator.sends_act(case, "kembalikan", reasons=["KTP_BURAM"], why_declared="Saya salah lihat.")
    assert status_of(app, case) == "returned"
    assert journalled(app, case).count("returned_after_declaration") == 1
    assert "Foto KTP: Foto KTP buram" in operator.opens_case(case).soup.select_one(".log").get_text()


def test_nobody_works_on_the_case_of_their_own_nik_or_kk(app, operator, case):
    other = a_case(app, 2)
    operator.open("/petugas/data-diri")
    operator.send("/petugas/data-diri", {"nik": nik_of(1), "kk_number": "3574010101100001"})
    assert "pendaftaran Anda sendiri" in operator.opens_case(case).text
    assert "tercantum dalam KK Anda" in operator.opens_case(other).text
    assert operator.sends_act(other, "lengkap", **LOOKED_AT, nik_read=nik_of(2)).status == 403
    operator.sees_queue()
    assert "Tidak ada berkas yang menunggu Anda" in operator.send("/petugas/berikutnya", {}).text


def test_own_numbers_are_kept_as_indexes_only(app, operator):
    operator.open("/petugas/data-diri")
    assert operator.send("/petugas/data-diri", {"nik": "12", "kk_number": ""}).status == 422
    operator.send("/petugas/data-diri", {"nik": nik_of(1), "kk_number": "3574010101100001"})
    with app.app_context():
        kept = db.session.execute(db.text("SELECT * FROM staff_kin")).one()
    assert nik_of(1) not in str(kept) and "3574010101100001" not in str(kept)


def test_supervisors_see_who_has_not_given_the_own_numbers_yet(app, operator):
    name_staff(app, "bayu", "Bayu Contoh")
    asked = "masih dapat diberi berkas keluarganya: Bayu Contoh."
    sri = officer(app, "sri", "supervisor")
    assert asked in sri.open("/petugas/angka").text
    operator.open("/petugas/data-diri")
    operator.send("/petugas/data-diri", {"nik": nik_of(1), "kk_number": "3574010101100001"})
    assert "keluarganya" not in sri.open("/petugas/angka").text


def test_a_resident_registered_at_the_counter_is_marked_and_decided_by_somebody_else(app, time):
    rina, bayu = officer(app, "rina"), officer(app, "bayu")
    name_staff(app, "rina", "Rina Contoh")
    rina.open("/petugas/loket")
    assert rina.send("/petugas/loket", {}).status == 422
    assert rina.send("/petugas/loket", {"notice": "y"}).heading == "Isi data warga"
    counter = Resident(rina.client)
    counter.open("/daftar/data")
    counter.fills_in(nik=nik_of(1))
    counter.sends_all_photos()
    assert "Serahkan nomor dan PIN kepada warga" in counter.confirms().text
    counter.send("/petugas/loket/selesai", {})
    assert counter.open("/daftar/selesai").heading != "Registrasi selesai", "nothing stays on the office's screen"
    with app.app_context():
        case = db.session.scalar(db.text("SELECT id FROM application WHERE status = 'submitted'"))
    assert "Anda yang mendaftarkan warga ini di meja layanan" in rina.opens_case(case).text
    assert rina.sends_act(case, "lengkap", **LOOKED_AT, nik_read=nik_of(1)).status == 403
    assert "Meja layanan: Rina Contoh" in bayu.opens_case(case).text
    assert bayu.sends_act(case, "lengkap", **LOOKED_AT, nik_read=nik_of(1)).status == 200


def test_oversight_reads_masked_and_sees_photos_after_saying_why(app, time, case):
    bayu, sri = officer(app, "bayu"), officer(app, "sri", "supervisor")
    bayu.opens_case(case)
    bayu.sends_act(case, "nik", nik_read=nik_of(1))
    page = sri.opens_case(case)
    assert "NIK pada foto KTP sama dengan isian." in page.text and "1990" not in page.text
    for secret in ("SITI CONTOH AMINAH", nik_of(1), "3574010101100001", "Contoh Mawar"):
        assert secret not in str(page.soup)
    photo = f"/petugas/pendaftaran/{case}/foto/ktp"
    assert sri.client.get(photo).status_code == 403
    assert sri.sends_act(case, "lihat-foto").status == 422
    sri.sends_act(case, "lihat-foto", photo_reason="Pengaduan atas berkas ini.")
    assert sri.client.get(photo).status_code == 200
    time.moves(minutes=16)
    assert sri.client.get(photo).status_code == 403
    assert journalled(app, case).count("photos_asked_for") == 1

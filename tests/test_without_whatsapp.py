"""Who has no WhatsApp is registered at the counter, and hears everything through a task of the office."""

import pytest
from sqlalchemy import select

from app.base.database import db
from app.messages import dispatcher
from app.messages.models import OutboxMessage
from app.registration.models import Application
from tests.browser import LOOKED_AT, Resident
from tests.builders import RESIDENT
from tests.desk import nik_of, officer
from tests.resident_pages import Follower, number_and_pin

# way -> (number typed, heading of the task, outcome, what the resident reads before, and afterwards)
WAYS = {
    "letter": ("", "Kirim surat", "posted", "Kami kirim dengan surat", "Surat sudah kami kirim"),
    "call": ("0335-421234", "Telepon pemohon", "told", "Kami sampaikan lewat telepon",
             "Sudah disampaikan lewat telepon"),
    "visit": ("", "Sampaikan saat warga datang", "came", "Kami sampaikan saat Anda datang ke kantor",
              "Sudah disampaikan di kantor"),
}


def registers(app, way: str, number: int = 1) -> str:
    """Id of a registration filed at the counter for somebody who is reached so."""
    rina = officer(app, "rina", "petugas")
    rina.open("/petugas/loket")
    rina.send("/petugas/loket", {"notice": "y", "reached_by": way})
    warga = Resident(rina.client)
    page = warga.open("/daftar/data")
    assert bool(page.soup.find(attrs={"name": "whatsapp_number"})) is (way == "call")
    warga.fills_in(nik=nik_of(number), whatsapp_number=WAYS[way][0])
    warga.sends_all_photos()
    receipt = warga.confirms()
    assert receipt.heading == "Registrasi selesai" and "WhatsApp" not in receipt.text.split("Bukti pendaftaran")[0]
    warga.send("/petugas/loket/selesai", {})
    with app.app_context():
        return db.session.scalar(select(Application.id).where(Application.reached_by == way))


def brings_messages(app, time) -> None:
    time.moves(minutes=2)
    with app.app_context():
        dispatcher.deliver_due()


@pytest.mark.parametrize("way", WAYS)
def test_every_result_becomes_a_task_and_the_resident_reads_what_became_of_it(app, time, way):
    number, heading, outcome, before, after = WAYS[way]
    case = registers(app, way)
    bayu, dewi = officer(app, "bayu", "petugas"), officer(app, "dewi")
    page = bayu.opens_case(case)
    assert "Kabar lewat" in page.text and "Nomor WhatsApp salah" not in page.text
    refused = bayu.acts(case, "kembalikan", reasons="NOMOR_WA_SALAH")
    assert refused.status == 422 and "Alasan ini tidak ada dalam daftar" in refused.text
    brings_messages(app, time)
    assert "Tidak ada yang perlu" in bayu.open("/petugas/telepon").text, "the receipt was given on paper"
    assert bayu.acts(case, "lengkap", nik_read=nik_of(1)).status == 200
    assert dewi.acts(case, "setujui", nik_read=nik_of(1), **LOOKED_AT).status == 200
    assert "Tidak ada yang perlu" in bayu.open("/petugas/telepon").text, "an act may be taken back for a minute"
    brings_messages(app, time)

    listed = bayu.open("/petugas/telepon")
    assert len(listed.soup.select("tbody tr")) == 2 and RESIDENT["full_name"] not in listed.text
    told = Follower(app.test_client())
    assert told.follows(*number_and_pin(app, case)).text.count(before) == 2
    for address in [link["href"] for link in listed.soup.select("tbody a")]:
        task = bayu.open(address)
        assert task.heading == heading and "WhatsApp ini" not in task.text
        if way == "letter":
            sheet = bayu.open(task.soup.find("a", string="Cetak surat")["href"])
            assert RESIDENT["full_name"] in sheet.text and "Ketapang" in sheet.text and nik_of(1) not in sheet.text
            assert "/t/" not in sheet.text, "a letter carries no link that opens a case"
            bayu.open(address)
        assert not number or number[-6:] in task.text.replace("-", "")
        assert bayu.sends_back(address, {"outcome": "wrong"}).status == 422
        bayu.sends_back(address, {"outcome": outcome})
    assert told.open(told.address).text.count(after) == 2
    assert "Tidak ada yang perlu" in bayu.open("/petugas/telepon").text


def test_nobody_elses_number_is_taken_and_two_without_one_share_nothing(app, time):
    first, second = registers(app, "letter"), registers(app, "visit", 2)
    with app.app_context():
        rows = [db.session.get(Application, case) for case in (first, second)]
        assert [row.phone_index for row in rows] == [None, None]
        assert not any("NOMOR_DIPAKAI_BANYAK" in row.flags for row in rows)
        sent = list(db.session.scalars(select(OutboxMessage)))
        assert {row.channel for row in sent} == {"letter", "visit"} and {row.state for row in sent} == {"cancelled"}


def test_an_account_without_a_number_gets_no_code_and_no_promise_of_one(app, time):
    case = registers(app, "letter")
    officer(app, "bayu", "petugas").acts(case, "lengkap", nik_read=nik_of(1))
    officer(app, "dewi").acts(case, "setujui", nik_read=nik_of(1), **LOOKED_AT)
    time.moves(minutes=2)
    warga = Resident(app.test_client())
    warga.open("/lupa-sandi")
    warga.send("/lupa-sandi", {"nik": nik_of(1)})
    with app.app_context():
        codes = db.session.scalars(select(OutboxMessage).where(OutboxMessage.template == "kode_reset_sandi"))
        assert {(row.state, row.error_code) for row in codes} <= {("cancelled", "no_phone_code")}


def test_a_way_that_is_not_offered_is_refused_beside_the_question(app):
    rina = officer(app, "rina", "petugas")
    rina.open("/petugas/loket")
    page = rina.send("/petugas/loket", {"notice": "y", "reached_by": "merpati"})
    assert page.status == 422 and "Pilih cara menyampaikan hasilnya." in page.text

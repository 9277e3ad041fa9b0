"""Sentences that promise something by a setting or a state say what is so now (docs/words-read.md)."""

from datetime import datetime

import pytest
from sqlalchemy import update

from app.base.clock import WIB
from app.base.database import transaction
from app.messages import states
from app.messages.models import OutboxMessage
from tests.complaints import Handler, a_ticket
from tests.desk import a_case, declare, nik_of, officer
from tests.resident_pages import Follower, number_and_pin
from tests.test_docs import ROOT

ANOTHER = {
    "promise_working_days = 1 ": "promise_working_days = 2 ",
    'public_domain = "dukcapilprobolinggokota.online"': 'public_domain = "akun.kota-lain.example"',
}


class TestAnotherCityFile:
    @pytest.fixture
    def extra_settings(self, tmp_path):
        text = (ROOT / "app" / "city.toml").read_text(encoding="utf-8")
        for old, new in ANOTHER.items():
            assert old in text, old
            text = text.replace(old, new)
        (tmp_path / "kota.toml").write_text(text, encoding="utf-8")
        return {"CITY_FILE": str(tmp_path / "kota.toml")}

    def test_days_and_address_are_those_of_the_city(self, app, time):
        resident = Follower(app.test_client())
        for page in ("/", "/daftar"):
            assert "2 hari kerja" in resident.open(page).text and "1 hari kerja" not in resident.page.text
        assert "hanya ada di akun.kota-lain.example" in resident.open("/cek-pesan").text
        case = a_case(app, 1)
        assert "Janji 2 hari kerja mulai" in officer(app, "petugas-lengkap", "petugas").opens_case(case).text
        declare(app, case, nik_of(1))
        time.moves(minutes=2)
        resident.follows(*number_and_pin(app, case))
        assert "Rabu, 25 November 2026" in resident.open("/lacak").text


def test_the_status_page_says_no_more_than_is_known(app, time):
    case = a_case(app, 1)
    resident = Follower(app.test_client())
    page = resident.follows(*number_and_pin(app, case))
    assert "Kantor sedang buka." in page.text and "sedang bekerja" not in page.text
    assert "Perkiraan antrean" in page.text and "giliran" not in page.text
    for state, words in ((states.FAILED, "Tidak terkirim lewat WhatsApp"), (states.UNKNOWN, "Belum pasti sampai")):
        with app.app_context(), transaction() as session:
            session.execute(update(OutboxMessage).values(state=state))
        assert words in resident.open("/lacak").text and "akan menghubungi" not in resident.page.text
    time.moment = datetime(2026, 11, 23, 20, 0, tzinfo=WIB)
    resident.follows(*number_and_pin(app, case))
    told = resident.open("/lacak").text
    assert "Kantor sedang tutup. Buka lagi Selasa, 24 November 2026 pukul 07.30 WIB" in told
    declare(app, case, nik_of(1))
    time.moves(minutes=2)
    told = resident.open("/lacak").text
    assert "menunggu keputusan" in told and "akun sedang dibuat" not in told


def test_who_may_not_is_not_told_to_try_again(app, staff_client):
    page = Handler(staff_client("petugas")).open("/petugas/jurnal")
    assert page.status == 403 and "bukan untuk peran Anda" in page.text and "coba lagi" not in page.text


def test_an_answer_nobody_is_sent_is_not_called_delivered(app, staff_client):
    petugas = Handler(staff_client("petugas"))
    ticket = a_ticket(app, "web", phone="")
    page = petugas.answers(ticket, within_the_minute=True)
    assert "Jawaban disimpan" in page.text
    assert not any(claim in page.text for claim in ("sudah disampaikan", "dikirim lewat", "Jawaban dikirim"))

"""The pages about messages: for the office, and for anybody who wonders whether one is from us."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.base import clock, jobs, journal
from app.base.database import db, transaction
from app.correspondence import calls
from app.correspondence.call_task import CallTask
from app.messages import channel, dispatcher, states
from app.messages.catalogue import MESSAGES
from app.messages.gateway import Accepted, Refused, Unclear
from app.messages.models import OutboxMessage
from tests.browser import Browser
from tests.messaging import FakeGateway, Outside, a_message, fake, message, officer, open_calls, use_gateway  # noqa: F401 (fixtures)


def failed_message(fake, code="63003") -> str:
    fake.outcomes = [Refused(code)]
    sent = a_message()
    dispatcher.deliver_due(limit=1)
    return sent


def test_the_list_shows_newest_first_without_name_number_or_text(officer, fake):
    a_message()
    failed_message(fake)
    page = officer.open("/petugas/pesan")
    assert page.heading == "Pesan keluar"
    assert page.text.index("Gagal terkirim", page.text.index("Status Dibuat") if "Status Dibuat" in page.text else 0)
    assert "0812-••••-1001" in page.text
    assert not any(secret in page.text for secret in ("081200001001", "0812-0000-1001", "SITI", "Bapak/Ibu"))


def test_the_list_can_be_narrowed_to_one_state(officer, fake):
    failed_message(fake)
    for state in states.ALL:
        page = officer.open(f"/petugas/pesan?keadaan={state}")
        assert ("Akun aktif" in page.text) is (state == states.FAILED), state


def test_a_state_that_does_not_exist_is_not_found(officer):
    assert officer.client.get("/petugas/pesan?keadaan=x").status_code == 404


def test_the_list_has_pages(officer, fake):
    with transaction():
        for _ in range(60):
            a_message(inside=True)
    first = officer.open("/petugas/pesan")
    rows = first.soup.select("tbody tr")
    second = officer.open(first.soup.find("a", string="Berikutnya")["href"])
    links = [a["href"] for page in (first, second) for a in page.soup.select("tbody a")]
    assert (len(rows), len(set(links))) == (50, 60)


def test_reading_a_message_shows_its_text_and_is_journalled(officer, fake):
    sent = a_message()
    page = officer.open(f"/petugas/pesan/{sent}")
    assert "Siti C." in page.text and message(sent).check_code in page.text
    assert [line.action for line in journal.lines_about("message", sent)] == ["message_viewed"]


@pytest.mark.parametrize(("template", "variables", "secret"), [
    ("kode_reset_sandi", {"kode": "483920"}, "483920"),
    ("pengaduan_diterima", {"tiket": "ADU-2026-000123", "pin": "571846"}, "571846"),
    ("akun_aktif", {"nama": "SITI", "tautan": "https://loket.example/lacak/t/546dd9c95dca406e"}, "546dd9c95dca406e"),
])
def test_staff_never_see_what_opens_something_in_the_name_of_a_person(officer, fake, template, variables, secret):
    """Whoever could read a reset code here could take over the account."""
    fake.outcomes = [Refused("63003")]
    filled = {name: variables.get(name, "contoh") for name in MESSAGES[template].variables}
    sent = a_message(template, variables=filled)
    dispatcher.deliver_due()
    assert secret in fake.sent[0].text, "the person gets it"
    assert secret not in officer.open(f"/petugas/pesan/{sent}").text
    for task in open_calls():
        page = officer.open(f"/petugas/telepon/{task.id}")
        assert secret not in page.text
        assert "/lacak/t/" not in page.text, "what is said aloud is the address without its key"


@pytest.mark.parametrize("damage", [{"payload_sealed": b"rusak"}, {"template": "pesan_lama"}])
def test_a_message_that_cannot_be_opened_blocks_no_other_and_reaches_a_person(officer, fake, damage):
    broken, sound = a_message(), a_message()
    with transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == broken).values(**damage))
    dispatcher.deliver_due()
    assert (message(broken).state, message(broken).error_code) == (states.FAILED, "unreadable")
    assert message(sound).state == states.ACCEPTED
    for address in ("/petugas/pesan", "/petugas/telepon", f"/petugas/pesan/{broken}",
                    f"/petugas/telepon/{open_calls()[0].id}"):
        assert officer.open(address).status == 200


def test_the_thread_of_a_person_stands_beside_each_message(officer, fake):
    first, second, foreign = a_message(), a_message("berkas_lengkap", variables={
        "nama": "Siti", "kode": "7KMP-3QXR", "tgl_jam": "hari ini", "batas": "besok"}), a_message(to="+6281200009999")
    page = officer.open(f"/petugas/pesan/{first}")
    assert page.soup.find("a", href=f"/petugas/pesan/{second}")
    assert not page.soup.find("a", href=f"/petugas/pesan/{foreign}")


def test_a_failed_message_becomes_a_call_that_is_made_and_closed(officer, fake):
    sent = failed_message(fake)
    tasks = officer.open("/petugas/telepon")
    assert "Nomor tujuan tidak ditemukan di WhatsApp" in tasks.text
    assert "0812-0000-1001" not in tasks.text, "the list shows no whole number"
    address = tasks.soup.select_one("tbody a")["href"]
    task = officer.open(address)
    assert "0812-0000-1001" in task.text and "Siti C." in task.text and "sudah aktif" in task.text
    assert "Kode pesan" not in task.text
    head = officer.open("/petugas/").soup.select_one("#kepala-pesan")
    assert head.get_text().startswith("1"), "seen without looking for it"
    officer.open(address)
    assert officer.sends_back(officer.address, {"note": "x"}).status == 422
    assert officer.sends_back(officer.address, {"outcome": "no_answer"}).heading == "Telepon pemohon"
    assert calls.count_waiting() == 1, "nobody answered, so the task stays"
    officer.open(f"/petugas/telepon/{db.session.query(CallTask).one().id}")
    officer.sends_back(officer.address, {"outcome": "told", "note": "Ibu Siti menerima"})
    db.session.rollback()
    assert calls.count_waiting() == 0
    assert b"Siti" not in db.session.query(CallTask).one().note_sealed
    assert "Sudah disampaikan kepada pemohon" in officer.open(f"/petugas/pesan/{sent}").text
    outcomes = [line.detail for line in journal.lines_about("message", sent) if line.action == "applicant_called"]
    assert outcomes == ['{"outcome": "no_answer"}', '{"outcome": "told"}']


def test_the_second_officer_who_closes_a_call_is_told_so(officer, fake):
    failed_message(fake)
    task = db.session.query(CallTask).one().id
    officer.open(f"/petugas/telepon/{task}")
    officer.sends_back(f"/petugas/telepon/{task}", {"outcome": "told"})
    officer.open(f"/petugas/telepon/{task}")
    officer.open("/petugas/pesan")
    assert officer.sends_back(f"/petugas/telepon/{task}", {"outcome": "letter"}).status == 409
    db.session.rollback()
    assert db.session.query(CallTask).one().outcome == "told"


def test_staff_send_a_failed_message_again(officer, fake):
    sent = failed_message(fake)
    page = officer.open(f"/petugas/pesan/{sent}")
    officer.send(page.soup.find("form", action=re.compile("kirim-ulang"))["action"], {})
    assert message(sent).state == states.PENDING and message(sent).resends == 0
    dispatcher.deliver_due()
    assert message(sent).state == states.ACCEPTED


def test_a_message_on_its_way_is_not_sent_again(officer, fake):
    sent = a_message()
    dispatcher.deliver_due()
    page = officer.open(f"/petugas/pesan/{sent}")
    assert not page.soup.find("form", action=re.compile("kirim-ulang"))
    assert officer.send(f"/petugas/pesan/{sent}/kirim-ulang", {}).status == 409
    assert len(fake.sent) == 1


def test_a_person_may_decide_about_an_unknown_message_and_it_is_counted(officer, fake):
    fake.outcomes = [Unclear("read_timeout"), Accepted("SM" + "2" * 32)]
    sent = a_message()
    dispatcher.deliver_due()
    officer.open(f"/petugas/pesan/{sent}")
    officer.send(f"/petugas/pesan/{sent}/kirim-ulang", {})
    assert message(sent).resends == 1


def test_a_one_time_code_is_not_sent_again_by_staff(officer, fake):
    fake.outcomes = [Refused("63003")]
    sent = a_message("kode_reset_sandi", variables={"kode": "483920"})
    dispatcher.deliver_due()
    officer.open(f"/petugas/pesan/{sent}")
    assert officer.send(f"/petugas/pesan/{sent}/kirim-ulang", {}).status == 403


def test_staff_mark_a_message_as_told_by_phone(officer, fake):
    sent = a_message()
    dispatcher.deliver_due()
    officer.open(f"/petugas/pesan/{sent}")
    page = officer.send(f"/petugas/pesan/{sent}/sudah-disampaikan", {})
    assert "Sudah disampaikan kepada pemohon" in page.text
    assert calls.count_waiting() == 0


def test_a_stopped_channel_is_said_on_every_page_of_the_office(officer, fake, staff_client, monkeypatch):
    monkeypatch.setattr(channel, "KEPT_SECONDS", 0)
    failed_message(fake, "20003")
    for address in ("/petugas/pesan", "/petugas/telepon", "/petugas/"):
        assert "Akun Twilio menolak kunci kami" in officer.open(address).text, address
    assert not officer.open("/petugas/pesan").soup.find("form", action="/petugas/pesan/saluran")
    assert officer.send("/petugas/pesan/saluran", {}).status == 403
    admin = Browser(Outside(staff_client("admin")))
    page = admin.open("/petugas/pesan")
    assert page.soup.find("form", action="/petugas/pesan/saluran")
    assert not page.soup.select("table.list, a[href^='/petugas/pesan/']"), "an administrator reads no messages"
    admin.send("/petugas/pesan/saluran", {})
    dispatcher.deliver_due()
    assert "menolak kunci" not in admin.open("/petugas/pesan").text


def test_a_worker_that_is_behind_is_said_to_staff_and_to_readyz(officer, fake, monkeypatch):
    sent = a_message()
    assert officer.client.get("/readyz").status_code == 200
    later = clock.now() + timedelta(minutes=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "terlambat dikirim" in officer.open("/petugas/pesan").text
    answer = officer.client.get("/readyz")
    assert (answer.status_code, answer.json["worker"]) == (503, False)
    dispatcher.deliver_due()
    assert message(sent).state == states.ACCEPTED
    assert officer.client.get("/readyz").status_code == 200


def test_a_worker_that_fell_silent_is_noticed(officer, fake, monkeypatch):
    jobs.beat("worker-1")
    assert officer.client.get("/readyz").status_code == 200
    later = clock.now() + timedelta(minutes=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert officer.client.get("/readyz").status_code == 503


def test_the_list_counts_different_people_of_the_last_day_against_the_limit(officer, fake):
    for number in ("+6281200001001", "+6281200001001", "+6281200001002"):
        a_message(to=number)
    dispatcher.deliver_due()
    assert "2 dari batas 250 orang" in officer.open("/petugas/pesan").text


def test_strangers_are_led_to_the_sign_in(client):
    for address in ("/petugas/pesan", "/petugas/telepon", "/petugas/pesan/masuk", "/petugas/pesan/x"):
        assert client.get(address).location.startswith("/petugas/masuk"), address


def test_anybody_can_check_that_a_message_is_from_us(app_context, fake, client):
    sent = a_message()
    code = message(sent).check_code
    browser = Browser(Outside(client))
    assert "tidak kami kenal" in browser.open(f"/cek-pesan?kode={code}").text, "it has not left us yet"
    dispatcher.deliver_due()
    page = browser.open(f"/cek-pesan?kode={code.lower().replace('-', ' ')}")
    assert "Ya, kode ini dari kami" in page.text and "Akun aktif" in page.text and "1001" in page.text
    assert not any(secret in page.text for secret in ("0812-0000-1001", "SITI", "sudah aktif"))


def test_an_unknown_code_says_what_to_do(client):
    for typed in ("", "ABCD-EFGH", "x" * 500, "'; DROP TABLE--", "\u0661\u0662", "%00"):
        page = Browser(client).open("/cek-pesan", query_string={"kode": typed})
        assert page.status == 200 and "Yang tidak pernah kami minta" in page.text, typed
        assert ("tidak kami kenal" in page.text) is bool(typed), typed


def test_guessing_check_codes_is_limited(client):
    seen = [client.get("/cek-pesan?kode=ABCD-EFGH").status_code for _ in range(31)]
    assert seen[:30] == [200] * 30 and seen[30] == 429

"""The citizen's form through HTTP: progress, errors that keep what was typed, and sending once."""

import io
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.base.database import db
from app.messages.models import OutboxMessage
from app.registration.models import Application, Photo
from app.registration.personal import open_personal
from tests.browser import Resident
from tests.builders import CITIZEN_PASSWORD, PHOTO_SLUGS, RESIDENT, an_application, csrf_of, photo_files
from tests.crowd import at_once

HTMX = {"HX-Request": "true"}


@pytest.fixture
def resident(client):
    return Resident(client)


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def only(app, model):
    return db.session.scalars(select(model)).one()


def test_the_start_page_says_what_to_prepare_that_it_is_free_and_how_long_it_takes(resident):
    page = resident.open("/daftar")
    assert "GRATIS" in page.text
    assert "1 hari kerja" in page.text
    assert "pelindungan data pribadi" in page.text.lower()


def test_without_the_tick_no_draft_is_made(app, resident):
    resident.open("/daftar")
    assert resident.send("/daftar", {}).status == 422
    assert count(app, Application) == 0


def test_the_accepted_notice_is_kept_with_version_time_and_hash(app, resident):
    resident.starts()
    with app.app_context():
        draft = only(app, Application)
        assert draft.notice_version and len(draft.notice_hash) == 64 and draft.notice_accepted_at


def test_jumping_ahead_leads_to_the_first_unfinished_step(resident):
    resident.starts()
    for address in ("/daftar/ktp", "/daftar/selfie", "/daftar/periksa", "/daftar/selesai"):
        resident.open(address)
        assert resident.address.endswith("/daftar/data"), address


def test_without_a_draft_every_step_leads_to_the_start(client):
    for slug in ("data", "ktp", "tanda-tangan", "selfie", "periksa", "selesai"):
        answer = client.get(f"/daftar/{slug}")
        assert (answer.status_code, answer.location) == (303, "/daftar")


def test_back_always_works_and_shows_what_was_saved(resident):
    resident.starts()
    resident.fills_in()
    page = resident.open("/daftar/data")
    assert page.field("nik") == RESIDENT["nik"]
    assert page.field("address") == RESIDENT["address"]


def test_a_wrong_value_answers_422_and_keeps_everything_typed_but_the_password(resident):
    resident.starts()
    page = resident.fills_in(nik="357401")
    assert page.status == 422
    assert page.field("nik") == "357401"
    assert page.field("full_name") == RESIDENT["full_name"]
    assert page.field("new_password") == ""
    assert "NIK harus 16 angka" in page.text
    assert page.soup.title.get_text().startswith("Perlu diperbaiki:")
    assert page.soup.select_one(".error-summary a[href='#nik']")


def test_somebody_else_on_the_same_phone_begins_anew_and_the_first_goes_on_by_number_and_pin(app, resident):
    resident.starts()
    resident.fills_in()
    resident.open("/daftar/lanjut-nanti")
    number, pin = resident.number, resident.pin
    resident.open("/daftar")
    assert resident.send("/daftar", {"notice": "y"}).heading == "Foto KTP"
    offered = resident.open("/daftar").soup.find("a", string="Daftar untuk orang lain")
    page = resident.open(offered["href"])
    assert page.soup.find("a", href="/daftar/lanjut-nanti")
    assert resident.send("/daftar", {"fresh": page.field("fresh")}).field("fresh") == "ya"
    assert resident.send("/daftar", {"notice": "y", "fresh": page.field("fresh")}).heading == "Isi data Anda"
    assert resident.page.field("nik") == ""
    assert count(app, Application) == 2
    resident.open("/lacak")
    assert number in resident.send("/lacak", {"number": number, "pin": pin}).text


def test_the_saved_password_is_kept_when_the_field_stays_empty(app, resident):
    resident.starts()
    resident.fills_in()
    page = resident.fills_in(new_password="", address="Jl. Contoh Baru 9, RT 01/RW 01, Kanigaran")
    assert page.status == 200
    with app.app_context():
        assert only(app, Application).password_hash.startswith("$argon2id$")


def test_an_impossible_birth_day_is_asked_once_more_and_then_accepted_with_a_flag(app, resident):
    resident.starts()
    odd = "3574017202900001"
    asked = resident.fills_in(nik=odd)
    assert asked.status == 422
    accepted = resident.fills_in(nik=odd, nik_rechecked=asked.field("nik_rechecked"))
    assert accepted.status == 200
    with app.app_context():
        assert "TANGGAL_TIDAK_LAZIM" in only(app, Application).flags


def test_a_field_sent_twice_is_refused_and_not_halved(app, resident):
    resident.starts()
    for field in RESIDENT:
        whole = {**RESIDENT, field: [RESIDENT[field], RESIDENT[field]]}
        page = resident.send("/daftar/data", whole)
        assert page.status == 422, field
        assert "terkirim dua kali" in page.soup.select_one(f"#{field}-error").get_text(), field
        with app.app_context():
            assert only(app, Application).personal_sealed is None, field
    assert resident.send("/daftar/data", RESIDENT).heading == "Foto KTP", "once, and nothing is wrong with it"


def test_a_photo_is_shown_to_be_used_or_taken_again(resident):
    resident.starts()
    resident.fills_in()
    page = resident.sends_photo("ktp", photo_files()["ktp"])
    assert resident.address.endswith("/daftar/ktp")
    assert "Pakai foto ini" in page.text and "Ulangi foto" in page.text


def test_the_same_upload_id_stores_one_photo(app, resident):
    resident.starts()
    resident.fills_in()
    for _ in range(2):
        resident.sends_photo("ktp", photo_files()["ktp"], upload_id="sama")
    with app.app_context():
        assert only(app, Photo).upload_id == "sama"


def test_a_new_photo_replaces_the_old_one_and_its_objects(app, resident):
    resident.starts()
    resident.fills_in()
    resident.sends_photo("ktp", photo_files()["ktp"])
    resident.sends_photo("ktp", photo_files()["selfie"])
    with app.app_context():
        kept = only(app, Photo)
        stored = {key for key, _, _ in app.extensions["loket_photos"].list()}
        assert stored == {kept.storage_key, kept.thumbnail_key}


def test_a_bad_photo_is_refused_with_a_sentence_beside_the_field(resident):
    resident.starts()
    resident.fills_in()
    for data, status in ((b"", 422), (b"bukan foto", 415), (b"\xff\xd8\xff", 415)):
        page = resident.sends_photo("ktp", data, name="" if not data else "x.jpg")
        assert page.status == status, data
        sentence = page.soup.select_one(".error-summary li").get_text()
        assert "foto" in sentence.lower(), data
        assert page.soup.select_one("#photo-error").get_text() == sentence, data
        assert all(field["aria-describedby"] == "photo-error" for field in page.soup.select("input[type=file]")), data


def test_a_photo_too_large_to_be_read_at_all_is_told_on_its_own_step(resident):
    resident.starts()
    resident.fills_in()
    page = resident.sends_photo("ktp", b"\xff\xd8\xff" + bytes(20 << 20))
    assert (page.status, page.heading) == (413, "Foto KTP")
    assert "lebih dari 15 MB" in page.soup.select_one("#photo-error").get_text()
    assert resident.send("/daftar/data", {"address": "A" * 300_000}).status == 413


def test_two_files_in_one_upload_are_refused(client):
    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    resident.open("/daftar/ktp")
    photo = photo_files()["ktp"]
    data = {"csrf_token": resident.page.field("csrf_token"),
            "photo": [(io.BytesIO(photo), "a.jpg"), (io.BytesIO(photo), "b.jpg")]}
    assert client.post("/daftar/ktp", data=data, content_type="multipart/form-data").status_code == 422


def test_htmx_gets_only_the_step_with_title_and_address(client):
    resident = Resident(client, htmx=True)
    assert resident.starts().heading == "Isi data Anda"
    assert resident.address == "/daftar/data" and "<html" not in resident.page.response.text
    answer = client.get("/daftar/data", headers=HTMX)
    assert "<html" not in answer.text and "<title>" in answer.text
    assert "HX-Request" in answer.headers["Vary"]
    restored = client.get("/daftar/data", headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in restored.text


def test_sending_asks_first_and_sends_nothing_until_ya(app, resident):
    resident.starts()
    resident.fills_in()
    resident.sends_all_photos()
    resident.open("/daftar/periksa")
    assert "Kirim Data Registrasi User Baru" in resident.page.text
    resident.send("/daftar/periksa", {})
    with app.app_context():
        assert only(app, Application).status == "draft"


def test_reload_of_the_last_post_back_and_resend_change_nothing(app, resident):
    resident.registers()
    number = resident.number
    for _ in range(2):
        resident.open("/daftar")
        assert resident.send("/daftar/periksa", {"confirm": "ya"}).status == 200
        assert resident.number == number
    assert resident.open("/daftar/data").heading and resident.address.endswith("/daftar/selesai")
    assert count(app, OutboxMessage) == 1


def eight_submits(app, cookie_client, token) -> list[int]:
    cookies = [(c.key, c.value) for c in cookie_client._cookies.values()]

    def send(_):
        tab = app.test_client()
        for key, value in cookies:
            tab.set_cookie(key, value)
        return tab.post("/daftar/periksa", data={"csrf_token": token, "confirm": "ya"}).status_code

    return at_once(send, range(8))


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_eight_parallel_submits_make_one_registration(request, which):
    app = request.getfixturevalue(which)
    resident = Resident(app.test_client())
    resident.starts()
    resident.fills_in()
    resident.sends_all_photos()
    token = csrf_of(resident.client.get("/daftar/periksa").text)
    assert set(eight_submits(app, resident.client, token)) <= {303}
    assert count(app, OutboxMessage) == 1
    with app.app_context():
        assert only(app, Application).status == "submitted"


def test_a_second_registration_of_a_nik_looks_the_same_and_only_staff_see_it(app, client):
    first = Resident(client)
    one = first.registers().text.replace(first.number, "").replace(first.pin, "")
    second = Resident(app.test_client())
    other = {"whatsapp_number": "0812-0000-1009"}
    two = second.registers(**other).text.replace(second.number, "").replace(second.pin, "")
    assert one.replace(RESIDENT["whatsapp_number"], "") == two.replace(other["whatsapp_number"], "")
    with app.app_context():
        newest = db.session.scalars(select(Application).order_by(Application.submitted_at.desc())).first()
        assert "NIK_DIAJUKAN_LAGI" in newest.flags


def test_what_was_typed_is_stored_normalised(app):
    application_id = an_application(app, send=False, whatsapp_number="+62 812-0000-1001", nik="3574 0145 0590 0001")
    with app.app_context():
        person = open_personal(db.session.get(Application, application_id))
        assert (person.whatsapp_number, person.nik) == ("+6281200001001", "3574014505900001")


def test_after_sending_the_draft_takes_no_photo_and_no_data(app, resident):
    resident.registers()
    token = resident.open("/daftar").field("csrf_token")
    for slug in PHOTO_SLUGS:
        data = {"csrf_token": token, "photo": (io.BytesIO(photo_files()["ktp"]), "x.jpg")}
        answer = resident.client.post(f"/daftar/{slug}", data=data, content_type="multipart/form-data")
        assert answer.location == "/daftar/selesai"
    answer = resident.client.post("/daftar/data", data={"csrf_token": token, **RESIDENT})
    assert answer.location == "/daftar/selesai"


def test_the_password_is_never_stored_in_clear(app):
    an_application(app, send=False)
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("reads the file of SQLite")
        path = db.engine.url.database
        db.session.remove()
    assert CITIZEN_PASSWORD.encode() not in Path(path).read_bytes()

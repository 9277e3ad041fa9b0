"""Mending exactly what was returned; correcting before anybody has looked."""

import io

import pytest
from sqlalchemy import select

from app.base import journal
from app.base.database import db
from app.base.limits import LIMITS
from app.demo.photos import realistic_ktp, realistic_selfie
from app.photos import disk_space
from app.process.fsck import check
from app.registration.models import Photo
from app.registration.personal import open_personal
from tests.builders import RESIDENT, an_application, photo_files, smaller
from tests.desk import declare, officer
from tests.prepared import Prepared
from tests.resident_pages import Follower, application, link_in, messages, number_and_pin


def sent_back(app) -> str:
    """Sent back for a blurred KTP and a wrong name."""
    application_id = an_application(app)
    officer(app, "bayu").acts(
        application_id, "kembalikan", reasons=["KTP_BURAM", "NAMA_TIDAK_COCOK"], note_KTP_BURAM="Bagian kiri gelap.",
    )
    return application_id


SENT_BACK = Prepared(sent_back)


@pytest.fixture
def returned(app):
    return SENT_BACK.into(app)


@pytest.fixture
def operator(app):
    return officer(app, "bayu")


@pytest.fixture
def resident(app, returned):
    follower = Follower(app.test_client())
    follower.follows(*number_and_pin(app, returned), to="perbaikan")
    return follower


def new_ktp(name: str = "SITI CONTOH AMINAH SARI") -> bytes:
    return smaller(realistic_ktp(nik=RESIDENT["nik"], name=name))


def personal(app, application_id: str):
    with app.app_context():
        return open_personal(application(app, application_id))


def photos_of(app, application_id: str, kind: str) -> list[Photo]:
    with app.app_context():
        query = select(Photo).where(Photo.application_id == application_id, Photo.kind == kind)
        return list(db.session.scalars(query.order_by(Photo.created_at)))


def findings(app) -> list[str]:
    with app.app_context():
        return check()


@pytest.mark.parametrize("htmx", [False, True], ids=["without htmx", "with htmx"])
def test_returned_items_are_mended_from_the_message_link_and_nothing_else_is_asked(app, returned, htmx):
    before = application(app, returned)
    resident = Follower(app.test_client(), htmx=htmx)
    page = resident.opens_link(link_in(messages(app, "perlu_perbaikan")[0][2]))
    assert resident.address == "/perbaikan"
    assert "Foto KTP kurang jelas" in page.text and "Catatan petugas: Bagian kiri gelap." in page.text
    assert "Tulis nama persis seperti di KTP" in page.text
    assert page.soup.find(attrs={"name": "nik"}) is None and "Foto Selfie" not in page.text
    assert resident.mends_photo("ktp", new_ktp()).status == 200
    assert "Sudah diganti" in resident.page.text
    after = resident.sends_mended(full_name="SITI CONTOH AMINAH SARI")
    assert "Perbaikan terkirim" in after.text and "Menunggu pemeriksaan" in after.text
    mended = application(app, returned)
    assert mended.status == "submitted" and mended.submitted_at == before.submitted_at
    assert mended.due_at == before.due_at or before.due_at is None
    assert personal(app, returned).full_name == "SITI CONTOH AMINAH SARI"
    assert personal(app, returned).nik == RESIDENT["nik"]
    assert findings(app) == []


def test_a_mended_registration_stands_at_its_old_place_in_the_queue(app, returned, resident, operator):
    later = an_application(app, nik="3574031212850002")
    resident.mends_photo("ktp", new_ktp())
    resident.sends_mended(full_name="SITI CONTOH AMINAH SARI")
    first, second = (application(app, one) for one in (returned, later))
    assert (first.submitted_at, first.due_at) <= (second.submitted_at, second.due_at)
    assert "Perkiraan antrean 1" in resident.open("/lacak").text


def test_the_reasons_of_the_page_come_with_an_example_and_the_old_photo(resident):
    sources = [image["src"] for image in resident.page.soup.find_all("img")]
    assert any("/perbaikan/ktp/lama" in source for source in sources)
    assert any("ktp-good" in source for source in sources)


def test_sending_before_everything_is_mended_keeps_the_fields_and_names_the_rest(app, returned, resident):
    page = resident.sends_mended(full_name="SITI CONTOH AMINAH SARI")
    assert page.status == 422 and "Belum diperbaiki: Foto KTP." in page.text
    assert personal(app, returned).full_name == "SITI CONTOH AMINAH SARI"
    resident.mends_photo("ktp", new_ktp())
    assert "Perbaikan terkirim" in resident.sends_mended(full_name="SITI CONTOH AMINAH SARI").text


def test_the_same_returned_photo_is_recognised_and_kindly_refused(app, returned, resident):
    page = resident.mends_photo("ktp", photo_files()["ktp"])
    assert page.status == 422 and "Foto ini sama dengan yang perlu diperbaiki" in page.text
    assert len(photos_of(app, returned, "ktp")) == 1
    assert findings(app) == []


def test_a_better_photo_that_was_opened_and_finds_no_room_counts(app, resident, monkeypatch):
    with app.app_context():
        stored = db.session.scalar(select(disk_space.StoredBytes.bytes)) or 0
    monkeypatch.setattr(disk_space, "DAY_BYTES", stored + 1000)
    monkeypatch.setitem(LIMITS, "upload-draft", "1 per hour")
    assert "jaringan internet" in resident.mends_photo("ktp", new_ktp()).text
    assert "Terlalu banyak percobaan" in resident.mends_photo("ktp", new_ktp()).text


def test_a_photo_returned_in_an_earlier_round_is_recognised_too(app, returned, resident, operator):
    resident.mends_photo("ktp", new_ktp())
    resident.sends_mended(full_name="SITI CONTOH AMINAH SARI")
    operator.acts(returned, "kembalikan", reasons=["KTP_SILAU"])
    assert resident.mends_photo("ktp", photo_files()["ktp"]).status == 422
    assert resident.mends_photo("ktp", new_ktp()).status == 422


def test_a_mended_photo_may_be_changed_again_and_only_the_last_is_kept_beside_the_returned(app, returned, resident):
    for name in ("SITI CONTOH AMINAH SARI", "DUA CONTOH"):
        assert resident.mends_photo("ktp", new_ktp(name)).status == 200
    photos = photos_of(app, returned, "ktp")
    assert [photo.superseded_at is None for photo in photos] == [False, True]
    assert findings(app) == []


def test_an_unchanged_field_is_kindly_refused(resident):
    page = resident.sends_mended(full_name=RESIDENT["full_name"])
    assert page.status == 422 and "masih sama dengan yang perlu diperbaiki" in page.text
    assert "(0335) 4438894" in page.text


def test_items_that_were_not_returned_are_not_open(app, returned, resident):
    assert resident.open("/perbaikan/selfie").status == 404
    resident.open("/perbaikan")
    files = {"photo": (io.BytesIO(photo_files()["selfie"]), "foto.jpg")}
    assert resident.send("/perbaikan/selfie", files, multipart=True).status == 404
    resident.sends_mended(full_name="SITI CONTOH AMINAH SARI", address="Jl. Lain Sekali 99, RT 01/RW 01, Mayangan")
    assert personal(app, returned).address == RESIDENT["address"]


def test_mending_twice_has_the_effect_of_once(app, returned, resident):
    resident.mends_photo("ktp", new_ktp())
    for _ in range(2):
        resident.open("/perbaikan")
        resident.send("/perbaikan", {"full_name": "SITI CONTOH AMINAH SARI"})
    assert [change.act for change in application(app, returned).changes] == ["submit", "return", "resubmit"]


def test_what_was_typed_is_kept_when_one_goes_off_to_take_the_photo(app, returned, resident):
    resident.open("/perbaikan")
    assert resident.send("/perbaikan", {"full_name": "SITI CONTOH AMINAH SARI", "photo": "ktp"}).heading == "Foto KTP"
    resident.mends_photo("ktp", new_ktp())
    assert resident.page.field("full_name") == "SITI CONTOH AMINAH SARI"
    assert application(app, returned).status == "returned"
    assert "Perbaikan terkirim" in resident.sends_mended(full_name="SITI CONTOH AMINAH SARI").text


@pytest.mark.parametrize("typed", ["", "SITI CONTOH AMINAH"])
def test_a_field_may_wait_until_the_photo_is_taken(app, returned, resident, typed):
    resident.open("/perbaikan")
    assert resident.send("/perbaikan", {"full_name": typed, "photo": "ktp"}).heading == "Foto KTP"
    assert personal(app, returned).full_name == RESIDENT["full_name"]


def test_pressing_kirim_twice_and_going_back_by_a_link_end_at_the_status(app, returned, resident):
    resident.mends_photo("ktp", new_ktp())
    by_link = Follower(app.test_client())
    by_link.opens_link(link_in(messages(app, "perlu_perbaikan")[0][2]))
    for _ in range(2):
        page = by_link.send("/perbaikan", {"full_name": "SITI CONTOH AMINAH SARI"})
        assert page.status == 200 and "Menunggu pemeriksaan" in page.text
    by_link.open("/perbaikan")
    assert by_link.address == "/lacak"


def test_a_link_shows_no_number_and_a_softened_old_photo(app, returned, operator):
    follower = Follower(app.test_client())
    follower.opens_link(link_in(messages(app, "perlu_perbaikan")[0][2]))
    assert RESIDENT["nik"] not in str(follower.page.soup) and RESIDENT["address"] not in follower.page.text
    soft = follower.client.get("/perbaikan/ktp/lama").data
    clear = Follower(app.test_client())
    clear.follows(*number_and_pin(app, returned))
    assert len(soft) < len(clear.client.get("/perbaikan/ktp/lama").data) / 2


def test_a_whatsapp_number_is_mended_with_the_pin_only(app, operator):
    application_id = an_application(app)
    operator.acts(application_id, "kembalikan", reasons=["NOMOR_WA_SALAH"])
    by_link = Follower(app.test_client())
    by_link.opens_link(link_in(messages(app, "perlu_perbaikan")[0][2]))
    assert "isi PIN Anda dulu" in by_link.page.text
    by_link.send("/perbaikan", {"whatsapp_number": "0812-0000-2222"})
    assert personal(app, application_id).whatsapp_number == "+6281200001001"
    with_pin = Follower(app.test_client())
    with_pin.follows(*number_and_pin(app, application_id), to="perbaikan")
    assert "Perbaikan terkirim" in with_pin.sends_mended(whatsapp_number="0812-0000-2222").text
    assert personal(app, application_id).whatsapp_number == "+6281200002222"


def test_another_residents_photos_cannot_be_opened(app, returned, resident):
    other = an_application(app, photos={**photo_files(), "ktp": new_ktp()}, nik="3574031212850002")
    stranger = Follower(app.test_client())
    stranger.follows(*number_and_pin(app, other))
    mine = resident.client.get("/perbaikan/ktp/lama").data
    assert stranger.client.get("/perbaikan/ktp/lama").data != mine
    assert stranger.client.get("/perbaikan/ktp/baru").status_code == 404


def test_before_anybody_has_looked_everything_may_be_corrected(app):
    application_id = an_application(app)
    resident = Follower(app.test_client())
    resident.follows(*number_and_pin(app, application_id))
    assert "Perbaiki data atau foto" in resident.page.text
    page = resident.open("/perbaikan")
    assert page.field("full_name") == RESIDENT["full_name"]
    changed = {name: page.field(name) for name in ("nik", "full_name", "whatsapp_number", "kk_number", "address")}
    changed["address"] = "Gang Contoh Baru 8, RT 01/RW 02, Ketapang, Kademangan"
    assert "Perubahan tersimpan." in resident.sends_mended(**changed).text
    assert personal(app, application_id).address == changed["address"]
    resident.mends_photo("selfie", smaller(realistic_selfie(nik=RESIDENT["nik"], name="LAIN CONTOH")))
    assert len(photos_of(app, application_id, "selfie")) == 1
    assert application(app, application_id).status == "submitted"
    assert findings(app) == []


def test_a_correction_makes_the_page_of_an_officer_stale(app, operator):
    application_id = an_application(app)
    version = operator.opens_case(application_id).field("version")
    resident = Follower(app.test_client())
    resident.follows(*number_and_pin(app, application_id))
    page = resident.open("/perbaikan")
    changed = {name: page.field(name) for name in ("nik", "whatsapp_number", "kk_number", "address")}
    resident.sends_mended(**changed, full_name="SITI CONTOH LAIN")
    assert operator.send(f"/petugas/pendaftaran/{application_id}/lengkap", {"version": version}).status == 409


def test_nothing_is_corrected_once_the_documents_are_complete(app, operator):
    application_id = an_application(app)
    resident = Follower(app.test_client())
    resident.follows(*number_and_pin(app, application_id))
    resident.open("/perbaikan")
    operator.acts(application_id, "lengkap")
    assert resident.send("/perbaikan", {"full_name": "SITI LAIN"}).status == 409
    page = resident.open("/perbaikan")
    assert resident.address == "/lacak" and "sudah mulai memeriksa" in page.text


def test_a_corrected_nik_that_has_an_account_tells_its_holder(app, operator):
    owner = an_application(app)
    declare(app, owner)
    operator.acts(owner, "setujui")
    application_id = an_application(app, nik="3574031212850002", whatsapp_number="0812-0000-2222")
    resident = Follower(app.test_client())
    resident.follows(*number_and_pin(app, application_id))
    page = resident.open("/perbaikan")
    changed = {name: page.field(name) for name in ("full_name", "whatsapp_number", "kk_number", "address")}
    assert "Perubahan tersimpan." in resident.sends_mended(**changed, nik=RESIDENT["nik"]).text
    assert [to for _, to, _ in messages(app, "nik_sudah_punya_akun")] == ["+6281200001001"]


def test_every_mended_item_is_a_line_of_the_journal(app, returned, resident):
    resident.mends_photo("ktp", new_ktp())
    resident.sends_mended(full_name="SITI CONTOH AMINAH SARI")
    with app.app_context():
        actions = [line.action for line in journal.lines_about("application", returned)]
    assert actions.count("application_mended") == 2 and actions[-1] == "application_resubmit"

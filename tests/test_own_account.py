"""The account: what it shows, changing password and number, a lost number."""

import io

import pytest
from PIL import Image, ImageEnhance
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.base import journal
from app.base.database import db, transaction
from app.citizen_account.models import AccountRequest, CodeChallenge
from app.process.fsck import check
from tests.accounts import an_account, is_in, sign_in
from tests.browser import Officer, Page
from tests.builders import CITIZEN_PASSWORD, RESIDENT, add_staff, photo_files, sign_in_staff
from tests.own_account import (
    NEW_PASSWORD,
    UNKNOWN_NIK,
    other_than,
    plain,
    record,
    selfie,
)
from tests.resident_pages import Follower, code_in, messages


def test_the_account_shows_services_first_masked_data_and_the_history(owner):
    page = owner.open("/akun")
    assert page.text.index("Kartu Keluarga (KK)") < page.text.index("Data Anda")
    assert RESIDENT["nik"] not in str(page.soup) and RESIDENT["address"] not in page.text
    assert "Riwayat pendaftaran" in page.text


def test_the_whole_data_appear_after_the_password_only(app, account, owner):
    owner.open("/akun/data")
    wrong = owner.send("/akun/data", {"password": "bukan yang ini"})
    assert wrong.status == 422 and RESIDENT["nik"] not in wrong.text
    shown = owner.send("/akun/data", {"password": CITIZEN_PASSWORD})
    assert RESIDENT["nik"] in shown.text and RESIDENT["address"] in shown.text
    assert shown.response.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert journal.lines_about("citizen", account)[-1].action == "own_data_viewed"


def test_a_changed_password_ends_all_other_sessions_but_this_one(app, owner):
    elsewhere = app.test_client()
    sign_in(elsewhere)
    owner.open("/akun/sandi")
    owner.send("/akun/sandi", {"current_password": CITIZEN_PASSWORD, "new_password": NEW_PASSWORD})
    assert owner.page.heading == "Akun Anda" and not is_in(elsewhere)
    assert sign_in(app.test_client(), password=NEW_PASSWORD).status_code == 303


def test_changing_the_password_asks_for_the_present_one(app, owner):
    owner.open("/akun/sandi")
    page = owner.send("/akun/sandi", {"current_password": "salah sekali", "new_password": NEW_PASSWORD})
    assert page.status == 422 and "Kata sandi tidak cocok." in page.text
    assert sign_in(app.test_client()).status_code == 303


def test_signing_out_everywhere_ends_every_session(app, owner):
    elsewhere = app.test_client()
    sign_in(elsewhere)
    owner.open("/akun")
    assert owner.send("/akun/keluar-semua", {}).heading == "Masuk"
    assert not is_in(elsewhere) and not is_in(owner.client)


def asks_for_number(owner, number="0812-0000-2222", password=CITIZEN_PASSWORD):
    owner.open("/akun/nomor")
    return owner.send("/akun/nomor", {"new_number": number, "password": password})


def both_codes(app) -> dict[str, str]:
    by_number = {to: code_in(text) for _, to, text in messages(app, "kode_ganti_nomor")}
    return {"code_old": by_number["+6281200001001"], "code_new": by_number["+6281200002222"]}


def test_the_number_changes_when_both_numbers_are_proved_and_both_are_told(app, account, owner):
    assert asks_for_number(owner).heading == "Isi kedua kode"
    assert "nomor lama 0812-••••-1001" in owner.page.text and "nomor baru 0812-0000-2222" in owner.page.text
    assert owner.send("/akun/nomor/kode", both_codes(app)).heading == "Akun Anda"
    assert record(app, account).whatsapp_number == "+6281200002222"
    assert {to for _, to, _ in messages(app, "nomor_diganti")} == {"+6281200001001", "+6281200002222"}


@pytest.mark.parametrize("wrong", ["code_old", "code_new"])
def test_one_right_code_is_not_enough(app, account, owner, wrong):
    asks_for_number(owner)
    codes = both_codes(app)
    codes[wrong] = other_than(codes[wrong])
    assert owner.send("/akun/nomor/kode", codes).status == 422
    assert record(app, account).whatsapp_number == "+6281200001001"


def test_the_codes_of_another_account_change_nothing(app, account, owner):
    other = an_account(app, nik=UNKNOWN_NIK, whatsapp_number="0812-0000-3333")
    asks_for_number(owner)
    codes, cookie = both_codes(app), owner.client.get_cookie("loket_nomor").value
    thief = Follower(app.test_client())
    thief.signs_in(UNKNOWN_NIK, CITIZEN_PASSWORD)
    thief.client.set_cookie("loket_nomor", cookie)
    thief.open("/akun/nomor/kode")
    assert thief.send("/akun/nomor/kode", codes).heading == "Ganti nomor WhatsApp"
    assert record(app, other).whatsapp_number == "+6281200003333"


def test_a_new_number_needs_the_password(app, owner):
    assert asks_for_number(owner, password="tebakan saja").status == 422
    assert messages(app, "kode_ganti_nomor") == []


def asks_operator(app, nik=RESIDENT["nik"], number="0812-0000-2222") -> Page:
    follower = Follower(app.test_client())
    follower.open("/lupa-sandi/tanpa-whatsapp")
    return follower.send(
        "/lupa-sandi/tanpa-whatsapp", {"nik": nik, "new_number": number, "photo": selfie()}, multipart=True
    )


def only_request(app) -> str:
    with app.app_context():
        return db.session.scalars(select(AccountRequest.id)).one()


def test_a_lost_number_is_replaced_by_two_people_who_see_the_selfie(app, account, owner, staff_client):
    assert asks_operator(app).heading == "Permintaan diterima"
    assert [to for _, to, _ in messages(app, "permintaan_ganti_nomor")] == ["+6281200001001"]
    request_id = only_request(app)
    operator = Officer(staff_client("operator"))
    assert "1 permintaan ganti nomor menunggu." in operator.sees_queue().text
    assert "S*** C***** A*****" in operator.open("/petugas/permintaan").text
    page = operator.open(f"/petugas/permintaan/{request_id}")
    assert RESIDENT["nik"] in page.text and "0812-0000-2222" in page.text
    assert operator.client.get(f"/petugas/permintaan/{request_id}/selfie").mimetype == "image/jpeg"
    operator.send(f"/petugas/permintaan/{request_id}/setujui", {})
    assert record(app, account).whatsapp_number == "+6281200001001" and is_in(owner.client)
    second = Officer(staff_client("operator", "operator2"))
    assert "Menunggu orang kedua" in second.open("/petugas/permintaan").text
    assert "Menurut Operator Contoh orangnya cocok" in second.open(f"/petugas/permintaan/{request_id}").text
    second.send(f"/petugas/permintaan/{request_id}/pastikan", {})
    assert record(app, account).whatsapp_number == "+6281200002222"
    assert not is_in(owner.client)
    assert "ganti nomor menunggu" not in operator.sees_queue().text
    with app.app_context():
        actions = [line.action for line in journal.lines_about("account_request", request_id)]
        assert check() == []
    assert actions == [
        "number_request_made", "account_request_viewed", "photo_viewed", "account_request_proposed",
        "account_request_viewed", "account_request_approved",
    ]


def test_whoever_proposed_a_new_number_does_not_confirm_it_and_nobody_confirms_what_was_not_proposed(app):
    account = an_account(app)
    asks_operator(app)
    address = f"/petugas/permintaan/{only_request(app)}"
    clients = {name: app.test_client() for name in ("operator1", "supervisor1")}
    for name, client in clients.items():
        add_staff(app, name, name[:-1])
        sign_in_staff(client, name)
    operator, supervisor = Officer(clients["operator1"]), Officer(clients["supervisor1"])
    supervisor.open(address)
    assert supervisor.send(f"{address}/pastikan", {}).status == 409
    operator.open(address)
    operator.send(f"{address}/setujui", {})
    operator.open(address)
    assert "Sudah Anda ajukan" in operator.page.text
    assert operator.send(f"{address}/pastikan", {}).status == 403
    operator.open(address)
    assert operator.send(f"{address}/setujui", {}).status == 409
    assert record(app, account).whatsapp_number == "+6281200001001"
    supervisor.open(address)
    supervisor.send(f"{address}/pastikan", {})
    assert record(app, account).whatsapp_number == "+6281200002222"


def test_the_database_itself_refuses_one_person_as_both(app, account):
    asks_operator(app)
    staff_id = add_staff(app, "operator1", "operator")
    with app.app_context(), pytest.raises(IntegrityError), transaction() as session:
        row = session.scalars(select(AccountRequest)).one()
        row.status, row.proposed_by, row.decided_by = "approved", staff_id, staff_id


def test_the_copy_of_ones_data_tells_who_asked_for_a_new_number(app, account, owner):
    asks_operator(app)
    owner.open("/akun/hak-data/salinan")
    page = owner.send("/akun/hak-data/salinan", {"password": CITIZEN_PASSWORD})
    assert "Permintaan nomor baru dengan selfie" in page.text and "Nomor baru diminta dengan selfie" in page.text
    assert "Pemrosesan lain" not in page.text and "0812-0000-1001" in page.text


def test_a_request_for_an_unknown_nik_is_answered_alike_and_can_only_be_refused(app, account, staff_client):
    known, unknown = asks_operator(app), asks_operator(app, nik=UNKNOWN_NIK)
    assert plain(known) == plain(unknown)
    with app.app_context():
        request_id = db.session.scalars(select(AccountRequest.id).where(AccountRequest.citizen_id.is_(None))).one()
    operator = Officer(staff_client("operator"))
    assert "Tidak ada akun dengan NIK ini" in operator.open(f"/petugas/permintaan/{request_id}").text
    assert operator.send(f"/petugas/permintaan/{request_id}/setujui", {}).status == 409
    operator.open(f"/petugas/permintaan/{request_id}")
    assert operator.send(f"/petugas/permintaan/{request_id}/tolak", {"reason": ""}).status == 422
    operator.send(f"/petugas/permintaan/{request_id}/tolak", {"reason": "DATA_TIDAK_COCOK"})
    assert "tidak cocok dengan data kami" in messages(app, "permintaan_nomor_ditolak")[0][2]
    operator.open(f"/petugas/permintaan/{request_id}")
    assert operator.send(f"/petugas/permintaan/{request_id}/setujui", {}).status in (404, 409)


@pytest.mark.parametrize("role", ["petugas", "admin"])
def test_requests_for_a_number_are_for_operators_and_supervisors_alone(app, account, staff_client, role):
    asks_operator(app)
    staff = staff_client(role)
    request_id = only_request(app)
    for address in ("", f"/{request_id}", f"/{request_id}/selfie"):
        assert staff.get(f"/petugas/permintaan{address}").status_code == 403


def test_from_inside_the_account_the_nik_is_not_asked_again(app, account, owner):
    owner.open("/akun/nomor/hilang")
    owner.send("/akun/nomor/hilang", {"new_number": "0812-0000-2222", "photo": selfie()}, multipart=True)
    assert owner.page.heading == "Permintaan diterima"
    with app.app_context():
        assert db.session.scalars(select(AccountRequest)).one().citizen_id == account


def test_a_dark_selfie_is_told_once_and_taken_when_its_owner_insists(app, account):
    follower = Follower(app.test_client())
    follower.open("/lupa-sandi/tanpa-whatsapp")
    picture = Image.open(io.BytesIO(photo_files()["selfie"])).convert("RGB")
    out = io.BytesIO()
    ImageEnhance.Brightness(picture).enhance(0.12).save(out, "JPEG")
    typed = {"nik": RESIDENT["nik"], "new_number": "0812-0000-2222", "despite": ""}

    def sends(**changed):
        photo = (io.BytesIO(out.getvalue()), "selfie.jpg")
        return follower.send("/lupa-sandi/tanpa-whatsapp", {**typed, **changed, "photo": photo}, multipart=True)

    page = sends()
    assert page.status == 422 and "Foto terlalu gelap. Pindah ke dekat jendela" in page.text
    assert page.soup.select_one("[name=new_number]")["value"] == typed["new_number"], "what was typed stays"
    insisted = page.soup.select_one("[name=despite]")["value"]
    assert sends(despite=insisted).heading == "Permintaan diterima"


def test_a_request_without_a_photo_or_with_a_bad_number_keeps_nothing(app, account):
    follower = Follower(app.test_client())
    follower.open("/lupa-sandi/tanpa-whatsapp")
    bad = {"nik": "123", "new_number": "123", "photo": selfie()}
    page = follower.send("/lupa-sandi/tanpa-whatsapp", bad, multipart=True)
    assert page.status == 422 and len(page.soup.select(".error")) == 2
    empty = {"nik": RESIDENT["nik"], "new_number": "0812-0000-2222", "photo": (io.BytesIO(b""), "")}
    assert follower.send("/lupa-sandi/tanpa-whatsapp", empty, multipart=True).status == 422
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AccountRequest)) == 0
        assert db.session.scalar(select(func.count()).select_from(CodeChallenge)) == 0
        assert check() == []

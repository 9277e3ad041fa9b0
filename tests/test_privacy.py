"""The rights over personal data: asked, answered within 3 x 24 hours, carried out, proved."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app import journal
from app.accounts.models import Citizen
from app.extensions import db
from app.notifications.models import OutboxMessage
from app.notifications.outbox import open_payload
from app.privacy.kinds import time_left
from app.privacy.models import RightsRequest
from app.registration.models import Application
from app.registration.personal import open_citizen, open_personal
from app.services import photo_store
from app.storage import StorageUnavailable
from tests.accounts import is_in
from tests.aging import ended, findings, lines, objects, personal_values, photos_of, runs
from tests.browser import Browser
from tests.builders import CITIZEN_PASSWORD, RESIDENT, an_application
from tests.resident_pages import Follower, messages, number_and_pin

RIGHTS, DESK = "/akun/hak-data", "/petugas/hak-data"
WHY = "Saya pindah ke kota lain dan tidak memakai layanan ini lagi."
ANSWER = "Permintaan Anda sudah kami penuhi."


class Owner(Follower):
    """A resident with an account, claiming rights."""

    def asks(self, kind: str, text: str = WHY, **fields):
        self.open(RIGHTS)
        return self.send(RIGHTS, {"kind": kind, "text": text, **fields})

    def takes_copy(self, password: str = CITIZEN_PASSWORD, **fields):
        self.open(f"{RIGHTS}/salinan")
        return self.send(f"{RIGHTS}/salinan", {"password": password, **fields})


class Clerk(Browser):
    def opens_first(self):
        self.open(DESK)
        self.open(self.page.soup.select_one(f"a[href^='{DESK}/']")["href"])
        return self.page

    def grants(self, answer: str = ANSWER):
        self.opens_first()
        return self.send(f"{self.address}/penuhi", {"answer": answer})

    def refuses(self, **fields):
        self.opens_first()
        return self.send(f"{self.address}/tolak", fields)


@pytest.fixture
def account(app, time):
    return ended(app, "active")


@pytest.fixture
def owner(app, account):
    person = Owner(app.test_client())
    person.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    return person


@pytest.fixture
def clerk(staff_client):
    return Clerk(staff_client("supervisor"))


def record(app, application_id: str):
    with app.app_context():
        return open_citizen(db.session.scalars(select(Citizen).where(Citizen.application_id == application_id)).one())


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def test_the_account_leads_to_the_rights(owner):
    owner.open("/akun")
    assert "Hak Anda atas data" in owner.page.text
    assert owner.open(RIGHTS).heading == "Hak Anda atas data"
    assert "3 x 24 jam" in owner.page.text


def test_rights_are_for_who_is_signed_in(client):
    for address in (RIGHTS, f"{RIGHTS}/salinan"):
        assert "/masuk" in client.get(address).location


def test_my_data_is_shown_after_the_password_and_never_kept(app, owner, account):
    page = owner.takes_copy()
    assert page.status == 200 and page.response.headers["Cache-Control"] == "no-store"
    for value in personal_values():
        assert value in page.text
    assert "Petugas" not in page.text or "Rina" not in page.text
    assert "Catatan pemrosesan data" in page.text and "Akun dibuat" in page.text
    with app.app_context():
        citizen_id = db.session.scalars(select(Citizen.id)).one()
    assert len(lines(app, "citizen", citizen_id, "own_data_downloaded")) == 1


def test_my_data_downloads_as_json_page_and_photos(owner):
    answer = owner.takes_copy(**{"as": "zip"}).response
    assert answer.mimetype == "application/zip" and answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    data = json.loads(archive.read("data-saya.json"))
    assert data["Akun"]["NIK"] == RESIDENT["nik"]
    assert [photo["Keadaan"] for photo in data["Foto"]] == ["disimpan"] * 3
    assert RESIDENT["full_name"] in archive.read("data-saya.html").decode()
    pictures = [name for name in archive.namelist() if name.endswith(".jpg")]
    assert len(pictures) == 3 and all(archive.read(name).startswith(b"\xff\xd8\xff") for name in pictures)


def test_photos_that_are_gone_are_told_in_the_copy(app, time, owner):
    time.moves(days=91)
    runs(app)
    owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    archive = zipfile.ZipFile(io.BytesIO(owner.takes_copy(**{"as": "zip"}).response.data))
    photos = json.loads(archive.read("data-saya.json"))["Foto"]
    assert all(photo["Keadaan"].startswith("dihapus") for photo in photos)
    assert not [name for name in archive.namelist() if name.endswith(".jpg")]


def test_a_wrong_password_gives_nothing(owner):
    page = owner.takes_copy("bukan sandi saya ini")
    assert page.status == 422 and RESIDENT["nik"] not in page.text


def test_asking_opens_a_task_with_a_clock_of_72_hours_through_nights_and_weekends(app, time, owner, clerk):
    time.moment = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # a Friday afternoon in Probolinggo
    owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    assert "kami terima" in owner.asks("restriction").text
    with app.app_context():
        row = db.session.scalars(select(RightsRequest)).one()
        assert row.due_at - row.opened_at == timedelta(hours=72)
    clerk_page = clerk.open(DESK) if is_in(clerk.client, DESK) else None
    assert clerk_page is None or "3 hari lagi" in clerk_page.text


@pytest.mark.parametrize(("left", "words"), [
    (timedelta(hours=72), "3 hari lagi"), (timedelta(hours=25, minutes=59), "1 hari 1 jam lagi"),
    (timedelta(minutes=59), "59 menit lagi"), (timedelta(), "0 menit lagi"),
    (timedelta(minutes=-1), "terlambat 1 menit"), (timedelta(hours=-30), "terlambat 1 hari 6 jam"),
])
def test_the_time_left_is_said_in_words(left, words):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert time_left(now + left, now) == words


def test_the_list_shows_who_is_late_first_and_masks_names(app, time, owner, clerk, staff_client):
    owner.asks("restriction")
    time.moves(hours=73)
    late = Clerk(staff_client("operator"))
    page = late.open(DESK)
    assert "terlambat 1 jam" in page.text and RESIDENT["full_name"] not in page.text


@pytest.mark.parametrize(("role", "may"), [("supervisor", True), ("operator", True), ("petugas", False), ("admin", False)])
def test_supervisors_and_operators_answer_and_nobody_else(app, owner, staff_client, role, may):
    owner.asks("restriction")
    client = staff_client(role)
    with app.app_context():
        request_id = db.session.scalars(select(RightsRequest.id)).one()
    for address in (DESK, f"{DESK}/{request_id}"):
        assert (client.get(address).status_code == 200) is may


def test_opening_a_request_is_a_journal_line(app, owner, clerk):
    owner.asks("restriction")
    clerk.opens_first()
    with app.app_context():
        request_id = db.session.scalars(select(RightsRequest.id)).one()
    assert len(lines(app, "rights_request", request_id, "rights_viewed")) == 1


@pytest.mark.parametrize("kind", ["correction", "restriction", "deletion", "", "copy", "semua"])
def test_a_request_without_words_or_of_an_unknown_kind_is_asked_again(app, owner, kind):
    assert owner.asks(kind, text=" ").status == 422
    assert count(app, RightsRequest) == 0


def test_a_correction_changes_the_account_once_it_is_granted(app, account, owner, clerk):
    owner.asks("correction", field="address", value="Jl. Contoh Baru 9, RT 01/RW 02, Ketapang, Kademangan")
    assert record(app, account).address == RESIDENT["address"]
    clerk.grants()
    assert record(app, account).address.startswith("Jl. Contoh Baru 9")
    assert "Dipenuhi" in owner.open(RIGHTS).text and ANSWER in owner.page.text


def test_a_correction_obeys_the_rules_of_the_form(owner):
    page = owner.asks("correction", field="kk_number", value="123")
    assert page.status == 422 and owner.page.soup.select_one("#value-error")


def test_a_restriction_ends_the_survey_invitation(app, account, owner, clerk):
    owner.asks("restriction")
    clerk.grants()
    with app.app_context():
        assert db.session.get(Application, account).survey_consent is False


def test_the_answer_is_told_by_whatsapp_without_personal_data(app, owner, clerk):
    owner.asks("restriction")
    clerk.grants("Mulai hari ini data Siti tidak kami pakai untuk survei.")
    [(_, to, text)] = messages(app, "hak_data_dijawab")
    assert to == "+6281200001001" and f"{RIGHTS}" in text
    assert not any(value in text for value in (*personal_values(), "Siti", "survei", WHY))


def test_a_refusal_needs_a_ground_that_fits(app, owner, clerk):
    owner.asks("deletion")
    assert clerk.refuses(note="Tidak bisa.").status == 422
    assert clerk.refuses(ground="SUDAH_BENAR").status == 422
    assert clerk.refuses(ground="KARENA_SAYA_MAU").status == 422
    clerk.refuses(ground="WAJIB_SIMPAN", note="Sampai akhir tahun ini.")
    page = owner.open(RIGHTS)
    assert "Tidak dapat dipenuhi" in page.text
    assert "masih wajib kami simpan" in page.text and "Sampai akhir tahun ini." in page.text
    with app.app_context():
        row = db.session.scalars(select(RightsRequest)).one()
        assert (row.status, row.ground) == ("refused", "WAJIB_SIMPAN") and row.answered_by


def test_a_second_answer_changes_nothing(app, owner, clerk):
    owner.asks("restriction")
    clerk.opens_first()
    address = clerk.address
    clerk.send(f"{address}/penuhi", {"answer": ANSWER})
    clerk.open(DESK)
    assert clerk.send(f"{address}/tolak", {"ground": "PROSES_HUKUM"}).status == 409
    assert len(messages(app, "hak_data_dijawab")) == 1


def test_a_granted_deletion_closes_the_account_and_erases_what_names_the_person(app, account, owner, clerk):
    with app.app_context():
        nik_index = db.session.get(Application, account).nik_index
    owner.asks("deletion")
    clerk.grants("Akun dan data Anda sudah kami hapus.")
    assert not is_in(owner.client) and owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD).status == 422
    assert objects(app) == 0 and all(photo.erased_at for photo in photos_of(app, account))
    with app.app_context():
        row = db.session.get(Application, account)
        citizen = db.session.scalars(select(Citizen)).one()
        assert (row.status, row.nik_index) == ("active", nik_index), "keyed hash and decision stay"
        for kept in (str(open_personal(row)), str(open_citizen(citizen))):
            assert not any(value in kept for value in personal_values())
        gone = [open_payload(m) for m in db.session.scalars(select(OutboxMessage)) if m.erased_at]
        assert all(payload.to == "" for payload in gone)
    [proof] = lines(app, "application", account, "record_erased")
    assert json.loads(proof.detail) == {"reason": "deletions", "status": "active"}
    assert findings(app) == []


def test_the_farewell_message_of_a_deletion_goes_out(app, owner, clerk):
    owner.asks("deletion")
    clerk.grants("Akun dan data Anda sudah kami hapus.")
    [(_, to, text)] = messages(app, "hak_data_dihapus")
    assert to == "+6281200001001" and "sudah dihapus" in text
    assert not any(value in text for value in personal_values())


def test_after_a_deletion_the_same_nik_may_register_and_get_an_account_again(app, account, owner, clerk):
    owner.asks("deletion")
    clerk.grants("Akun dan data Anda sudah kami hapus.")
    again = ended(app, "active", new_password="bukit-hijau-2026")
    assert record(app, again).nik == RESIDENT["nik"]
    assert Follower(app.test_client()).signs_in(RESIDENT["nik"], "bukit-hijau-2026").status == 200
    assert findings(app) == []


def test_a_deletion_also_erases_closed_registrations_of_the_same_nik(app, time, clerk):
    older = ended(app, "rejected")
    ended(app, "active")
    person = Owner(app.test_client())
    person.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    person.asks("deletion")
    clerk.grants("Akun dan data Anda sudah kami hapus.")
    with app.app_context():
        assert db.session.get(Application, older).erased_at is not None
    assert objects(app) == 0 and findings(app) == []


def test_a_deletion_that_failed_halfway_is_finished_by_the_daily_run(app, account, owner, clerk, monkeypatch):
    owner.asks("deletion")
    with app.app_context(), monkeypatch.context() as patch:
        patch.setattr(photo_store(), "delete", lambda key: (_ for _ in ()).throw(StorageUnavailable("away")))
        assert clerk.grants("Akun dan data Anda sudah kami hapus.").status == 503
    assert not is_in(owner.client), "the account is closed at once"
    assert objects(app) == 6
    assert runs(app)["deletions"] == 1
    assert objects(app) == 0 and findings(app) == [] and "deletions" not in runs(app)


@pytest.fixture
def follower(app, time):
    application_id = an_application(app)
    person = Owner(app.test_client())
    person.follows(*number_and_pin(app, application_id))
    return person


def test_rights_are_reachable_without_account_by_number_and_pin(app, follower, clerk):
    assert "Hak Anda atas data" in follower.page.text
    follower.open("/lacak/hak-data")
    follower.send("/lacak/hak-data", {"kind": "copy", "text": "Saya minta salinan data saya."})
    page = clerk.opens_first()
    assert "Diminta dengan nomor dan PIN" in page.text
    clerk.send(f"{clerk.address}/penuhi", {"answer": "Salinan dapat diambil di kantor kami."})
    assert "Salinan dapat diambil di kantor kami." in follower.open("/lacak/hak-data").text
    [(_, _, text)] = messages(app, "hak_data_dijawab")
    assert "/lacak/hak-data" in text


def test_a_link_from_a_message_is_no_pin(app, time):
    an_application(app)
    person = Follower(app.test_client())
    link = messages(app, "pendaftaran_diterima")[0][2]
    person.open("/lacak/t/" + link.split("/lacak/t/")[1].split()[0])
    assert person.open("/lacak/hak-data").status == 403


def test_deleting_a_waiting_registration_withdraws_and_erases_it(app, follower, clerk):
    follower.open("/lacak/hak-data")
    follower.send("/lacak/hak-data", {"kind": "deletion", "text": WHY})
    clerk.grants("Pendaftaran Anda sudah kami hapus.")
    with app.app_context():
        row = db.session.scalars(select(Application)).one()
        assert row.status == "withdrawn" and row.erased_at is not None and row.due_at is None
    assert objects(app) == 0 and findings(app) == []


def test_who_has_only_the_pin_does_not_read_what_was_asked_with_the_account(app, account, owner):
    owner.asks("restriction")
    person = Follower(app.test_client())
    person.follows(*number_and_pin(app, account))
    assert "Pembatasan pemrosesan" not in str(person.open("/lacak/hak-data").soup.select(".plain"))


def test_words_of_both_sides_go_after_their_time_and_the_decision_stays(app, time, owner, clerk):
    owner.asks("deletion")
    clerk.refuses(ground="PROSES_HUKUM")
    time.moves(days=366)
    assert runs(app)["rights"] == 1
    with app.app_context():
        row = db.session.scalars(select(RightsRequest)).one()
        assert (row.kind, row.status, row.ground) == ("deletion", "refused", "PROSES_HUKUM")
    owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    assert WHY not in owner.open(RIGHTS).text


def test_too_many_open_requests_wait_their_turn(owner):
    for _ in range(5):
        assert owner.asks("restriction").status == 200
    assert owner.asks("restriction").status == 429


def test_the_journal_holds_no_words_of_a_request(app, owner, clerk):
    owner.asks("restriction")
    clerk.grants()
    with app.app_context():
        details = " ".join(db.session.scalars(select(journal.JournalLine.detail)))
    assert WHY not in details and ANSWER not in details

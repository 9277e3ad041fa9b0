"""The rights over personal data: asked, answered within 3 x 24 hours, carried out, proved."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import io
import json
import zipfile
from datetime import UTC, datetime

from sqlalchemy import select

from app.accounts.models import Citizen
from app.base import journal_line
from app.base.database import db
from app.base.journal_line import JournalLine
from app.casework.watch import record_warnings
from app.privacy.models import RightsRequest
from app.privacy.rights_case import WATCH
from app.registration.models import Application
from tests.aging import count, lines, personal_values, runs
from tests.builders import CITIZEN_PASSWORD, RESIDENT, an_application
from tests.resident_pages import Follower, messages, number_and_pin
from tests.rights_pages import ANSWER, DESK, RIGHTS, WHY, Clerk, Owner, account, clerk, follower, owner, record  # noqa: F401 (fixtures)


def test_the_account_leads_to_the_rights(owner):
    owner.open("/akun")
    assert "Hak Anda atas data" in owner.page.text
    assert owner.open(RIGHTS).heading == "Hak Anda atas data"
    assert "3 x 24 jam" in owner.page.text


def test_rights_are_for_who_is_signed_in(client):
    for address in (RIGHTS, f"{RIGHTS}/salinan"):
        assert "/masuk" in client.get(address).location


def test_my_data_is_shown_after_the_password_and_never_kept(app, owner, account):
    page = owner.looks_at_copy()
    assert page.status == 200 and page.response.headers["Cache-Control"] == "no-store"
    for value in personal_values():
        assert value in page.text
    assert "Petugas" not in page.text or "Rina" not in page.text
    assert "Siapa membuka data Anda dan kapan" in page.text and "Akun dibuat" in page.text
    with app.app_context():
        citizen_id = db.session.scalars(select(Citizen.id)).one()
    assert len(lines(app, "citizen", citizen_id, "own_data_downloaded")) == 1


def test_my_data_downloads_as_json_page_and_photos(owner):
    answer = owner.downloads_copy()
    assert answer.mimetype == "application/zip" and answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    data = json.loads(archive.read("data-saya.json"))
    assert data["Akun"]["NIK"] == RESIDENT["nik"]
    assert [photo["Status"] for photo in data["Foto"]] == ["disimpan"] * 3
    assert RESIDENT["full_name"] in archive.read("data-saya.html").decode()
    pictures = [name for name in archive.namelist() if name.endswith(".jpg")]
    assert len(pictures) == 3 and all(archive.read(name).startswith(b"\xff\xd8\xff") for name in pictures)


def test_photos_that_are_gone_are_told_in_the_copy(app, time, owner):
    time.moves(days=91)
    runs(app)
    owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    archive = zipfile.ZipFile(io.BytesIO(owner.downloads_copy().data))
    photos = json.loads(archive.read("data-saya.json"))["Foto"]
    assert all(photo["Status"].startswith("dihapus") for photo in photos)
    assert not [name for name in archive.namelist() if name.endswith(".jpg")]


def test_a_wrong_password_gives_nothing(owner):
    page = owner.looks_at_copy("bukan sandi saya ini")
    assert page.status == 422 and RESIDENT["nik"] not in page.text


def test_asking_opens_a_task_with_a_clock_of_72_hours_through_nights_and_weekends(time, owner, staff_client):
    time.moment = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # a Friday afternoon in Probolinggo
    owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    assert "kami terima" in owner.asks("restriction").text
    clerk = Clerk(staff_client("operator"))
    told = clerk.open("/petugas/").text
    assert "1 permintaan hak atas data menunggu jawaban, untuk yang pertama sisa 3 hari." in told
    page = clerk.open(DESK)
    assert "sisa 3 hari" in page.text and "Sen 30/11 16.00" in page.text


def test_the_list_shows_who_is_late_first_and_masks_names(app, time, owner, clerk, staff_client):
    owner.asks("restriction")
    time.moves(hours=73)
    late = Clerk(staff_client("operator"))
    page = late.open(DESK)
    assert "lewat 1 jam" in page.text and RESIDENT["full_name"] not in page.text


def test_supervisors_and_operators_answer_and_nobody_else(app, owner, staff_client):
    owner.asks("restriction")
    with app.app_context():
        request_id = db.session.scalars(select(RightsRequest.id)).one()
    for role, may in (("supervisor", True), ("operator", True), ("petugas", False), ("admin", False)):
        client = staff_client(role)
        for address in (DESK, f"{DESK}/{request_id}"):
            assert (client.get(address).status_code == 200) is may, (role, address)


def test_opening_a_request_is_a_journal_line(app, owner, clerk):
    owner.asks("restriction")
    clerk.opens_first()
    with app.app_context():
        request_id = db.session.scalars(select(RightsRequest.id)).one()
    assert len(lines(app, "rights_request", request_id, "rights_viewed")) == 1


def test_a_request_without_words_or_of_an_unknown_kind_is_asked_again(app, owner):
    for kind in ("correction", "restriction", "deletion", "", "copy", "semua"):
        assert owner.asks(kind, text=" ").status == 422, kind
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
    shown = clerk.shown()
    clerk.send(f"{address}/penuhi", {**shown, "answer": ANSWER})
    clerk.open(DESK)
    page = clerk.send(f"{address}/tolak", {**shown, "ground": "PROSES_HUKUM", "note": "Sedang diperiksa."})
    assert page.status == 409 and "Sedang diperiksa." in page.text, "what was typed is kept"
    assert len(messages(app, "hak_data_dijawab")) == 1


def test_rights_are_reachable_without_account_by_number_and_pin(app, follower, clerk):
    assert "Hak Anda atas data" in follower.page.text
    follower.open("/lacak/hak-data")
    follower.send("/lacak/hak-data", {"kind": "copy", "text": "Saya minta salinan data saya."})
    page = clerk.opens_first()
    assert "Diminta dengan nomor dan PIN" in page.text
    clerk.send(f"{clerk.address}/penuhi", {**clerk.shown(), "answer": "Salinan dapat diambil di kantor kami."})
    assert "Salinan dapat diambil di kantor kami." in follower.open("/lacak/hak-data").text
    [(_, _, text)] = messages(app, "hak_data_dijawab")
    assert "/lacak/hak-data" in text


def test_a_link_from_a_message_is_no_pin(app, time):
    an_application(app)
    person = Follower(app.test_client())
    link = messages(app, "pendaftaran_diterima")[0][2]
    person.open("/lacak/t/" + link.split("/lacak/t/")[1].split()[0])
    assert person.open("/lacak/hak-data").status == 403


def test_who_has_only_the_pin_does_not_read_what_was_asked_with_the_account(app, account, owner):
    owner.asks("restriction")
    person = Follower(app.test_client())
    person.follows(*number_and_pin(app, account))
    assert "Minta data tertentu tidak dipakai" not in str(person.open("/lacak/hak-data").soup.select(".plain"))


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
        details = " ".join(db.session.scalars(select(journal_line.JournalLine.detail)))
    assert WHY not in details and ANSWER not in details


def test_the_hours_of_the_law_warn_a_day_before_and_are_put_before_the_office_once_over(app, time, owner, staff_client):
    owner.asks("restriction")
    time.moves(hours=47)
    with app.app_context():
        assert record_warnings(WATCH) == 0
    time.moves(hours=2)
    with app.app_context():
        assert (record_warnings(WATCH), record_warnings(WATCH)) == (1, 0)
    head = Clerk(staff_client("supervisor")).open("/petugas/").soup.select_one("#kepala-permintaan")
    assert "urgent" in head["class"] and head.get_text().startswith("1")
    time.moves(hours=24)
    with app.app_context():
        assert (record_warnings(WATCH), record_warnings(WATCH)) == (1, 0)
        lines = [line.action for line in db.session.scalars(select(JournalLine)) if line.about_kind == "rights_request"]
    assert lines.count("rights_near") == 1 and lines.count("rights_late") == 1


def test_two_people_do_not_answer_one_request_and_the_second_reads_who_has_it(app, time, owner, staff_client):
    owner.asks("restriction")
    first, second = Clerk(staff_client("operator")), Clerk(staff_client("supervisor"))
    first.opens_first()
    second.open(f"{DESK}?tab=terbuka")
    assert "Operator Contoh" in second.page.soup.select_one("tbody").get_text()
    assert "sedang menangani permintaan ini" in second.open(first.address).text
    shown = {**second.shown(), "answer": ANSWER}
    page = second.send(f"{first.address}/penuhi", shown)
    assert page.status == 409 and ANSWER in page.text
    assert "Tidak ada permintaan yang menunggu" in second.open(DESK).text, "not for her while he has it"

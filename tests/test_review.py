"""The plain desk: stale acts change nothing, photos are for staff only, each view is journalled."""


import pytest
from sqlalchemy import func, select

from app.accounts.models import Citizen
from app.base import journal
from app.base.database import db
from app.messages.models import OutboxMessage
from app.registration.models import Application, StatusChange
from tests.browser import LOOKED_AT, Officer
from tests.builders import RESIDENT, add_staff, an_application, sign_in_staff
from tests.crowd import at_once
from tests.desk import declare


def status_of(app, application_id: str) -> str:
    with app.app_context():
        return db.session.get(Application, application_id).status


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def journalled(app, application_id: str) -> list[str]:
    with app.app_context():
        return [line.action for line in journal.lines_about("application", application_id)]


def test_the_queue_lists_the_longest_waiting_first_and_masks_people(app, staff_client):
    first, second = an_application(app), an_application(app, nik="3574031212850002")
    page = Officer(staff_client("petugas")).sees_queue()
    hrefs = [a["href"] for a in page.soup.select("a[href*='/petugas/pendaftaran/']")]
    order = [href.rsplit("/", 1)[-1] for href in hrefs]
    assert order.index(first) < order.index(second)
    assert RESIDENT["full_name"] not in page.text and RESIDENT["nik"] not in page.text


def test_an_empty_queue_says_so(staff_client):
    assert "Tidak ada" in Officer(staff_client("petugas")).sees_queue().text


def test_one_application_stands_on_one_page_with_its_data_and_three_photos(app, staff_client):
    application_id = an_application(app)
    page = Officer(staff_client("operator")).opens_case(application_id)
    for value in (RESIDENT["full_name"], RESIDENT["kk_number"], RESIDENT["address"]):
        assert value in page.text
    sources = [image["src"] for image in page.soup.find_all("img")]
    for kind in ("ktp", "signature", "selfie"):
        assert any(source.endswith(f"/foto/{kind}") for source in sources)


def test_photos_are_for_signed_in_staff_only_and_never_cached(app, client, staff_client):
    application_id = an_application(app)
    address = f"/petugas/pendaftaran/{application_id}/foto/ktp"
    assert client.get(address).status_code in (302, 303)
    answer = staff_client("petugas").get(address)
    assert answer.status_code == 200 and answer.mimetype == "image/jpeg"
    assert answer.data.startswith(b"\xff\xd8\xff")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_each_view_of_a_case_and_of_a_photo_is_a_journal_line(app, staff_client):
    application_id = an_application(app)
    petugas = staff_client("petugas")
    petugas.get(f"/petugas/pendaftaran/{application_id}")
    petugas.get(f"/petugas/pendaftaran/{application_id}/foto/selfie")
    assert journalled(app, application_id)[-2:] == ["case_viewed", "photo_viewed"]


def test_an_admin_sees_no_case(app, staff_client):
    application_id = an_application(app)
    admin = staff_client("admin")
    assert admin.get(f"/petugas/pendaftaran/{application_id}").status_code == 403
    assert admin.get(f"/petugas/pendaftaran/{application_id}/foto/ktp").status_code == 403


def test_a_petugas_declares_but_does_not_decide(app, staff_client):
    application_id = an_application(app)
    petugas = Officer(staff_client("petugas"))
    petugas.acts(application_id, "lengkap")
    assert petugas.acts(application_id, "setujui").status == 403
    assert status_of(app, application_id) == "complete"


def test_a_second_decision_gets_409_and_changes_nothing(app, staff_client):
    application_id = an_application(app)
    operator = Officer(staff_client("operator"))
    declare(app, application_id)
    page = operator.opens_case(application_id)
    shown = {name: page.field(name) for name in ("version", "claim_token")}
    operator.acts(application_id, "setujui")
    before = count(app, OutboxMessage), count(app, StatusChange), count(app, Citizen)
    answer = operator.send(f"/petugas/pendaftaran/{application_id}/tolak",
                           {**shown, "ground": "BUKAN_WARGA_KOTA", "confirm": "ya"})
    assert answer.status == 409
    assert (count(app, OutboxMessage), count(app, StatusChange), count(app, Citizen)) == before
    assert status_of(app, application_id) == "active"


def test_a_nonsense_version_counts_as_stale(app, staff_client):
    application_id = an_application(app)
    operator = Officer(staff_client("operator"))
    for version in ("", "0", "-1", "1e3", "٣", "9" * 40):
        operator.opens_case(application_id)
        assert operator.sends_act(application_id, "lengkap", version=version).status == 409, version


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_eight_decisions_at_once_from_the_tabs_of_four_people_make_one_account(request, which):
    app = request.getfixturevalue(which)
    application_id = an_application(app)
    declare(app, application_id)
    for i in range(4):
        add_staff(app, f"op{i}", "operator")
    people = [Officer(sign_in_staff(app.test_client(), f"op{i % 4}")) for i in range(8)]
    for person in people:
        person.opens_case(application_id)

    def approve(person: Officer) -> int:
        form = {name: person.page.field(name) for name in ("csrf_token", "version", "claim_token")}
        address = f"/petugas/pendaftaran/{application_id}/setujui"
        return person.client.post(address, data={**form, **LOOKED_AT, "nik_read": RESIDENT["nik"]}).status_code

    assert sorted(at_once(approve, people)) == [303] + [409] * 7
    assert journalled(app, application_id).count("application_approve") == 1 == count(app, Citizen)
    with app.app_context():
        templates = list(db.session.scalars(select(OutboxMessage.template)))
    assert templates.count("akun_aktif") == 1


def test_two_accounts_of_one_nik_are_impossible(app, staff_client):
    operator = Officer(staff_client("operator"))
    first, second = an_application(app), an_application(app)
    for application_id in (first, second):
        declare(app, application_id)
    operator.acts(first, "setujui")
    refused = operator.acts(second, "setujui")
    assert refused.status == 409 and "sudah memiliki akun" in refused.text
    assert count(app, Citizen) == 1 and status_of(app, second) == "complete"


def test_when_an_account_exists_the_number_on_record_is_told(app, staff_client):
    operator = Officer(staff_client("operator"))
    first = an_application(app)
    declare(app, first)
    operator.acts(first, "setujui")
    an_application(app, whatsapp_number="0812-0000-9999")
    with app.app_context():
        templates = list(db.session.scalars(select(OutboxMessage.template)))
    assert templates.count("nik_sudah_punya_akun") == 1


def test_returning_without_a_reason_keeps_what_was_typed(app, staff_client):
    application_id = an_application(app)
    operator = Officer(staff_client("operator"))
    page = operator.acts(application_id, "kembalikan", note_KTP_BURAM="Tolong foto di luar rumah.")
    assert page.status == 422
    assert "Tolong foto di luar rumah." in str(page.soup)


def test_a_draft_or_unknown_application_is_not_found(app, staff_client):
    draft = an_application(app, send=False)
    operator = staff_client("operator")
    assert operator.get(f"/petugas/pendaftaran/{draft}").status_code == 404
    assert operator.get(f"/petugas/pendaftaran/{'0' * 32}").status_code == 404

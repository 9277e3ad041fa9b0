"""The resident's account: its birth, signing in, its page (docs/security.md A1-A4)."""

from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import passwords, staff_service
from app.accounts.models import Citizen, Staff
from app.base import journal_line, journal_proof
from app.base.database import db, transaction
from app.citizen_account import account
from app.citizen_account.account import AccountExists, create_citizen
from app.registration.models import Application
from tests.accounts import a_draft, an_account, cookie_of, is_in, sign_in, staff_sign_in
from tests.browser import Page
from tests.builders import CITIZEN_PASSWORD, RESIDENT, add_staff, csrf_of

SENTENCE = (
    "NIK atau kata sandi tidak cocok. Baru mendaftar? Akun dapat dipakai setelah kami setujui. "
    "Lacak pendaftaran Anda dengan nomor pendaftaran dan PIN."
)
STRANGER = "3574020107780004"
DAY = datetime(2026, 11, 28, tzinfo=UTC)


def lines(app, action: str) -> list[journal_line.JournalLine]:
    with app.app_context():
        query = select(journal_line.JournalLine).where(journal_line.JournalLine.action == action)
        return list(db.session.scalars(query))


def test_the_chosen_password_opens_the_account(app, client):
    an_account(app)
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/akun")
    assert is_in(client)


@pytest.mark.parametrize("typed", [
    "3574 0145 0590 0001", "3574-0145-0590-0001", " 3574014505900001 ", "3574.0145.0590.0001",
])
def test_the_nik_may_be_typed_as_it_is_printed(app, client, typed):
    an_account(app)
    assert sign_in(client, nik=typed).status_code == 303


def test_the_account_page_masks_what_it_need_not_show(app, client):
    an_account(app)
    sign_in(client)
    page = client.get("/akun")
    assert RESIDENT["nik"] not in page.text and "0001" in page.text
    assert RESIDENT["kk_number"] not in page.text
    assert "0812-0000-1001" not in page.text and "0812-••••-1001" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    Page(page).audit(fragment=False)


def test_without_signing_in_the_account_leads_to_the_sign_in_page(client):
    answer = client.get("/akun")
    assert (answer.status_code, answer.location) == (303, "/masuk?next=/akun")


def test_htmx_is_told_to_load_the_sign_in_page_and_to_come_back_to_what_was_on_screen(client):
    answer = client.get("/akun", headers={
        "HX-Request": "true", "HX-Current-URL": "http://localhost/akun?bagian=data",
    })
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/masuk?next=/akun%3Fbagian%3Ddata"


def test_whoever_is_signed_in_is_led_on_from_the_sign_in_page(app, client):
    an_account(app)
    sign_in(client)
    assert client.get("/masuk").location == "/akun"


def test_an_address_that_only_begins_like_the_office_is_a_page_that_is_not_there(app, client):
    an_account(app)
    sign_in(client)
    assert client.get("/petugasabc").status_code == 404


def test_sign_out_ends_the_session_and_says_so(app, client):
    an_account(app)
    sign_in(client)
    token = cookie_of(client, "loket_warga")
    answer = client.post("/keluar", data={"csrf_token": csrf_of(client.get("/akun").text)})
    assert (answer.status_code, answer.location) == (303, "/masuk")
    assert "Anda sudah keluar." in client.get("/masuk").text
    client.set_cookie("loket_warga", token)
    assert not is_in(client)
    assert len(lines(app, "logout")) == 1


def test_sign_out_is_never_a_mere_link(client):
    assert client.get("/keluar").status_code == 405


@pytest.mark.parametrize("case", ["unknown", "wrong", "waiting", "disabled"])
def test_every_refusal_looks_the_same(app, client, case, time):
    nik, password = RESIDENT["nik"], CITIZEN_PASSWORD
    if case == "waiting":
        a_draft(app)
    elif case in ("wrong", "disabled"):
        citizen_id = an_account(app)
        password = password if case == "disabled" else "sandi yang lain"
    if case == "disabled":
        with app.app_context(), transaction() as session:
            session.get_one(Citizen, citizen_id).disabled_at = time.moment
    answer = sign_in(client, nik, password)
    page = Page(answer)
    assert answer.status_code == 422 and SENTENCE in page.text
    assert page.soup.find("a", href="/lacak")
    assert page.field("nik") == nik and page.field("password") == ""
    assert cookie_of(client, "loket_warga") is None
    (line,) = lines(app, "login_failed")
    assert line.about_kind == "nik_index" and nik not in line.about_id + line.detail


@pytest.mark.parametrize("account", [True, False])
def test_every_refusal_costs_exactly_one_verification(app, client, account, monkeypatch):
    if account:
        an_account(app)
    calls = []
    real = passwords._hasher

    class Counting:
        def verify(self, kept, text):
            calls.append(kept)
            return real.verify(kept, text)

        hash = staticmethod(real.hash)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    assert sign_in(client, password="sandi yang lain").status_code == 422
    assert len(calls) == 1


@pytest.mark.parametrize("nik", ["", "123", "357401450590000A", "٣٥٧٤٠١٤٥٠٥٩٠٠٠٠١", "1" * 300, "35740145059000\x00"])
def test_what_cannot_be_a_nik_is_named_at_its_field_without_hashing(app, client, nik, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", None)
    answer = sign_in(client, nik=nik)
    assert answer.status_code == 422
    assert "NIK" in Page(answer).text and SENTENCE not in Page(answer).text


@pytest.mark.parametrize("length", [129, 60_000])
def test_an_over_long_password_is_refused_without_hashing(app, client, length, monkeypatch):
    an_account(app)
    monkeypatch.setattr(passwords, "_hasher", None)
    assert sign_in(client, password="x" * length).status_code == 422


def test_signing_in_forgives_earlier_failures_of_a_known_browser(app, client, time):
    an_account(app)
    for _ in range(4):
        for _ in range(4):
            assert sign_in(client, password="salah sekali").status_code == 422
        assert sign_in(client).status_code == 303
        client.delete_cookie("loket_warga")


def test_one_browser_that_types_without_end_is_told_to_wait(app, client, time):
    answers = [sign_in(client, nik=STRANGER).status_code for _ in range(20)]
    assert answers == [422] * 10 + [303] * 5 + [429] * 5
    time.moves(minutes=10)
    assert sign_in(client, nik=STRANGER).status_code == 303  # asked for one step more again


def test_a_weaker_hash_is_renewed_at_sign_in(app, client):
    citizen_id = an_account(app)
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(CITIZEN_PASSWORD)
    with app.app_context(), transaction() as session:
        session.get_one(Citizen, citizen_id).password_hash = weak
    assert sign_in(client).status_code == 303
    with app.app_context():
        kept = db.session.get_one(Citizen, citizen_id).password_hash
    assert kept != weak and not passwords.needs_rehash(kept)
    client.delete_cookie("loket_warga")
    assert sign_in(client).status_code == 303


def test_a_nik_gets_one_account_only(app):
    an_account(app)
    second = a_draft(app)
    with app.app_context():
        with pytest.raises(AccountExists) as refused, transaction() as session:
            create_citizen(session.get_one(Application, second))
        assert (refused.value.status, refused.value.message) == (409, "NIK ini sudah memiliki akun.")
        assert len(list(db.session.scalars(select(Citizen)))) == 1


def test_the_account_keeps_its_own_sealed_copy_of_the_data(app):
    citizen_id = an_account(app)
    with app.app_context():
        citizen = db.session.get_one(Citizen, citizen_id)
        application = db.session.get_one(Application, citizen.application_id)
        assert citizen.personal_sealed != application.personal_sealed
        assert citizen.nik_index == application.nik_index


def test_each_sign_in_is_one_line_in_the_journal(app, client):
    citizen_id = an_account(app)
    sign_in(client)
    (line,) = lines(app, "login_ok")
    assert (line.actor_kind, line.actor_id) == ("citizen", citizen_id)
    with app.app_context():
        assert journal_proof.first_broken_line() is None


def test_a_form_of_another_site_signs_nobody_in(app, client):
    an_account(app)
    answer = client.post("/masuk", data={"nik": RESIDENT["nik"], "password": CITIZEN_PASSWORD})
    assert answer.status_code == 400 and cookie_of(client, "loket_warga") is None


@pytest.mark.parametrize("address", ["/masuk", "/petugas/masuk"])
def test_the_sign_in_pages_are_whole_pages_and_fragments_for_htmx(client, address):
    whole, part = Page(client.get(address)), Page(client.get(address, headers={"HX-Request": "true"}))
    whole.audit(fragment=False)
    part.audit(fragment=True)
    assert (whole.status, part.status) == (200, 200)


def test_the_same_holds_on_postgresql(pg_app):
    citizen_id = an_account(pg_app)
    client = pg_app.test_client()
    assert sign_in(client, password="salah sekali").status_code == 422
    assert sign_in(client).status_code == 303 and is_in(client)
    add_staff(pg_app, "operator1", "operator")
    assert staff_sign_in(client, "operator\x00", "salah sekali").status_code == 422
    assert staff_sign_in(client, "operator1").status_code == 303
    assert client.post("/keluar", data={"csrf_token": csrf_of(client.get("/akun").text)}).status_code == 303
    assert not is_in(client)
    second = a_draft(pg_app)
    with pg_app.app_context(), pytest.raises(IntegrityError), transaction() as session:
        citizen = session.get_one(Citizen, citizen_id)
        session.add(Citizen(
            application_id=second, nik_index=citizen.nik_index, phone_index="", personal_sealed=b"",
            password_hash="",
        ))


CHANGES = {"closed": {"disabled_at": DAY}, "other password": {"password_hash": "another"}}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", ["resident", "staff"])
def test_an_account_that_changes_while_the_password_is_checked_lets_nobody_in(app, client, kind, change, monkeypatch):
    account_id = an_account(app) if kind == "resident" else add_staff(app, "wati", "petugas")
    service, model = (account, Citizen) if kind == "resident" else (staff_service, Staff)
    check = service.verify_password

    def check_slowly(known_hash, password):
        with app.app_context(), transaction() as session:  # the admin, in another process
            for name, value in change.items():
                setattr(session.get_one(model, account_id), name, value)
        return check(known_hash, password)

    monkeypatch.setattr(service, "verify_password", check_slowly)
    answer = sign_in(client) if kind == "resident" else staff_sign_in(client, "wati")
    assert answer.status_code == 422
    assert not is_in(client, "/akun" if kind == "resident" else "/petugas/")

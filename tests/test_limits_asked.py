"""Every limit of the table is asked by the page it is meant for: a second try over HTTP where one is allowed."""

import io
from itertools import count
from types import SimpleNamespace

import pytest
from sqlalchemy import delete

from app.base.database import transaction
from app.base.limits import LIMITS, RateLimitCounter
from tests.accounts import an_account
from tests.browser import Page, Resident
from tests.builders import CITIZEN_PASSWORD, RESIDENT, add_staff, an_application, photo_files
from tests.complaints import Complainant
from tests.desk import shared_photos
from tests.own_account import UNKNOWN_NIK, asks_without_the_old_number, forgets
from tests.resident_pages import Follower, number_and_pin

NOWHERE, WRONG_PIN = "ADU-2026-999999", "000000"
# letters come by IMAP and not by HTTP: test_complaints_mail_once.py sends them
ASKED_BY_LETTERS = {"mail-sender", "mail-sender-flood"}


def signing_in(app):
    resident = Resident(app.test_client())
    return lambda: resident.signs_in(RESIDENT["nik"], "salah sekali ini")


def signing_in_as_staff(app):
    add_staff(app, "bayu", "operator")
    browser = Resident(app.test_client())

    def tries():
        browser.open("/petugas/masuk")
        return browser.send("/petugas/masuk", {"username": "bayu", "password": "salah sekali ini"})

    return tries


def following(app):
    follower = Follower(app.test_client())
    return lambda: follower.follows("2222-2222", WRONG_PIN)


def following_a_ticket(app):
    stranger = Complainant(app.test_client())
    return lambda: stranger.follows(NOWHERE, WRONG_PIN)


def forgetting_the_password(app):
    return lambda: forgets(app, UNKNOWN_NIK).page


def using_a_letter(app):
    stranger = Follower(app.test_client())

    def tries():
        stranger.open("/masuk/surat")
        return stranger.send("/masuk/surat", {"number": "2222-2222", "code": "2222-2222", "new_password": "x"})

    return tries


def changing_the_number(app):
    an_account(app)
    owner = Follower(app.test_client())
    owner.signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)

    def asks():
        owner.open("/akun/nomor")
        return owner.send("/akun/nomor", {"new_number": "0812-0000-2222", "password": CITIZEN_PASSWORD})

    return asks


def sending_a_photo(app):
    resident = Resident(app.test_client())
    resident.starts()
    resident.fills_in()
    return lambda: resident.sends_photo("ktp", photo_files()["ktp"])


def sending_a_better_photo(app):
    application_id = an_application(app, shared_photos())
    follower = Follower(app.test_client())
    follower.follows(*number_and_pin(app, application_id))

    def sends():
        photo = {"photo": (io.BytesIO(photo_files()["ktp"]), "foto.jpg"), "upload_id": ""}
        return follower.send("/perbaikan/ktp", photo, multipart=True)

    return sends


def starting_a_draft(app):
    return lambda: Resident(app.test_client()).starts()


def complaining(app):
    return lambda: Complainant(app.test_client()).complains()


def replying(app):
    person = Complainant(app.test_client())
    person.complains(answer_by="page", whatsapp_number="")
    person.follows()
    return lambda: person.replies("Masih sama.")


def forging_a_call(app):
    return lambda: Page(app.test_client().post("/wa/masuk", data={}))


def typing(app):
    resident = Resident(app.test_client())
    resident.starts()
    return lambda: without_page(resident, "/daftar/data/isian", {"address": "Jl. Contoh 5"})


def typing_a_complaint(app):
    person = Complainant(app.test_client())
    person.open("/pengaduan")
    return lambda: without_page(person, "/pengaduan/isian", {"text": "Antrean lama"})


def without_page(browser, path, typed):
    """What the script of a page sends; its answer is no page."""
    response = browser.client.post(path, data={**typed, "csrf_token": browser.page.field("csrf_token")})
    return SimpleNamespace(status=response.status_code, response=response)


def reading_the_code_at_the_counter(app):
    def begins():
        reader = Resident(app.test_client())
        reader.open("/survei")
        return reader.send("/survei/bagian/1", {"u1": "4", "u2": "4", "u3": "4"})

    return begins


def checking_a_message(app):
    browser = Resident(app.test_client())
    return lambda: browser.open("/cek-pesan?kode=ABCD")


DOORS = [
    ("guess-browser", signing_in), ("guess-browser", signing_in_as_staff), ("guess-browser", following),
    ("guess-browser", following_a_ticket),
    ("letter-code", using_a_letter), ("letter-code-address", using_a_letter),
    ("reset-strangers", forgetting_the_password), ("number-codes", changing_the_number),
    ("request-account", asks_without_the_old_number), ("request-address", asks_without_the_old_number),
    ("upload-draft", sending_a_photo), ("upload-draft", sending_a_better_photo),
    ("drafts-address", starting_a_draft),
    ("complaint-address", complaining), ("complaint-contact", complaining), ("complaint-contact", replying),
    ("typed-draft", typing), ("typed-complaint", typing_a_complaint),
    ("survey-address", reading_the_code_at_the_counter),
    ("webhook-refused", forging_a_call), ("check-message", checking_a_message),
]
# these slow down, count or lead to one step more, and never refuse: test_lockout*.py and test_code_limits.py meet them
NEVER_REFUSE = (
    "guess-", "ticket-", "old-ticket-", "second-factor", "step-", "office-network", "told-", "reset-known",
    "reset-address", "survey-tap", "reset-city", "reset-stopped", "reset-told", "request-known",
)


def test_every_limit_has_a_door():
    untested = LIMITS.keys() - {name for name, _ in DOORS} - ASKED_BY_LETTERS
    untested = {name for name in untested if not name.startswith(NEVER_REFUSE)}
    assert not untested, f"write who meets {sorted(untested)}, and how, into DOORS"


@pytest.mark.parametrize(("name", "door"), DOORS, ids=lambda part: part if isinstance(part, str) else part.__name__)
def test_who_used_up_a_limit_is_told_when_to_come_back(app, monkeypatch, name, door):
    """Each request comes from another address of one household, whose whole IPv6 network counts as one."""
    comes_from_one_household(app)
    tries = door(app)
    assert tries().status not in (429, 500), "with the limits of the table nobody is stopped at the first try"
    forget_the_counters(app)
    monkeypatch.setitem(LIMITS, name, "1 per hour")
    assert tries().status not in (429, 500)
    refused = tries()
    assert refused.status == 429 and int(refused.response.headers["Retry-After"]) > 0


def comes_from_one_household(app) -> None:
    numbers, answer = count(1), app.wsgi_app
    app.wsgi_app = lambda environ, start: answer({**environ, "REMOTE_ADDR": f"2001:db8:1:2::{next(numbers):x}"}, start)


def forget_the_counters(app) -> None:
    with app.app_context(), transaction() as session:
        session.execute(delete(RateLimitCounter))

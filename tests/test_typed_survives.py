"""What was typed is in the answer: after a lost cookie, a stale token, too many tries, and while the store is away."""

import pytest
from sqlalchemy.exc import OperationalError

from app.base import limits
from app.complaints.arriving import web_form
from app.web import errors
from tests.browser import Browser, Page
from tests.complaints import FORM, WORDS


def sent(client, path: str, values: dict, **headers) -> Page:
    return Page(client.post(path, data=values, headers=headers))


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
@pytest.mark.parametrize("token", ["", "usang"], ids=["lost cookie", "stale token"])
def test_a_complaint_is_still_there_and_goes_on_with_one_press(app, token, headers):
    client = app.test_client()
    page = sent(client, "/pengaduan", {**FORM, "csrf_token": token}, **headers)
    assert page.status == 400 and WORDS in page.text and "Kirim lagi" in page.text
    again = {field["name"]: field.get("value") or field.text.strip() for field in page.soup.select(
        "form[action='/pengaduan'] [name]")}
    assert again["text"].strip() == WORDS and again["category"] == FORM["category"]
    assert client.post("/pengaduan", data=again).status_code == 303


@pytest.mark.parametrize(("path", "values", "shown"), [
    ("/daftar/data", {"full_name": "SITI CONTOH", "address": "Jalan Uji 1", "new_password": "sandi rahasia"},
     ("SITI CONTOH", "Jalan Uji 1")),
    ("/pengaduan/lacak/balas", {"reply": "Masih salah namanya"}, ("Masih salah namanya",)),
    ("/pengaduan/lacak", {"number": "ADU-2026-000123", "pin": "12345678"}, ("ADU-2026-000123",)),
    ("/masuk", {"nik": "3574011708450001", "password": "sandi rahasia"}, ("3574011708450001",)),
])
def test_every_public_form_keeps_its_fields_and_never_a_secret(app, path, values, shown):
    page = sent(app.test_client(), path, values)
    assert page.status == 400
    for words in shown:
        assert words in page.soup.select_one(f"form[action='{path}']").decode()
    for secret in ("sandi rahasia", "12345678"):
        assert secret not in page.soup.decode()


def test_after_too_many_tries_the_words_wait_with_the_person(app, client, monkeypatch):
    browser = Browser(client)
    browser.open("/pengaduan")

    def refuses(*_):
        raise limits.TooManyTries(90)

    monkeypatch.setattr(web_form, "check_complaint", refuses)
    page = browser.send("/pengaduan", FORM)
    assert page.status == 429 and WORDS in page.soup.decode()


def test_while_the_database_is_away_the_words_are_in_the_answer(app, client, monkeypatch):
    browser = Browser(client)
    browser.open("/pengaduan/lacak")

    def is_away(*_):
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr("app.complaints.public.tracking.open_ticket", is_away)
    page = browser.send("/pengaduan/lacak", {"number": "ADU-2026-000123", "pin": "12345678"})
    assert page.status == 503 and "ADU-2026-000123" in page.soup.decode() and "12345678" not in page.soup.decode()


def test_what_another_site_sends_is_refused_and_not_shown(app):
    page = sent(app.test_client(), "/pengaduan", FORM, Origin="https://evil.example")
    assert page.status == 403 and WORDS not in page.text


def test_a_field_with_a_secret_name_is_never_carried():
    assert all(errors.NEVER.search(name) for name in (
        "password", "new_password", "new_password_again", "pin", "code", "csrf_token", "totp", "kode"))

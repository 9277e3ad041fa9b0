"""What was typed is in the answer: after a lost cookie, a stale token, too many tries, and while the store is away."""

import pytest
from sqlalchemy.exc import OperationalError

from app.base import limits
from app.complaints.arriving import web_form
from app.web import access, errors
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


# what residents type or choose -> the words; every form of theirs is in one of the two tables
NAME, LONG = "SITI CONTOH", "Jalan Uji 1, RT 02"
TYPED_INTO: dict[str, dict[str, str]] = {
    "/akun/data": {"address": LONG}, "/akun/hak-data": {"kind": "copy", "text": LONG, "value": NAME},
    "/akun/nomor": {"new_number": "0812-0000-7777"}, "/akun/nomor/hilang": {"new_number": "0812-0000-7777"},
    "/daftar/data": {"full_name": NAME, "address": LONG, "new_password": "sandi rahasia"},
    "/lacak": {"number": "K7QM-2XPA", "pin": "12345678"}, "/lacak/hak-data": {"kind": "copy", "text": LONG},
    "/lupa-sandi": {"nik": "3574011708450001"}, "/lupa-sandi/tanpa-whatsapp": {"nik": "3574011708450001"},
    "/masuk": {"nik": "3574011708450001", "password": "sandi rahasia"},
    "/pengaduan": FORM, "/pengaduan/lacak": {"number": "ADU-2026-000123", "pin": "12345678"},
    "/pengaduan/lacak/balas": {"reply": LONG}, "/pengaduan/lacak/nilai": {"rating": "2", "sentence": LONG},
    "/perbaikan": {"full_name": NAME, "address": LONG}, "/survei/bagian/1": {"suggestion": LONG, "u1": "3"},
}
# nothing is typed there that may stand in a page: a press, a tick, a photo, or a password and a code alone
NOTHING_TYPED = {
    "/akun/hak-data/salinan", "/akun/keluar-semua", "/akun/nomor/kode", "/akun/sandi", "/daftar", "/daftar/data/isian",
    "/daftar/hapus", "/daftar/lanjut-nanti", "/daftar/periksa", "/daftar/ktp", "/keluar", "/lacak/batalkan",
    "/lacak/hak-data/t/x", "/lacak/kode", "/lacak/lanjutkan", "/lacak/selesai", "/lacak/t/x",
    "/lacak/tidak-perlu-diantar", "/lupa-sandi/baru", "/lupa-sandi/kode", "/lupa-sandi/t/x", "/masuk/kode",
    "/masuk/surat", "/pengaduan/isian", "/pengaduan/kosongkan", "/pengaduan/lacak/kode", "/perbaikan/ktp",
    "/survei/ketuk", "/wa/masuk", "/wa/status",
}
READ = ("text", "reply", "sentence", "address", "new_number", "number", "suggestion")
SECRETS = ("sandi rahasia", "12345678")


def test_every_form_of_residents_is_in_one_of_the_tables(app):
    routes = {rule.rule for rule in app.url_map.iter_rules()
              if "POST" in rule.methods and not rule.rule.startswith("/petugas")}
    shapes = (("<token>", "x"), ("<any(ktp,'tanda-tangan',selfie):slug>", "ktp"),
              ("<any('1','2','3','4'):number>", "1"))
    for shape, value in shapes:
        routes = {rule.replace(shape, value) for rule in routes}
    assert routes == set(TYPED_INTO) | NOTHING_TYPED


def holds(page: Page, path: str) -> bool:
    """Whether the answer holds what was typed, in a form that goes there again, and no secret."""
    form = page.soup.select_one(f"form[action='{path}']")
    said = form.decode() if form is not None else ""
    wanted = [value for name, value in TYPED_INTO[path].items() if value and value not in SECRETS]
    return all(value in said for value in wanted) and not any(secret in page.soup.decode() for secret in SECRETS)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
@pytest.mark.parametrize("path", TYPED_INTO)
def test_every_public_form_keeps_its_fields_and_never_a_secret(app, monkeypatch, path, headers):
    client, values = app.test_client(), TYPED_INTO[path]
    lost = sent(client, path, values, **headers)
    assert lost.status == 400 and holds(lost, path)
    again = sent(client, path, {**values, "csrf_token": lost.field("csrf_token")}, **headers)
    is_accepted = again.status in (204, 303) and path in ("/pengaduan", "/lupa-sandi")  # they ask for nobody known
    assert is_accepted or again.status in (401, 422)
    assert is_accepted or all(values.get(name, "") in again.soup.decode() for name in READ)
    monkeypatch.setattr(access, "_gates", {kind: lambda rule: None for kind in access._gates})
    endpoint = app.url_map.bind("").match(path, method="POST")[0]
    for error, status in ((limits.TooManyTries(90), 429), (OperationalError("", {}, Exception("locked")), 503)):
        def refuses(error=error, **_):
            raise error

        refuses.access = app.view_functions[endpoint].access
        monkeypatch.setitem(app.view_functions, endpoint, refuses)
        page = sent(client, path, {**values, "csrf_token": lost.field("csrf_token")}, **headers)
        assert page.status == status and holds(page, path) and page.response.headers["Retry-After"]


def test_who_is_known_no_longer_goes_on_with_the_words_after_coming_in_again(app):
    client = app.test_client()
    token = Page(client.get("/pengaduan")).field("csrf_token")
    lost = sent(client, "/daftar/data", {"full_name": NAME, "address": LONG, "draft": "lama", "csrf_token": token})
    assert lost.status == 401 and lost.soup.select_one("form a[target=_blank]")["href"] == "/daftar"
    other_tab = Browser(client)
    other_tab.open("/daftar")
    other_tab.send("/daftar", {"notice": "y"})
    again = {field["name"]: field.get("value") or field.text.strip()
             for field in lost.soup.select("form[action='/daftar/data'] [name]")}
    page = sent(client, "/daftar/data", again)
    assert page.status == 422 and page.field("full_name") == NAME and LONG in page.soup.decode()


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

    monkeypatch.setattr("app.complaints.public.tracking.let_in", is_away)
    page = browser.send("/pengaduan/lacak", {"number": "ADU-2026-000123", "pin": "12345678"})
    assert page.status == 503 and "ADU-2026-000123" in page.soup.decode() and "12345678" not in page.soup.decode()


def test_what_another_site_sends_is_refused_and_not_shown(app):
    page = sent(app.test_client(), "/pengaduan", FORM, Origin="https://evil.example")
    assert page.status == 403 and WORDS not in page.text


def test_a_field_with_a_secret_name_is_never_carried():
    assert all(errors.NEVER.search(name) for name in (
        "password", "new_password", "new_password_again", "pin", "code", "csrf_token", "totp", "kode"))

"""`next` leads to a page of our own or nowhere (docs/security.md, trap 9)."""

import pytest

from app.accounts.gates import next_query, safe_next
from tests.accounts import an_account, sign_in, staff_sign_in
from tests.builders import add_staff

EVIL = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "javascript:alert(1)", "/%09/evil.example", "http://localhost@evil.example", "/\n/evil.example",
    "///evil.example", "https://kota.example.evil.example/",
]
MORE_EVIL = [
    "/%5cevil.example", "/%2f/evil.example", "/%0d%0aLocation:%20https://evil.example", "/\t/evil.example",
    " /akun", "/a b", "/\u3002evil", "/" + "a" * 500, "akun", "?x=1",
]


@pytest.mark.parametrize("evil", EVIL + MORE_EVIL)
def test_an_address_of_somebody_else_leads_to_the_usual_page(evil):
    assert safe_next(evil, "/akun") == "/akun"


@pytest.mark.parametrize("good", ["/akun", "/lacak?dari=masuk", "/petugas/pendaftaran/ab12?tab=baru", "/"])
def test_a_page_of_our_own_is_kept_as_written(good):
    assert safe_next(good, "/default") == good


@pytest.mark.parametrize("missing", [None, ""])
def test_without_a_wish_the_usual_page_follows(missing):
    assert safe_next(missing, "/akun") == "/akun"


@pytest.mark.parametrize("outside", ["/akun", "/petugasx", "/petugas/../akun"])
def test_staff_are_only_led_inside_the_office(outside):
    assert safe_next(outside, "/petugas/", "/petugas") == "/petugas/"


def test_the_wish_is_quoted_so_that_its_own_query_survives():
    assert next_query("/petugas/?tab=baru&x=1") == "?next=/petugas/%3Ftab%3Dbaru%26x%3D1"


def test_signing_in_never_leaves_the_site(app):
    an_account(app)
    for evil in EVIL:
        answer = sign_in(app.test_client(), next=evil)
        assert (answer.status_code, answer.location) == (303, "/akun"), evil


def test_staff_signing_in_never_leave_the_site(app):
    add_staff(app, "operator1", "operator")
    for evil in EVIL:
        answer = staff_sign_in(app.test_client(), "operator1", next=evil)
        assert (answer.status_code, answer.location) == (303, "/petugas/"), evil


def test_after_signing_in_the_page_asked_for_opens(app, client):
    add_staff(app, "operator1", "operator")
    asked = client.get("/petugas/pesan?state=failed")
    assert asked.status_code == 303 and asked.location == "/petugas/masuk?next=/petugas/pesan%3Fstate%3Dfailed"
    form = client.get(asked.location).text
    assert 'value="/petugas/pesan?state=failed"' in form
    answer = staff_sign_in(client, "operator1", next="/petugas/pesan?state=failed")
    assert answer.location == "/petugas/pesan?state=failed"

"""What people and attackers type, field by field, through the real form (docs/security.md).

`KEPT` is what must be stored for what was typed; `REFUSED` answers 422 beside the field, `UNREADABLE`
is refused as a whole. Rules of single fields in depth: test_identity_*.py.
"""

from itertools import zip_longest
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import select

from app.base.database import db
from app.registration.models import Application
from app.registration.personal import open_personal
from tests.browser import Page, Resident
from tests.builders import RESIDENT
from tests.complaints import Complainant

NIK, FEMALE = "3574012345670001", "3574015505900002"
PHONE = "+6281200001001"
LINE = "\n2026-11-22 INFO login ok user=admin"
KEPT = [
    ("nik", NIK, NIK), ("nik", "3574 0123 4567 0001", NIK), ("nik", "3574.0123.4567.0001", NIK),
    ("nik", "3574-0123-4567-0001", NIK), ("nik", "3574\u00a00123\u00a04567\u00a00001", NIK),
    ("nik", "3574\u200b012345670001\ufeff", NIK), ("nik", f"{NIK}\n", NIK), ("nik", FEMALE, FEMALE),
    ("full_name", "SITI NUR'AINI, S.Pd.", "SITI NUR'AINI, S.Pd."), ("full_name", "Suparman", "Suparman"),
    ("full_name", "O", "O"), ("full_name", "  Budi \t Contoh ", "Budi Contoh"),
    ("full_name", "Robert'); DROP TABLE applications;--", "Robert'); DROP TABLE applications;--"),
    ("full_name", "Bu\u200bdi", "Budi"), ("full_name", "Jose\u0301", "Jos\u00e9"),
    ("full_name", "\uff22\uff35\uff24\uff29", "BUDI"), ("full_name", "NUR\u2019AINI", "NUR'AINI"),
    ("whatsapp_number", "0812-0000-1001", PHONE), ("whatsapp_number", "6281200001001", PHONE),
    ("whatsapp_number", "+62 812 0000 1001", PHONE), ("whatsapp_number", "+62 0812 0000 1001", PHONE),
    ("whatsapp_number", "81200001001", PHONE), ("whatsapp_number", "(0812) 0000.1001", PHONE),
    ("address", "Jl. Uji 1\r\nRT 01/RW 02\r\n", "Jl. Uji 1\nRT 01/RW 02"),
    ("address", f"Gang Contoh 1{LINE}", f"Gang Contoh 1{LINE}"),
    ("address", "Jl. <b>Contoh</b> 1 {{7*7}} %s", "Jl. <b>Contoh</b> 1 {{7*7}} %s"),
    ("village", "Mangunharjo", "Mangunharjo"), ("village", "luar kota", "luar kota"),
    ("village", "", "Ketapang"),  # the address names it, and Kademangan as its kecamatan
]
REFUSED = {
    "nik": (
        "", "\u0663\u0665\u0667\u0664\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0660\u0660\u0660\u0661",
        "\u0969\u096b\u096d\u096a\u0966\u0967\u0968\u0969\u096a\u096b\u096c\u096d\u0966\u0966\u0966\u0967",
        "\uff13\uff15\uff17\uff14\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff10\uff10\uff10\uff11",
        "357401234567000\u00b2", "357401234567000", "35740123456700010", "3574O1234567OOO1", "0" * 16,
        "3574019945670001", "3.574e15", "-357401234567001", "35740123\x0045670001", "1" * 100_000, "\U0001d7d7" * 16,
    ),
    "full_name": (
        "<script>alert(1)</script>", "\" autofocus onfocus=alert(1) x=\"", "</script><svg onload=alert(1)>",
        "{{ config.items() }}", "{0.__class__} %(secret)s", "=HYPERLINK(\"http://127.0.0.1\",\"x\")", "\t=1+1",
        "Budi \U0001f600", "B" + "\u0301" * 500, "\u0412udi \u0405antoso", "A" * 5000,
        " \u00a0\u3000\u2003 ", "Budi\x1b[31m\x07", "Budi\x00", "12345", "BUDI www.contoh.com",
    ),
    "whatsapp_number": (
        "0335-421234", "+1 900 555 0100", "112", "whatsapp:+6281200001001", "081200001001,081200001002",
        "081200001001;ext=1", "\u0660\u0668\u0661\u0662\u0660\u0660\u0660\u0660\u0661\u0660\u0660\u0661", "0812",
        "0812000010010000", "0812abcd1001", "+62 812 0000 1001 x",
    ),
    "kk_number": (NIK[:15], "\uff13" * 16, ""),
    "address": ("", "A" * 20_001, "Jl. Contoh\x001"),
    "village": ("Wonokromo", "Kec. Mayangan", "<script>alert(1)</script>"),
    "new_password": ("", "123", "x" * 1000, RESIDENT["nik"]),
}
UNREADABLE = [(b"nik=%ED%A0%80", 422), (b"nik=%FF", 422), (b"nik[]=" + NIK.encode(), 422), (b"nik=\xff", 400),
              (b"address=" + b"A" * 1_000_000, 413)]


@pytest.fixture
def resident(client):
    someone = Resident(client)
    someone.starts()
    return someone


def taken_in_turn(cases: list[tuple]) -> list[tuple]:
    """No field twice running: between two of its cases it is the usual value again."""
    fields = [[case for case in cases if case[0] == name] for name in dict.fromkeys(case[0] for case in cases)]
    return [case for turn in zip_longest(*fields) for case in turn if case]


def test_what_is_right_is_stored_in_one_spelling(app, resident):
    for field, typed, kept in taken_in_turn(KEPT):
        assert resident.fills_in(**{field: typed}).heading == "Foto KTP", (field, typed)
        with app.app_context():
            person = open_personal(db.session.scalars(select(Application)).one())
            assert getattr(person, field) == kept, (field, typed)


@pytest.mark.parametrize("field", REFUSED)
def test_what_is_wrong_is_refused_beside_its_field(app, resident, field):
    for typed in REFUSED[field]:
        page = resident.fills_in(**{field: typed})
        assert page.status == 422, typed[:200]
        assert page.soup.select_one(f".error-summary a[href='#{field}']"), typed[:200]
    with app.app_context():
        assert db.session.scalars(select(Application)).one().personal_sealed is None


def test_bytes_that_are_no_text_are_refused(resident):
    for raw, status in UNREADABLE:
        others = {name: value for name, value in RESIDENT.items() if name != raw.partition(b"=")[0].decode("latin-1")}
        others.pop("nik", None)
        body = urlencode({"csrf_token": resident.page.field("csrf_token"), **others}).encode() + b"&" + raw
        answer = resident.client.post("/daftar/data", data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == status, raw[:40]


MARKUP = "\"><script>alert(1)</script>{{7*7}}<img src=x onerror=alert(1)>"


def test_what_was_typed_is_shown_as_text_and_never_run(resident):
    fields = [name for name in RESIDENT if name not in ("new_password", "village")]
    page = resident.fills_in(**dict.fromkeys(fields, MARKUP))
    assert {name: page.field(name) for name in fields} == dict.fromkeys(fields, MARKUP)
    assert not [tag for tag in page.soup.find_all(["script", "img"]) if "alert" in str(tag)]


NOT_ASKED_FOR = (
    {"status": "active"}, {"id": "1"}, {"application_id": "1"}, {"number": "AAAA-AAAA"}, {"submitted_at": "2020-01-01"},
    {"flags": ""}, {"version": "99"}, {"draft_token_hash": "x"}, {"confirm[]": "ya"},
)


def test_fields_that_are_not_asked_for_change_nothing(app, resident):
    def row() -> tuple:
        with app.app_context():
            found = db.session.scalars(select(Application)).one()
            return found.id, found.status, found.number, found.submitted_at, found.draft_token_hash

    resident.fills_in()
    before = row()
    for extra in NOT_ASKED_FOR:
        resident.fills_in(**extra)
        resident.send("/daftar/periksa", extra)
        assert row() == before, extra


ANYTHING = (
    "lihat http://127.0.0.1/x\" onmouseover=alert(1)", "![x](javascript:alert(1)) *tebal*", "a" * 4900 + "!", MARKUP,
    "=HYPERLINK(\"x\")", "x\n" * 2000, "{0.__class__} %(secret)s",
)


def test_a_complaint_may_say_anything_and_is_shown_as_text(app):
    for words in ANYTHING:
        someone = Complainant(app.test_client())
        assert someone.complains(text=words).heading == "Pengaduan terkirim", words[:40]
        page: Page = someone.follows()
        assert words.split()[0] in page.text, words[:40]
        assert not [tag for tag in page.soup.find_all(["script", "img", "a"]) if "alert" in str(tag)], words[:40]


def test_a_complaint_of_ten_thousand_lines_is_refused_with_what_was_typed(client):
    page = Complainant(client).complains(text="x\n" * 10_000)
    assert page.status == 422


def test_a_day_that_is_none_is_refused_beside_its_field(client):
    someone = Complainant(client)
    for typed in ("1990-02-30", "2999-01-01", "0000-01-01", "99999-01-01", "17/08/1945", "2026-11-2\u0662", "kemarin"):
        page = someone.complains(happened_on=typed)
        assert page.status == 422 and page.soup.select_one(".error-summary a[href='#happened_on']"), typed
        assert page.field("happened_on") == typed
    assert someone.complains(happened_on="17/08/2025").heading == "Pengaduan terkirim"


def test_the_page_after_signing_in_is_one_of_ours_also_in_the_form(client):
    for next_page in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/%0d%0aX:1"):
        page = client.get(f"/masuk?next={quote(next_page)}")
        assert page.status_code == 200, next_page
        assert f'href="{next_page}"' not in page.text and f'action="{next_page}"' not in page.text, next_page


WHERE_A_LETTER_IS_BROUGHT = (
    ("Jl. Contoh Mawar 5, RT 02/RW 03", "Mangunharjo", True), ("Jl. Contoh Mawar 5, RT 02/RW 03", "", False),
    ("Jl. Contoh Mawar 5, RT 02/RW 03", "luar kota", False), ("Dekat pasar lama", "Mangunharjo", False),
    ("Jl. Contoh 5 RT 1 kedungasem", "", True),
)


def test_an_address_where_nobody_can_bring_a_letter_is_flagged(app, resident):
    for address, village, reachable in WHERE_A_LETTER_IS_BROUGHT:
        resident.fills_in(address=address, village=village)
        with app.app_context():
            flagged = "ALAMAT_TIDAK_DAPAT_DIANTAR" in db.session.scalars(select(Application)).one().flags
            assert flagged is not reachable, (address, village)

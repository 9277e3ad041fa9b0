"""The reasons officers choose from, reworded, added and put away by an administrator."""

import pytest

from app.registration.reasons import CATALOGUE, REJECT
from tests.browser import Browser
from tests.desk import a_case, messages, officer, row

BLURRED = "/petugas/alasan/KTP_BURAM"
WORDS = {"office": "KTP kabur", "citizen": "Tulisan di KTP tidak terbaca. Foto lagi di tempat terang.", "offered": "y"}


@pytest.fixture
def admin(app, time) -> Browser:
    return officer(app, "agus", "admin")


@pytest.fixture
def operator(app, time):
    return officer(app, "bayu")


def changes(admin: Browser, address: str, **fields):
    admin.open(address)
    return admin.send(address, fields)


def preview(operator, case: str, *codes: str) -> str:
    operator.opens_case(case)
    return operator.sends_act(case, "pratinjau", reasons=list(codes)).soup.select_one("#pratinjau").get_text()


def test_a_reworded_reason_is_what_officers_choose_and_residents_read(app, admin, operator):
    page = changes(admin, BLURRED, **WORDS)
    assert "Alasan sudah disimpan." in page.text and "KTP kabur" in page.text
    case = a_case(app)
    assert f"diperbaiki: {WORDS['citizen'].partition(' Foto')[0]}" in preview(operator, case, "KTP_BURAM")
    label = operator.page.soup.select_one("label[for=r-KTP_BURAM]")
    assert label.get_text() == "KTP kabur"
    sri = officer(app, "sri", "supervisor")
    assert "Alasan diubah" in sri.open("/petugas/jurnal").soup.select_one("tbody").get_text()


def test_a_reason_put_away_can_no_longer_be_chosen_and_still_explains_earlier_cases(app, admin, operator):
    before, after = a_case(app, 1), a_case(app, 2)
    operator.acts(before, "kembalikan", reasons=["KTP_BURAM"])
    operator.opens_case(after)
    changes(admin, BLURRED, office="KTP kabur", citizen=WORDS["citizen"])
    late = operator.sends_act(after, "kembalikan", reasons=["KTP_BURAM"])
    assert late.status == 422 and "Alasan ini tidak ada dalam daftar." in late.text
    assert not late.soup.select("#r-KTP_BURAM") and row(app, after).status == "submitted"
    sri = officer(app, "sri", "supervisor")
    lines = sri.open(f"/petugas/jurnal?tentang={row(app, before).number}&tindakan=application_return")
    assert "Foto KTP: KTP kabur" in lines.text


def test_a_reason_of_the_offices_own_stands_with_its_part_of_the_form(app, admin, operator):
    page = changes(admin, "/petugas/alasan/tambah", place="selfie", office="Selfie memakai filter",
                   citizen="Matikan filter kamera,\n lalu foto ulang.")
    code = page.soup.find("a", string="Selfie memakai filter")["href"].rpartition("/")[2]
    case = a_case(app)
    assert "Matikan filter kamera, lalu foto ulang." in preview(operator, case, code)
    operator.sends_act(case, "kembalikan", reasons=[code])
    assert row(app, case).status == "returned" and ("perlu_perbaikan", "pending") in messages(app)


@pytest.mark.parametrize(("address", "fields", "wrong"), [
    (BLURRED, {"office": "", "citizen": WORDS["citizen"]}, "office"),
    (BLURRED, {"office": "KTP kabur", "citizen": "Pendek"}, "citizen"),
    (BLURRED, {"office": "KTP kabur", "citizen": "a" * 301}, "citizen"),
    ("/petugas/alasan/BUKAN_WARGA_KOTA", {**WORDS, "advice": ""}, "advice"),
    ("/petugas/alasan/tambah", {**WORDS, "place": "semua"}, "place"),
])
def test_what_is_missing_is_named_at_its_field_and_nothing_typed_is_lost(admin, address, fields, wrong):
    page = changes(admin, address, **fields)
    assert page.status == 422 and page.soup.select_one(f"#{wrong}-error")
    assert fields["citizen"] in page.soup.select_one("#citizen").get_text()


def test_the_last_ground_for_a_refusal_cannot_be_put_away(admin):
    grounds = [entry for entry in CATALOGUE.values() if entry.act == REJECT]
    for entry in grounds[1:]:
        words = {"office": entry.office, "citizen": entry.citizen, "advice": entry.advice}
        assert changes(admin, f"/petugas/alasan/{entry.code}", **words).status == 200
    last = grounds[0]
    words = {"office": last.office, "citizen": last.citizen, "advice": last.advice}
    refused = changes(admin, f"/petugas/alasan/{last.code}", **words)
    assert refused.status == 422 and "Paling sedikit satu alasan" in refused.text

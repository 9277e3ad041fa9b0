"""Possible doubles: found by NIK, phone and picture, shown side by side, settled with a reason."""

import io
from collections.abc import Mapping
from functools import cache

from PIL import Image
from sqlalchemy import select

from app.base.database import db
from app.demo.photos import realistic_ktp, realistic_selfie, realistic_signature
from app.registration.doubles import DoubleSuspicion
from tests.builders import an_application, smaller
from tests.desk import journalled, nik_of, officer, row

DRAWN = 3  # to draw a person takes longer than to register one


@cache
def own_photos(number: int) -> Mapping[str, bytes]:
    """Three pictures nobody else has; from the fourth person on those of another, upside down."""
    if number > DRAWN:
        return {kind: upside_down(jpeg) for kind, jpeg in own_photos(number - DRAWN).items()}
    person = {"nik": nik_of(number), "name": f"WARGA CONTOH {number}"}
    return {
        "ktp": smaller(realistic_ktp(**person)), "selfie": smaller(realistic_selfie(**person)),
        "signature": smaller(realistic_signature(seed=number)),
    }


def upside_down(jpeg: bytes) -> bytes:
    with Image.open(io.BytesIO(jpeg)) as image:
        out = io.BytesIO()
        image.transpose(Image.Transpose.ROTATE_180).save(out, "JPEG", quality=85)
    return out.getvalue()


def registers(app, number: int, photos: Mapping[str, bytes] | None = None, **fields) -> str:
    values = {
        "nik": nik_of(number), "full_name": f"WARGA CONTOH {'ABCDEFGHIJ'[number]}",
        "whatsapp_number": f"0812-0000-{1000 + number}", "kk_number": f"357401010110{number:04d}",
    }
    return an_application(app, photos or own_photos(number), **{**values, **fields})


def suspicions(app) -> list[tuple[str, str, str]]:
    with app.app_context():
        rows = db.session.scalars(select(DoubleSuspicion).order_by(DoubleSuspicion.id))
        return [(found.kind, found.application_id, found.other_id) for found in rows]


def saved_again(jpeg: bytes) -> bytes:
    """The same picture as a messenger passes it on: smaller and pressed harder."""
    with Image.open(io.BytesIO(jpeg)) as image:
        out = io.BytesIO()
        image.resize((image.width * 4 // 5, image.height * 4 // 5)).save(out, "JPEG", quality=60)
    return out.getvalue()


def test_different_people_are_no_doubles(app):
    for number in (1, 2):
        registers(app, number)
    assert suspicions(app) == []


def test_the_same_nik_stands_on_both_cases(app, time):
    first, second = registers(app, 1), registers(app, 2, nik=nik_of(1))
    assert suspicions(app) == [("nik", second, first)]
    petugas = officer(app, "rina", "petugas")
    tab = petugas.open("/petugas/?tab=ganda")
    assert len(tab.soup.select("td a.number")) == 2
    page = petugas.opens_case(second)
    beside = page.soup.select_one(".beside").get_text()
    assert "NIK sama" in page.text and "WARGA CONTOH B" in beside and "WARGA CONTOH C" in beside
    assert nik_of(1) not in str(page.soup), "the NIK is still read on the card"
    assert page.soup.select_one(".case-head a[href='#not_double']") and "0812-0000-1001" in beside


def test_the_same_picture_and_a_near_copy_of_it_are_recognised(app):
    photos = own_photos(1)
    first = registers(app, 1, photos)
    same = registers(app, 2, {**own_photos(2), "ktp": photos["ktp"]})
    near = registers(app, 3, {**own_photos(3), "signature": saved_again(photos["signature"])})
    assert suspicions(app) == [("photo", same, first), ("photo_near", near, first)]
    assert "Foto KTP: foto yang sama persis100 %, pasti" in double_of(app, same)
    assert "Tanda tangan: foto hampir sama" in double_of(app, near)


def double_of(app, application_id: str) -> str:
    """What stands between the two sides."""
    return officer(app, "rina", "petugas").opens_case(application_id).soup.select_one(".double-middle").get_text()


def test_the_page_tells_what_else_is_known_of_the_person_and_folds_who_only_looked(app, time):
    first = registers(app, 1)
    officer(app, "bayu").acts(first, "kembalikan", reasons="KTP_BURAM")
    second = registers(app, 2, kk_number="3574010101100001", whatsapp_number="0812-0000-1001")
    page = officer(app, "rina", "petugas").opens_case(second)
    person = page.soup.select_one("#orang").get_text(" ")
    assert row(app, first).number in person and "Menunggu pemohon" in person
    assert "Nomor KK dan nomor WhatsApp sama" in person and "Belum pernah diminta." in person
    history = officer(app, "rina", "petugas").opens_case(first).soup.select_one("#riwayat")
    folded = history.select_one("details.looks").extract().get_text(" ")
    assert "Berkas dibuka" in folded and "Berkas dibuka" not in history.get_text(" ")
    assert "Perlu diperbaiki" in history.get_text(" ")


def test_one_phone_on_many_registrations_is_a_suspicion_on_two_it_is_not(app):
    phone = "0812-0000-7777"
    ids = [registers(app, number, whatsapp_number=phone) for number in range(1, 7)]
    assert {kind for kind, *_ in suspicions(app)} == {"phone"}
    assert {later for _, later, _ in suspicions(app)} == {ids[-1]}


def test_a_pair_is_settled_with_a_reason_for_both_sides(app, time):
    first, second = registers(app, 1), registers(app, 2, nik=nik_of(1))
    petugas = officer(app, "rina", "petugas")
    petugas.opens_case(second)
    refused = petugas.sends_act(second, "bukan-ganda", other=first)
    assert refused.status == 422 and "Tulis mengapa ini bukan ganda." in refused.text
    petugas.sends_act(second, "bukan-ganda", other=first, not_double="Kembar, nomor urut berbeda.")
    assert not row(app, first).doubtful and not row(app, second).doubtful
    assert "Mungkin ganda" not in petugas.opens_case(second).soup.select_one(".case-data").get_text()
    assert "double_settled" in journalled(app, second)
    assert petugas.sends_act(second, "bukan-ganda", other=first, not_double="Lagi.").status == 409

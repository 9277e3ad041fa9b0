"""Passwords: docs/security.md A4, A5; nothing is asked but length and that it is hard to guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.findings import FieldError
from app.identity.password import check_password, check_staff_password, normal_password

MAN = {"nik": "3574011708450001", "name": "H. Budi Santoso, S.Pd.", "phone": "+6281234567890"}
WOMAN = {"nik": "3574035708950002", "name": "Siti Nur'aini", "phone": "+60123456789"}


@pytest.mark.parametrize("typed", [
    "kelinci ungu naik sepeda", "abcdefgx", "zq7!vmpl", "budi-suka-makan-bakso", "kelinci1945", "positif-berpikir",
    "🐎🔋📎🐬🍉🚲🎻🧭", "x" * 3 + "y" * 3 + "z" * 122, " spasi di tepi ", "tukang<roti>&'\"", "QZWXECRV",
])
def test_long_enough_and_hard_to_guess_is_all_that_is_asked(typed):
    assert check_password(typed, **MAN).value == typed


@pytest.mark.parametrize("typed", ["", None, "abc", "zq7!vmp", "🐎🔋📎🐬🍉🚲🎻"])
def test_fewer_than_eight_characters_are_refused(typed):
    with pytest.raises(FieldError, match="paling sedikit 8 huruf atau angka"):
        check_password(typed, **MAN)


@pytest.mark.parametrize("typed", ["kw7!" * 32 + "x", "x" * 1_000_000, "e\u0301x" * 65])
def test_more_than_128_characters_never_reach_the_hash(typed):
    with pytest.raises(FieldError, match="Paling banyak 128"):
        normal_password(typed)


def test_two_spellings_of_one_letter_are_one_password():
    assert normal_password("cafe\u0301 pagi") == normal_password("café pagi")


@pytest.mark.parametrize("typed", [
    "sandi\0ku yang baik", "sandi\x1b yang baik", "sandi \ud800 baik", "sandi \ufffd baik",
])
def test_unreadable_characters_are_refused(typed):
    with pytest.raises(FieldError):
        check_password(typed)


@pytest.mark.parametrize("typed", [
    "password", "PASSWORD", "12345678", "123456789", "iloveyou", "qwertyuiop", "sayang123", "Bismillah", "indonesia",
    "Indonesia123", "probolinggo", "rahasia1", "katasandi", "dukcapil123", "p@ssw0rd", "passwordpassword",
    "aaaaaaaa", "abababab", "12341234", "kupukupu", "abcdefgh", "hgfedcba", "        ", "11112222", "Sayang-123",
])
def test_what_everybody_chooses_is_refused(typed):
    with pytest.raises(FieldError, match="terlalu mudah ditebak"):
        check_password(typed)


@pytest.mark.parametrize("typed", [
    "3574011708450001", "3574-0117-0845-0001", "08450001", "357401170845", "nik357401",
    "17081945", "17-08-1945", "17/08/1945", "1945-08-17", "19450817", "170845ab", "17 Agustus 1945", "17agt1945",
    "17aug1945x", "agustus1945", "budisantoso", "BudiSantoso", "santoso.budi", "Budi12345", "budi1945",
    "santoso!!", "santoso17", "budi7890", "081234567890", "6281234567890", "+6281234567890", "0812-3456-7890",
    "81234567890", "34567890", "budi#1708#45",
])
def test_what_is_made_of_ones_own_data_is_refused(typed):
    with pytest.raises(FieldError, match="mudah ditebak"):
        check_password(typed, **MAN)


@pytest.mark.parametrize("typed", [
    "17081995", "17-agustus-95", "sitinuraini", "Siti Nur'aini", "nuraini95", "60123456789", "0123456789x", "57089500",
])
def test_a_womans_birth_date_is_read_without_the_forty(typed):
    with pytest.raises(FieldError, match="mudah ditebak"):
        check_password(typed, **WOMAN)


def test_the_same_words_are_fine_for_somebody_else():
    assert check_password("santoso!!tukang", **WOMAN).value
    assert check_password("19081977kx", **MAN).value


def test_a_short_name_does_not_spoil_other_words():
    assert check_password("tradisi-baik", nik="", name="Adi O", phone="").value
    with pytest.raises(FieldError):
        check_password("adi-98765", nik="", name="Adi O", phone="")


def test_unknown_own_data_does_not_matter():
    assert check_password("kelinci ungu", nik="", name="", phone="").value
    assert check_password("kelinci ungu", nik="3374012345670001", name="", phone="").value


@pytest.mark.parametrize("typed", [
    "13 karakter!!", "administrator2026", "passwordpassword1", "Probolinggo-Dukcapil1", "petugas-loket-3574",
    "rinadewi-operator", "rina.dewi.123456", "abcdefghijklmnop", "12345678901234", "kependudukan2026!",
])
def test_a_staff_password_needs_fourteen_characters_and_no_words_of_the_office(typed):
    with pytest.raises(FieldError):
        check_staff_password(typed, username="rina.dewi", name="Rina Dewi")


@pytest.mark.parametrize("typed", [
    "sepatu ungu naik kereta", "zq7vmplwkx3hbt", "loket kami punya kelinci", "9071826354928371",
])
def test_a_long_staff_password_is_accepted(typed):
    assert check_staff_password(typed, username="rina.dewi", name="Rina Dewi").value == typed


@given(st.text() | st.text("budi1945 -\u0301\u200b", max_size=20))
def test_any_text_is_either_a_password_or_a_field_error(typed):
    try:
        assert 8 <= len(check_password(typed, **MAN).value) <= 128
    except FieldError as error:
        assert len(error.message.split()) <= 15


@given(st.text(), st.text(), st.text())
def test_own_data_of_any_kind_never_breaks_the_check(nik, name, phone):
    assert check_password("kelinci ungu naik sepeda", nik=nik[:3], name=name, phone=phone[:3]).value

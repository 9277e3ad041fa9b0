"""NIK: the test values of docs/facts.md 1 and the form values of docs/security.md."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.findings import FLAG_TEXT, FieldError
from app.identity.nik import NeedsRecheck, birth_date_and_sex, parse_nik

TODAY = date(2026, 11, 22)
SAMPLE = "3374012345670001"
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
BAD_DAY = "3374019945670001"


@pytest.mark.parametrize(("typed", "flags"), [
    ("3574011708450001", ()),
    ("3574035708950002", ()),
    ("3574013112990001", ()),
    ("3574042902010003", ("TANGGAL_TIDAK_LAZIM",)),
    ("3574043002010003", ("TANGGAL_TIDAK_LAZIM",)),
    ("3574042902000003", ()),
    ("9101011506850001", ("WILAYAH_LAMA", "WILAYAH_LUAR_KOTA")),
    ("0953011708450123", ("WILAYAH_TIDAK_DIKENAL",)),
    ("3574997101800001", ("WILAYAH_TIDAK_DIKENAL",)),
    ("3513124107120001", ("WILAYAH_LUAR_KOTA", "USIA_DI_BAWAH_17")),
    ("3574010101260001", ("USIA_DI_BAWAH_17",)),
    ("3574012211090001", ()),
    ("3574012311090001", ("USIA_DI_BAWAH_17",)),
    ("3574011708450000", ("URUT_0000",)),
    ("1111111111111112", ("WILAYAH_LUAR_KOTA", "USIA_DI_BAWAH_17", "POLA")),
    ("3574011708458888", ()),
])
def test_a_nik_is_accepted_with_these_flags_and_no_others(typed, flags):
    parsed = parse_nik(typed, TODAY)
    assert (parsed.value, parsed.flags) == (typed, flags)


@pytest.mark.parametrize("nik", ["3574017202900001", "3574013502900001", "3574040000000001", BAD_DAY])
def test_an_impossible_day_is_asked_about_once_and_then_accepted_with_a_flag(nik):
    with pytest.raises(NeedsRecheck) as caught:
        parse_nik(nik, TODAY)
    assert caught.value.nik == nik
    assert "TANGGAL_TIDAK_LAZIM" in parse_nik(nik, TODAY, rechecked=caught.value.nik).flags


def test_a_recheck_holds_only_for_the_nik_that_was_asked_about():
    with pytest.raises(NeedsRecheck):
        parse_nik(BAD_DAY, TODAY, rechecked="3574017202900001")


def test_a_recheck_does_not_excuse_another_mistake():
    with pytest.raises(FieldError) as caught:
        parse_nik(BAD_DAY[:-1], TODAY, rechecked=BAD_DAY[:-1])
    assert not isinstance(caught.value, NeedsRecheck)


def test_an_impossible_month_is_only_a_flag():
    assert parse_nik(SAMPLE, TODAY).flags == ("TANGGAL_TIDAK_LAZIM", "WILAYAH_LUAR_KOTA")[::-1]


def test_a_woman_has_forty_added_to_her_day():
    assert parse_nik("3374015505900002", TODAY).flags == ("WILAYAH_LUAR_KOTA",)


def test_another_city_has_its_own_home_region():
    assert parse_nik("3374015505900002", TODAY, home="3374").flags == ()


@pytest.mark.parametrize("typed", [
    "3374 0123 4567 0001", "3374.0123.4567.0001", "3374\u00a00123\u00a04567\u00a00001",
    "3374\u200b012345670001\ufeff", SAMPLE + "\n", "\t33-74-01-2345670001 ", "3374\u20130123\u20134567\u20130001",
    "\u202a3374012345670001\u202c", "33.7401.234567.0001",
])
def test_usual_spellings_become_sixteen_plain_digits(typed):
    assert parse_nik(typed, TODAY).value == SAMPLE


@pytest.mark.parametrize("typed", [
    SAMPLE.translate(ARABIC_INDIC), SAMPLE.translate(DEVANAGARI), SAMPLE.translate(FULL_WIDTH),
    SAMPLE[:-1] + "²", SAMPLE[:-1], SAMPLE + "0", SAMPLE.replace("0", "O"), "0" * 16, "1" * 16,
    "1234567890123456", "3.374e15", "-374012345670001", "-" + SAMPLE, "\u2212" + SAMPLE, "+" + SAMPLE,
    SAMPLE[:8] + "\0" + SAMPLE[8:], "\ud800", "\udcff", SAMPLE[:-1] + "\ufffd", "3574011708", "35740115089X0001",
    "", None, "   ", "3374012345670001,0", "3" * 100_000,
])
def test_what_is_not_sixteen_ascii_digits_is_refused(typed):
    with pytest.raises(FieldError) as caught:
        parse_nik(typed, TODAY)
    assert not isinstance(caught.value, NeedsRecheck)


@pytest.mark.parametrize(("typed", "sentence"), [
    (SAMPLE[:-1], "NIK harus 16 angka. Anda mengisi 15 angka."),
    ("3374 0123 4567 00012", "NIK harus 16 angka. Anda mengisi 17 angka."),
    ("", "NIK wajib diisi dengan 16 angka."),
    (SAMPLE.replace("0", "O"), "NIK hanya berisi angka 0 sampai 9. Hapus huruf atau tanda lain."),
])
def test_the_sentence_says_what_is_wrong(typed, sentence):
    with pytest.raises(FieldError) as caught:
        parse_nik(typed, TODAY)
    assert caught.value.message == sentence


@pytest.mark.parametrize(("nik", "born", "sex"), [
    ("3574011708450001", date(1945, 8, 17), "L"),
    ("3574035708950002", date(1995, 8, 17), "P"),
    ("9101011506850001", date(1985, 6, 15), "L"),
    ("3574997101800001", date(1980, 1, 31), "P"),
    ("3513124107120001", date(2012, 7, 1), "P"),
    ("3574010101260001", date(2026, 1, 1), "L"),
    ("3574010101270001", date(1927, 1, 1), "L"),
    ("3574046902010003", None, "P"),
    ("3574042902010003", None, "L"),
    ("3574013502900001", None, None),
    ("3574040000000001", None, None),
    (SAMPLE, None, "L"),
])
def test_birth_date_and_sex_are_read_from_the_nik(nik, born, sex):
    assert birth_date_and_sex(nik, TODAY) == (born, sex)


almost_niks = st.text("0123456789 .-e+O\u200b\u00a0²٣３\0\n", max_size=24) | st.from_regex(
    r"[0-9]{15,17}", fullmatch=True
)


@given(st.text() | almost_niks)
def test_any_text_is_either_sixteen_digits_or_a_field_error(typed):
    try:
        parsed = parse_nik(typed, TODAY)
    except FieldError as error:
        assert error.message.endswith(".")
        assert len(error.message.split()) <= 16
    else:
        assert re.fullmatch("[0-9]{16}", parsed.value)
        assert set(parsed.flags) <= FLAG_TEXT.keys()


@given(st.from_regex(r"[0-9]{16}", fullmatch=True))
def test_every_nik_asked_about_can_be_insisted_on(nik):
    try:
        parse_nik(nik, TODAY)
    except NeedsRecheck as again:
        assert parse_nik(nik, TODAY, rechecked=again.nik).value == nik
    except FieldError:
        assert len(set(nik)) == 1 or nik == "1234567890123456"


@pytest.mark.parametrize("typed", [
    "NIK : 3574011708450001", "NIK: 3574 0117 0845 0001", "No. KTP = 3574011708450001", "\u200e3574011708450001\u200e",
])
def test_a_nik_copied_with_its_name_is_the_nik(typed):
    assert parse_nik(typed, date(2026, 11, 27)).value == "3574011708450001"

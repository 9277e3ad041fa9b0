"""Nomor KK: docs/facts.md 2."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.findings import FLAG_TEXT, FieldError
from app.identity.nik import parse_kk

TODAY = date(2026, 11, 22)
NIK = "3574011708450001"


@pytest.mark.parametrize(("typed", "flags"), [
    ("3574010101150007", ()),
    ("3574012211260007", ()),
    ("3574012311260007", ("KK_TANGGAL_TIDAK_LAZIM",)),
    ("3574014101150007", ("KK_TANGGAL_TIDAK_LAZIM",)),
    ("3574013002150007", ("KK_TANGGAL_TIDAK_LAZIM",)),
    ("3513120101150007", ("KK_LUAR_KOTA",)),
    ("9101010101150007", ("KK_LUAR_KOTA",)),
    ("0953010101150007", ("KK_WILAYAH_TIDAK_DIKENAL", "KK_LUAR_KOTA")),
    ("3574990101150007", ("KK_WILAYAH_TIDAK_DIKENAL",)),
])
def test_a_kk_number_is_accepted_with_these_flags_and_no_others(typed, flags):
    parsed = parse_kk(typed, NIK, TODAY)
    assert (parsed.value, parsed.flags) == (typed, flags)


def test_usual_spellings_become_sixteen_plain_digits():
    assert parse_kk("3574.0101 0115-0007\n", NIK, TODAY).value == "3574010101150007"


def test_the_nik_in_the_field_of_the_kk_is_refused():
    with pytest.raises(FieldError) as caught:
        parse_kk("3574 0117 0845 0001", NIK, TODAY)
    assert caught.value.message == "NIK dan Nomor KK tidak boleh sama. Lihat Kartu Keluarga Anda."


@pytest.mark.parametrize("nik", ["", None])
def test_the_kk_is_judged_also_when_the_nik_is_not_known_yet(nik):
    assert parse_kk("3574010101150007", nik, TODAY).value == "3574010101150007"


@pytest.mark.parametrize("typed", [
    "", None, "357401010115000", "35740101011500077", "0" * 16, "３５７４０１０１０１１５０００７",
])
def test_what_is_not_sixteen_ascii_digits_is_refused(typed):
    with pytest.raises(FieldError, match=r"Nomor KK|Kartu Keluarga"):
        parse_kk(typed, NIK, TODAY)


@given(st.text() | st.from_regex(r"[0-9]{15,17}", fullmatch=True))
def test_any_text_is_either_sixteen_digits_or_a_field_error(typed):
    try:
        parsed = parse_kk(typed, NIK, TODAY)
    except FieldError as error:
        assert len(error.message.split()) <= 14
    else:
        assert re.fullmatch("[0-9]{16}", parsed.value)
        assert parsed.value != NIK
        assert set(parsed.flags) <= FLAG_TEXT.keys()

"""Cleaning of text, and the address: docs/security.md, trap 7 and 3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.address import parse_address
from app.identity.findings import FieldError
from app.identity.text import clean_multiline, clean_text, marked

UNREADABLE = ["\0", "\x07", "\x1b", "\x7f", "\x85", "\x1c", "\ufffd", "\ud800", "\udcff", "\uffff"]
BIDI = list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize("clean", [clean_text, clean_multiline, parse_address])
@pytest.mark.parametrize("char", UNREADABLE, ids=lambda char: f"U+{ord(char):04X}")
def test_characters_nobody_can_read_are_refused(clean, char):
    with pytest.raises(FieldError):
        clean(f"Jalan{char} Uji 1")


@pytest.mark.parametrize("clean", [clean_text, clean_multiline])
@pytest.mark.parametrize("char", BIDI, ids=lambda char: f"U+{ord(char):04X}")
def test_what_turns_the_reading_order_is_cleaned_away(clean, char):
    assert clean(f"{char}Jalan{char} Uji 1{char}") == "Jalan Uji 1"


def test_at_the_desk_controls_are_marks_and_turning_ones_are_named():
    assert marked("a\u202eb\x07c\u200bd") == "a⟨right to left override⟩b\u2407cd"
    assert marked("baris\nsatu\t\U0001f468\u200d\U0001f469") == "baris\nsatu\t\U0001f468\u200d\U0001f469"


def test_invisible_characters_vanish_and_blanks_become_one():
    assert clean_text("  Jalan\u200b\u00ad \u00a0\u3000 Uji\ufeff\t1\r\n") == "Jalan Uji 1"


def test_composed_and_decomposed_letters_are_stored_alike():
    assert clean_text("Jose\u0301") == clean_text("José")


def test_compatibility_forms_are_kept_unless_asked_for():
    assert clean_text("½ Ａ") == "½ Ａ"
    assert clean_text("Ａ", "NFKC") == "A"


@pytest.mark.parametrize("clean", [clean_text, clean_multiline])
def test_accents_are_not_piled_up(clean):
    with pytest.raises(FieldError):
        clean("B" + "\u0301" * 500)


@pytest.mark.parametrize("breaks", ["\r\n", "\r", "\n", "\u2028", "\u2029"])
def test_every_kind_of_line_end_becomes_a_line_feed(breaks):
    assert clean_multiline(f"satu {breaks}  dua{breaks}") == "satu\ndua"


def test_more_than_one_empty_line_becomes_one():
    assert clean_multiline("satu\n\n\n \n\ndua") == "satu\n\ndua"


def test_a_missing_field_is_empty_text():
    assert clean_text(None) == clean_multiline(None) == ""


def test_megabytes_are_refused_before_any_work():
    with pytest.raises(FieldError):
        clean_multiline("A" * 10_000_000)


@pytest.mark.parametrize(("typed", "stored", "flags"), [
    ("Jl. Uji 1\r\nRT 01/RW 02\r\n", "Jl. Uji 1\nRT 01/RW 02", ()),
    ("x\n2026-11-22 INFO login ok user=admin", "x\n2026-11-22 INFO login ok user=admin", ("ALAMAT_TANPA_RT",)),
    ("Jl. Melati 5 RT.02 RW.03 Kademangan", "Jl. Melati 5 RT.02 RW.03 Kademangan", ()),
    ("Gang Mawar rt2/rw3 Jati", "Gang Mawar rt2/rw3 Jati", ()),
    ("Dusun Krajan R.T. 3", "Dusun Krajan R.T. 3", ()),
    ("Jl. Uji RT/RW 01/02", "Jl. Uji RT/RW 01/02", ()),
    ("Jl. Kartini 12 Mayangan", "Jl. Kartini 12 Mayangan", ("ALAMAT_TANPA_RT",)),
    ("<b>Jl. Uji</b> RT 1", "<b>Jl. Uji</b> RT 1", ()),
    ("A" * 300, "A" * 300, ("ALAMAT_TANPA_RT",)),
])
def test_an_address_is_kept_as_written_line_by_line(typed, stored, flags):
    parsed = parse_address(typed)
    assert (parsed.value, parsed.flags) == (stored, flags)


@pytest.mark.parametrize("typed", ["", None, " \n\u00a0", "Jati", "12345678", "........", "A" * 301, "A" * 10_000_000])
def test_an_address_nobody_can_find_is_refused(typed):
    with pytest.raises(FieldError, match=r"Alamat|terlalu panjang"):
        parse_address(typed)


@given(st.text() | st.text("aB \r\n\u200b\u0301\u2028<", max_size=40))
def test_cleaned_text_is_stable_and_has_one_kind_of_line_end(typed):
    try:
        text = clean_multiline(typed)
    except FieldError:
        return
    assert clean_multiline(text) == text
    assert "\r" not in text
    assert clean_text(typed) == clean_text(text)


@given(st.text())
def test_any_text_is_either_an_address_or_a_field_error(typed):
    try:
        assert 8 <= len(parse_address(typed).value) <= 300
    except FieldError as error:
        assert len(error.message.split()) <= 14

"""Names: docs/facts.md 4 and the form values of docs/security.md."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.findings import FLAG_TEXT, FieldError
from app.identity.name import name_words, parse_name


@pytest.mark.parametrize(("typed", "stored", "flags"), [
    ("Suharto", "Suharto", ()),
    ("O", "O", ()),
    ("UB", "UB", ()),
    ("M. NUR", "M. NUR", ()),
    ("SITI NUR'AINI", "SITI NUR'AINI", ()),
    ("SITI NUR’AINI", "SITI NUR'AINI", ()),
    ("SITI NUR`AINI", "SITI NUR'AINI", ()),
    ("SITI NUR´AINI", "SITI NUR'AINI", ()),
    ("SITI NUR'AINI, S.Pd.", "SITI NUR'AINI, S.Pd.", ("NAMA_BERGELAR",)),
    ("H. ACHMAD, S.PD.", "H. ACHMAD, S.PD.", ("NAMA_BERGELAR",)),
    ("AL-FARIZI", "AL-FARIZI", ()),
    ("AL\u2013FARIZI", "AL-FARIZI", ()),
    ("ADI BIN/BINTI TOLE", "ADI BIN/BINTI TOLE", ()),
    ("  budi \u00a0 SANTOSO\t\n", "budi SANTOSO", ()),
    ("Bu\u200bdi", "Budi", ()),
    ("\ufeffBudi", "Budi", ()),
    ("Jose\u0301", "José", ()),
    ("ＢＵＤＩ", "BUDI", ()),
    ("Đặng Thị Łucja", "Đặng Thị Łucja", ()),
    ("B\u0301\u0302udi", "B\u0301\u0302udi", ()),
    ("ABDUL 2", "ABDUL 2", ("NAMA_BERANGKA",)),
    ("A" * 60, "A" * 60, ()),
    ("A" * 61, "A" * 61, ("NAMA_PANJANG",)),
    ("A" * 100, "A" * 100, ("NAMA_PANJANG",)),
    ("Robert'); DROP TABLE applications;--", "Robert'); DROP TABLE applications;--", ("NAMA_TANDA_TIDAK_LAZIM",)),
    ("ABDUL (ALM)", "ABDUL (ALM)", ("NAMA_TANDA_TIDAK_LAZIM",)),
])
def test_a_name_is_stored_as_on_the_card_with_these_flags(typed, stored, flags):
    parsed = parse_name(typed)
    assert (parsed.value, parsed.flags) == (stored, flags)


@pytest.mark.parametrize("typed", [
    "<script>alert(1)</script>", '" autofocus onfocus=alert(1) x="', "</script><svg onload=alert(1)>",
    "{{ config.items() }}", "{0.__class__} %(secret)s", '=HYPERLINK("http://127.0.0.1","x")', "\t=1+1",
    "Budi \U0001f600", "B" + "\u0301" * 500 + "udi", "B\u0301\u0302\u0303udi", "\u0301Budi",
    "Вudi Ѕantoso", "Βudi", "布迪", "محمد", "A" * 101, "A" * 5000,
    " \u00a0\u3000\u2003 ", "", None,
    "Budi\x1b[31m\x07", "Budi\0", "Budi\x85", "Budi\ufffd", "\ud800", "Budi\udcff", "123", "...", "-", "\u200b",
    "a@b", "Budi#1", "Budi$", "100%", "a^b", "a*b", "a\\b", "a|b", "Budi_S", "＜b＞Budi", "Budi ǃ",
    "http://judi.example", "www.judi.example", "judi.com", "wa.me/62812", "bit.ly/x", "x//y",
])
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(FieldError):
        parse_name(typed)


@pytest.mark.parametrize("sign", "<>{}@#$%^*=\\|")
def test_no_sign_of_markup_or_formulas_stands_in_a_name(sign):
    with pytest.raises(FieldError):
        parse_name(f"Budi {sign} Santoso")


@pytest.mark.parametrize(("name", "words"), [
    ("Siti Nur'aini, S.Pd.", ("SITI", "NURAINI")),
    ("SITI NUR’AINI", ("SITI", "NURAINI")),
    ("H. ACHMAD, S.PD.", ("ACHMAD",)),
    ("H.ACHMAD S. Pd. M.M.", ("ACHMAD",)),
    ("Dr. Hj. Rina Dewi, A.Md.Keb", ("RINA", "DEWI")),
    ("Prof. Dr. Ir. K.H. Hasan", ("HASAN",)),
    ("ST. AMINAH", ("ST", "AMINAH")),
    ("BUDI ST", ("BUDI",)),
    ("M.NUR", ("M", "NUR")),
    ("AL-FARIZI BIN/BINTI", ("AL", "FARIZI", "BIN", "BINTI")),
    ("José Đorđe", ("JOSE", "DORDE")),
    ("Jose\u0301", ("JOSE",)),
    ("ＢＵＤＩ Bu\u200bdi", ("BUDI",)),
    ("budi BUDI Budi", ("BUDI",)),
    ("H", ("H",)),
    ("Hj.", ("HJ",)),
    ("MM", ("MM",)),
    ("", ()),
    ("--", ()),
])
def test_words_to_compare_have_no_titles_signs_or_accents(name, words):
    assert name_words(name) == words


@given(st.text() | st.text("aB'’.-/, \u0301\u200b1;<Ж", max_size=20))
def test_any_text_is_either_a_clean_name_or_a_field_error(typed):
    try:
        parsed = parse_name(typed)
    except FieldError as error:
        assert len(error.message.split()) <= 14
    else:
        name = parsed.value
        assert 1 <= len(name) <= 100
        assert name == " ".join(name.split()) == unicodedata.normalize("NFC", name)
        assert not re.search("[<>{}@#$%^*=|`]", name)
        assert set(parsed.flags) <= FLAG_TEXT.keys()
        assert parse_name(name).value == name


@given(st.text())
def test_words_of_any_text_are_plain_capitals_and_digits(typed):
    assert all(re.fullmatch("[A-Z0-9]+", word) for word in name_words(typed))

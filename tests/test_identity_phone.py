"""WhatsApp numbers: the table of docs/facts.md 3 and the form values of docs/security.md."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.findings import FLAG_TEXT, FieldError
from app.identity.phone import parse_whatsapp

OWN = "+6281234567890"


@pytest.mark.parametrize("typed", [
    "081234567890", "0812-3456-7890", "0812 3456 7890", "(0812) 34567890", "0812.3456.7890", "0812/3456/7890",
    "6281234567890", "+62 812-3456-7890", "+62 0812 3456 7890", "+62(0)81234567890", "81234567890",
    "wa.me/6281234567890", "https://wa.me/6281234567890", "０８１２３４５６７８９０", "\u202a0812 3456 7890\u202c",
    "+62 812 3456 7890", "006281234567890", "0062 812 3456 7890", "0812\u20133456\u20137890",
    "0812\u00a03456\u00a07890",
    "\t081234567890\n", " 081234567890\n", "(+62) 812-3456-7890", "wa.me/081234567890",
    "https://wa.me/6281234567890?text=Halo%20Pak%2C%20saya%20mau%20tanya", "wa.me/+6281234567890/",
    "https://api.whatsapp.com/send?phone=6281234567890&text=Halo", "api.whatsapp.com/send/?phone=%2B6281234567890",
    "https://web.whatsapp.com/send?text=a&phone=6281234567890", "whatsapp://send?phone=6281234567890",
    "\u2068+62 812-3456-7890\u2069",
])
def test_every_usual_spelling_becomes_the_same_number(typed):
    parsed = parse_whatsapp(typed)
    assert (parsed.value, parsed.flags) == (OWN, ())


@pytest.mark.parametrize(("typed", "number"), [
    ("0812345678", "+62812345678"),
    ("0812345678901", "+62812345678901"),
    ("082350657770", "+6282350657770"),
])
def test_ten_to_thirteen_digits_are_a_number(typed, number):
    assert parse_whatsapp(typed).value == number


@pytest.mark.parametrize(("typed", "number"), [
    ("+60 12-345 6789", "+60123456789"), ("+6591234567", "+6591234567"), ("+85251234567", "+85251234567"),
    ("+966512345678", "+966512345678"), ("+886912345678", "+886912345678"), ("+819012345678", "+819012345678"),
    ("+6737123456", "+6737123456"), ("+14155552671", "+14155552671"), ("0060 12-345 6789", "+60123456789"),
    ("wa.me/60123456789", "+60123456789"),
])
def test_a_mobile_number_of_abroad_is_accepted_with_a_flag(typed, number):
    parsed = parse_whatsapp(typed)
    assert (parsed.value, parsed.flags) == (number, ("NOMOR_LUAR_NEGERI",))


@pytest.mark.parametrize("typed", ["086812345678", "081012345678", "089012345678"])
def test_a_prefix_of_no_carrier_is_accepted_with_a_flag(typed):
    assert parse_whatsapp(typed).flags == ("NOMOR_AWALAN_TIDAK_DIKENAL",)


@pytest.mark.parametrize("prefix", [
    "0811", "0813", "0814", "0816", "0817", "0819", "0821", "0823", "0831", "0833", "0838", "0851", "0853", "0855",
    "0858", "0859", "0877", "0879", "0881", "0883", "0887", "0889", "0895", "0899",
])
def test_prefixes_of_carriers_have_no_flag(prefix):
    assert parse_whatsapp(prefix + "20394857").flags == ()


def test_a_number_of_two_digits_only_is_accepted_with_a_flag():
    assert parse_whatsapp("081111111111").flags == ("NOMOR_POLA",)


@pytest.mark.parametrize("typed", [
    "", None, "  ", "081234567", "08123456789012", "084012345678", "080012345678", "080112345678", "0800123456",
    "O81234567890", "0821-xxxx-xxxx", "1500444", "110", "112", "+1 900 555 0100", "60123456789",
    "whatsapp:+6281234567890", "081234567890,081298765432", "081234567890;ext=1", "081234567890 x1",
    "0812345678 / 0812345678", "0812345678/0812345678", "081234567890 atau 081298765432",
    "٠٨١٢٣٤٥٦٧٨٩٠", "०८१२३४५६७८९०",
    "081234567890²", "+62+81234567890", "0812+34567890", "+", "()", "tel:081234567890", "081234567890\0", "\ud800",
    "08123456789\ufffd", "wa.me/", "http://wa.me.evil.example/6281234567890", "0" * 100_000, "+0812345678901",
])
def test_what_is_not_one_mobile_number_is_refused(typed):
    with pytest.raises(FieldError):
        parse_whatsapp(typed)


@pytest.mark.parametrize("typed", ["03354438894", "(0335) 421234", "+62 21 5551234", "024-8311234"])
def test_a_landline_is_refused_by_name(typed):
    with pytest.raises(FieldError, match="telepon rumah"):
        parse_whatsapp(typed)


almost_numbers = st.text("0123456789+-() ./O\u202a\u00a0８٣x;,\n", max_size=30)


@given(st.text() | almost_numbers | st.from_regex(r"(\+|00?|\+?62)?[0-9]{3,15}", fullmatch=True))
def test_any_text_is_either_e164_or_a_field_error(typed):
    try:
        parsed = parse_whatsapp(typed)
    except FieldError as error:
        assert len(error.message.split()) <= 14
    else:
        assert re.fullmatch(r"\+[1-9][0-9]{5,14}", parsed.value)
        assert set(parsed.flags) <= FLAG_TEXT.keys()


@given(st.from_regex(r"08[0-9]{8,11}", fullmatch=True))
def test_a_normalised_number_stays_as_it_is(typed):
    try:
        number = parse_whatsapp(typed).value
    except FieldError:
        return
    assert parse_whatsapp(number).value == number

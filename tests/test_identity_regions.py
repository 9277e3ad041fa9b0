"""The table of regions (docs/facts.md 1), the flags and the masks (9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity import findings
from app.identity.mask import mask_name, mask_nik_staff, mask_nik_tail, mask_phone, show_phone
from app.identity.nik import Region, region_of, region_path


@pytest.mark.parametrize(("code", "name", "status"), [
    ("35", "Jawa Timur", "berlaku"),
    ("3574", "Kota Probolinggo", "berlaku"),
    ("357401", "Kademangan", "berlaku"),
    ("357402", "Wonoasih", "berlaku"),
    ("357403", "Mayangan", "berlaku"),
    ("357404", "Kanigaran", "berlaku"),
    ("357405", "Kedopok", "berlaku"),
    ("3513", "Kabupaten Probolinggo", "berlaku"),
    ("9101", "Kabupaten Merauke", "lama"),
    ("910101", "Merauke", "lama"),
    ("9271", "Kota Sorong", "lama"),
    ("96", "Papua Barat Daya", "berlaku"),
])
def test_current_and_former_regions_are_known_by_name(code, name, status):
    assert region_of(code) == Region(code, name, status)


@pytest.mark.parametrize("code", ["", "3", "09", "0953", "357499", "35740", "３５", "code", "3574010001"])
def test_other_codes_are_not_regions(code):
    assert region_of(code) is None


def test_the_table_holds_the_decree_of_2025_and_the_26_cities_and_regencies_gone_before():
    provinces = [code for code in range(100) if region_of(f"{code:02}")]
    regencies = [found for code in range(10_000) if (found := region_of(f"{code:04}"))]
    districts = [found for code in range(1_000_000) if (found := region_of(f"{code:06}"))]
    assert len(provinces) == 38
    assert sorted(region.status for region in regencies) == ["berlaku"] * 514 + ["lama"] * 26
    assert sum(region.status == "berlaku" for region in districts) == 7285
    assert all(region_of(region.code[:4]) for region in districts)


@pytest.mark.parametrize(("code", "path"), [
    ("357401", "Kademangan, Kota Probolinggo, Jawa Timur"),
    ("357499", "Kota Probolinggo, Jawa Timur"),
    ("3574", "Kota Probolinggo, Jawa Timur"),
    ("095301", ""),
])
def test_a_region_is_shown_with_those_around_it(code, path):
    assert region_path(code) == path


def test_every_flag_has_its_sentence_for_the_operator():
    codes = {value for name, value in vars(findings).items() if name.isupper() and isinstance(value, str)}
    assert codes == findings.FLAG_TEXT.keys()
    assert all(sentence.endswith(".") for sentence in findings.FLAG_TEXT.values())


def test_citizens_pages_show_the_last_four_digits_only():
    assert mask_nik_tail("3574011708450001") == "••••••••••••0001"


def test_lists_of_the_staff_hide_the_birth_date():
    assert mask_nik_staff("3574011708450001") == "357401••••••0001"


@pytest.mark.parametrize("mask", [mask_nik_tail, mask_nik_staff])
def test_what_is_no_nik_is_hidden_whole(mask):
    assert mask("357401") == mask("") == "•" * 16


@pytest.mark.parametrize(("number", "shown", "masked"), [
    ("+6281234567890", "0812-3456-7890", "0812-••••-7890"),
    ("+62812345678", "0812-3456-78", "0812-••••-78"),
    ("+62812345678901", "0812-3456-78901", "0812-••••-8901"),
    ("+60123456789", "+60 12-345 6789", "+60-••••-6789"),
    ("+14155552671", "+1 415-555-2671", "+1-••••-2671"),
    ("", "", "••••"),
])
def test_a_number_is_shown_whole_to_its_owner_and_masked_elsewhere(number, shown, masked):
    assert (show_phone(number), mask_phone(number)) == (shown, masked)


@pytest.mark.parametrize(("name", "masked"), [
    ("Budi Santoso", "B*** S******"), ("O", "*"), ("UB", "U*"), ("M. Nur", "M* N**"), ("", ""),
])
def test_a_name_keeps_its_first_letters(name, masked):
    assert mask_name(name) == masked


@given(st.from_regex(r"\+62[0-9]{9,12}", fullmatch=True))
def test_four_digits_of_a_number_stay_hidden(number):
    written = "0" + number.removeprefix("+62")
    shown = [char for char in mask_phone(number) if char.isdigit()]
    assert len(written) - len(shown) >= 4

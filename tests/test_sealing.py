"""Sealing: what is sealed opens only for its own record, under its own key (docs/security.md D2-D4)."""

import base64
import traceback
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base.sealing import SealBroken, Sealer, UnknownKey, open_json, parse_keys, seal_json

KEY_1, KEY_2, INDEX_KEY = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
NIK = "3574014505900001"
MINE, YOURS = "application:aaaa:personal", "application:bbbb:personal"
contexts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
key_lists = st.lists(
    st.tuples(st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True), st.binary(min_size=32, max_size=32)),
    min_size=1, max_size=5, unique_by=(lambda pair: pair[0], lambda pair: pair[1]),
)


@pytest.fixture
def sealer() -> Sealer:
    return Sealer([("k1", KEY_1)], INDEX_KEY)


def b64(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(plaintext=st.binary(max_size=2000), context=contexts, keys=key_lists)
def test_what_is_sealed_opens_again_for_the_same_record(plaintext, context, keys):
    sealer = Sealer(keys, INDEX_KEY)
    assert sealer.open(sealer.seal(plaintext, context), context) == plaintext


@given(context=contexts, other=contexts)
def test_a_value_moved_to_another_record_does_not_open(context, other):
    sealer = Sealer([("k1", KEY_1)], INDEX_KEY)
    sealed = sealer.seal(b"isi", context)
    if context != other:
        with pytest.raises(SealBroken):
            sealer.open(sealed, other)


def test_every_single_altered_bit_is_noticed(sealer):
    sealed = sealer.seal(b"isi rahasia", MINE)
    for position in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[position // 8] ^= 1 << position % 8
        with pytest.raises(SealBroken):
            sealer.open(bytes(altered), MINE)


def test_every_truncation_and_an_added_byte_are_noticed(sealer):
    sealed = sealer.seal(b"isi rahasia", MINE)
    for cut in [*(sealed[:length] for length in range(len(sealed))), sealed[1:], sealed + b"\0"]:
        with pytest.raises(SealBroken):
            sealer.open(cut, MINE)


@given(st.binary(max_size=200))
def test_any_bytes_whatever_only_ever_raise_seal_broken(junk):
    sealer = Sealer([("k1", KEY_1)], INDEX_KEY)
    with pytest.raises(SealBroken):
        sealer.open(junk, MINE)
    with pytest.raises(SealBroken):
        sealer.open(b"\x01\x02k1" + junk, MINE)


def test_a_value_relabelled_with_another_key_id_does_not_open():
    both_ids_of_one_key = Sealer([("k1", KEY_1), ("k9", KEY_1)], INDEX_KEY)
    sealed = both_ids_of_one_key.seal(b"isi", MINE)
    with pytest.raises(SealBroken):
        both_ids_of_one_key.open(sealed.replace(b"k1", b"k9", 1), MINE)


def test_key_id_and_context_cannot_be_shifted_into_each_other():
    keys = Sealer([("k", KEY_1), ("kx", KEY_1)], INDEX_KEY)
    sealed = keys.seal(b"isi", "xyz")
    shifted = b"\x01\x02kx" + sealed[3:]
    with pytest.raises(SealBroken):
        keys.open(shifted, "yz")


def test_the_same_nik_sealed_twice_differs_but_is_found_by_one_index(sealer):
    assert sealer.seal(NIK.encode(), MINE) != sealer.seal(NIK.encode(), MINE)
    assert sealer.index("nik", NIK) == sealer.index("nik", NIK)


def test_sealed_bytes_hold_nothing_of_the_content(sealer):
    assert NIK.encode() not in seal_json(sealer, {"nik": NIK}, MINE)


@given(keys=key_lists, retired=st.integers(min_value=0, max_value=4))
def test_rotation_old_keys_still_read_the_newest_writes_and_a_retired_one_is_named(keys, retired):
    written = {}
    for count in range(1, len(keys) + 1):  # one key more each year, the newest first
        sealer = Sealer(reversed(keys[:count]), INDEX_KEY)
        newest = keys[count - 1][0]
        written[newest] = sealer.seal(newest.encode(), MINE)
        assert sealer.key_id(written[newest]) == newest
        assert all(sealer.open(sealed, MINE) == kid.encode() for kid, sealed in written.items())
    gone = keys[retired % len(keys)][0]
    left = [pair for pair in keys if pair[0] != gone]
    if left:
        with pytest.raises(UnknownKey, match="SEALING_KEYS") as caught:
            Sealer(left, INDEX_KEY).open(written[gone], MINE)
        assert caught.value.key_id == gone


@given(st.binary(min_size=32, max_size=32))
def test_a_wrong_key_under_a_known_id_fails_closed(other):
    sealed = Sealer([("k1", KEY_1)], INDEX_KEY).seal(b"isi", MINE)
    if other != KEY_1:
        with pytest.raises(SealBroken):
            Sealer([("k1", other)], INDEX_KEY).open(sealed, MINE)


def test_a_value_resealed_under_the_new_key_no_longer_needs_the_old_one(sealer):
    old = sealer.seal(b"isi", MINE)
    both = Sealer([("k2", KEY_2), ("k1", KEY_1)], INDEX_KEY)
    new = both.seal(both.open(old, MINE), MINE)
    assert Sealer([("k2", KEY_2)], INDEX_KEY).open(new, MINE) == b"isi"


def test_rotation_leaves_every_index_as_it_was(sealer):
    rotated = Sealer([("k2", KEY_2)], INDEX_KEY)
    assert rotated.index("nik", NIK) == sealer.index("nik", NIK)


def test_an_error_names_record_and_key_but_never_content(sealer):
    sealed = seal_json(sealer, {"nik": NIK}, MINE)
    with pytest.raises(SealBroken) as caught:
        sealer.open(sealed, YOURS)
    text = f"{caught.value!r} {caught.value}"
    assert YOURS in text and "k1" in text
    assert (caught.value.context, caught.value.key_id) == (YOURS, "k1")  # for the log of what cannot be read
    assert NIK not in text and sealed.hex() not in text
    assert caught.value.__suppress_context__


def test_a_sealed_value_that_is_no_json_is_broken_without_showing_it(sealer):
    sealed = sealer.seal(b"{" + NIK.encode(), MINE)
    with pytest.raises(SealBroken) as caught:
        open_json(sealer, sealed, MINE)
    assert NIK not in str(caught.value) and caught.value.__suppress_context__


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=15,
)


@given(json_values)
def test_json_comes_back_as_it_was(value):
    sealer = Sealer([("k1", KEY_1)], INDEX_KEY)
    assert open_json(sealer, seal_json(sealer, value, MINE), MINE) == value


PURPOSES = ("nik", "kk", "phone", "name-word")


def test_indexes_of_different_purposes_keys_and_values_never_match(sealer):
    other = Sealer([("k1", KEY_1)], bytes(reversed(INDEX_KEY)))
    indexes = [box.index(purpose, value) for box in (sealer, other) for purpose in PURPOSES for value in (NIK, "", "0")]
    assert len(set(indexes)) == len(indexes)


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.text(st.characters(codec="utf-8"), max_size=20))
def test_purpose_and_value_cannot_be_shifted_into_each_other(purpose, value):
    sealer = Sealer([("k1", KEY_1)], INDEX_KEY)
    index = sealer.index(purpose, value)
    assert len(index) == 64 and set(index) <= set("0123456789abcdef")
    if value:
        assert sealer.index(purpose + value[0], value[1:]) != index


def test_the_format_and_the_index_stay_as_stored_data_has_them(sealer):
    """Values made by the first version; a change that breaks this loses every stored record."""
    stored = bytes.fromhex("01026b31000102030405060708090a0b2e71bf84729b8a97a2da031bddae2244c0849f")
    assert sealer.open(stored, MINE) == b"isi"
    assert sealer.index("nik", NIK) == "dae96e4eed322ce740090486ed38eb12f8469e59943a6d88e9fdc55c3d79172a"


def test_keys_are_read_newest_first():
    assert parse_keys(f"k2:{b64(KEY_2)}, k1:{b64(KEY_1)}") == [("k2", KEY_2), ("k1", KEY_1)]


@pytest.mark.parametrize(("text", "problem"), [
    ("", "key 1 is not written as id:base64"),
    (b64(KEY_1), "key 1 is not written as id:base64"),
    (f"k1:{b64(KEY_1)},", "key 2 is not written as id:base64"),
    (f":{b64(KEY_1)}", "the id of key 1"),
    (f"k 1:{b64(KEY_1)}", "the id of key 1"),
    (f"{'k' * 33}:{b64(KEY_1)}", "the id of key 1"),
    (f"kunci-é:{b64(KEY_1)}", "the id of key 1"),
    ("k1:not base64!", "'k1' is not base64"),
    ("k1:AAAAA", "'k1' is not base64"),
    ("k1:é", "'k1' is not base64"),
    (f"k1:{b64(KEY_1)[:20]}!{b64(KEY_1)[20:]}", "'k1' is not base64"),
    ("k1:", "'k1' has 0 bytes, not 32"),
    (f"k1:{b64(KEY_1[:16])}", "'k1' has 16 bytes, not 32"),
    (f"k1:{b64(KEY_1 + KEY_2)}", "'k1' has 64 bytes, not 32"),
    (f"k1:{b64(KEY_1)},k1:{b64(KEY_2)}", "'k1' is there twice"),
])
def test_a_bad_key_setting_is_named_without_showing_the_key(text, problem):
    with pytest.raises(ValueError, match="key") as caught:
        parse_keys(text)
    assert problem in str(caught.value)
    assert b64(KEY_1)[:8] not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("keys", "index_key"), [
    ([], INDEX_KEY), ([("k1", KEY_1[:31])], INDEX_KEY), ([("", KEY_1)], INDEX_KEY),
    ([("k1", KEY_1), ("k1", KEY_2)], INDEX_KEY), ([("k1", KEY_1)], INDEX_KEY[:31]),
])
def test_no_sealer_is_made_from_unusable_keys(keys, index_key):
    with pytest.raises(ValueError, match="key"):
        Sealer(keys, index_key)


def test_a_sealer_shown_in_a_log_shows_no_key(sealer):
    assert KEY_1.hex() not in repr(sealer) and repr(KEY_1) not in repr(sealer)


def test_a_photo_of_many_megabytes_is_sealed_with_no_more_than_its_header(sealer):
    data = bytes(3_000_000)
    assert len(sealer.seal(data, MINE)) == len(data) + 2 + len("k1") + 12 + 16


@pytest.mark.parametrize("purpose", ["nik", "kk", "phone", "email", "name-word"])
def test_an_index_of_what_can_be_guessed_moves_with_each_rotation(purpose):
    """Whoever holds an old index key finds nobody by trying every NIK, number or name against a rotated database."""
    wraps: list[bytes] = []
    sealer = Sealer([("k1", KEY_1)], INDEX_KEY, kept=lambda: SimpleNamespace(subkeys={}, wraps=tuple(wraps)))
    before, other = sealer.index(purpose, NIK), sealer.index("token", NIK)
    wraps.append(KEY_2)
    once = sealer.index(purpose, NIK)
    wraps.append(KEY_1)
    assert len({before, once, sealer.index(purpose, NIK)}) == 3
    assert sealer.index("token", NIK) == other, "what nobody can guess stays where it is"


@pytest.mark.parametrize("cut", [b"", b"\x01", b"\x01\x02"])
def test_a_value_cut_within_its_header_is_told_as_cut(sealer, cut):
    with pytest.raises(SealBroken, match="not a sealed value" if len(cut) < 2 else "cut or altered"):
        sealer.open(cut, MINE)

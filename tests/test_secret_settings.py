"""Secrets of the settings: samples are refused, random keys never, and a kept one is told with its file."""

import base64
import json
import random
import secrets

import pytest

from app.settings.reading import BadSetting
from app.settings.secret_keys import SAMPLES, is_sample
from app.settings.settings import read_settings
from tests.test_house import GOOD

RANDOM = "u8Zq1-Vw3_xT7pLm9nKd5hRc2fGb6yJs"


@pytest.fixture
def good(tmp_path):
    return {**GOOD, "LOKET_INSTANCE": str(tmp_path)}


@pytest.mark.parametrize("word", SAMPLES)
@pytest.mark.parametrize("between", ["", "-", "_"])
def test_a_random_key_that_happens_to_hold_a_sample_word_is_a_key(good, word, between):
    key = f"{RANDOM[:15]}{between}{word}{between}{RANDOM[15:]}"
    assert read_settings({**good, "SECRET_KEY": key}).secret_key == key


def test_ten_thousand_keys_as_we_make_them_and_as_others_do_are_all_keys():
    source = random.Random(20261127)
    made = [base64.urlsafe_b64encode(source.randbytes(48)).decode().rstrip("=") for _ in range(5000)]
    made += [source.randbytes(32).hex() for _ in range(2500)]
    made += ["".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=40)) for _ in range(2500)]
    assert [key for key in made if is_sample(key)] == []
    assert any("dev" in key.lower() for key in made), "none holds a word by chance: this proves nothing"


@pytest.mark.parametrize("key", [
    "change-me-change-me-change-me-change-me", "changemechangemechangemechangemechangeme",
    "dev-secret-key-do-not-use-in-production", "this-is-a-sample-key-please-replace-it-soon",
    "contoh kunci rahasia untuk percobaan saja", "secret-secret-secret-secret-secret-secret",
    "secret1234567890secret1234567890secret", "my test key for the counter of the city",
    "DEV_KEY_FOR_THE_MACHINE_UNDER_MY_DESK", "password1234567890password1234567890",
])
def test_a_key_made_of_words_is_refused(good, key):
    with pytest.raises(BadSetting, match="SECRET_KEY is a sample value"):
        read_settings({**good, "SECRET_KEY": key})


@pytest.mark.parametrize("fallbacks", [
    "abc", f"{RANDOM},abc", "change-me-change-me-change-me-change-me", f"{RANDOM}, " + "a" * 40,
])
def test_an_older_key_is_judged_like_the_key(good, fallbacks):
    with pytest.raises(BadSetting, match="SECRET_KEY_FALLBACKS"):
        read_settings({**good, "SECRET_KEY_FALLBACKS": fallbacks})


def test_good_older_keys_are_read_in_their_order(good):
    older = [secrets.token_urlsafe(48) for _ in range(2)]
    assert read_settings({**good, "SECRET_KEY_FALLBACKS": ", ".join(older) + ","}).secret_key_fallbacks == tuple(older)


@pytest.mark.parametrize(("name", "value"), [
    ("SECRET_KEY", "kurang"), ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
    ("SEALING_KEYS", "k1:not base64"), ("INDEX_KEY", "AAAA"),
])
def test_a_kept_key_that_is_refused_is_told_with_its_file(tmp_path, name, value):
    read_settings({"LOKET_INSTANCE": str(tmp_path)})
    file = tmp_path / "demo-keys.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))
    with pytest.raises(BadSetting, match=name) as refusal:
        read_settings({"LOKET_INSTANCE": str(tmp_path)})
    assert str(file) in str(refusal.value)
    assert value not in str(refusal.value)


def test_a_damaged_file_of_kept_keys_is_told_and_not_replaced(tmp_path):
    file = tmp_path / "demo-keys.json"
    file.write_text('{"SECRET_KEY": "half of it')
    with pytest.raises(BadSetting, match="cannot be read") as refusal:
        read_settings({"LOKET_INSTANCE": str(tmp_path)})
    assert str(file) in str(refusal.value)
    assert file.read_text() == '{"SECRET_KEY": "half of it', "new keys would make the stored data unreadable"


def test_a_key_of_the_environment_that_is_refused_does_not_blame_the_file(tmp_path):
    with pytest.raises(BadSetting) as refusal:
        read_settings({"LOKET_INSTANCE": str(tmp_path), "SECRET_KEY": "short"})
    assert "demo-keys.json" not in str(refusal.value)

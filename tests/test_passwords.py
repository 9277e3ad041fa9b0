"""Password hashing: the parameters, the input limits, and the queue (docs/security.md A3, A4, trap 15)."""

import threading

import pytest
from argon2 import PasswordHasher, extract_parameters

from app.accounts import passwords
from app.accounts.passwords import hash_password, needs_rehash, verify_password
from app.base.problems import TooManyRequests
from app.identity.findings import FieldError
from tests.made_once import REAL_HASHER


class CountingHasher:
    """Stands where the real hasher stands and counts; holds the caller while `gate` is closed."""

    def __init__(self):
        self.calls, self.running, self.most, self.gate = 0, 0, 0, threading.Event()
        self.lock, self.entered = threading.Lock(), threading.Semaphore(0)
        self.gate.set()

    def verify(self, _hash, _text):
        with self.lock:
            self.calls, self.running = self.calls + 1, self.running + 1
            self.most = max(self.most, self.running)
        self.entered.release()
        self.gate.wait(10)
        with self.lock:
            self.running -= 1
        return True

    def hash(self, _text):
        return "hash"


@pytest.fixture(autouse=True)
def real_cost(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)


@pytest.fixture
def hasher(monkeypatch, real_cost):
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", counting)
    return counting


def test_a_hash_costs_19_mib_two_passes_and_one_lane():
    made = extract_parameters(hash_password("kereta-senja-lewat"))
    assert (made.memory_cost, made.time_cost, made.parallelism, made.type.name) == (19 * 1024, 2, 1, "ID")


def test_a_password_is_verified_as_it_was_typed():
    for password in ("x" * 128, "kata sandi dengan spasi", " depan belakang ", "🚂🌾 kereta"):
        kept = hash_password(password)
        assert verify_password(kept, password), password
        assert not verify_password(kept, password + " "), password


def test_the_same_letters_from_another_keyboard_match():
    assert verify_password(hash_password("caf\u00e9 senja"), "cafe\u0301 senja")


@pytest.mark.parametrize("length", [129, 1_000_000])
def test_an_over_long_password_never_reaches_the_hasher(hasher, length):
    assert not verify_password("hash", "x" * length)
    assert hasher.calls == 0
    with pytest.raises(FieldError):
        hash_password("x" * length)


def test_an_unknown_account_costs_one_verification_and_is_never_right(hasher):
    assert not verify_password(None, "kereta-senja-lewat")
    assert hasher.calls == 1


def test_a_hash_that_is_no_hash_is_wrong_and_no_error():
    assert not verify_password("rusak", "kereta-senja-lewat")


def test_a_weaker_hash_is_due_for_renewal():
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("x"))
    assert not needs_rehash(hash_password("x"))


def test_two_run_at_once_ten_wait_and_the_thirteenth_is_sent_away(hasher):
    hasher.gate.clear()
    threads = [threading.Thread(target=verify_password, args=("hash", "x")) for _ in range(12)]
    for thread in threads:
        thread.start()
    hasher.entered.acquire(timeout=10)
    hasher.entered.acquire(timeout=10)
    while passwords._places._value:  # until all twelve have their place
        pass
    with pytest.raises(TooManyRequests) as refused:
        verify_password("hash", "x")
    assert refused.value.retry_after >= 1
    hasher.gate.set()
    for thread in threads:
        thread.join(10)
    assert (hasher.most, hasher.calls) == (2, 12)
    assert verify_password("hash", "x"), "the places are free again"

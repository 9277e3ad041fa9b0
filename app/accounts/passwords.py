"""Password hashes: Argon2id, 19 MiB, t=2, p=1 (16 ms here; docs/security.md, trap 15).

The library's default of 64 MiB lets a storm of sign-ins eat the memory, so the cost is set here and
at most two hashes run at once; a short queue waits, the rest is sent away.
"""

import secrets
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from app.base.problems import TooManyRequests
from app.identity.errors import FieldError
from app.identity.password import normal_password

AT_ONCE = 2
IN_QUEUE = 10

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# what no password has: verified with the same work as any other, and never found equal
_NOBODY = "$argon2id$v={}$m={},t={},p={}${}${}".format(
    ARGON2_VERSION, _hasher.memory_cost, _hasher.time_cost, _hasher.parallelism,
    *(b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len)),
)
_slots = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + IN_QUEUE)


def hash_password(password: str) -> str:
    """Raises FieldError past 128 characters, TooManyRequests when the queue is full."""
    text = normal_password(password)
    with _turn():
        return _hasher.hash(text)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Without a hash (nobody of that name) the same work is done, so that time tells nothing.

    Over-long input never reaches the hasher. Raises TooManyRequests when the queue is full.
    """
    try:
        text = normal_password(password)
    except FieldError:
        return False
    with _turn():
        try:
            return _hasher.verify(password_hash or _NOBODY, text) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise TooManyRequests(2)
    try:
        with _slots:
            yield
    finally:
        _places.release()

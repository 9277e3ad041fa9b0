"""Encryption at rest: AES-256-GCM under keys with ids, each ciphertext bound to its own record.

A sealed value is: version (1 byte), length of the key id (1), key id, nonce (12), ciphertext, tag (16).
The header and the record's context are authenticated with it, so that a value moved to another
record, relabelled, cut or altered does not open (docs/security.md D2). New values are written
under the newest key; older keys still read (D4). Look-ups go through a keyed index (D3, trap 19).
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
KEY_BYTES = 32
# Random nonces of this size are safe for 2^32 values under one key (NIST SP 800-38D, 8.3): no office
# writes that many, and a new key starts the count again.
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
# Written into every record. A record of 2026 without it was sealed before there was one.
RECORD_VERSION = 1
# indexes of personal data: guessable by whoever holds the key, so `keys rotate` changes it (app/keys/places.py)
ROTATED = frozenset(("nik", "kk", "phone", "email", "name-word"))
Record = TypeVar("Record")


class SealBroken(Exception):
    """The value was altered, cut, or belongs to another record. The text never shows content."""

    def __init__(self, context: str, key_id: str, problem: str = "does not open"):
        super().__init__(f"sealed value of {context!r} under key {key_id!r}: {problem}")
        self.context = context
        self.key_id = key_id


class UnknownKey(SealBroken):
    """Sealed under a key that is no longer, or not yet, among SEALING_KEYS."""

    def __init__(self, context: str, key_id: str):
        super().__init__(context, key_id, "this key is not among SEALING_KEYS")


class Sealer:
    """Seals and opens values, and computes look-up indexes. Safe to share between threads.

    `keys` are (id, 32 bytes), newest first; `index_key` has at least 32 bytes. `kept` says what the database keeps
    of index keys (kept_keys.py): subkeys by purpose instead of those that follow from `index_key`, and the wraps that
    rotations laid over those of ROTATED. Raises ValueError on unusable keys.
    """

    def __init__(self, keys: Iterable[tuple[str, bytes]], index_key: bytes, kept: Callable[[], Any] | None = None):
        keys = tuple(keys)
        _check_keys(keys)
        if len(index_key) < KEY_BYTES:
            raise ValueError(f"the index key is shorter than {KEY_BYTES} bytes")
        self._newest = keys[0][0]
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys}
        self._index_key, self._kept = index_key, kept

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """`context` names the record and its part, like "application:<id>:personal"."""
        header = header_of(self._newest)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._ciphers[self._newest].encrypt(nonce, plaintext, header + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises SealBroken; UnknownKey, one of them, when its key is not at hand."""
        key_id, header, body = _split(sealed, context)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKey(context, key_id)
        try:
            return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], header + context.encode())
        except InvalidTag:
            raise SealBroken(context, key_id) from None

    def key_id(self, sealed: bytes) -> str:
        """The key a value says it was sealed under, not yet proven. Raises SealBroken if unreadable."""
        return _split(sealed, "?")[0]

    def index(self, purpose: str, value: str) -> str:
        """64 hex digits by which an equal `value` is found again; purposes never match each other."""
        kept = self._kept() if self._kept else None
        own_key = (kept and kept.subkeys.get(purpose)) or self.subkey(purpose)
        digest = hmac.digest(own_key, value.encode(), hashlib.sha256).hex()
        return rewrap(digest, *kept.wraps) if kept and purpose in ROTATED else digest

    def subkey(self, purpose: str) -> bytes:
        """What a purpose stands under as long as the database keeps no key for it."""
        return hmac.digest(self._index_key, b"loket index\0" + purpose.encode(), hashlib.sha256)


def rewrap(index: str, *wraps: bytes) -> str:
    """An index under the keys that came after it. Needs no plain value, so that also what was erased moves along."""
    for key in wraps:
        index = hmac.digest(key, index.encode(), hashlib.sha256).hex()
    return index


def seal_json(sealer: Sealer, value: Any, context: str) -> bytes:
    """Raises TypeError when `value` is not plain JSON."""
    return sealer.seal(json.dumps(value, separators=(",", ":")).encode(), context)


def open_json(sealer: Sealer, sealed: bytes, context: str) -> Any:
    """Raises SealBroken, also when what was sealed is not JSON."""
    plaintext = sealer.open(sealed, context)
    try:
        return json.loads(plaintext)
    except ValueError:  # carries the text it failed on, so it must not travel further
        raise SealBroken(context, sealer.key_id(sealed), "holds no JSON") from None


def seal_record(sealer: Sealer, record: Any, context: str) -> bytes:
    """Seal a dataclass whose fields are plain JSON: the one way to seal more than a single value."""
    return seal_json(sealer, {"v": RECORD_VERSION, **asdict(record)}, context)


def open_record(sealer: Sealer, kind: type[Record], sealed: bytes, context: str) -> Record:
    """The dataclass `kind` again, whatever version of it was sealed: fields it no longer has are
    dropped, fields it did not have yet take their default. Raises SealBroken, also when a field
    without a default is missing: a field added later needs one."""
    content = open_json(sealer, sealed, context)
    if not isinstance(content, dict):
        raise SealBroken(context, sealer.key_id(sealed), "holds no record")
    known = {field.name: content[field.name] for field in fields(kind) if field.name in content}
    try:
        return kind(**known)
    except TypeError:  # names the fields, and would chain the values behind them
        raise SealBroken(context, sealer.key_id(sealed), "lacks a field without a default") from None


def parse_keys(text: str) -> list[tuple[str, bytes]]:
    """Read SEALING_KEYS: "k2:base64,k1:base64", newest first.

    Raises ValueError saying which key is wrong and why; never shows a key.
    """
    entries = [entry.strip() for entry in text.split(",")]
    keys = [_parse_entry(number, entry) for number, entry in enumerate(entries, start=1)]
    _check_keys(keys)
    return keys


def _parse_entry(number: int, entry: str) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.partition(":")
    # the id is shown only once it is certain that it is one, and not half of a key
    if not colon:
        raise ValueError(f"key {number} is not written as id:base64")
    if not KEY_ID.fullmatch(key_id):
        raise ValueError(f"the id of key {number} must be 1 to 32 letters, digits, - or _")
    try:
        return key_id, base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"key {key_id!r} is not base64") from None


def _check_keys(keys: Iterable[tuple[str, bytes]]) -> None:
    seen = set()
    for key_id, key in keys:
        if not KEY_ID.fullmatch(key_id):
            raise ValueError("a key id must be 1 to 32 letters, digits, - or _")
        if len(key) != KEY_BYTES:
            raise ValueError(f"key {key_id!r} has {len(key)} bytes, not {KEY_BYTES}")
        if key_id in seen:
            raise ValueError(f"key id {key_id!r} is there twice")
        seen.add(key_id)
    if not seen:
        raise ValueError("there is no key")


def header_of(key_id: str) -> bytes:
    """How each value sealed under this key begins."""
    return bytes((VERSION, len(key_id))) + key_id.encode("ascii")


def _split(sealed: bytes, context: str) -> tuple[str, bytes, bytes]:
    """Key id, header, and the rest: nonce, ciphertext and tag."""
    if len(sealed) < 2 or sealed[0] != VERSION:
        raise SealBroken(context, "?", "is not a sealed value")
    end = 2 + sealed[1]
    key_id = sealed[2:end].decode("ascii", "replace")
    if not KEY_ID.fullmatch(key_id) or len(sealed) < end + NONCE_BYTES + TAG_BYTES:
        raise SealBroken(context, "?", "is cut or altered")
    return key_id, sealed[:end], sealed[end:]

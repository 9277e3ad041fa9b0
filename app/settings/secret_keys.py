"""Secrets among the settings: when one is a sample, and where the demo keeps its own."""

import base64
import json
import os
import re
import secrets
import shlex
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app.base.sealing import KEY_BYTES, parse_keys
from app.settings.reading import BadSetting

FEWEST_DIFFERENT = 8  # characters or bytes; a random key of this length has far more
SAMPLES = (
    "change-me", "changeme", "contoh", "sample", "secret", "rahasia", "example", "dev", "test", "default",
    "password", "placeholder", "1234567890", "0123456789",
)
KEPT_NAMES = ("SECRET_KEY", "SEALING_KEYS", "INDEX_KEY")
KEPT_IN = "demo-keys.json"


def secret_key(text: str) -> str:
    if len(text.encode()) < KEY_BYTES:
        raise ValueError(f"is shorter than {KEY_BYTES} bytes")
    if is_sample(text):
        raise ValueError("is a sample value")
    return text


def older_keys(text: str) -> tuple[str, ...]:
    """Divided by commas: keys that still open what they signed. Each is as good a key to a forger as
    the newest, so each is judged alike."""
    return tuple(secret_key(key.strip()) for key in text.split(",") if key.strip())


def sealing_keys(text: str) -> tuple[tuple[str, bytes], ...]:
    try:
        keys = tuple(parse_keys(text))
    except ValueError as error:
        raise ValueError(f"is not usable ({error})") from None
    if any(len(set(key)) < FEWEST_DIFFERENT for _, key in keys):
        raise ValueError("holds a sample key")
    return keys


def index_keys(text: str) -> tuple[bytes, ...]:
    """Newest first; an older one stays only until `keys rotate` is through."""
    found = tuple(index_key(part.strip()) for part in text.split(","))
    if len(set(found)) < len(found):
        raise ValueError("holds the same key twice")
    return found


def index_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("is not base64") from None
    if len(key) < KEY_BYTES:
        raise ValueError(f"is shorter than {KEY_BYTES} bytes")
    if len(set(key)) < FEWEST_DIFFERENT:
        raise ValueError("is a sample value")
    return key


# Keys from elsewhere than the environment.
#
# KEYS_FROM is `file:/run/secrets/loket` or `command:/usr/local/bin/open-keys ARGUMENT...`: a file of a system of
# secrets, or a program that asks a KMS. Either gives lines NAME=value with names of KEPT_NAMES; the environment goes
# before.

def from_elsewhere(given: Mapping[str, str]) -> dict[str, str]:
    """Raises BadSetting, which shows no line."""
    source = given.get("KEYS_FROM", "")
    if not source:
        return {}
    kind, _, what = source.partition(":")
    if kind not in SOURCES or not what:
        raise BadSetting("KEYS_FROM", "must be file:PATH or command:PROGRAM ARGUMENTS")
    try:
        text = SOURCES[kind](what)
    except (OSError, UnicodeDecodeError, subprocess.SubprocessError) as error:
        raise BadSetting("KEYS_FROM", f"gives no keys ({type(error).__name__})") from None
    pairs = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in KEPT_NAMES}


SOURCES = {
    "file": lambda path: Path(path).read_text(),
    "command": lambda line: subprocess.run(  # noqa: S603  chosen by whoever writes the settings
        shlex.split(line), capture_output=True, text=True, check=True, timeout=30).stdout,
}


def is_sample(text: str) -> bool:
    """Whether a person wrote this key out of words.

    A random key may hold `dev` or `test` by chance (one in 500 does), so one such word proves nothing:
    sample words must make up half of the key, or stand by themselves in a key that is mostly words.
    """
    if len(set(text)) < FEWEST_DIFFERENT:
        return True
    plain = text.lower()
    rest = re.sub("|".join(map(re.escape, SAMPLES)), "", plain)
    if 2 * len(re.sub(r"[\W_]", "", rest)) <= len(re.sub(r"[\W_]", "", plain)):
        return True
    pieces = [piece for piece in re.split(r"[\W_]+", text) if piece]
    words = [piece for piece in pieces if piece.isalpha() and (piece[1:].islower() or piece.isupper())]
    mostly_words = 2 * sum(map(len, words)) >= sum(map(len, pieces))
    return mostly_words and any(word.lower() in SAMPLES for word in words)


def kept_secrets(instance: Path) -> dict[str, str]:
    """Secrets of this demo, made at the first start; kept so that stored data stays readable.

    Raises BadSetting when what was kept can no longer be read.
    """
    path = instance / KEPT_IN
    if not path.exists():
        _keep(path, {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "SEALING_KEYS": "demo1:" + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
            "INDEX_KEY": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        })
    try:
        kept = json.loads(path.read_text())
        return {name: str(kept[name]) for name in KEPT_NAMES if name in kept}
    except (ValueError, TypeError) as error:
        raise BadSetting("SECRET_KEY", f"cannot be read ({type(error).__name__})") from None


def _keep(path: Path, made: dict[str, str]) -> None:
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(made))
    with suppress(FileExistsError):
        os.link(temporary, path)  # the first process wins; a second start at once reads its keys
    temporary.unlink()

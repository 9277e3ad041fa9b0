"""Secrets among the settings: when one is a sample, and where the demo keeps its own."""

import base64
import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MIN_SECRET_BYTES = 32
FEWEST_DIFFERENT = 8  # characters; a random key of this length has far more
SAMPLES = (
    "change-me", "changeme", "contoh", "sample", "secret", "rahasia", "example", "dev", "test", "default",
    "password", "placeholder", "1234567890", "0123456789",
)
KEPT_NAMES = ("SECRET_KEY", "SEALING_KEYS", "INDEX_KEY")
KEPT_IN = "demo-keys.json"


class BadSecret(ValueError):
    """Never shows the value."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name} {reason}")
        self.name, self.reason = name, reason


def read_secret_key(env: Mapping[str, str]) -> str:
    """SECRET_KEY. Raises BadSecret."""
    key = env.get("SECRET_KEY", "")
    if not key:
        raise BadSecret("SECRET_KEY", "is missing")
    return _checked("SECRET_KEY", key)


def read_fallbacks(env: Mapping[str, str]) -> tuple[str, ...]:
    """SECRET_KEY_FALLBACKS, divided by commas: older keys that still open what they signed. Each is as
    good a key to a forger as the newest, so each is judged alike. Raises BadSecret."""
    keys = (key.strip() for key in env.get("SECRET_KEY_FALLBACKS", "").split(","))
    return tuple(_checked("SECRET_KEY_FALLBACKS", key) for key in keys if key)


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

    Raises BadSecret when what was kept can no longer be read.
    """
    path = instance / KEPT_IN
    if not path.exists():
        _keep(path, {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "SEALING_KEYS": "demo1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            "INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        })
    try:
        kept = json.loads(path.read_text())
        return {name: str(kept[name]) for name in KEPT_NAMES if name in kept}
    except (ValueError, TypeError) as error:
        raise BadSecret("SECRET_KEY", f"cannot be read ({type(error).__name__})") from None


def where_kept(instance: Path) -> str:
    """To be added to a refusal, so that its reader knows which file to look into."""
    return f"; it is kept in {instance / KEPT_IN}"


def _keep(path: Path, made: Mapping[str, str]) -> None:
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(made))
    with suppress(FileExistsError):
        os.link(temporary, path)  # the first process wins; a second start at once reads its keys
    temporary.unlink()


def _checked(name: str, key: str) -> str:
    if len(key.encode()) < MIN_SECRET_BYTES:
        raise BadSecret(name, f"is shorter than {MIN_SECRET_BYTES} bytes")
    if is_sample(key):
        raise BadSecret(name, "is a sample value")
    return key

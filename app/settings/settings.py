"""Settings: the only place that reads the environment.

Demo mode needs no setting at all: it makes its own secrets once and keeps them in the instance
folder. Production refuses to start when a secret is missing, short or a sample, naming it.
"""

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.base.private_files import make_private_folder
from app.base.sealing import parse_keys
from app.settings.mail import ADDRESS, BadMailSetting, MailSettings, read_mail
from app.settings.secret_keys import (
    KEPT_NAMES,
    MIN_SECRET_BYTES,
    BadSecret,
    kept_secrets,
    read_fallbacks,
    read_secret_key,
    where_kept,
)
from app.settings.twilio import E164, BadTwilioSetting, TwilioSettings, read_twilio

ROOT = Path(__file__).resolve().parents[2]
MESSAGES_A_MINUTE = 60  # far below what a sender may do; a flood leaves time for somebody to look
NEW_ACCOUNT_RECIPIENTS = 250  # people a new WhatsApp account may write to in 24 h


class BadSetting(SystemExit):
    """Stops the start. The text names the setting and never shows its value."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"Loket does not start: setting {name} {reason}.")
        self.name, self.reason = name, reason


@dataclass(frozen=True)
class Settings:
    env: str
    instance: Path
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    sealing_keys: tuple[tuple[str, bytes], ...]
    index_key: bytes
    staff_2fa: bool
    database_url: str
    photos_url: str
    public_base_url: str
    trusted_proxies: int
    port: int
    whatsapp_gateway: str
    city_file: Path
    whatsapp_allow: frozenset[str] = frozenset()
    whatsapp_daily_limit: int = NEW_ACCOUNT_RECIPIENTS
    whatsapp_per_minute: int = MESSAGES_A_MINUTE
    twilio: TwilioSettings | None = None
    mail: MailSettings = field(default_factory=MailSettings)
    s3: Mapping[str, str] = field(default_factory=dict)
    journal_anchors: str = ""
    journal_anchors_mail: str = ""

    @property
    def demo(self) -> bool:
        return self.env == "demo"

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_base_url).hostname or ""

    @property
    def trusted_hosts(self) -> list[str]:
        return sorted({self.public_host, "127.0.0.1", "localhost"})

    @property
    def secure_cookies(self) -> bool:
        """`__Host-` cookies demand https, which the demo on 127.0.0.1 does not have."""
        return not self.demo


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Build the settings from `environment` (default: the process's own).

    Raises BadSetting, naming the setting that is wrong.
    """
    env = dict(os.environ if environment is None else environment)
    mode = env.get("LOKET_ENV", "demo")
    if mode not in ("demo", "production"):
        raise BadSetting("LOKET_ENV", "must be demo or production")
    instance = Path(env.get("LOKET_INSTANCE") or ROOT / "instance").absolute()
    make_private_folder(instance)
    if mode == "demo":
        return _with_kept_secrets(env, instance)
    return _settings(env, mode, instance)


def _with_kept_secrets(env: dict[str, str], instance: Path) -> Settings:
    """Settings of a demo. A kept secret that is refused is told with the file it stands in."""
    try:
        kept = kept_secrets(instance)
        return _settings({**kept, **env}, "demo", instance)
    except BadSecret as error:
        raise BadSetting(error.name, error.reason + where_kept(instance)) from None
    except BadSetting as error:
        if error.name in env or error.name not in KEPT_NAMES:
            raise
        raise BadSetting(error.name, error.reason + where_kept(instance)) from None


def _settings(env: dict[str, str], mode: str, instance: Path) -> Settings:
    port = _whole_number(env, "PORT", 8000)
    return Settings(
        env=mode,
        instance=instance,
        secret_key=_secret(read_secret_key, env),
        secret_key_fallbacks=_secret(read_fallbacks, env),
        sealing_keys=_sealing_keys(env),
        index_key=_index_key(env),
        staff_2fa=_switch(env, "STAFF_2FA", mode == "production"),
        database_url=_database_url(env, instance),
        photos_url=env.get("PHOTOS_URL") or str(instance / "photos"),
        public_base_url=_public_base_url(env, mode, port),
        trusted_proxies=_trusted_proxies(env, mode),
        port=port,
        whatsapp_gateway=_gateway(env),
        city_file=Path(env.get("CITY_FILE") or ROOT / "app" / "city.toml"),
        whatsapp_allow=_allowed_numbers(env),
        whatsapp_daily_limit=_whole_number(env, "WHATSAPP_DAILY_LIMIT", NEW_ACCOUNT_RECIPIENTS),
        whatsapp_per_minute=_pace(env),
        twilio=_twilio(env, mode),
        mail=_mail(env, mode),
        s3={k: v for k, v in env.items() if k.startswith("AWS_") and v},
        journal_anchors=_anchor_file(env, instance),
        journal_anchors_mail=_anchor_mail(env, mode),
    )


def _secret(read: Callable[[Mapping[str, str]], Any], env: Mapping[str, str]) -> Any:
    try:
        return read(env)
    except BadSecret as error:
        raise BadSetting(error.name, error.reason) from None


def _sealing_keys(env: Mapping[str, str]) -> tuple[tuple[str, bytes], ...]:
    raw = env.get("SEALING_KEYS", "")
    if not raw:
        raise BadSetting("SEALING_KEYS", "is missing")
    try:
        keys = tuple(parse_keys(raw))
    except ValueError as error:
        raise BadSetting("SEALING_KEYS", f"is not usable ({error})") from None
    if any(len(set(key)) < 8 for _, key in keys):
        raise BadSetting("SEALING_KEYS", "holds a sample key")
    return keys


def _index_key(env: Mapping[str, str]) -> bytes:
    raw = env.get("INDEX_KEY", "")
    if not raw:
        raise BadSetting("INDEX_KEY", "is missing")
    try:
        key = base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        raise BadSetting("INDEX_KEY", "is not base64") from None
    if len(key) < MIN_SECRET_BYTES:
        raise BadSetting("INDEX_KEY", f"is shorter than {MIN_SECRET_BYTES} bytes")
    if len(set(key)) < 8:
        raise BadSetting("INDEX_KEY", "is a sample value")
    return key


def _database_url(env: Mapping[str, str], instance: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{instance / 'loket.sqlite3'}"
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL", "must start with sqlite:/// or postgresql://")
    return url


def _public_base_url(env: Mapping[str, str], mode: str, port: int) -> str:
    url = env.get("PUBLIC_BASE_URL", "")
    if not url and mode == "demo":
        return f"http://127.0.0.1:{port}"
    if not url:
        raise BadSetting("PUBLIC_BASE_URL", "is missing")
    parts = urlsplit(url)
    if mode == "production" and parts.scheme != "https":
        raise BadSetting("PUBLIC_BASE_URL", "must start with https://")
    if not parts.hostname or parts.path not in ("", "/"):
        raise BadSetting("PUBLIC_BASE_URL", "must be scheme://host without a path")
    return url.rstrip("/")


def _gateway(env: Mapping[str, str]) -> str:
    gateway = env.get("WHATSAPP_GATEWAY", "console")
    if gateway not in ("console", "twilio"):
        raise BadSetting("WHATSAPP_GATEWAY", "must be console or twilio")
    return gateway


def _twilio(env: Mapping[str, str], mode: str) -> TwilioSettings | None:
    if _gateway(env) != "twilio":
        return None
    try:
        return read_twilio(env, mode == "production")
    except BadTwilioSetting as error:
        raise BadSetting(error.name, error.reason) from None


def _mail(env: Mapping[str, str], mode: str) -> MailSettings:
    try:
        return read_mail(env, mode == "production")
    except BadMailSetting as error:
        raise BadSetting(error.name, error.reason) from None


def _allowed_numbers(env: Mapping[str, str]) -> frozenset[str]:
    """Trial mode: only these numbers receive. Empty means everybody."""
    numbers = [number.strip() for number in env.get("WHATSAPP_ALLOW", "").split(",") if number.strip()]
    if not all(E164.fullmatch(number) for number in numbers):
        raise BadSetting("WHATSAPP_ALLOW", "must be numbers like +628123456789, divided by commas")
    return frozenset(numbers)


def _anchor_file(env: Mapping[str, str], instance: Path) -> str:
    """A file in another place than the journal, or "". That it can be written shows when it is."""
    path = env.get("JOURNAL_ANCHORS", "")
    if path and not Path(path).is_absolute():
        raise BadSetting("JOURNAL_ANCHORS", "must be the whole path of a file")
    if path and Path(path).resolve().is_relative_to(instance.resolve()):
        raise BadSetting("JOURNAL_ANCHORS", "must not lie in the instance folder, where whoever cuts the journal is")
    return path


def _anchor_mail(env: Mapping[str, str], mode: str) -> str:
    address = env.get("JOURNAL_ANCHORS_MAIL", "")
    if address and not ADDRESS.fullmatch(address):
        raise BadSetting("JOURNAL_ANCHORS_MAIL", "must be one e-mail address")
    if address and mode == "production" and not env.get("MAIL_SMTP_HOST"):
        raise BadSetting("JOURNAL_ANCHORS_MAIL", "needs a server for e-mail (MAIL_SMTP_HOST)")
    return address


def _trusted_proxies(env: Mapping[str, str], mode: str) -> int:
    """How many proxies stand before us and write X-Forwarded-For; 0 for `none`.

    Production must say so: behind a proxy nobody counted, the whole city is one network address.
    """
    value = env.get("TRUSTED_PROXIES", "")
    if not value and mode == "production":
        raise BadSetting(
            "TRUSTED_PROXIES", "is missing; say how many proxies stand before Loket (usually 1), or none",
        )
    if value in ("", "none"):
        return 0
    if not (value.isascii() and value.isdigit()):
        raise BadSetting("TRUSTED_PROXIES", "must be a whole number or none")
    return int(value)


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    value = env.get(name, "on" if default else "off")
    if value not in ("on", "off"):
        raise BadSetting(name, "must be on or off")
    return value == "on"


def _pace(env: Mapping[str, str]) -> int:
    """Messages a minute of all workers together."""
    pace = _whole_number(env, "WHATSAPP_PER_MINUTE", MESSAGES_A_MINUTE)
    if pace < 1:
        raise BadSetting("WHATSAPP_PER_MINUTE", "must be 1 or more")
    return pace


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise BadSetting(name, "must be a whole number")
    return int(value)

"""Settings: the only place that reads the environment.

Demo mode needs no setting at all: it makes its own secrets once and keeps them in the instance
folder. Production refuses to start when a secret is missing, short or a sample, naming it. Staging is
production with invented people: the same demands, and no way to a stranger's phone.
"""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from app.base.private_files import make_private_folder
from app.settings import secret_keys as keys
from app.settings.mail import ADDRESS, MailSettings, read_mail
from app.settings.reading import BadSetting, Group, WholeNumber, is_number, must, refuse_first
from app.settings.twilio import E164, TwilioSettings

ROOT = Path(__file__).resolve().parents[2]
MESSAGES_A_MINUTE = 60  # far below what a sender may do; a flood leaves time for somebody to look
NEW_ACCOUNT_RECIPIENTS = 250  # people a new WhatsApp account may write to in 24 h
DATABASES = {
    "postgres://": "postgresql+psycopg://", "postgresql://": "postgresql+psycopg://",
    "postgresql+psycopg://": "postgresql+psycopg://", "sqlite:///": "sqlite:///",
}


def _database(url: str) -> str:
    for start, driver in DATABASES.items():
        if url.startswith(start):
            return driver + url.removeprefix(start)
    raise ValueError("must start with sqlite:/// or postgresql://")


def _listed(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _by_mode(setting: str, reason: str, demo_value: Any) -> Any:
    """Production must say it; the demo has a value of its own."""
    def value(given: Mapping[str, Any]) -> Any:
        if given["env"] != "demo":
            raise BadSetting(setting, reason)
        return demo_value.format(**given) if isinstance(demo_value, str) else demo_value

    return Field(default_factory=value)


OnOff = Annotated[bool, must(lambda text: text in ("on", "off"), "must be on or off")]
Proxies = Annotated[
    int, BeforeValidator(lambda text: 0 if text == "none" else text),
    must(lambda text: text == "none" or is_number(text), "must be a whole number or none"),
]
Pace = Annotated[WholeNumber, must(lambda text: text.strip("0"), "must be 1 or more")]
Numbers = Annotated[
    frozenset[str], BeforeValidator(_listed),
    must(lambda text: all(map(E164.fullmatch, _listed(text))), "must be numbers like +628123456789, divided by commas"),
]
AHEAD = re.compile(r"\+([0-9]{1,4})([hd])")


def _ahead(text: str) -> timedelta:
    number, unit = AHEAD.fullmatch(text).groups()
    return timedelta(hours=int(number)) if unit == "h" else timedelta(days=int(number))


Ahead = Annotated[
    timedelta, BeforeValidator(lambda value: _ahead(value) if isinstance(value, str) else value),
    must(AHEAD.fullmatch, "must be an offset such as +26h or +3d"),
]
BareAddress = Annotated[str, AfterValidator(lambda url: url.rstrip("/")), must(
    lambda url: urlsplit(url).hostname and urlsplit(url).path in ("", "/"), "must be scheme://host without a path",
)]
WholePath = Annotated[str, must(lambda text: Path(text).is_absolute(), "must be the whole path of a file")]


Clamd = Annotated[str, must(
    lambda text: text.startswith("/") or (":" in text and is_number(text.rpartition(":")[2])),
    "must be the path of clamd's socket, like /run/clamav/clamd.ctl, or host:port",
)]


class Settings(Group):
    """`trusted_proxies` is how many write X-Forwarded-For before us: behind one nobody counted, the whole
    city is one network address. `whatsapp_allow` is trial mode: only these numbers receive; empty means
    everybody. `whatsapp_per_minute` counts all workers together. `journal_anchors` is a file in another
    place than the journal, or ""; that it can be written shows when it is. `index_keys`: the newest first; more than
    one only while `keys rotate` moves from one to the next. `monitor_token` opens what only a monitor may read. `clamd`
    is where a virus scanner listens that is asked about every file of a complaint. `web_processes` answer on one
    address. `alarm_email` hears of trouble even while the database is away."""

    refuses_empty: ClassVar[tuple[str, ...]] = (
        "LOKET_ENV", "PORT", "WEB_PROCESSES", "STAFF_2FA", "WHATSAPP_GATEWAY", "WHATSAPP_DAILY_LIMIT",
        "WHATSAPP_PER_MINUTE",
    )

    env: Literal["demo", "staging", "production"] = Field("demo", alias="LOKET_ENV")
    instance: Path = Field(alias="LOKET_INSTANCE")
    port: WholeNumber = 8000
    web_processes: Pace = 1
    alarm_email: Annotated[str, must(ADDRESS.fullmatch, "must be one e-mail address")] = ""
    secret_key: Annotated[str, AfterValidator(keys.secret_key)] = Field(repr=False)
    secret_key_fallbacks: Annotated[tuple[str, ...], BeforeValidator(keys.older_keys)] = Field((), repr=False)
    sealing_keys: Annotated[tuple[tuple[str, bytes], ...], BeforeValidator(keys.sealing_keys)] = Field(repr=False)
    index_keys: Annotated[tuple[bytes, ...], BeforeValidator(keys.index_keys)] = Field(alias="INDEX_KEY", repr=False)
    staff_2fa: OnOff = Field(default_factory=lambda given: given["env"] != "demo")
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=lambda given: f"sqlite:///{given['instance'] / 'loket.sqlite3'}", repr=False,
    )
    photos_url: str = Field(default_factory=lambda given: str(given["instance"] / "photos"))
    public_base_url: BareAddress = _by_mode("PUBLIC_BASE_URL", "is missing", "http://127.0.0.1:{port}")
    trusted_proxies: Proxies = _by_mode(
        "TRUSTED_PROXIES", "is missing; say how many proxies stand before Loket (usually 1), or none", 0,
    )
    demo_clock: Ahead = timedelta()
    whatsapp_gateway: Literal["console", "twilio"] = "console"
    whatsapp_allow: Numbers = frozenset()
    whatsapp_daily_limit: WholeNumber = NEW_ACCOUNT_RECIPIENTS
    whatsapp_per_minute: Pace = MESSAGES_A_MINUTE
    city_file: Path = ROOT / "app" / "city.toml"
    clamd: Clamd = ""
    backup_recipient: Annotated[str, must(
        lambda text: text.startswith("age1"), "must be a public key of age (age1...)")] = ""
    monitor_token: Annotated[str, must(lambda text: len(text) >= 16, "is shorter than 16 characters")] = Field(
        "", repr=False)
    journal_anchors: WholePath = ""
    journal_anchors_mail: Annotated[str, must(ADDRESS.fullmatch, "must be one e-mail address")] = ""
    twilio: TwilioSettings | None = None
    mail: MailSettings
    s3: dict[str, str] = Field(repr=False)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        self.mail.check(production=not self.demo)
        if self.twilio:
            self.twilio.check(production=self.env == "production")
        refuse_first([
            (self.demo_clock and not self.demo, "DEMO_CLOCK", "moves the clock of a demo only"),
            (not self.demo and not self.public_base_url.startswith("https://"),
             "PUBLIC_BASE_URL", "must start with https://"),
            (self.staging and self.twilio and not (self.twilio.api_base or self.whatsapp_allow),
             "WHATSAPP_ALLOW", "is missing: staging writes to named numbers only, or to a stand-in (TWILIO_API_BASE)"),
            (self.alarm_email and not self.demo and not self.mail.smtp,
             "ALARM_EMAIL", "needs a server for e-mail (MAIL_SMTP_HOST)"),
            (self.twilio and "_" in self.public_host,
             "PUBLIC_BASE_URL", "must have no underscore in its host: Twilio would not report to it"),
            (self.journal_anchors_mail and not self.demo and not self.mail.smtp,
             "JOURNAL_ANCHORS_MAIL", "needs a server for e-mail (MAIL_SMTP_HOST)"),
            (self.journal_anchors and Path(self.journal_anchors).resolve().is_relative_to(self.instance.resolve()),
             "JOURNAL_ANCHORS", "must not lie in the instance folder, where whoever cuts the journal is"),
        ])
        return self

    @property
    def demo(self) -> bool:
        return self.env == "demo"

    @property
    def staging(self) -> bool:
        return self.env == "staging"

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
    given = dict(os.environ if environment is None else environment)
    instance = Path(given.get("LOKET_INSTANCE") or ROOT / "instance").absolute()
    make_private_folder(instance)
    given = {**keys.from_elsewhere(given), **given}
    demo = given.get("LOKET_ENV", "demo") == "demo"
    try:
        all_given = {**keys.kept_secrets(instance), **given} if demo else given
        return Settings.read(
            all_given, LOKET_INSTANCE=instance, MAIL=read_mail(given),
            TWILIO=TwilioSettings.read(given) if given.get("WHATSAPP_GATEWAY") == "twilio" else None,
            S3={name: text for name, text in given.items() if name.startswith("AWS_") and text},
        )
    except BadSetting as refused:
        if demo and refused.name in keys.KEPT_NAMES and refused.name not in given:
            raise BadSetting(refused.name, f"{refused.reason}; it is kept in {instance / keys.KEPT_IN}") from None
        raise


def taken_from_environment(name: str) -> str:
    """What a service manager told this process, and none of its children."""
    return os.environ.pop(name, "")


def for_children() -> dict[str, str]:
    """What a command of ours needs of the machine besides settings of its own."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "SSL_CERT_FILE") if name in os.environ}


def offer_to_libraries(name: str, value: str) -> None:
    """A library that reads the environment when it is loaded is told so."""
    os.environ[name] = value


def for_programs() -> dict[str, str]:
    """What a program that we start needs of the environment: none of our secrets."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: text for name, text in os.environ.items() if name in kept or name.startswith("PG")}

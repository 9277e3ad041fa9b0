"""The settings of an installation as one file that systemd, a shell and Compose read alike: NAME='value'.

Keys are made here once. A second run keeps every key that is there: a lost key cannot be replaced.
"""

import base64
import os
import re
import secrets
from pathlib import Path

from app.base import clock
from app.base.private_files import PRIVATE_FILE
from app.base.sealing import KEY_BYTES
from app.settings.secret_keys import KEPT_NAMES
from app.setup.questions import Answers, BadAnswer

LINE = re.compile(r"([A-Z][A-Z0-9_]*)='([^']*)'")
# never made anew and never taken from the answers
KEPT = (*KEPT_NAMES, "MONITOR_TOKEN")


def read_env(path: Path) -> dict[str, str]:
    """What a file of ours holds; {} when there is none."""
    if not path.exists():
        return {}
    return dict(LINE.fullmatch(line).groups() for line in path.read_text().splitlines() if LINE.fullmatch(line))


def settings_of(answers: Answers, before: dict[str, str]) -> dict[str, str]:
    """The settings by name, without the empty ones."""
    folder, data = Path(answers["folder"]), Path(answers["data"])
    found = {
        "LOKET_ENV": answers["mode"],
        "LOKET_INSTANCE": str(data),
        "CITY_FILE": str(folder / "city.toml"),
        "PUBLIC_BASE_URL": f"https://{answers['city.domain']}",
        "TRUSTED_PROXIES": answers["proxies"],
        **{name: before.get(name) or made for name, made in _new_keys().items()},
        **_storage(answers), **_whatsapp(answers), **_mail(answers),
    }
    return {name: value for name, value in found.items() if value}


def _new_keys() -> dict[str, str]:
    def random() -> str:
        return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()

    return {
        "SECRET_KEY": secrets.token_urlsafe(48), "SEALING_KEYS": f"k{clock.today():%Y%m}:{random()}",
        "INDEX_KEY": random(), "MONITOR_TOKEN": secrets.token_urlsafe(32),
    }


def _storage(answers: Answers) -> dict[str, str]:
    found = {"DATABASE_URL": "" if answers["database"] == "sqlite" else answers["database"]}
    if answers["photos"] == "folder":
        return found
    return found | {
        "PHOTOS_URL": answers["photos"], "AWS_ENDPOINT_URL": answers["s3.endpoint"],
        "AWS_ACCESS_KEY_ID": answers["s3.key_id"], "AWS_SECRET_ACCESS_KEY": answers["s3.secret"],
    }


def _whatsapp(answers: Answers) -> dict[str, str]:
    if answers["whatsapp.gateway"] == "console":
        return {"WHATSAPP_GATEWAY": "console"}
    names = {
        "account_sid": "TWILIO_ACCOUNT_SID", "api_key": "TWILIO_API_KEY", "api_secret": "TWILIO_API_SECRET",
        "auth_token": "TWILIO_AUTH_TOKEN", "sender": "TWILIO_WHATSAPP_FROM", "api_base": "TWILIO_API_BASE",
    }
    given = {name: answers.get(f"whatsapp.{key}", "") for key, name in names.items()}
    return {"WHATSAPP_GATEWAY": "twilio", **given}


def _mail(answers: Answers) -> dict[str, str]:
    if not answers["mail.smtp_host"]:
        return {}
    return {
        "MAIL_SMTP_HOST": answers["mail.smtp_host"], "MAIL_SMTP_PORT": answers["mail.smtp_port"],
        "MAIL_SMTP_TLS": answers["mail.smtp_tls"], "MAIL_SMTP_USER": answers["mail.smtp_user"],
        "MAIL_SMTP_PASSWORD": answers["mail.smtp_password"], "MAIL_FROM": answers["mail.sender"],
        "ALARM_EMAIL": answers["alarm_email"],
    }


def write_env(path: Path, values: dict[str, str]) -> None:
    """Whole or not at all, for its owner only from the first byte on. Raises BadAnswer for a value that no such
    file can hold."""
    for name, value in values.items():
        if "'" in value or not value.isprintable():
            raise BadAnswer(name, "tidak boleh berisi tanda petik tunggal atau ganti baris")
    passing = path.with_suffix(".new")
    passing.unlink(missing_ok=True)
    descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w") as file:
        file.write("# Setelan Loket. Berisi kunci: simpan salinannya di tempat lain, terpisah dari cadangan data.\n")
        file.writelines(f"{name}='{value}'\n" for name, value in values.items())
    passing.replace(path)

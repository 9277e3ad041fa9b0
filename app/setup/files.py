"""The files that setup writes.

Settings are one file that systemd, a shell and Compose read alike: NAME='value'. Keys are made here once; a second
run keeps every key that is there: a lost key cannot be replaced. The city file of another city is the shipped one,
comments and all, with what that city answered: what only the office can know (kelurahan, addresses of its services,
who oversees) is left empty or as the law says, and the doctor says what is to be filled in. The proxy before Loket
gets this city's address. The sheet is what an IT officer prints and keeps: where everything is, how to back up, whom
to call; it holds no secret.
"""

import base64
import os
import re
import secrets
from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument

from app.base import clock
from app.base.private_files import PRIVATE_FILE
from app.base.sealing import KEY_BYTES
from app.identity.nik import districts_of
from app.messages.quota import A_REGISTRATION
from app.settings.secret_keys import KEPT_NAMES
from app.settings.settings import NEW_ACCOUNT_RECIPIENTS, ROOT
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


SHIPPED = ROOT / "app" / "city.toml"
SHIPPED_CODE = "35.74"
DAYS = ("senin", "selasa", "rabu", "kamis")
OVERSIGHT = ("Kepala Dinas Kependudukan dan Pencatatan Sipil", "Sekretaris", "Kepala Bidang PIAK")


def city_file(answers: Answers) -> str:
    """The text of the file. Raises KeyError for a channel that the shipped file does not have."""
    document = tomlkit.parse(SHIPPED.read_text(encoding="utf-8"))
    for key in ("name", "short_name", "office_name", "address"):
        document[key] = answers[f"city.{key}"]
    document["public_domain"] = answers["city.domain"]
    for key in ("phone", "email", "whatsapp", "instagram", "facebook", "radio"):
        document["contacts"][key] = _local(answers["city.phone"]) if key == "phone" else answers[f"city.{key}"]
    document["contacts"]["whatsapp"] = _local(answers["city.whatsapp"])
    _set_hours(document, answers)
    _set_channels(document, [key.strip() for key in answers["city.channels"].split(",") if key.strip()], answers)
    if answers["city.region_code"] != SHIPPED_CODE:
        _leave_the_first_city(document, answers["city.region_code"])
    return tomlkit.dumps(document)


def _local(number: str) -> str:
    """+62812... -> 0812..., as the file writes numbers."""
    return "0" + number.removeprefix("+62") if number.startswith("+62") else number


def _set_hours(document: TOMLDocument, answers: Answers) -> None:
    hours = document["office_hours"]
    for day in DAYS:
        hours[day] = _spans(answers["city.hours"])
    hours["jumat"], hours["sabtu"] = _spans(answers["city.hours_friday"]), _spans(answers["city.hours_saturday"])


def _spans(answer: str) -> list[str]:
    return [span.strip() for span in answer.split(",") if span.strip()]


def _set_channels(document: TOMLDocument, wanted: list[str], answers: Answers) -> None:
    known = {str(channel["key"]): channel for channel in document["channels"]}
    kept = tomlkit.aot()
    for key in wanted:
        if key == "radio" and answers["city.radio"]:
            known[key]["name"], known[key]["note"] = answers["city.radio"], "Pengaduan lewat siaran."
        kept.append(known[key])
    document["channels"] = kept


def _leave_the_first_city(document: TOMLDocument, code: str) -> None:
    districts = tomlkit.aot()
    for district in districts_of(code.replace(".", "")):
        table = tomlkit.table()
        table["code"], table["name"], table["villages"] = f"{code}.{district.code[4:]}", district.name, []
        districts.append(table)
    region = tomlkit.table()
    region["code"] = code
    region["districts"] = districts
    document["region"] = region
    document["oversight"] = list(OVERSIGHT)
    del document["services"]


def write_city_file(path: Path, answers: Answers) -> None:
    path.write_text(city_file(answers), encoding="utf-8")
    path.chmod(0o644)


SHIPPED_PROXIES = ROOT / "deploy" / "proxy"
PLACE = "loket.invalid"
OWN_CA = "\ttls internal\n"
# proxy -> the shipped file, and where the proxy of a Debian reads it
FILES: dict[str, tuple[str, Path]] = {
    "caddy": ("Caddyfile", Path("/etc/caddy/Caddyfile")),
    "nginx": ("nginx.conf", Path("/etc/nginx/sites-enabled/loket")),
}


def proxy_file(answers: Answers) -> str:
    """For the proxy of the answers. Caddy gets a certificate by itself, from its own authority, or from a file."""
    shipped, _ = FILES[answers["proxy"]]
    text = (SHIPPED_PROXIES / shipped).read_text().replace(PLACE, answers["city.domain"])
    if answers["proxy"] == "caddy" and answers["tls"] != "internal":
        folder = Path(answers["folder"]) / "tls"
        files = f"\ttls {folder}/fullchain.pem {folder}/privkey.pem\n"
        text = text.replace(OWN_CA, files if answers["tls"] == "file" else "")
    return text


def place_proxy_file(answers: Answers) -> Path | None:
    """Where the proxy reads it, the file before it kept beside it; None when that proxy is not on this machine."""
    _, target = FILES[answers["proxy"]]
    if not target.parent.is_dir():
        return None
    text = proxy_file(answers)
    if target.exists() and target.read_text() != text:
        target.replace(target.with_name(f".{target.name}-before-loket"))
    target.write_text(text)
    return target


TWILIO = f"""Twilio. Akun baru hanya boleh menyurati {NEW_ACCOUNT_RECIPIENTS} orang sehari, cukup untuk
              sekitar {NEW_ACCOUNT_RECIPIENTS // A_REGISTRATION} pendaftaran. Lebih dari itu: ajukan
              verifikasi bisnis di Meta sebelum layanan dibuka (docs/running.md,
              bagian "Kuota WhatsApp")"""
SHEET = """\
LOKET - LEMBAR PEMASANGAN                                   {office}
Cetak, isi tanggalnya, simpan di map TI. Lembar ini tidak memuat rahasia.
Dipasang tanggal: ______________   oleh: ______________________________

ALAMAT        {url}   ({mode})
SETELAN       {folder}/loket.env     (kunci ada di sini; hanya root yang dapat membaca)
BERKAS KOTA   {folder}/city.toml     (jam, kontak, kelurahan, layanan)
DATA          {data}
DATABASE      {database}
FOTO          {photos}
WHATSAPP      {whatsapp}

KUNCI. Salin {folder}/loket.env ke dua tempat di luar mesin ini (amplop tertutup di
brankas, misalnya), JANGAN bersama cadangan data. Tanpa kunci itu cadangan tidak dapat
dibuka oleh siapa pun, juga oleh kita.
   Salinan 1 disimpan di: ____________________   Salinan 2: ____________________

CADANGAN. Berjalan sendiri setiap malam (loket-backup.timer).
   Memeriksa: loket doctor       Membuat sekarang: systemctl start loket-backup
   Memulihkan di mesin baru: docs/running.md, bagian "Pindah mesin".

SETIAP HARI   Buka {url}/petugas/pemeriksaan sebagai admin, atau jalankan: loket doctor
GANGGUAN      docs/running.md, satu halaman untuk setiap alarm.
              Hubungi: {call}
"""


def sheet(answers: Answers, env: dict[str, str]) -> str:
    database = "PostgreSQL" if env.get("DATABASE_URL") else f"SQLite, {answers['data']}/loket.sqlite3"
    return SHEET.format(
        office=answers["city.short_name"], url=env["PUBLIC_BASE_URL"],
        mode="latihan" if answers["mode"] == "staging" else "layanan warga",
        folder=answers["folder"], data=answers["data"], database=database,
        photos=env.get("PHOTOS_URL") or f"{answers['data']}/photos",
        whatsapp=TWILIO if env["WHATSAPP_GATEWAY"] == "twilio" else "dicetak saja, tidak dikirim",
        call=answers["call"],
    )

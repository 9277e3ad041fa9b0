"""What a city decides on its first day: one table of questions, asked at a terminal or answered by a file.

A file is TOML with the same keys (`deploy/answers.toml` is one, with comments). What a file leaves out has the
default that a person would be offered; a question without one must be answered.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.accounts.staff_service import USERNAME
from app.city.worktime import parse_hours
from app.identity.nik import region_of
from app.settings.mail import ADDRESS

Answers = dict[str, str]
HOURS = re.compile(r"\d\d\.\d\d-\d\d\.\d\d(, *\d\d\.\d\d-\d\d\.\d\d)*")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
PHONE = re.compile(r"[+0(][0-9 ()-]{8,18}")


class BadAnswer(Exception):
    """`key` is the question, `reason` an Indonesian sentence."""

    def __init__(self, key: str, reason: str):
        super().__init__(f"{key}: {reason}")
        self.key, self.reason = key, reason


@dataclass(frozen=True)
class Question:
    """`default` may be made from the answers before it; None: it must be answered. `wrong` says why an answer is
    refused, or "". `asked` tells from the answers before it whether the question comes up at all."""

    key: str
    text: str
    default: str | Callable[[Answers], str | None] | None = None
    wrong: Callable[[str], str] = lambda answer: ""
    secret: bool = False
    asked: Callable[[Answers], bool] = lambda answers: True

    def offered(self, answers: Answers) -> str | None:
        return self.default(answers) if callable(self.default) else self.default


def _must(pattern: re.Pattern, reason: str, may_be_empty: bool = False) -> Callable[[str], str]:
    return lambda answer: "" if pattern.fullmatch(answer) or (may_be_empty and not answer) else reason


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda answer: "" if answer in words else f"pilih salah satu: {', '.join(words)}"


def _filled(answer: str) -> str:
    return "" if answer.strip() else "belum diisi"


def _whole_path(answer: str) -> str:
    return "" if Path(answer).is_absolute() else "tulis jalurnya lengkap, mulai dengan /"


def _known_region(answer: str) -> str:
    if not re.fullmatch(r"\d\d\.\d\d", answer):
        return "tulis kode Kemendagri kabupaten/kota, misalnya 35.74"
    return "" if region_of(answer.replace(".", "")) else "kode ini tidak ada dalam daftar Kemendagri"


def _hours(answer: str) -> str:
    if not answer:
        return ""
    if not HOURS.fullmatch(answer):
        return "tulis seperti 07.30-12.00, 13.00-16.00; kosong berarti tutup"
    try:
        parse_hours({day: [] for day in ("selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")} | {
            "senin": [span.strip() for span in answer.split(",")],
        })
    except ValueError:
        return "jamnya harus berurutan dan tidak bertumpuk"
    return ""


def _region_name(answers: Answers) -> str:
    return region_of(answers["city.region_code"].replace(".", "")).name


def _province(answers: Answers) -> str:
    return f"{answers['city.name']}, {region_of(answers['city.region_code'][:2]).name}"


def _channels(answers: Answers) -> str:
    further = [key for key in ("instagram", "facebook", "radio") if answers[f"city.{key}"]]
    return ",".join(["web", "langsung", "kotak_saran", "telepon", "email", "whatsapp", "lapor", *further])


def _twilio(answers: Answers) -> bool:
    return answers["whatsapp.gateway"] == "twilio"


def _mail(answers: Answers) -> bool:
    return bool(answers["mail.smtp_host"])


EMAIL = _must(ADDRESS, "tulis alamat e-mail yang lengkap")
EMAIL_OR_NONE = _must(ADDRESS, "tulis alamat e-mail yang lengkap, atau kosongkan", may_be_empty=True)

QUESTIONS: tuple[Question, ...] = (
    Question("mode", "Untuk apa? production (warga) atau staging (latihan)", "production",
             _one_of("production", "staging")),
    Question("folder", "Folder setelan", "/etc/loket", _whole_path),
    Question("data", "Folder data", "/var/lib/loket", _whole_path),
    Question("account", "Akun sistem Loket", "loket", _filled),
    Question("city.region_code", "Kode Kemendagri kabupaten/kota, misalnya 35.74", None, _known_region),
    Question("city.name", "Nama kota", _region_name, _filled),
    Question("city.short_name", "Nama singkat dinas, dipakai dalam pesan",
             lambda known: f"Dukcapil {known['city.name']}", _filled),
    Question("city.office_name", "Nama lengkap dinas",
             lambda known: f"Dinas Kependudukan dan Pencatatan Sipil {known['city.name']}", _filled),
    Question("city.address", "Alamat kantor", _province, _filled),
    Question("city.domain", "Alamat situs tanpa https://, misalnya dukcapil.contoh.go.id", None,
             _must(DOMAIN, "tulis tanpa https:// dan tanpa garis miring")),
    Question("city.phone", "Telepon kantor", None, _must(PHONE, "tulis seperti (0343) 421000 atau 0343421000")),
    Question("city.whatsapp", "WhatsApp kantor", None, _must(PHONE, "tulis seperti 081234567890")),
    Question("city.email", "E-mail kantor", None, EMAIL),
    Question("city.instagram", "Instagram tanpa @ (boleh kosong)", ""),
    Question("city.facebook", "Facebook (boleh kosong)", ""),
    Question("city.radio", "Acara radio untuk pengaduan (boleh kosong)", ""),
    Question("city.hours", "Jam buka Senin-Kamis", "07.30-12.00, 13.00-16.00", _hours),
    Question("city.hours_friday", "Jam buka Jumat", "07.30-11.30, 13.00-16.30", _hours),
    Question("city.hours_saturday", "Jam buka Sabtu (kosong: tutup)", "", _hours),
    Question("city.channels", "Saluran pengaduan, dipisah koma", _channels, _filled),
    Question("proxy", "Proxy di mesin ini: caddy, nginx, atau none", "caddy", _one_of("caddy", "nginx", "none")),
    Question("tls", "Sertifikat: acme (otomatis), file (di folder setelan, tls/), internal (latihan)",
             lambda known: "internal" if known["mode"] == "staging" else "acme", _one_of("acme", "file", "internal"),
             asked=lambda known: known["proxy"] == "caddy"),
    Question("proxies", "Berapa proxy di depan Loket (Caddy atau nginx di mesin ini: 1)", "1",
             _must(re.compile(r"[1-9]|none"), "tulis angka, atau none")),
    Question("database", "Database: sqlite, atau postgresql://...", "sqlite",
             _must(re.compile(r"sqlite|postgres(ql)?://\S+"), "tulis sqlite atau postgresql://...")),
    Question("photos", "Tempat foto: folder, atau s3://nama/awalan", "folder",
             _must(re.compile(r"folder|s3://\S+"), "tulis folder atau s3://...")),
    Question("s3.endpoint", "Alamat S3", None, _filled, asked=lambda known: known["photos"] != "folder"),
    Question("s3.key_id", "Kunci akses S3", None, _filled, asked=lambda known: known["photos"] != "folder"),
    Question("s3.secret", "Rahasia S3", None, _filled, secret=True, asked=lambda known: known["photos"] != "folder"),
    Question("whatsapp.gateway", "WhatsApp: twilio, atau console (dicetak saja)", "twilio",
             _one_of("twilio", "console")),
    Question("whatsapp.account_sid", "Twilio Account SID (AC...)", None, _filled, asked=_twilio),
    Question("whatsapp.api_key", "Twilio API key (SK...)", None, _filled, asked=_twilio),
    Question("whatsapp.api_secret", "Twilio API secret", None, _filled, secret=True, asked=_twilio),
    Question("whatsapp.auth_token", "Twilio auth token", None, _filled, secret=True, asked=_twilio),
    Question("whatsapp.sender", "Nomor pengirim di Twilio, misalnya +628123456789", None, _filled, asked=_twilio),
    Question("whatsapp.api_base", "Alamat tiruan Twilio (latihan saja; boleh kosong)", "",
             asked=lambda known: _twilio(known) and known["mode"] == "staging"),
    Question("mail.smtp_host", "Server e-mail keluar (boleh kosong)", ""),
    Question("mail.smtp_user", "Nama pengguna di server e-mail keluar", "", asked=_mail),
    Question("mail.smtp_password", "Kata sandinya", "", secret=True, asked=_mail),
    Question("mail.smtp_port", "Port server e-mail keluar", "587", asked=_mail),
    Question("mail.smtp_tls", "Sandi sambungan: starttls, tls, off", "starttls", _one_of("starttls", "tls", "off"),
             asked=_mail),
    Question("mail.sender", "Alamat pengirim", lambda known: known["city.email"], EMAIL, asked=_mail),
    Question("alarm_email", "E-mail yang diberi tahu jika ada gangguan (boleh kosong)",
             lambda known: known["city.email"] if _mail(known) else "", EMAIL_OR_NONE, asked=_mail),
    Question("call", "Siapa yang dihubungi jika ada gangguan (nama dan nomor)", None, _filled),
    Question("admin.username", "Nama pengguna admin pertama", "admin",
             _must(USERNAME, "huruf kecil, angka, titik, atau tanda hubung")),
    Question("admin.name", "Nama lengkap admin pertama", None, _filled),
    Question("admin.phone", "WhatsApp admin (boleh kosong)", "", _must(PHONE, "tulis seperti 081234567890", True)),
    Question("admin.email", "E-mail admin (boleh kosong)", "", EMAIL_OR_NONE),
)


def read_file(path: Path) -> Answers:
    """Answers by key, as text. Raises BadAnswer."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadAnswer(path.name, f"tidak dapat dibaca ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadAnswer(path.name, f"bukan TOML yang benar ({error})") from None
    found = {}
    for key, value in table.items():
        inside = {f"{key}.{name}": one for name, one in value.items()} if isinstance(value, Mapping) else {key: value}
        found |= {name: str(one) for name, one in inside.items()}
    unknown = sorted(found.keys() - {question.key for question in QUESTIONS})
    if unknown:
        raise BadAnswer(unknown[0], "tidak dikenal; lihat deploy/answers.toml")
    return found


def complete(given: Mapping[str, str], ask: Callable[[Question, str | None], str] | None) -> Answers:
    """Every answer, in the order of the table; `ask` gets those a file does not give. Without `ask` the default
    counts. Raises BadAnswer for one that is wrong or missing."""
    answers: Answers = {}
    for question in QUESTIONS:
        if not question.asked(answers):
            continue
        answers[question.key] = _answer(question, answers, given, ask)
    return answers


def _answer(question: Question, answers: Answers, given: Mapping[str, str], ask) -> str:
    offered = question.offered(answers)
    if question.key in given:
        answer = given[question.key].strip()
    elif ask is not None:
        return ask(question, offered)
    elif offered is None:
        raise BadAnswer(question.key, f"belum dijawab: {question.text}")
    else:
        answer = offered
    if reason := question.wrong(answer):
        raise BadAnswer(question.key, reason)
    return answer

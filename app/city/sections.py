"""The sections of `city.toml`, one frozen class each. What they mean is commented in the file."""

import re
from datetime import date
from typing import Literal

from app.city.reading import MayBeEmpty, section

CHANNEL_KINDS = Literal[
    "web", "visit", "box", "phone", "email", "whatsapp", "radio", "portal", "social",
]
LONGEST_RAMADAN = 31
LONGEST_SESSION_DAYS = 30  # accounts/sessions.py LIVES


def _international(number: str) -> str:
    """(0335) 4438894 -> 623354438894."""
    digits = re.sub(r"[^0-9]", "", number)
    return "62" + digits.removeprefix("0")


def phone_link(number: str) -> str:
    return f"tel:+{_international(number)}"


def whatsapp_link(number: str) -> str:
    return f"https://wa.me/{_international(number)}"


def _check_phone(key: str, number: str) -> None:
    if not re.fullmatch(r"0[0-9]{8,12}", re.sub(r"[ ()-]", "", number)):
        raise ValueError(f"{key} must be a number such as (0335) 4438894")


def _check_email(key: str, address: str) -> None:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", address):
        raise ValueError(f"{key} must be an e-mail address without spaces")


def _check_positive(section: object, *keys: str) -> None:
    for key in keys:
        if getattr(section, key) < 1:
            raise ValueError(f"{key} must be 1 or more")


@section
class Contacts:
    phone: str
    email: str
    whatsapp: str
    instagram: MayBeEmpty = ""
    facebook: MayBeEmpty = ""
    radio: MayBeEmpty = ""
    security_email: str = ""

    def __post_init__(self):
        if self.security_email:
            _check_email("security_email", self.security_email)
        _check_phone("phone", self.phone)
        _check_phone("whatsapp", self.whatsapp)
        _check_email("email", self.email)

    @property
    def phone_link(self) -> str:
        return phone_link(self.phone)

    @property
    def whatsapp_link(self) -> str:
        return whatsapp_link(self.whatsapp)

    @property
    def email_link(self) -> str:
        return f"mailto:{self.email}"

    @property
    def security_link(self) -> str:
        return f"mailto:{self.security_email or self.email}"

    @property
    def instagram_link(self) -> str:
        return f"https://www.instagram.com/{self.instagram}/"


@section
class Period:
    """First and last date, both inside."""

    start: date
    end: date

    def __post_init__(self):
        if not 0 <= (self.end - self.start).days < LONGEST_RAMADAN:
            raise ValueError(f"end must follow start within {LONGEST_RAMADAN} days")


@section
class District:
    """A kecamatan; `code` has dots (35.74.01), `villages` are its kelurahan."""

    code: str
    name: str
    villages: tuple[str, ...]


@section
class Region:
    code: str
    districts: tuple[District, ...]

    def __post_init__(self):
        if not re.fullmatch(r"[0-9]{2}\.[0-9]{2}", self.code):
            raise ValueError('code must look like "35.74"')
        for district in self.districts:
            if not re.fullmatch(re.escape(self.code) + r"\.[0-9]{2}", district.code):
                raise ValueError(f"districts: {district.code} does not belong to {self.code}")
        codes = [district.code for district in self.districts]
        if len(set(codes)) < len(codes):
            raise ValueError("districts: a code stands twice")

    @property
    def digits(self) -> str:
        """The first four digits of a NIK issued here."""
        return self.code.replace(".", "")


@section
class Registration:
    """Days named `working` are working days, the others calendar days."""

    promise_working_days: int
    internal_target_working_days: int
    warn_at_percent: int
    reminder_days: tuple[int, ...]
    expire_returned_after_days: int
    require_two_people: bool

    def __post_init__(self):
        _check_positive(
            self, "promise_working_days", "internal_target_working_days", "expire_returned_after_days",
        )
        if not 0 < self.warn_at_percent < 100:
            raise ValueError("warn_at_percent must lie between 1 and 99")
        days = (0, *self.reminder_days, self.expire_returned_after_days)
        if list(days) != sorted(set(days)):
            raise ValueError("reminder_days must rise and stay below expire_returned_after_days")


@section
class ComplaintDays:
    """Working days (docs/facts.md 6)."""

    verify: int
    first_follow_up: int
    information: int
    ordinary: int
    examination: int
    close_without_reply: int
    lateness: int = 1

    def __post_init__(self):
        _check_positive(self, *self.__dataclass_fields__)


@section
class ComplaintInbox:
    """Who hears of a complaint that is late. Hours are office hours before the end of a stage."""

    warn_hours: int
    escalate_to: str
    answer_greeting: str
    answer_closing: str
    escalate_email: MayBeEmpty = ""

    def __post_init__(self):
        _check_positive(self, "warn_hours")
        if self.escalate_email:
            _check_email("escalate_email", self.escalate_email)


@section
class ComplaintUnit:
    """A part of the office that a complaint is passed on to."""

    key: str
    name: str

    def __post_init__(self):
        if not re.fullmatch(r"[a-z][a-z_]{1,19}", self.key):
            raise ValueError("key must be 2 to 20 small letters or _")


@section
class CannedAnswer:
    """A ready answer the office begins with; [nama], [tiket], [tanggal] and [batas] in it are filled in for each case.
    `name` is what is typed for it (/gratis), `final` whether it ends a case."""

    name: str
    text: str
    final: bool = False


@section
class Retention:
    """Calendar days (docs/facts.md 9)."""

    drafts_days: int
    photos_active_days: int
    photos_closed_days: int
    applications_days: int
    complaints_days: int
    webhooks_days: int
    messages_days: int
    sessions_days: int
    addresses_days: int = 30

    def __post_init__(self):
        _check_positive(self, *self.__dataclass_fields__)
        if self.sessions_days < LONGEST_SESSION_DAYS:
            raise ValueError(f"sessions_days must be {LONGEST_SESSION_DAYS} or more, or people are signed out early")


@section
class Channel:
    """One way a complaint reaches the office (the standard, F).

    `target` is a number, an address or a link, by `kind`; `public_answers` warns that an answer
    there can be read by anybody.
    """

    key: str
    name: str
    kind: CHANNEL_KINDS
    target: MayBeEmpty = ""
    note: MayBeEmpty = ""
    public_answers: bool = False

    def __post_init__(self):
        if not re.fullmatch(r"[a-z][a-z_]{1,19}", self.key):
            raise ValueError("key must be 2 to 20 small letters or _")
        if self.kind in ("phone", "whatsapp"):
            _check_phone("target", self.target)
        elif self.kind == "email":
            _check_email("target", self.target)
        elif self.target and not self.target.startswith(("https://", "/")):
            raise ValueError("target must start with https:// or /")

    @property
    def link(self) -> str:
        """What a tap opens; empty when there is nothing to open."""
        if self.kind == "phone":
            return phone_link(self.target)
        if self.kind == "whatsapp":
            return whatsapp_link(self.target)
        return f"mailto:{self.target}" if self.kind == "email" else self.target


@section
class LegalBasis:
    """`article` is the article the standard names, if any."""

    title: str
    status: Literal["berlaku", "diubah", "dicabut"]
    article: MayBeEmpty = ""
    remark: MayBeEmpty = ""


@section
class Link:
    """A service the account opens, or a way on after our answer."""

    name: str
    link: str
    text: str

    def __post_init__(self):
        if not self.link.startswith(("https://", "tel:")):
            raise ValueError("link must start with https:// or tel:")


@section
class Guarantee:
    """What is done and who answers for it when the promise is missed (the standard, I)."""

    action: str
    responsible: str
    deliver_working_days: int = 1

    def __post_init__(self):
        _check_positive(self, "deliver_working_days")


@section
class Survey:
    title: str
    invitation: str
    introduction: str
    thanks: str

"""The fields of the registration, in the order of the public standard (B), each told once, and what is
wrong with one form: every error at once, beside the field it belongs to.

Forms, mending, the check page, the desk, exports, corrections, the journal's words and what is kept out of
logs all read this table: a new field is a row here and an attribute of `Personal` with a default.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.base.problems import FormRejected
from app.base.services import city
from app.identity.address import OUTSIDE, parse_address, parse_village
from app.identity.findings import FieldError, Parsed
from app.identity.mask import mask_name, mask_nik_staff, mask_phone, show_phone
from app.identity.name import greeting_name, parse_name
from app.identity.nik import NeedsRecheck, parse_kk, parse_nik
from app.identity.password import check_password
from app.identity.phone import parse_telephone, parse_whatsapp
from app.messages.addresses import CALL, LETTER, VISIT

# for who has no WhatsApp, at the counter: how everything is told
WITHOUT_WHATSAPP: dict[str, str] = {
    LETTER: "Surat ke alamat warga", CALL: "Telepon ke nomor warga sendiri", VISIT: "Warga datang kembali ke kantor",
}
# the end of "we tell you ..."
TOLD: dict[str, str] = {
    "": "lewat WhatsApp", LETTER: "dengan surat", CALL: "lewat telepon", VISIT: "saat Anda datang ke kantor",
}
TEXT, DIGITS, PHONE, LINES, CHOICE, PASSWORD_INPUT = "text", "digits", "phone", "lines", "choice", "password"
PASSWORD = "new_password"  # noqa: S105 - a key; it may stay empty once one was saved


@dataclass(frozen=True)
class Personal:
    """What is sealed of a resident. Normalised values: 16 digits, name as typed, E.164 number, address with
    newlines. A later field needs a default, because older records lack it."""

    nik: str
    full_name: str
    whatsapp_number: str
    kk_number: str
    address: str
    village: str = ""
    reached_by: str = ""  # WhatsApp; else a key of WITHOUT_WHATSAPP

    @property
    def more_of_address(self) -> str:
        """The kelurahan where the address does not name it itself; "" outside of the city."""
        named = self.village.lower() in self.address.lower()
        return "" if named or self.village == OUTSIDE else self.village

    @property
    def greeting_name(self) -> str:
        """By which messages and receipts call a person."""
        return greeting_name(self.full_name)


@dataclass(frozen=True)
class Seen:
    """What a rule may look at beside its own value: the values before it ("" for a wrong one), the day, the
    city's four-digit region code, the NIK that was asked about and is meant, and how the person is reached."""

    today: date
    home: str
    rechecked: str | None = None
    reached_by: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def _as_it_is(value: str) -> str:
    return value


def _hidden(_value: str) -> str:
    return "disembunyikan"


@dataclass(frozen=True)
class Field:
    """One field of the form.

    `parse` raises FieldError. `show` writes a value out, `mask` for who does not work on the case.
    `mend_hint` takes the place of `hint` after sending. `needs_pin`: changed only by who knows the PIN,
    because a message with a link may have gone to a wrong number. `told_by_message`: a message said it, so
    the page a link opens may show it. `masked_old`: what was returned is shown beside it, masked.
    `correctable`: by a request about personal data. `off_desk`: the officer reads it on the card instead.
    `erased` is what stands in its place when the record is erased.
    """

    key: str
    label: str
    hint: str
    parse: Callable[[str, Seen], Parsed]
    journal: str
    input: str = TEXT
    autocomplete: str = "off"
    mend_hint: str = ""
    show: Callable[[str], str] = _as_it_is
    mask: Callable[[str], str] = _hidden
    needs_pin: bool = False
    told_by_message: bool = False
    masked_old: bool = False
    correctable: bool = False
    off_desk: bool = False
    erased: str = ""

    @property
    def is_kept(self) -> bool:
        """In the sealed record; a password never is."""
        return self.input != PASSWORD_INPUT


def _number(text: str, seen: Seen) -> Parsed:
    """The number the person hears from us at; never somebody else's, so a letter and a visit need none."""
    if seen.reached_by in (LETTER, VISIT):
        return Parsed("")
    return parse_telephone(text) if seen.reached_by == CALL else parse_whatsapp(text)


def _show_number(number: str) -> str:
    return show_phone(number) if number else ""


def villages() -> dict[str, str]:
    """The kelurahan of the city -> their kecamatan, in the order of the alphabet."""
    named = {village: district.name for district in city().region.districts for village in district.villages}
    return dict(sorted(named.items()))


def village_choices() -> list[tuple[str, str]]:
    """As a form offers them."""
    offered = [(name, name) for name in villages()]
    return [("", "Pilih kelurahan"), *offered, (OUTSIDE, f"Di luar {city().name}")]


FIELDS: tuple[Field, ...] = (
    Field(
        "nik", "NIK", "16 angka, lihat baris atas KTP",
        lambda text, seen: parse_nik(text, seen.today, rechecked=seen.rechecked, home=seen.home),
        journal="NIK", input=DIGITS, mask=mask_nik_staff, masked_old=True,
        off_desk=True,  # a NIK is never replaced here (PP 40/2019 art. 30), so it is not correctable either
    ),
    Field(
        "full_name", "Nama Lengkap", "Persis seperti di KTP", lambda text, seen: parse_name(text),
        journal="nama", autocomplete="name", mask=mask_name, told_by_message=True, correctable=True,
        erased="Data sudah dihapus",
    ),
    Field(
        "whatsapp_number", "Nomor WhatsApp", "Contoh 0812-3456-7890. Hasilnya kami kirim ke nomor ini.",
        _number, journal="nomor WhatsApp", input=PHONE, autocomplete="tel",
        mend_hint="Nomor yang aktif di WhatsApp, misalnya 0812-3456-7890", show=_show_number,
        mask=lambda number: mask_phone(number) if number else "",
        needs_pin=True,  # not correctable: a number is changed by proving both (`citizen_account`)
    ),
    Field(
        "kk_number", "Nomor KK", "16 angka, di bawah judul Kartu Keluarga",
        lambda text, seen: parse_kk(text, seen.values.get("nik"), seen.today, home=seen.home),
        journal="nomor KK", input=DIGITS, mask=mask_nik_staff, masked_old=True, correctable=True,
    ),
    Field(
        PASSWORD, "Password Baru",
        "Kata sandi untuk masuk nanti. Paling sedikit 8 huruf atau angka; jangan pakai NIK, tanggal lahir, atau nama.",
        lambda text, seen: check_password(
            text, nik=seen.values["nik"], name=seen.values["full_name"], phone=seen.values["whatsapp_number"]
        ),
        journal="kata sandi", input=PASSWORD_INPUT, autocomplete="new-password",
    ),
    Field(
        "address", "Alamat", "Jalan atau gang, nomor, RT/RW. Jika kami terlambat, hasilnya kami antar ke alamat ini.",
        lambda text, seen: parse_address(text), journal="alamat", input=LINES, autocomplete="street-address",
        correctable=True,
    ),
    Field(
        "village", "Kelurahan", "Pilih kelurahan alamat ini",
        lambda text, seen: parse_village(text, seen.values["address"], villages()), journal="kelurahan", input=CHOICE,
    ),
)
BY_KEY: dict[str, Field] = {field.key: field for field in FIELDS}
KEPT: tuple[Field, ...] = tuple(field for field in FIELDS if field.is_kept)
ON_DESK: tuple[Field, ...] = tuple(field for field in KEPT if not field.off_desk)
CORRECTABLE: dict[str, str] = {field.key: field.label for field in KEPT if field.correctable}
BLANK = Personal(**{field.key: field.erased for field in KEPT})


def asked(reached_by: str) -> tuple[Field, ...]:
    """The fields somebody fills in who is reached so."""
    if not reached_by:
        return FIELDS
    call = replace(
        BY_KEY["whatsapp_number"], label="Nomor telepon", hint="Nomor warga sendiri, bukan milik orang lain.",
    )
    here = (call if field.key == call.key else field for field in FIELDS)
    return tuple(field for field in here if field is not call or reached_by == CALL)


def shown(person: Personal) -> dict[str, str]:
    """Label -> value as its owner writes it."""
    return {field.label: field.show(getattr(person, field.key)) for field in KEPT}


class DataRejected(FormRejected):
    """`recheck_nik` is the NIK the citizen is asked to look at once more, if that is the reason."""

    recheck_nik = ""


def check_data(
    typed: Mapping[str, str], today: date, home: str, may_be_empty: Collection[str] = (), reached_by: str = "",
) -> tuple[Personal, tuple[str, ...]]:
    """Normalised personal record and the flags for the operator (docs/facts.md 1-4).

    `home` is the city's four-digit region code: numbers from elsewhere are flagged, never refused.

    Raises DataRejected with a sentence for every wrong field.
    """
    values: dict[str, str] = {}
    errors: dict[str, list[str]] = {}
    flags: list[str] = []
    recheck, seen = "", Seen(today, home, typed.get("nik_rechecked") or None, reached_by, values)
    for rule in FIELDS:
        text = typed.get(rule.key) or ""
        values[rule.key] = ""
        if not text and rule.key in may_be_empty:
            continue
        try:
            parsed = rule.parse(text, seen)
        except FieldError as error:
            errors[rule.key] = [error.message]
            recheck = error.nik if isinstance(error, NeedsRecheck) else recheck
            continue
        values[rule.key] = parsed.value
        flags.extend(parsed.flags)
    if errors:
        rejected = DataRejected(errors)
        rejected.recheck_nik = recheck
        raise rejected
    person = Personal(**{field.key: values[field.key] for field in KEPT}, reached_by=reached_by)
    return person, tuple(dict.fromkeys(flags))

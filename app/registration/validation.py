"""The field rules applied to one form: every error at once, beside the field it belongs to."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from app.base.problems import FormRejected
from app.identity.address import parse_address
from app.identity.errors import FieldError
from app.identity.flags import Parsed
from app.identity.name import parse_name
from app.identity.nik import NeedsRecheck, parse_kk, parse_nik
from app.identity.password import check_password
from app.identity.phone import parse_whatsapp
from app.registration.personal import Personal


class DataRejected(FormRejected):
    """`recheck_nik` is the NIK the citizen is asked to look at once more, if that is the reason."""

    recheck_nik = ""


def check_data(
    values: Mapping[str, str], today: date, home: str, password_optional: bool = False,
) -> tuple[Personal, tuple[str, ...]]:
    """Normalised personal record and the flags for the operator (docs/facts.md 1-4).

    `home` is the city's four-digit region code: numbers from elsewhere are flagged, never refused.

    Raises DataRejected with a sentence for every wrong field.
    """
    errors: dict[str, list[str]] = {}
    flags: list[str] = []
    recheck, rechecked = "", values.get("nik_rechecked") or None

    def field(name: str, parse: Callable[[str], Parsed]) -> str:
        nonlocal recheck
        try:
            parsed = parse(values.get(name) or "")
        except FieldError as error:
            errors.setdefault(name, []).append(error.message)
            if isinstance(error, NeedsRecheck):
                recheck = error.nik
            return ""
        flags.extend(parsed.flags)
        return parsed.value

    nik = field("nik", partial(parse_nik, today=today, rechecked=rechecked, home=home))
    name = field("full_name", parse_name)
    phone = field("whatsapp_number", parse_whatsapp)
    kk = field("kk_number", partial(parse_kk, nik=nik, today=today, home=home))
    address = field("address", parse_address)
    password = values.get("new_password") or ""
    if password or not password_optional:
        try:
            check_password(password, nik=nik, name=name, phone=phone)
        except FieldError as error:
            errors.setdefault("new_password", []).append(error.message)
    if errors:
        rejected = DataRejected(errors)
        rejected.recheck_nik = recheck
        raise rejected
    return Personal(nik, name, phone, kk, address), tuple(dict.fromkeys(flags))

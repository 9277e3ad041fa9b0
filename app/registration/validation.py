"""The field rules applied to one form: every error at once, beside the field it belongs to."""

from collections.abc import Collection, Mapping
from datetime import date

from app.base.problems import FormRejected
from app.identity.errors import FieldError
from app.identity.nik import NeedsRecheck
from app.registration.fields import FIELDS, KEPT, Personal, Seen


class DataRejected(FormRejected):
    """`recheck_nik` is the NIK the citizen is asked to look at once more, if that is the reason."""

    recheck_nik = ""


def check_data(
    typed: Mapping[str, str], today: date, home: str, may_be_empty: Collection[str] = (),
) -> tuple[Personal, tuple[str, ...]]:
    """Normalised personal record and the flags for the operator (docs/facts.md 1-4).

    `home` is the city's four-digit region code: numbers from elsewhere are flagged, never refused.

    Raises DataRejected with a sentence for every wrong field.
    """
    values: dict[str, str] = {}
    errors: dict[str, list[str]] = {}
    flags: list[str] = []
    recheck, seen = "", Seen(today, home, typed.get("nik_rechecked") or None, values)
    for field in FIELDS:
        text = typed.get(field.key) or ""
        values[field.key] = ""
        if not text and field.key in may_be_empty:
            continue
        try:
            parsed = field.parse(text, seen)
        except FieldError as error:
            errors[field.key] = [error.message]
            recheck = error.nik if isinstance(error, NeedsRecheck) else recheck
            continue
        values[field.key] = parsed.value
        flags.extend(parsed.flags)
    if errors:
        rejected = DataRejected(errors)
        rejected.recheck_nik = recheck
        raise rejected
    return Personal(**{field.key: values[field.key] for field in KEPT}), tuple(dict.fromkeys(flags))

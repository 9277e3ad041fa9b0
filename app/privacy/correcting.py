"""The rules of the form, applied to one field that a resident wants corrected."""

from app.base import clock
from app.base.services import city
from app.identity.address import parse_address
from app.identity.name import parse_name
from app.identity.nik import parse_kk


def parsed_value(field: str, value: str, nik: str) -> str:
    """The normalised value. Raises FieldError. `field` is one of kinds.CORRECTABLE."""
    if field == "full_name":
        return parse_name(value).value
    if field == "kk_number":
        return parse_kk(value, nik=nik, today=clock.today(), home=city().region.digits).value
    return parse_address(value).value

"""Home, the service standard A to N, and the privacy notice, all from city.toml; and security.txt."""

from datetime import date

from flask import Blueprint, Response, render_template

from app.base import clock
from app.base.services import city, settings
from app.web.access import public

blueprint = Blueprint("information", __name__)


@blueprint.get("/")
@public
def home():
    return render_template("information/home.html")


@blueprint.get("/standar-pelayanan")
@public
def standard():
    return render_template("information/standard.html")


@blueprint.get("/privasi")
@public
def privacy():
    return render_template("information/privacy.html")


@blueprint.get("/.well-known/security.txt")
@public
def security():
    """Where to report a hole (RFC 9116)."""
    return Response(
        security_txt(city().contacts.security_link, settings().public_base_url, clock.today()),
        content_type="text/plain; charset=utf-8",
    )


# security.txt (RFC 9116): whom to tell of a security hole.

LASTS_MONTHS = 6  # the RFC recommends less than a year, so that a forgotten address is not believed for ever
FIELDS = """\
# Menemukan celah keamanan? Tolong beri tahu kami dulu, sebelum orang lain.
# Kami menjawab paling lama dua hari kerja. Jangan membuka data warga lebih dari yang perlu untuk membuktikannya.
Contact: {contact}
Expires: {expires:%Y-%m-%d}T00:00:00Z
Preferred-Languages: id, en
Canonical: {base}/.well-known/security.txt
"""


def security_txt(contact: str, base: str, today: date) -> str:
    """`contact` is a mailto: address. The date of expiry moves once a month, so that copies stay alike."""
    months = today.year * 12 + today.month - 1 + LASTS_MONTHS
    return FIELDS.format(contact=contact, base=base, expires=date(months // 12, months % 12 + 1, 1))

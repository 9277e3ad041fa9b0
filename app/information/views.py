"""Home, the service standard A to N, and the privacy notice, all from city.toml; and security.txt."""

from flask import Blueprint, Response, render_template

from app.base import clock
from app.base.services import city, settings
from app.information.security_txt import security_txt
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

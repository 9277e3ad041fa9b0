"""Home, the service standard A to N and the privacy notice, all from city.toml; what makes the pages installable and
honest without a line; and security.txt."""

import hashlib
import json
from datetime import date

from flask import Blueprint, Response, render_template, request, url_for

from app.base import clock
from app.base.services import city, settings
from app.web.access import public
from app.web.assets import asset_url, made
from app.web.htmx import wants_fragment

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
    """`?bagian` is asked by the start page, which unfolds the notice."""
    if wants_fragment() and "bagian" in request.args:
        return render_template("information/_notice.html")
    return render_template("information/privacy.html")


@blueprint.get("/luring")
@public
def offline():
    return render_template("information/offline.html")


@blueprint.get("/pekerja.js")
@public
def worker():
    """The service worker, at the root so that it minds every page. It changes when the page it keeps does."""
    page = json.dumps(f"{url_for('information.offline')}?v={_mark_of_offline_page()}")
    response = Response(f"var OFFLINE={page};\n{made('js/worker.js').decode()}", mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/manifest.webmanifest")
@public
def manifest():
    kind = {"type": "image/png", "purpose": "any maskable"}
    icons = [{"src": asset_url(f"img/icon-{side}.png"), "sizes": f"{side}x{side}", **kind} for side in (192, 512)]
    text = json.dumps({
        "name": f"Loket Dukcapil {city().name}", "short_name": "Loket", "lang": "id", "start_url": "/", "scope": "/",
        "display": "minimal-ui", "background_color": "#0a2f55", "theme_color": "#0a2f55", "icons": icons,
    })
    return Response(text, mimetype="application/manifest+json", headers={"Cache-Control": "max-age=86400"})


def _mark_of_offline_page() -> str:
    """Of what stands in it; not of its text, in which each answer carries a number of its own."""
    contacts = city().contacts
    said = f"{city().name}{contacts.phone}{contacts.whatsapp}{contacts.email}{made('css/offline.css').decode()}"
    return hashlib.sha256(said.encode()).hexdigest()[:8]


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

"""What every template may use: city, dates in WIB and Indonesian, assets, and loud undefined names."""

from flask import Flask, g
from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from app.base import clock
from app.base.clock import WIB
from app.base.services import city, settings
from app.city.dates import show_date, show_day, show_length, show_moment, show_month, show_plain, show_short, show_time
from app.identity.mask import mask_nik_tail, mask_phone, show_phone
from app.identity.text import marked
from app.web.addresses import init_addresses
from app.web.assets import CORE, asset_url, inline_css
from app.web.htmx import wants_fragment

# what stands above every page of an installation that is not the real one
TRIAL_WORDS = {
    "demo": "Mode demo: data di sini hanya contoh. Jangan isi data asli.",
    "staging": "Mode latihan: ini bukan layanan sebenarnya. Jangan isi data asli.",
}


def init_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(tanggal=show_date, tgl=show_plain, hari=show_day, singkat=show_short, jam=show_time)
    app.jinja_env.filters.update(marked=marked)
    app.jinja_env.filters.update(waktu=show_moment, lama=show_length, bulan=show_month)
    app.jinja_env.filters.update(koma=show_number, ribuan=show_grouped)
    app.jinja_env.filters.update(hp=show_phone, samar_hp=mask_phone, samar_nik=mask_nik_tail)
    app.jinja_env.globals.update(asset_url=asset_url, styles=_styles)
    app.context_processor(_common)
    init_addresses(app)


@pass_context
def _styles(context: Context, *names: str, only: str = "") -> Markup:
    """The stylesheets of a page, written into it; the content security policy of this answer lets in these alone."""
    said = () if only or not context["office_says"]() else ("says",)  # seldom
    g.sheets = (f"css/{only}.css",) if only else (CORE, *(f"css/{name}.css" for name in (*names, *said)))
    return Markup("<style>{}</style>").format(inline_css(*g.sheets))


def show_number(value: object) -> str:
    """85,00: with the comma of Indonesian."""
    return f"{value}".replace(".", ",")


def show_grouped(value: object) -> object:
    """2.124; whatever is no whole number as it is."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else value


def _common() -> dict:
    return {
        "city": city(),
        "trial_words": TRIAL_WORDS.get(settings().env, ""),
        "demo_now": clock.now() if settings().demo_clock else None,
        "csp_nonce": g.get("csp_nonce", ""),
        "is_fragment": wants_fragment(),
        "wib": WIB,
    }

"""What every template may use: city, dates in WIB and Indonesian, assets, and loud undefined names; and how templates
are run."""

import re
from collections.abc import Callable, MutableMapping
from typing import Any

from flask import Flask, g, request
from flask.templating import Environment
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from app.base import clock
from app.base.clock import WIB
from app.base.services import city, settings
from app.city.dates import show_date, show_day, show_length, show_moment, show_month, show_plain, show_short, show_time
from app.identity.mask import mask_nik_tail, mask_phone, show_phone
from app.identity.text import marked
from app.web.access import OFFICE, who_asks
from app.web.addresses import init_addresses
from app.web.assets import CORE, asset_url, inline_style
from app.web.htmx import wants_fragment

SPECIAL = re.compile("[&<>\"']")
# what stands above every page of an installation that is not the real one
TRIAL_WORDS = {
    "demo": "Mode demo: data di sini hanya contoh. Jangan isi data asli.",
    "staging": "Mode latihan: ini bukan layanan sebenarnya. Jangan isi data asli.",
}


class LeanContext(Context):
    """Calls what a template calls. Jinja looks four times into each for a wish to be given the context; here into a
    macro never and into a function once (a list calls 330)."""

    def call(__self, __called: Any, *args: Any, **named: Any) -> Any:
        if type(__called) is Macro:
            args = (__self.eval_ctx, *args)
        elif hasattr(__called, "jinja_pass_arg"):
            return super().call(__called, *args, **named)
        named.pop("_block_vars", None)
        named.pop("_loop_vars", None)
        return __called(*args, **named)


def escaped(value: Any) -> str:
    """What escape() makes of a value that is written into a page, but that plain words stay what they are: escape()
    makes Markup of each, only for the template to join them (a list writes 800 values)."""
    kind = type(value)
    if kind is Markup or (kind is str and SPECIAL.search(value) is None):
        return value
    return escape(value)


class LoketEnvironment(Environment):
    """All templates share the names of the app as they are. Jinja lays an empty layer over them for each template,
    and then looks for every name in both, at each page and each import: an eighth of a public page."""

    context_class = LeanContext

    def _generate(self, *given: Any, **named: Any) -> str:
        """The Python of a template; `escape` stands in it for what it writes, and for nothing else."""
        return f"{super()._generate(*given, **named)}\nfrom {__name__} import escaped as escape\n"

    def make_globals(self, own: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(own) if own else self.globals


def init_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(tanggal=show_date, tgl=show_plain, hari=show_day, singkat=show_short, jam=show_time)
    app.jinja_env.filters.update(marked=marked)
    app.jinja_env.filters.update(waktu=show_moment, lama=show_length, bulan=show_month)
    app.jinja_env.filters.update(koma=show_number, ribuan=show_grouped)
    app.jinja_env.filters.update(hp=show_phone, samar_hp=mask_phone, samar_nik=mask_nik_tail)
    app.jinja_env.globals.update(asset_url=asset_url, styles=_styles, same_for_all=_rendered_once(app))
    app.jinja_env.globals["csrf_token"] = _csrf_token
    app.jinja_env.globals["current_user"] = current_user  # asked for, where a page that is not the office's names it
    app.context_processor(_common)
    init_addresses(app)


@pass_context
def _styles(context: Context, *names: str, only: str = "") -> Markup:
    """The stylesheets of a page, written into it; the content security policy of this answer lets in these alone."""
    said = () if only or not context["office_says"]() else ("says",)  # seldom
    g.sheets = sheets = (f"css/{only}.css",) if only else (CORE, *(f"css/{name}.css" for name in (*names, *said)))
    return inline_style(*sheets)


def _rendered_once(app: Flask) -> Callable[..., Markup]:
    """A part of the page for which nothing is needed but the city, addresses and a yes or no: the same for everybody as
    long as the process runs."""
    kept: dict[tuple, tuple[object, Markup]] = {}

    def same_for_all(name: str, **said: bool) -> Markup:
        place, of = (name, request.root_path if request else "", *said.items()), city()
        if place not in kept or kept[place][0] is not of:
            made = app.jinja_env.get_template(name).render(city=of, **said)
            kept[place] = of, Markup(made)  # noqa: S704  (our own template)
        return kept[place][1]

    return same_for_all


def _csrf_token() -> str:
    """Of this request. Flask-WTF looks up its settings anew for each of the ten forms of a page."""
    return g.get("csrf_token") or generate_csrf()


def show_number(value: object) -> str:
    """85,00: with the comma of Indonesian."""
    return f"{value}".replace(".", ",")


def show_grouped(value: object) -> object:
    """2.124; whatever is no whole number as it is."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else value


def _common() -> dict:
    told = settings()
    common = {
        "city": city(),
        "trial_words": TRIAL_WORDS.get(told.env, ""),
        "demo_now": clock.now() if told.demo_clock else None,
        "csp_nonce": g.get("csp_nonce", ""),
        "is_fragment": wants_fragment(),
        "wib": WIB,
    }
    if request and request.path.startswith(OFFICE):  # a page of the office asks dozens of times who reads it
        common["current_user"] = who_asks()
    return common

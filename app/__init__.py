"""Loket: the online counter of a civil registry."""

from collections.abc import Callable, Mapping

from flask import Flask

from app.base import clock, logs
from app.base.database import csrf, engine_options, init_database, login_manager
from app.base.kept_keys import kept
from app.base.sealing import Sealer
from app.city.city import load_city
from app.photos import gate
from app.photos.open_store import open_store
from app.photos.proof import LARGEST_RECORDING
from app.process import cli
from app.registration import fields
from app.routes import register_blueprints
from app.settings.settings import Settings, read_settings
from app.web import access, access_log, bodies, errors, headers, middleware, templating
from app.web.cookies import KeptSigner
from app.web.middleware import wrap
from app.wiring import connect_features

FORM_OVERHEAD = 1 << 20


class Loket(Flask):
    jinja_environment = templating.LoketEnvironment
    session_interface = KeptSigner()

    def ensure_sync(self, func: Callable) -> Callable:
        """No function of ours is a coroutine; Flask would look into each of thirty anew, at each request."""
        return func


def create_app(config: Mapping[str, str] | None = None) -> Flask:
    """Build the app. `config` replaces the environment."""
    settings = read_settings(config)
    app = Loket(
        __name__, template_folder="../templates", static_folder=None,
        instance_path=str(settings.instance),
    )
    app.config.from_mapping(flask_config(settings))
    app.extensions["loket"] = settings
    clock.run_ahead(settings.demo_clock)
    app.extensions["loket_city"] = load_city(settings.city_file)
    app.extensions["loket_sealer"] = Sealer(settings.sealing_keys, settings.index_keys[-1], kept)
    app.extensions["loket_photos"] = open_store(settings)
    gate.use_folder(settings.instance / "photo-places")
    logs.init_logs(fields.BY_KEY)
    access_log.init_access_log(app)
    init_database(app)
    login_manager.init_app(app, add_context_processor=False)  # templating.py: only the office asks each time
    errors.init_errors(app)
    errors.init_unreadable(app)
    headers.init_headers(app)
    middleware.init_compression(app)
    bodies.init_bodies(app)
    csrf.init_app(app)  # after the above: a refused form gets its incident id and its nonce, too
    access.init_access(app)
    templating.init_templates(app)
    register_blueprints(app)
    connect_features()
    cli.init_commands(app)
    app.wsgi_app = wrap(app.wsgi_app, settings)
    return app


def flask_config(settings: Settings) -> dict:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "SESSION_COOKIE_NAME": "__Host-loket" if settings.secure_cookies else "loket",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 7 * 24 * 3600,
        "TRUSTED_HOSTS": settings.trusted_hosts,
        "MAX_CONTENT_LENGTH": LARGEST_RECORDING + FORM_OVERHEAD,
        # texts only; werkzeug reads files in pieces of 64 KiB and counts its read buffer too
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "MAX_FORM_PARTS": 60,
        # a tab killed by the camera comes back after hours: the token lives as long as its session
        "WTF_CSRF_TIME_LIMIT": None,
        # the Origin header is checked instead (headers.refuse_foreign_origin)
        "WTF_CSRF_SSL_STRICT": False,
    }

"""What stands between the server and Flask: static files, and the addresses told by our proxy."""

import gzip
from functools import cache
from wsgiref.headers import Headers

import brotli
from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app.settings.settings import Settings
from app.web.assets import built
from app.web.headers import FIXED, vary_by
from app.web.htmx import wants_fragment

# The one that means something on a file that is no page and that everybody may have; more would be longer than most of
# the files. What never changes is never asked about.
STATIC_HEADERS = {"X-Content-Type-Options": FIXED["X-Content-Type-Options"]}
NEEDLESS = ("ETag", "Last-Modified")
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # opened by itself, a drawing is a document


def wrap(app, settings: Settings):
    """Put static files and, with TRUSTED_PROXIES, the proxy's headers before the WSGI `app`.

    The proxy passes Host on unchanged; X-Forwarded-Host is never believed.
    """
    static = WhiteNoise(app)
    static.files = _static_files()
    hops = settings.trusted_proxies
    return ProxyFix(static, x_for=hops, x_proto=hops, x_host=0) if hops else static


@cache
def _static_files() -> dict:
    """URL -> file, looked up once: the same for every app of a process, and tests make hundreds.

    Kept for ever by browsers and never asked for again, which is safe because addresses change with the content
    (assets.asset_url).
    """
    files = WhiteNoise(
        None, built(), "static/", allow_all_origins=False,
        add_headers_function=_add_headers, immutable_file_test=lambda _path, _url: True,
    ).files
    for file in files.values():
        for _, _, headers in file.alternatives:
            headers[:] = [(name, value) for name, value in headers if name not in NEEDLESS]
    return files


def _add_headers(headers: Headers, path: str, _url: str) -> None:
    for name, value in STATIC_HEADERS.items():
        headers[name] = value
    if path.endswith(".svg"):
        headers["Content-Security-Policy"] = SVG_POLICY


# Pages travel compressed: on the line of a cheap phone their bytes are most of the wait.
#
# 18 KB of page are 5 KB, for 0.2 ms; quality 4 takes 0.1 ms less, and 400 bytes more. What is asked for by those who
# begin something is worth more: 5 ms take 250 bytes off a page with a form and 1.5 ms 60 off a part of a page (quality
# 10), 2 ms take 60 off a short part (11). Without them a registration is over its 40 KB (docs/performance.md). The
# brotli library lets other threads work meanwhile.
#
# No other site can make a page with a cookie echo its guesses and watch the length (BREACH): our cookies are SameSite,
# and CSRF tokens differ from second to second. Photos, files and JSON go out as they are; static files are packed once
# (`assets.py`).

LEAST_BYTES = 300
PARTS = ((3 * 1024, 11), (6 * 1024, 10))  # (bytes, quality below)
WITH_A_FORM = {"css/start.css", "css/fields.css", "css/choices.css"}
ENCODERS = {
    "br": lambda body: brotli.compress(body, quality=_quality(len(body)), lgwin=16),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}


def _quality(length: int) -> int:
    if wants_fragment():
        return next((quality for most, quality in PARTS if length < most), 6)
    return 10 if WITH_A_FORM & set(g.get("sheets", ())) else 6


def init_compression(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype != "text/html" or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    vary_by(response, "Accept-Encoding")
    body, encoding = response.get_data(), request.accept_encodings.best_match(tuple(ENCODERS))
    if encoding and len(body) >= LEAST_BYTES:
        response.set_data(ENCODERS[encoding](body))
        response.headers["Content-Encoding"] = encoding
    return response

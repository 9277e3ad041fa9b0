"""Headers on every answer (docs/security.md H1), checked literally by tests."""

import secrets
from collections.abc import Callable, Iterable, Sequence

from flask import Flask, Response, abort, current_app, g, request, stream_with_context

from app.base import clock
from app.base.spreadsheets import Sheet, csv_lines, workbook
from app.web.assets import inline_css_hash
from app.web.htmx import wants_data, wants_fragment

ONE_YEAR = 31536000
FIXED = {
    "Strict-Transport-Security": f"max-age={ONE_YEAR}; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: browsers then send "Origin: null" with our own forms, which we must refuse
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_CAMERA = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
CAMERA = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
NO_DOCUMENT = "default-src 'none'"
PHOTO_CSP = "default-src 'none'; sandbox"


def init_headers(app: Flask) -> None:
    app.before_request(_make_nonce)
    app.before_request(_refuse_missing_host)
    app.before_request(refuse_foreign_origin)
    app.after_request(add_headers)


def content_security_policy(nonce: str) -> str:
    written = g.get("sheets")  # the style element of this page
    return ";".join((
        "default-src 'none'",
        f"script-src 'nonce-{nonce}'",
        f"style-src 'self' '{inline_css_hash(*written)}'" if written else "style-src 'self'",
        "img-src 'self' blob:",
        # what complainants recorded
        *(("media-src 'self'",) if not written or "css/complaints.css" in written else ()),
        "manifest-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ))


def _make_nonce() -> None:
    g.csp_nonce = secrets.token_urlsafe(18)
    g.photo_page, g.sheets = False, ()


def _refuse_missing_host() -> None:
    """HTTP/1.1 demands it (RFC 9112, 3.2). Without one the server's own address would pass for it."""
    given = request.environ
    if "HTTP_HOST" not in given and given.get("SERVER_PROTOCOL") == "HTTP/1.1":
        abort(400)


def add_headers(response: Response) -> Response:
    if wants_fragment() or wants_data() or response.status_code == 204:
        return _add_the_few(response)
    nonce = g.get("csp_nonce") or secrets.token_urlsafe(18)
    wanted = FIXED | {
        "Content-Security-Policy": content_security_policy(nonce),
        "Permissions-Policy": CAMERA if g.get("photo_page") else NO_CAMERA,
        # Pages name people or hold a token: no cache, shared or private, keeps them.
        "Cache-Control": "no-store",
    }
    given = {name.lower() for name in response.headers.keys()}  # noqa: SIM118  (iterating gives pairs)
    response.headers.extend([pair for pair in wanted.items() if pair[0].lower() not in given])
    vary_by(response, "HX-Request")  # nothing keeps these answers; for what stands between and does not know
    return response


def vary_by(response: Response, header: str) -> None:
    """The same as response.vary.add(), which reads and writes a set for each."""
    given = response.headers.get("Vary")
    response.headers["Vary"] = f"{given}, {header}" if given else header


def _add_the_few(response: Response) -> Response:
    """On what a script of ours asked for: it is part of a page that has its policy already, and half a kilobyte of
    headers would be longer than most of these answers. Only our script can ask so: no link, form or frame sends its
    header, no other site may (CORS), and the page it runs in has demanded HTTPS for a year."""
    response.headers.setdefault("X-Content-Type-Options", FIXED["X-Content-Type-Options"])
    response.headers.setdefault("Content-Security-Policy", NO_DOCUMENT)
    response.headers.setdefault("Cache-Control", "no-store")
    vary_by(response, "HX-Request")
    return response


def refuse_foreign_origin():
    """A write from another site is refused before CSRF is even looked at (docs/security.md H4, U3)."""
    given = request.environ
    if given.get("HTTP_SEC_FETCH_SITE") == "cross-site" and _is_write_or_image():
        abort(403)
    origin = given.get("HTTP_ORIGIN")
    if origin is None or request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return
    own = {request.host_url.rstrip("/"), current_app.extensions["loket"].public_base_url}
    if origin not in own:
        abort(403)


def _is_write_or_image() -> bool:
    return request.method not in ("GET", "HEAD") or request.headers.get("Sec-Fetch-Dest") == "image"


def photo_response(jpeg: bytes | Callable[[], bytes], name: str, tag: str | None = None) -> Response:
    """A photo on its way to the one who may see it: never run as anything else, and never cached.

    With a `tag`, which only this visitor's session yields, the browser may keep it for itself, but has to ask each
    time; `jpeg` is a function then, and is called only when the browser does not have it.
    """
    known = tag is not None and tag in request.if_none_match
    body = "" if known else jpeg() if callable(jpeg) else jpeg
    response = Response(body, 304 if known else 200, mimetype="image/jpeg")
    if tag is not None:
        response.set_etag(tag)
        response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    return response


def png_response(png: bytes, name: str) -> Response:
    """A picture made for one person, such as a receipt; kept like a photo."""
    response = Response(png, mimetype="image/png")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.png"'
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    return response


CSV, XLSX = "csv", "xlsx"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 64 * 1024


def send_table(name: str, kind: str, columns: Sequence[str], rows: Iterable[Sequence], title: str) -> Response:
    """A table as the answer: streamed, named, never shown in the page. `kind` is CSV or XLSX; `title` names the sheet
    of a workbook."""
    if kind == XLSX:
        return send_workbook(name, [Sheet(title, columns, rows)])
    return _named(Response(stream_with_context(csv_lines(columns, rows)), mimetype="text/csv"), f"{name}.csv")


def send_workbook(name: str, sheets: Iterable[Sheet]) -> Response:
    made = workbook(sheets)
    response = Response(iter(lambda: made.read(CHUNK), b""), mimetype=XLSX_TYPE)
    response.call_on_close(made.close)
    return _named(response, f"{name}.xlsx")


def _named(response: Response, name: str) -> Response:
    stem, _, ending = name.rpartition(".")
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}-{clock.today().isoformat()}.{ending}"'
    return response

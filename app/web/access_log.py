"""One line for each request: what was asked for, how it ended, how long it took, from where.

The address of a page may hold what somebody typed, so the line names the route and never the path.
Nobody is named either: the incident id leads to the other lines of the request, the journal to people.
"""

import time
from dataclasses import dataclass

import structlog
from flask import Flask, Response, g
from flask.globals import request_ctx

from app.base import ids

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

log = structlog.get_logger()


def init_access_log(app: Flask) -> None:
    """Call it before the other hooks are set: the first to begin is the last to end."""
    app.before_request(_begin)
    app.after_request(_write)


@dataclass(frozen=True)
class Asked:
    """What several hooks want to know of a request, found out once."""

    at: float  # of time.perf_counter()
    address: str
    device: str


def asked() -> Asked:
    """Of this request, at any moment of it."""
    known = g.get("asked")
    if known is None:
        request = request_ctx.request
        device = browser_family(request.environ.get("HTTP_USER_AGENT", ""))
        known = g.asked = Asked(time.perf_counter(), ids.plain(request.remote_addr), device)
    return known


def _begin() -> None:
    g.pop("asked", None)  # of the request before, where both are inside one context of the app
    asked()


def _write(response: Response) -> Response:
    request, begun = request_ctx.request, asked()
    log.info(
        "request", method=request.method if request.method in METHODS else "OTHER",
        route=request.url_rule.rule if request.url_rule else "-", status=response.status_code,
        ms=round((time.perf_counter() - begun.at) * 1000, 1), ip=begun.address, device=begun.device,
    )
    incident = g.get("incident")
    if incident and response.status_code >= 400:
        response.headers["X-Request-Id"] = incident
    return response


# in this order: Edge and Opera also call themselves Chrome, Chrome also calls itself Safari
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def browser_family(user_agent: str) -> str:
    """So that its owner recognises a session in a list: "Chrome di Windows"; what is not known is said so."""
    browser = _first(BROWSERS, user_agent) or "Browser lain"
    system = _first(SYSTEMS, user_agent)
    return f"{browser} di {system}" if system else browser


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for mark, name in known if mark in user_agent), None)

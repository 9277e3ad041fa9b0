"""`url_for` of the templates. Flask builds an address anew each time, 25 times a list and 20 times a public page; what
it makes of an endpoint is always the same but for the values, so it is kept with a gap for one plain value."""

from contextvars import ContextVar
from functools import partial

from flask import Flask, current_app, request, url_for

GAP = "0gap0"
MOST_KEPT = 2_000
Shape = tuple[str, str] | None  # what stands before and behind the value; None: only Flask can say
# below which path this request found the app; None: outside of one. Asked up to fifty times a page.
_root: ContextVar[str | None] = ContextVar("root_of_addresses", default=None)


def init_addresses(app: Flask) -> None:
    kept = app.extensions["addresses"] = {}
    app.jinja_env.globals.update(url_for=partial(_address, kept))
    app.before_request(lambda: _root.set(request.root_path) and None)
    app.teardown_request(lambda _error: _root.set(None))


def address(endpoint: str, /, **values) -> str:
    """The same as url_for() of such an endpoint."""
    return _address(current_app.extensions["addresses"], endpoint, **values)


def _address(kept: dict[tuple[str, str, str], Shape], endpoint: str, /, **values) -> str:
    root = _root.get()
    if root is None or len(values) > 1 or endpoint.startswith("."):
        return url_for(endpoint, **values)
    name, value = next(iter(values.items())) if values else ("", GAP)
    if not isinstance(value, str) or not (value.isascii() and value.isalnum()):
        return url_for(endpoint, **values)
    key = (root, endpoint, name)
    if key not in kept:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[key] = _shape(endpoint, name)
    shape = kept[key]
    if shape is None:
        return url_for(endpoint, **values)
    return shape[0] + value + shape[1] if name else shape[0]


def _shape(endpoint: str, name: str) -> Shape:
    try:
        whole = url_for(endpoint, **({name: GAP} if name else {}))
    except ValueError:  # a number, or one of a few words
        return None
    before, gap, behind = whole.partition(GAP)
    if name:
        return (before, behind) if gap and GAP not in behind else None
    return whole, ""

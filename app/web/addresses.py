"""`url_for` of the templates. Flask builds an address anew each time, 25 times a list and 20 times a public page; what
it makes of an endpoint is always the same but for the values, so it is kept with a gap for one plain value."""

from flask import Flask, current_app, request, url_for

GAP = "0gap0"
MOST_KEPT = 2_000
_KEPT = "loket_addresses"
Shape = tuple[str, str] | None  # what stands before and behind the value; None: only Flask can say


def init_addresses(app: Flask) -> None:
    app.jinja_env.globals.update(url_for=address)


def address(endpoint: str, **values) -> str:
    """The same as url_for() of such an endpoint."""
    if len(values) > 1 or endpoint.startswith(".") or not request:
        return url_for(endpoint, **values)
    name, value = next(iter(values.items()), ("", GAP))
    if not isinstance(value, str) or not (value.isascii() and value.isalnum()):
        return url_for(endpoint, **values)
    kept = current_app.extensions.setdefault(_KEPT, {})
    key = (request.script_root, endpoint, name)
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

"""Page or fragment: the same URL answers a browser with a page and htmx with the part it swaps.

Both questions are asked several times a request, so they look into the environment: a header that is not there is an
exception to request.headers.
"""

from flask import Response, jsonify, make_response, redirect, render_template, request


def wants_fragment() -> bool:
    """True for a swap by htmx; a history restore wants the whole page (htmx reloads then)."""
    given = request.environ
    return given.get("HTTP_HX_REQUEST") == "true" and given.get("HTTP_HX_HISTORY_RESTORE_REQUEST") != "true"


def wants_data() -> bool:
    """True for our script that sends a photo or keeps a field: it asks for JSON, and shows the page itself."""
    return request.environ.get("HTTP_ACCEPT") == "application/json"


def render(page: str, status: int = 200, **context) -> Response:
    """One template for both: base.html leaves out everything around the step when htmx asks."""
    return make_response(render_template(page, **context), status)


def go_to(url: str) -> Response:
    """After a POST: 303 for a browser, HX-Redirect for htmx, which then loads the whole page; told to our script."""
    if wants_data():
        return jsonify(go=url)
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def as_step(response: Response) -> Response:
    """htmx swaps 422 only: this page of another status takes the place of the step too."""
    if wants_fragment():
        response.headers["HX-Reswap"] = "innerHTML show:window:top"
    return response


def in_place_of(response: Response, target: str) -> Response:
    """htmx swaps this answer into `target`, a part of the step, and not into the whole step."""
    if wants_fragment():
        response.headers["HX-Retarget"] = target
    return response


def come_back(response: Response, seconds: int | None) -> Response:
    """Say when to try again, if `seconds` are given. The page's script sends the form again by itself then."""
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def push_url(response: Response, url: str) -> Response:
    """Tell htmx which address the swapped step has; saves the round trip of a redirect."""
    if wants_fragment():
        response.headers["HX-Push-Url"] = url
    return response

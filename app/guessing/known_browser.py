"""The signed cookie by which a browser that was right before is known again (docs/limits.md).

Up to five entries, one for each account or number, so that a family shares a phone. It opens nothing:
it only gives the browser a budget of its own. Its key is derived from SECRET_KEY for this use alone.
"""

import secrets
from datetime import timedelta

from flask import Response, request, session
from itsdangerous import BadData, URLSafeSerializer

from app.base import clock
from app.base.services import settings
from app.guessing import step_codes
from app.guessing.budgets import KnownEntry, Mark, Visitor
from app.web.cookies import Cookie

MOST_ENTRIES = 5
LIFE_DAYS = 180
PURPOSE = "loket known browser 1"
COOKIE = Cookie("kenal", timedelta(days=LIFE_DAYS))
# holds a sealed step (`step_codes`) until its code is typed
STEP_COOKIE = Cookie("loket_langkah", step_codes.LIFE)


def visitor() -> Visitor:
    """Who sends the request under way."""
    return Visitor(request.remote_addr or "", session.get("csrf_token", ""), held_entries())


def remember(response: Response, mark: Mark | None) -> Response:
    """This browser was right: put its entry first. The budget of an entry that still holds goes on."""
    if mark is None:
        return response
    held = held_entries()
    nonce = Visitor(known=held).nonce_for(mark) or secrets.token_urlsafe(12)
    entry = KnownEntry(mark.name, nonce, mark.stamp, _today())
    others = [known for known in held if known.name != mark.name]
    kept = [entry, *others][:MOST_ENTRIES]
    value = _serializer().dumps([[e.name, e.nonce, e.stamp, e.day] for e in kept])
    return COOKIE.give(response, value)


def held_entries() -> tuple[KnownEntry, ...]:
    """What the cookie says, if we signed it; entries past their life are none."""
    try:
        entries = tuple(KnownEntry(*entry) for entry in _serializer().loads(COOKIE.held()))
    except (BadData, TypeError):
        return ()
    return tuple(entry for entry in entries[:MOST_ENTRIES] if _today() - entry.day < LIFE_DAYS)


def _serializer() -> URLSafeSerializer:
    keys = [*reversed(settings().secret_key_fallbacks), settings().secret_key]  # the last one signs
    return URLSafeSerializer(keys, salt=PURPOSE, signer_kwargs={"key_derivation": "hmac"})


def _today() -> int:
    return clock.today().toordinal()

"""How every cookie of ours is set and taken away; what one means is said by the feature that has it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from app.base.services import settings


class KeptSigner(SecureCookieSessionInterface):
    """What signs Flask's session is made once: its keys are settings, which do not change while a process runs."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        kept = app.extensions
        if "session_signer" not in kept:
            kept["session_signer"] = super().get_signing_serializer(app)
        return kept["session_signer"]


@dataclass(frozen=True)
class Cookie:
    """For this host, every path of it, and no script (docs/security.md S6).

    `life` is how long a browser keeps it, or says so when asked; None: until its window is closed.
    """

    name: str
    life: timedelta | Callable[[], timedelta] | None
    same_site: Literal["Lax", "Strict"] = "Lax"

    @property
    def full_name(self) -> str:
        """`__Host-` pins the cookie to this host, path / and https."""
        return f"__Host-{self.name}" if settings().secure_cookies else self.name

    def is_held(self) -> bool:
        return self.full_name in request.cookies

    def held(self) -> str:
        """What this browser holds; "" for nothing."""
        return request.cookies.get(self.full_name, "")

    def give(self, response: Response, value: str) -> Response:
        life = self.life() if callable(self.life) else self.life
        response.set_cookie(
            self.full_name, value, max_age=int(life.total_seconds()) if life else None, **self._rules()
        )
        return response

    def take(self, response: Response) -> Response:
        response.delete_cookie(self.full_name, **self._rules())
        return response

    def _rules(self) -> dict:
        return {"path": "/", "httponly": True, "secure": settings().secure_cookies, "samesite": self.same_site}

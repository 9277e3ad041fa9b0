"""Strangers at full speed behind the city's proxy, and owners who only want in. Fixtures and people."""

import itertools
import re

import pytest

from tests.builders import csrf_of
from tests.resident_pages import messages

PROXIED = {"TRUSTED_PROXIES": "1"}
ADDRESSES = tuple(f"203.0.113.{last}" for last in range(1, 51))
OWN_ADDRESS = "198.51.100.7"


@pytest.fixture
def extra_settings():
    return PROXIED


@pytest.fixture
def town(app):
    """The app behind one trusted proxy, in a module that imports `extra_settings` or has its own."""
    return app


def last_code(app) -> str:
    """Of the last message that carries a code for one step more."""
    return re.search(r"\b(\d{8})\b", messages(app, "kode_perangkat")[-1][2]).group(1)


class Browser:
    """A browser at a network address of its own, as the proxy tells it. Keeps its cookies."""

    def __init__(self, app, address: str = OWN_ADDRESS):
        self.client = app.test_client()
        self.forwarded = {"X-Forwarded-For": address}

    def get(self, path: str):
        return self.client.get(path, headers=self.forwarded)

    def post(self, path: str, page: str | None = None, **fields):
        token = csrf_of(self.get(page or path).text)
        return self.client.post(path, data={"csrf_token": token, **fields}, headers=self.forwarded)

    def cookie(self, name: str) -> str:
        held = self.client.get_cookie(name)
        return held.value if held else ""


class Strangers:
    """Each try from the next of fifty addresses, each in a browser without any cookie."""

    def __init__(self, app, path: str, **fields):
        self.app, self.path, self.fields = app, path, fields
        self._addresses = itertools.cycle(ADDRESSES)
        self.answers: list[int] = []

    def tries(self, times: int = 1, **fields):
        """The last answer."""
        for _ in range(times):
            answer = Browser(self.app, next(self._addresses)).post(self.path, **{**self.fields, **fields})
            self.answers.append(answer.status_code)
        return answer

    @property
    def learned(self) -> int:
        """Tries whose answer told that the secret was wrong."""
        return self.answers.count(422)

    def use_up(self) -> None:
        """A burst of more than is let through."""
        self.tries(12)

    def attack(self, time, minutes: int = 60) -> None:
        """A burst that uses up what there is, on and on, and a burst at the end."""
        self.use_up()
        for _ in range(minutes // 5):
            time.moves(minutes=5)
            self.tries()
        self.use_up()

"""Strangers at full speed behind the city's proxy, and owners who only want in. Fixtures and people."""

import itertools
import re

import pytest

from app import create_app
from app.base.database import db
from tests.builders import TEST_SETTINGS, csrf_of
from tests.resident_pages import messages

PROXIED = {"TRUSTED_PROXIES": "1"}
ADDRESSES = tuple(f"203.0.113.{last}" for last in range(1, 51))
OWN_ADDRESS = "198.51.100.7"


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request, tmp_path, migrated_sqlite):
    """The app behind one trusted proxy, on either database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'loket.sqlite3'}"
        (tmp_path / "loket.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    else:
        url = request.getfixturevalue("fresh_database")()
    more = getattr(request.module, "MORE_SETTINGS", {})
    app = create_app({**TEST_SETTINGS, **PROXIED, **more, "LOKET_INSTANCE": str(tmp_path), "DATABASE_URL": url})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


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

    def attack(self, time, minutes: int = 60) -> None:
        """A burst that uses up what there is, on and on, and a burst at the end."""
        self.tries(12)
        for _ in range(minutes // 5):
            time.moves(minutes=5)
            self.tries()
        self.tries(12)

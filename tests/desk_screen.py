"""Office screens in Chromium: a fixture that signs somebody in."""

import pytest
from playwright.sync_api import BrowserContext

from app.accounts.gates import COOKIES
from app.accounts.sessions import STAFF
from tests.accounts import cookie_of
from tests.builders import add_staff, sign_in_staff
from tests.desk import name_staff
from tests.live import served


def brings_a_session(app, context: BrowserContext, address: str, username: str) -> None:
    """Signed in before the first page: how one signs in in a browser is test_browser_journeys' subject."""
    name = COOKIES[STAFF].name
    value = cookie_of(sign_in_staff(app.test_client(), username), name)
    context.add_cookies([{"name": name, "value": value, "url": address}])


@pytest.fixture
def desk_address(app, time):
    with served(app) as url:
        yield url


@pytest.fixture
def screen(app, chromium, desk_address):
    """screen(username, role) -> an office screen with somebody signed in, at the queue or at another page; with at=""
    it has opened none yet."""
    contexts = []

    def make(username: str, role: str = "operator", size=(1366, 768), scripts: bool = True, at: str = "/petugas/"):
        add_staff(app, username, role)
        name_staff(app, username, f"{username.title()} Contoh")
        context = chromium.new_context(base_url=desk_address, viewport={"width": size[0], "height": size[1]},
                                       java_script_enabled=scripts)
        contexts.append(context)
        brings_a_session(app, context, desk_address, username)
        page = context.new_page()
        if at:
            page.goto(at)
        return page

    yield make
    for context in contexts:
        context.close()

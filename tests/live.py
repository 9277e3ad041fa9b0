"""The whole product in its own process, and Chromium in front of it: fixtures of the browser tests.

`live_server` is one demo with its worker per module, a copy of one that was set up once a session;
`browser_page(width, height)` opens a page on it. What the browser complains about on its console fails
the test that caused it.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from tests.builders import STAFF_PASSWORD
from tests.chromium import LAUNCH_ARGS, require_chromium
from tests.memory import shared_by_the_run
from tests.visitor import Visitor
from tests.warm_python import Process, begin, run

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 240
PAGE_SECONDS = 30  # a busy machine is slow, not broken
# Chromium reports the status of an answer as an error of the page; tests assert statuses themselves
EXPECTED_NOISE = (
    "Failed to load resource: the server responded with a status of 4", "Response Status Error Code 4",
    "Failed to load resource: the server responded with a status of 503",  # too many photos at once
    "Failed to load resource: net::ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest",  # a cut line
    "htmx:sendAbort",  # asked again and again, and left in the middle of it
)


@contextlib.contextmanager
def served(app) -> Iterator[str]:
    """Address of this very app, served from a thread, so that a test may move its clock."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))  # seconds until it sees that it is to stop
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:  # else a failed test is never over
        server.shutdown()
        thread.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class LiveServer:
    """`flask --app wsgi <command>` on a port and an instance folder of its own.

    `demo` migrates, invents people (`--few` a handful) and works off messages; `serve` expects a migrated database.
    """

    def __init__(self, instance: Path, command: str = "demo --few", settings: dict[str, str] | None = None):
        self.instance, self.command = instance, command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = instance / "server.log"
        self.process: Process | None = None
        self._settings = settings or {}

    def flask(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        ours = {"LOKET_ENV": "demo", "LOKET_INSTANCE": str(self.instance), "PORT": str(self.port)}
        # some images forbid bytecode; each start would compile everything anew
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")}
        return {**kept, **ours, **self._settings}

    def start(self) -> "LiveServer":
        """Returns when /healthz answers. Raises AssertionError with the end of the log."""
        with self.log.open("ab") as log:
            self.process = begin(
                self.flask(*self.command.split()), env=self.environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process.poll() is None, f"the server ended:\n{self.log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, f"the server does not answer:\n{self.log.read_text()[-3000:]}"
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
            return answer.status == 200
        return False

    def kill(self) -> None:
        """The whole family at once, as when the power goes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Another command of the product on the same instance."""
        return run(self.flask(*arguments), self.environment)

    def from_inside(self):
        """The same database as an app of the test's process, to act for the staff and to read messages."""
        ours = {"LOKET_ENV": "demo", "LOKET_INSTANCE": str(self.instance), "PORT": str(self.port)}
        return create_app(ours)

    def login(self, role: str, number: int = 0) -> tuple[str, str]:
        """Name and password of an invented member of staff with `role`."""
        lines = [line.split() for line in (self.instance / "demo-logins.txt").read_text().splitlines()]
        return [(name, password) for known, name, password in lines if known == role][number]


@contextlib.contextmanager
def empty_office(instance: Path, migrated: Path) -> Iterator[LiveServer]:
    """A server on an installation in which nobody is known yet."""
    shutil.copy(migrated, instance / "loket.sqlite3")
    server = LiveServer(instance, "serve")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def demo_instance(tmp_path_factory) -> Path:
    """Folder of a demo that has made its database, people and photos, and was stopped: to be copied."""
    return shared_by_the_run(tmp_path_factory, "demo", start_and_stop)


def start_and_stop(folder: Path) -> None:
    server = LiveServer(folder)
    try:
        server.start()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def live_server(tmp_path_factory, demo_instance) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("live")
    shutil.copytree(demo_instance, folder, dirs_exist_ok=True)
    server = LiveServer(folder)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = require_chromium()
    expect.set_options(timeout=PAGE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(LAUNCH_ARGS))
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium, live_server) -> Iterator[Callable[..., Page]]:
    """browser_page(width, height, javascript=True) -> a page of a person of their own.

    Addresses may begin with a slash. Its console is checked at the end of the test.
    """
    complaints: list[str] = []
    contexts = []

    def make(width: int, height: int, javascript: bool = True, **options) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=javascript,
            base_url=live_server.url, locale="id-ID", timezone_id="Asia/Jakarta", **options,
        )
        contexts.append(context)
        context.set_default_timeout(PAGE_SECONDS * 1000)
        page = context.new_page()
        context.on("console", lambda message: _note(complaints, message))
        context.on("weberror", lambda fault: complaints.append(f"exception: {fault.error}"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints, complaints


def _note(complaints: list[str], message) -> None:
    if message.type == "error" and not message.text.startswith(EXPECTED_NOISE):
        complaints.append(f"{message.text} ({message.location.get('url', '')})")


def fill_in(page: Page, values: Mapping[str, str]) -> None:
    """Fields of one form by name: typed into, or chosen from."""
    first = page.locator(f"[name={next(iter(values))}]")
    chosen = first.evaluate("(field, names) => names.filter(name => field.form.elements[name].matches('select'))",
                            list(values))
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        if name in chosen:
            field.select_option(value)
        else:
            field.fill(value)


def signs_in(page: Page, username: str, password: str = STAFF_PASSWORD) -> None:
    """A member of staff, up to the first page of the office."""
    page.goto("/petugas/masuk")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/petugas/")


def let_in(page: Page, server: LiveServer, role: str, number: int = 0) -> str:
    """Whoever of the demo has this role, without the page where one signs in; their password."""
    name, password = server.login(role, number)
    desk = Visitor(server.port)
    desk.open("/petugas/masuk")
    assert desk.post("/petugas/masuk", {"username": name, "password": password}).status == 303
    page.context.add_cookies([
        {"name": cookie, "value": value, "url": server.url} for cookie, value in desk.cookies.items()
    ])
    return password


def hold(page: Page, address: str | re.Pattern = "**/daftar/ktp") -> list:
    """What is on its way there, photos as a rule, is stopped and gathered in the list."""
    held = []

    def take(route) -> None:
        held.append(route)

    page.route(address, take)
    return held

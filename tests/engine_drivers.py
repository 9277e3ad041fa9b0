"""How each engine of `make test-browsers` is driven. All know the same four words: go, run, give_file, close."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from wsproto import ConnectionType, WSConnection
from wsproto.events import CloseConnection, Message, Ping, Request

from tests.chromium import LAUNCH_ARGS
from tests.live import free_port

PATIENCE = 60
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class WebDriver:
    """The commands we need, spoken over HTTP as the standard has them."""

    def __init__(self, url: str):
        self.url = url
        wanted = {"capabilities": {"alwaysMatch": {}}}
        self.url += "/session/" + self._ask("POST", "/session", wanted)["sessionId"]

    def _ask(self, method: str, path: str, body: dict | None = None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]

    def go(self, address: str) -> None:
        self._ask("POST", "/url", {"url": address})

    def run(self, script: str, *arguments):
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def give_file(self, selector: str, file: str) -> None:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{found[ELEMENT]}/value", {"text": file})

    def close(self) -> None:
        self._ask("DELETE", "")


class Marionette:
    """The same, spoken to Firefox itself: `length:[0, id, command, parameters]`."""

    def __init__(self, port: int):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                break
            except OSError:
                assert time.monotonic() < deadline, "Firefox does not answer"
                time.sleep(0.2)
        self._rest, self._count = b"", 0
        self._read()
        self._ask("WebDriver:NewSession", {})

    def _read(self):
        while b":" not in self._rest:
            self._rest += self._line.recv(65536)
        length, _, self._rest = self._rest.partition(b":")
        while len(self._rest) < int(length):
            self._rest += self._line.recv(65536)
        message, self._rest = self._rest[:int(length)], self._rest[int(length):]
        return json.loads(message)

    def _ask(self, command: str, parameters: dict):
        self._count += 1
        text = json.dumps([0, self._count, command, parameters]).encode()
        self._line.sendall(str(len(text)).encode() + b":" + text)
        _, _, fault, value = self._read()
        assert not fault, fault
        return value.get("value", value) if isinstance(value, dict) else value

    def go(self, address: str) -> None:
        self._ask("WebDriver:Navigate", {"url": address})

    def run(self, script: str, *arguments):
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})

    def give_file(self, selector: str, file: str) -> None:
        found = self._ask("WebDriver:FindElement", {"using": "css selector", "value": selector})
        self._ask("WebDriver:ElementSendKeys", {"id": found[ELEMENT], "text": file})

    def kill(self) -> None:
        """The tab is gone; another is there."""
        old = self._ask("WebDriver:GetWindowHandle", {})
        new = self._ask("WebDriver:NewWindow", {"type": "tab"})["handle"]
        self._ask("WebDriver:SwitchToWindow", {"handle": old})
        self._ask("WebDriver:CloseWindow", {})
        self._ask("WebDriver:SwitchToWindow", {"handle": new})

    def close(self) -> None:
        self._ask("Marionette:Quit", {"flags": ["eForceQuit"]})


class Played:
    """The same, by Playwright."""

    def __init__(self, page):
        self._page = page

    def go(self, address: str) -> None:
        self._page.goto(address)

    def run(self, script: str, *arguments):
        return self._page.evaluate(f"given => (function () {{ {script} }}).apply(null, given)", list(arguments))

    def give_file(self, selector: str, file: str) -> None:
        self._page.locator(selector).set_input_files(file)

    def kill(self) -> None:
        old, self._page = self._page, self._page.context.new_page()
        old.close()

    def close(self) -> None:
        self._page.context.close()


class Devtools:
    """The same, spoken to a Chromium too old for Playwright, in the few words that its protocol has had since 66."""

    def __init__(self, port: int):
        page = asked_until_there(f"http://127.0.0.1:{port}/json/list")[0]
        host = f"127.0.0.1:{port}"
        self._line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._talk = WSConnection(ConnectionType.CLIENT)
        self._line.sendall(self._talk.send(Request(host=host, target=page["webSocketDebuggerUrl"].partition(host)[2])))
        self._count, self._text, self._answers = 0, "", {}
        self._ask("Page.enable")

    def _ask(self, method: str, **parameters) -> dict:
        self._count += 1
        wanted = {"id": self._count, "method": method, "params": parameters}
        self._hear_until(lambda: not self._talk.state.name.startswith("CONNECTING"))
        self._line.sendall(self._talk.send(Message(data=json.dumps(wanted))))
        self._hear_until(lambda: wanted["id"] in self._answers)
        answer = self._answers.pop(wanted["id"])
        assert "error" not in answer, answer
        return answer["result"]

    def _hear_until(self, enough) -> None:
        while not enough():
            heard = self._line.recv(65536)
            assert heard, "the browser ended"
            self._talk.receive_data(heard)
            for event in self._talk.events():
                if isinstance(event, Ping):
                    self._line.sendall(self._talk.send(event.response()))
                elif isinstance(event, Message):
                    self._text += event.data
                    if event.message_finished:
                        said, self._text = json.loads(self._text), ""
                        self._answers.update({said["id"]: said} if "id" in said else {})

    def go(self, address: str) -> None:
        self.run("window.leaving = true")
        self._ask("Page.navigate", url=address)
        deadline = time.monotonic() + PATIENCE
        while not self.run("return !window.leaving && document.readyState === 'complete'"):
            assert time.monotonic() < deadline, f"{address} does not come"
            time.sleep(0.1)

    def run(self, script: str, *arguments):
        said = self._ask("Runtime.evaluate", returnByValue=True,
                         expression=f"(function () {{ {script} }}).apply(null, {json.dumps(arguments)})")
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def give_file(self, selector: str, file: str) -> None:
        node = self._ask("DOM.getDocument")["root"]["nodeId"]
        found = self._ask("DOM.querySelector", nodeId=node, selector=selector)["nodeId"]
        self._ask("DOM.setFileInputFiles", nodeId=found, files=[file])

    def close(self) -> None:
        self._line.sendall(self._talk.send(CloseConnection(code=1000)))
        self._line.close()


def asked_until_there(address: str):
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError, IndexError), urllib.request.urlopen(address, timeout=5) as answer:
            said = json.load(answer)
            if said:
                return said
        assert time.monotonic() < deadline, f"{address} does not answer"
        time.sleep(0.2)


@contextlib.contextmanager
def firefox(program: str) -> Iterator[Marionette]:
    port = free_port()
    with tempfile.TemporaryDirectory() as profile:
        (Path(profile) / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        process = subprocess.Popen([program, "--headless", "--marionette", "--no-remote", "--profile", profile],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield Marionette(port)
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def webkit(program: str) -> Iterator[WebDriver]:
    port = free_port()
    screen = ["xvfb-run", "-a"] if shutil.which("xvfb-run") and not os.environ.get("DISPLAY") else []
    process = subprocess.Popen([*screen, program, f"--port={port}"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        asked_until_there(f"http://127.0.0.1:{port}/status")
        browser = WebDriver(f"http://127.0.0.1:{port}")
        yield browser
        browser.close()
    finally:
        os.killpg(process.pid, 15)
        process.wait()


@contextlib.contextmanager
def chromium(program: str) -> Iterator[Played]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(LAUNCH_ARGS))
        yield Played(browser.new_page(viewport={"width": 360, "height": 800}))
        browser.close()


@contextlib.contextmanager
def old_chromium(program: str) -> Iterator[Devtools]:
    port = free_port()
    # in one process, as these builds were made to run; fonts are those of this machine
    arguments = ["--headless", "--no-zygote", "--single-process", "--disable-dev-shm-usage", "--window-size=360,800",
                 "--lang=id", f"--remote-debugging-port={port}", *LAUNCH_ARGS]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen([program, f"--user-data-dir={profile}", *arguments, "about:blank"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            browser = Devtools(port)
            yield browser
            browser.close()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()

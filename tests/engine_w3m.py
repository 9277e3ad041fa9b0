"""w3m, driven by its keys in a terminal of tmux: a browser of text, without scripts, styles or `hidden`."""

import contextlib
import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.engine_drivers import PATIENCE
from tests.engine_store import program

KEY_SECONDS = 0.2  # the terminal has to keep up


class W3m:
    """A person at the keyboard: finds words on the page, goes on from there, types."""

    def __init__(self, folder: Path):
        self._tmux = [program("tmux"), "-S", str(folder / "tmux")]
        self._words = folder / "words"
        self._editor = folder / "editor"
        self._editor.write_text(f'#!/bin/sh\ncat {shlex.quote(str(self._words))} > "$1"\n')
        self._editor.chmod(0o755)
        self._folder = folder

    def go(self, address: str) -> None:
        self.close()
        command = [program("w3m"), "-cookie", "-o", "accept_cookie=1", "-o", "confirm_qq=0", "-o",
                   f"editor={self._editor}", address]
        subprocess.run([*self._tmux, "new-session", "-d", "-x", "110", "-y", "90", *command],
                       env={**os.environ, "HOME": str(self._folder), "LANG": "C.UTF-8"}, check=True)

    def close(self) -> None:
        """Ends the browser; its cookies stay in the folder, as after a visit."""
        self._keys("q")
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)

    def _keys(self, *names: str, literally: bool = False) -> None:
        subprocess.run([*self._tmux, "send-keys", *(["-l"] if literally else []), *names], capture_output=True,
                       check=False)
        time.sleep(KEY_SECONDS)

    @property
    def screen(self) -> str:
        return subprocess.run([*self._tmux, "capture-pane", "-p"], capture_output=True, text=True, check=False).stdout

    def see(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.screen:
            assert time.monotonic() < deadline, f"{words} is not on the screen:\n{self.screen}"
            time.sleep(KEY_SECONDS)

    def find(self, words: str) -> None:
        self._keys("g")
        self._keys("/", literally=True)
        self._keys(words, literally=True)
        self._keys("Enter")

    def press(self, words: str) -> None:
        self.find(words)
        self._keys("Enter")

    def tick_before(self, words: str) -> None:
        self.find(words)
        self._keys("BTab")
        self._keys("Enter")

    def press_after(self, words: str, places: int = 1) -> None:
        self.find(words)
        self._keys(*["Tab"] * places)
        self._keys("Enter")

    def type_after(self, words: str, value: str, places: int = 1) -> None:
        self.press_after(words, places)
        self._keys(value, literally=True)
        self._keys("Enter")

    def write_after(self, words: str, value: str) -> None:
        """Into a box of several lines: w3m opens an editor for it."""
        self._words.write_text(value)
        self.press_after(words)
        time.sleep(3 * KEY_SECONDS)

    def choose_after(self, words: str, value: str) -> None:
        self.press_after(words)
        self._keys("/", literally=True)
        self._keys(value, literally=True)
        self._keys("Enter")
        self._keys("Enter")


@contextlib.contextmanager
def w3m(folder: Path) -> Iterator[W3m]:
    browser = W3m(folder)
    try:
        yield browser
    finally:
        browser.close()

"""Finds the Chromium that the browser tests drive; `python -m tests.chromium` installs one if it can.

A machine without Chromium skips those tests with a sentence; with CI=true that is a failure.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

# built to have no window: half the processor time a page, and what Playwright itself takes for tests
WINDOWLESS = ("chromium-headless-shell", "chrome-headless-shell")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "No Chromium found: browser tests need it. Install Debian's `chromium`, or run `make browser`."
NO_DRIVER = "Playwright's own program does not start: {}. Install what it names, such as Debian's `libatomic1`."
# the node that Playwright brings along needs the last one, which a bare Debian 12 has not
PACKAGES = ("chromium", "fonts-dejavu-core", "libatomic1")
FASTER = "chromium-headless-shell"  # not every Debian and Ubuntu has it
LAUNCH_ARGS = (
    # the sandbox refuses to work for root, who runs tests in containers; pages are our own
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # a page lives a second: to optimize what is called a few hundred times, as axe does, costs more than it gives
    "--js-flags=--invocation-count-for-maglev=20000 --invocation-count-for-turbofan=60000",
)


@cache
def find_chromium() -> str | None:
    """Path of a Chromium or Chrome: on PATH, else the one playwright downloaded."""
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    return on_path or _downloaded_by_playwright()


def require_chromium() -> str:
    """For a test that needs a browser: its path, or the test is skipped (CI=true: fails)."""
    found = next(filter(None, map(shutil.which, WINDOWLESS)), None) or find_chromium()
    if found is None:
        skip_or_fail(MISSING)
    if trouble := driver_trouble():
        skip_or_fail(NO_DRIVER.format(trouble))
    return found


@cache
def driver_trouble() -> str:
    """Why the program through which Playwright speaks to browsers does not start; nothing when it does."""
    node, _ = compute_driver_executable()
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return done.stderr.strip().partition("\n")[0] if done.returncode else ""


def skip_or_fail(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _downloaded_by_playwright() -> str | None:
    # asked in its own process: playwright's loop must not stay behind in ours
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as x: print(x.chromium.executable_path)"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    path = answer.stdout.strip()
    return path if path and Path(path).exists() else None


def _ways_to_install() -> list[list[list[str]]]:
    """Each way is a list of commands. A Debian package first: it brings its libraries and fonts."""
    apt = [["apt-get", "update", "-q"],
           ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES],
           ["apt-get", "install", "-y", "-q", "--no-install-recommends", FASTER]]
    ways = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if shutil.which("apt-get") and _is_root():
        return [apt, *ways]
    if shutil.which("apt-get") and shutil.which("sudo"):
        return [[["sudo", "-n", *command] for command in apt], *ways]
    return ways


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def install() -> bool:
    """Try each way until a Chromium is there. The output of a failed way is shown."""
    for commands in _ways_to_install():
        print("Installing Chromium for the browser tests:", " ".join(commands[min(1, len(commands) - 1)]), flush=True)
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
            if done.returncode:
                print((done.stderr or done.stdout)[-600:], flush=True)
        find_chromium.cache_clear()
        driver_trouble.cache_clear()
        if find_chromium() and not driver_trouble():
            return True
    return False


if __name__ == "__main__":
    if (not find_chromium() or driver_trouble()) and not install():
        print(NO_DRIVER.format(driver_trouble()) if find_chromium() else MISSING)
        # only CI insists; elsewhere the other tests still run and say what they skipped
        sys.exit(1 if os.environ.get("CI") == "true" else 0)

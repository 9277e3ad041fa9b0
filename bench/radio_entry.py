"""How long an officer takes to enter a radio call, from the list to the receipt with number and PIN, in a real
browser and with the fingers of a slow typist. Wanted: 30 seconds and 40 keys besides the text.
"""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import require_chromium
from tests.complaints import WORDS
from tests.live import LAUNCH_ARGS, LiveServer, let_in
from tests.test_complaints_browser import DESK, enters_a_radio_call

KEYS_A_SECOND = (3, 5)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = LiveServer(Path(folder)).start()
        try:
            browser = playwright.chromium.launch(executable_path=require_chromium(), args=list(LAUNCH_ARGS))
            page = browser.new_context(
                viewport={"width": DESK[0], "height": DESK[1]}, base_url=server.url
            ).new_page()
            let_in(page, server, "petugas")
            for speed in KEYS_A_SECOND:
                page.goto("/petugas/pengaduan")
                begun = time.perf_counter()
                keys = enters_a_radio_call(page, 1 / speed)
                spent = time.perf_counter() - begun
                print(f"{speed} keys a second: {spent:.1f} s in all, {spent - len(WORDS) / speed:.1f} s and "
                      f"{keys.pressed} keys besides the {len(WORDS)} letters that were said")
        finally:
            server.stop()

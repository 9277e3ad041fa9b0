"""try_load.py ADDRESS STOP_FILE: eight clients without pause, two of whom begin registrations, until the file is there;
then what they got. Only what a bare Debian has: Python's own library."""

import re
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

CLIENTS, REGISTERING = 8, 2
PAGES = ("/", "/daftar", "/lacak", "/pengaduan")
answers: Counter = Counter()
waits: list[float] = []
address, stop = sys.argv[1], Path(sys.argv[2])


def ask(browser, path: str, form: dict[str, str] | None = None) -> str:
    begun = time.monotonic()
    try:
        with browser.open(address + path, urlencode(form).encode() if form else None, timeout=60) as answer:
            answers[answer.status] += 1
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        answers[error.code] += 1
    except OSError as error:
        answers[type(error).__name__] += 1
    finally:
        waits.append(time.monotonic() - begun)
    return ""


def go(number: int) -> None:
    while not stop.exists():
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        if number >= REGISTERING:
            ask(browser, PAGES[number % len(PAGES)])
        elif token := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', ask(browser, "/daftar")):
            ask(browser, "/daftar", {"csrf_token": token[1], "notice": "y"})


clients = [threading.Thread(target=go, args=(number,)) for number in range(CLIENTS)]
for client in clients:
    client.start()
for client in clients:
    client.join()
waits.sort()
lost = sum(number for told, number in answers.items() if told != 200)
sys.stdout.write(
    f"{len(waits)} requests, {lost} lost, median {waits[len(waits) // 2] * 1000:.0f} ms, longest {waits[-1]:.2f} s; "
    f"answers {dict(answers)}\n"
)

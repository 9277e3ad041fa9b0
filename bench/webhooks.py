"""How fast Twilio's calls are answered by a running server; Twilio waits 15 s, we aim for 100 ms."""

import statistics
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from tests.builders import TEST_SETTINGS
from tests.fake_twilio import ACCOUNT, OFFICE, SETTINGS, FakeTwilio
from tests.live import LiveServer

CALLS = 500


def main() -> None:
    twilio = FakeTwilio()
    settings = {**TEST_SETTINGS, **SETTINGS, "TWILIO_API_BASE": twilio.url}
    del settings["PUBLIC_BASE_URL"]
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder), "serve", settings)
        server.run("db", "upgrade")
        try:
            server.start()
            _measure(twilio, "status reports", f"{server.url}/wa/status?o={'a' * 32}", _status)
            _measure(twilio, "inbound messages", f"{server.url}/wa/masuk", _inbound)
        finally:
            server.stop()
            twilio.close()


def _measure(twilio: FakeTwilio, title: str, url: str, form_of) -> None:
    times = []
    for number in range(CALLS):
        form = form_of(number)
        request = urllib.request.Request(url, urlencode(form).encode(), twilio.signed(url, form))
        begun = time.perf_counter()
        with urllib.request.urlopen(request, timeout=15) as answer:
            answer.read()
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    print(f"{title}: {CALLS} calls, median {statistics.median(times):.1f} ms, "
          f"99 % within {times[int(CALLS * 0.99)]:.1f} ms, slowest {times[-1]:.1f} ms")


def _status(number: int) -> dict[str, str]:
    return {"MessageSid": f"SM{number:032x}", "MessageStatus": "sent", "AccountSid": ACCOUNT}


def _inbound(number: int) -> dict[str, str]:
    return {
        "MessageSid": f"SM{number:032x}", "AccountSid": ACCOUNT, "From": f"whatsapp:+62812{number:08d}",
        "To": f"whatsapp:{OFFICE}", "Body": "Akta saya salah nama, mohon dibantu.", "NumMedia": "0",
    }

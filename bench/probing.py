"""Whether the time of an answer tells that a NIK or number is registered; the bar is 20 ms (docs/security.md A3).

Medians of fifty tries each, known and unknown in turns, over real sockets to a running server. Every
try comes from another address and names another NIK, so that no limit answers in its place.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app import create_app
from app.base.database import db
from app.registration.drafts import find_by_token, start_draft
from app.registration.photo_service import attach_photo
from app.registration.service import save_personal_data
from tests.accounts import an_account
from tests.builders import RESIDENT, an_application, photo_files
from tests.live import LiveServer
from tests.resident_pages import number_and_pin
from tests.visitor import Answer, Visitor, multipart, part, photo_part

TRIES, BAR_MS = 50, 20.0
PER_NUMBER = 5  # tries with one registration number, below the limit of its PIN
KNOWN, UNKNOWN = "known", "unknown"
WRONG = "tebakan orang lain"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder), "serve", {"TRUSTED_PROXIES": "1"})
        server.run("db", "upgrade")
        app = create_app({"LOKET_ENV": "demo", "LOKET_INSTANCE": folder, "PORT": str(server.port)})
        for number in range(TRIES):
            an_account(app, nik=_nik(KNOWN, number), whatsapp_number=_phone(number))
        try:
            server.start()
            for title, probe in _probes(app, server.port):
                _show(title, _measure(probe))
        finally:
            server.stop()


def _probes(app, port: int) -> Iterator[tuple[str, Callable[[str, int], float]]]:
    """A probe takes (known or unknown, number of the try) and gives the milliseconds of one answer."""
    yield "sign-in", lambda kind, n: _post(
        port, "/masuk", {"nik": _nik(kind, n), "password": WRONG}, n, expected=422)
    yield "forgotten password", lambda kind, n: _post(port, "/lupa-sandi", {"nik": _nik(kind, n)}, n, expected=303)
    yield "wrong code", lambda kind, n: _wrong_code(port, _nik(kind, n), n)
    yield "lost number", lambda kind, n: _lost_number(port, _nik(kind, n), n)
    yield "registration sent", lambda kind, n: _send_registration(app, port, _nik(kind, n), n)
    sent = [number_and_pin(app, an_application(app, nik=_nik("sent", n)))[0] for n in range(TRIES // PER_NUMBER)]
    numbers = {KNOWN: sent, UNKNOWN: [f"2222-22{n + 22}" for n in range(len(sent))]}
    yield "tracking", lambda kind, n: _post(
        port, "/lacak", {"number": numbers[kind][n // PER_NUMBER], "pin": "------"}, n, expected=422)


def _measure(probe: Callable[[str, int], float]) -> dict[str, float]:
    times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for number in range(TRIES):
        # whoever is second finds warmer caches, so the turns change
        for kind in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
            times[kind].append(probe(kind, number))
    return {kind: statistics.median(taken) for kind, taken in times.items()}


def _show(title: str, medians: dict[str, float]) -> None:
    apart = abs(medians[KNOWN] - medians[UNKNOWN])
    verdict = "within" if apart < BAR_MS else "OUTSIDE"
    print(f"{title:<20} known {medians[KNOWN]:6.1f} ms, unknown {medians[UNKNOWN]:6.1f} ms, "
          f"{apart:5.1f} ms apart: {verdict} {BAR_MS:.0f} ms")


def _post(port: int, path: str, fields: dict[str, str], number: int, expected: int) -> float:
    visitor = Visitor(port)
    visitor.open(path)
    return _timed(lambda: visitor.post(path, fields, X_Forwarded_For=_address(number)), expected)


def _wrong_code(port: int, nik: str, number: int) -> float:
    visitor = Visitor(port)
    visitor.open("/lupa-sandi")
    visitor.post("/lupa-sandi", {"nik": nik}, X_Forwarded_For=_address(number))
    visitor.open("/lupa-sandi/kode")
    return _timed(lambda: visitor.post("/lupa-sandi/kode", {"code": "------"}), 422)


def _lost_number(port: int, nik: str, number: int) -> float:
    visitor, path = Visitor(port), "/lupa-sandi/tanpa-whatsapp"
    visitor.open(path)
    fields = {"csrf_token": visitor.token, "nik": nik, "new_number": _phone(number + 5000)}
    parts = [part(f'name="{name}"', value.encode()) for name, value in fields.items()]
    body, kind = multipart(*parts, photo_part(photo_files()["selfie"]))
    return _timed(
        lambda: visitor.request("POST", path, body, Content_Type=kind, X_Forwarded_For=_address(number)), 303)


def _send_registration(app, port: int, nik: str, number: int) -> float:
    """A whole draft; only its sending is timed."""
    with app.app_context():
        token = start_draft(notice_version="uji", notice_text="uji", survey_consent=False)
        draft_id = find_by_token(token).id
        save_personal_data(draft_id, {**RESIDENT, "nik": nik, "whatsapp_number": _phone(number + 3000)})
        for kind, data in photo_files().items():
            attach_photo(draft_id, kind, data, f"{kind}.jpg", "")
        db.session.remove()
    visitor = Visitor(port)
    visitor.cookies["loket_draf"] = token
    visitor.open("/daftar/periksa")
    return _timed(lambda: visitor.post("/daftar/periksa", {"confirm": "ya"}), 303)


def _timed(ask: Callable[[], Answer], expected: int) -> float:
    begun = time.perf_counter()
    answer = ask()
    taken = (time.perf_counter() - begun) * 1000
    if answer.status != expected:
        raise RuntimeError(f"{answer.status} instead of {expected}: this is not the answer to be measured")
    return taken


def _nik(kind: str, number: int) -> str:
    return f"357401450590{ {KNOWN: 1000, UNKNOWN: 5000, 'sent': 8000}[kind] + number:04d}"


def _phone(number: int) -> str:
    return f"0812-0000-{1000 + number:04d}"


def _address(number: int) -> str:
    return f"10.0.{number % 250}.{1 + number // 250}"

"""An installation under a fault: visitors who read, visitors who begin a registration, somebody who registers; what
they saw while it lasted, what was lost, and whom which alarm reached."""

import contextlib
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from aiosmtpd.controller import Controller
from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from app.accounts.models import Staff
from app.base import clock, jobs
from app.base.database import db, transaction
from app.keys.proof import prove_at_start
from app.messages import states
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload
from app.office.contacts import Contact, keep_contact
from app.photos.store import StorageUnavailable
from app.process import alarms
from app.process.fsck import check
from app.registration.models import Application
from tests.builders import TEST_SETTINGS, add_staff, an_application
from tests.fake_twilio import SETTINGS, FakeTwilio
from tests.live import ROOT, LiveServer, free_port

# they ask no database; to begin a registration does
PAGES = ("/", "/healthz", "/petugas/masuk", "/lacak?number=ABCD-EFGH")
VISITORS, FAULT_SECONDS, LONGEST_RECOVERY, LEAD_SECONDS = 4, 30.0, 60.0, 8.0
PHONES = {"+6281200009001": "admin1", "+6281200009002": "supervisor1"}
ALARM_EMAIL = "ti@contoh.id"


@dataclass
class Seen:
    """`waits` are seconds by page; `answers` by status, 0 for a connection that was cut."""

    waits: dict[str, list[float]] = field(default_factory=lambda: {page: [] for page in PAGES})
    answers: Counter = field(default_factory=Counter)
    ready: Counter = field(default_factory=Counter)
    ready_wait: float = 0.0
    begins: list[float] = field(default_factory=list)
    begun: Counter = field(default_factory=Counter)


@dataclass
class House:
    """One installation; `hand` is what a fault takes hold of."""

    folder: Path
    server: LiveServer
    settings: dict[str, str]
    twilio: FakeTwilio
    letters: list[str]
    hand: object = None
    worker: subprocess.Popen | None = None

    def start_worker(self) -> None:
        self.worker = subprocess.Popen(self.server.flask("worker"), cwd=ROOT, env=self.server.environment,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def log(self) -> str:
        return self.server.log.read_text(errors="replace")


class Watched(LiveServer):
    def flask(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "bench._quick_watch"] if arguments == ("serve",) else super().flask(*arguments)


class Post:
    """Takes every letter; keeps its subject."""

    def __init__(self):
        self.subjects: list[str] = []

    async def handle_DATA(self, _server, _session, envelope):
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.subjects.append(f"{letter['Subject']} -> {letter['To']}")
        return "250 OK"


@contextlib.contextmanager
def house(settings: dict[str, str], folder: Path, hand: object = None) -> Iterator[House]:
    twilio, post = FakeTwilio(), Post()
    mail = Controller(post, hostname="127.0.0.1", port=free_port())
    mail.start()
    given = {
        **TEST_SETTINGS, **SETTINGS, "TWILIO_API_BASE": twilio.url,
        "WHATSAPP_PER_MINUTE": "100000", "WHATSAPP_DAILY_LIMIT": "0",
        "MAIL_SMTP_HOST": "127.0.0.1", "MAIL_SMTP_PORT": str(mail.port), "MAIL_SMTP_TLS": "off",
        "MAIL_FROM": "kantor@contoh.id", "ALARM_EMAIL": ALARM_EMAIL, "LOKET_INSTANCE": str(folder), **settings,
    }
    server = Watched(folder, "serve", given)
    given["PUBLIC_BASE_URL"] = server.url
    _furnish(create_app(given))
    made = House(folder, server, given, twilio, post.subjects, hand)
    made.start_worker()
    try:
        _until(given, lambda: jobs.last_beat() is not None)
        server.start()
        yield made
    finally:
        made.worker.kill()
        made.worker.wait(20)
        server.stop()
        twilio.close()
        mail.stop()


def _until(given: dict[str, str], is_so: Callable[[], bool], seconds: float = 60) -> None:
    app, deadline = create_app(given), time.monotonic() + seconds
    with app.app_context():
        while not is_so() and time.monotonic() < deadline:
            db.session.remove()
            time.sleep(0.5)
        db.session.remove()
        db.engine.dispose()


def _is_quiet() -> bool:
    return db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.state.in_(states.WAITING)).limit(1)) is None


def _furnish(app) -> None:
    with app.app_context():
        upgrade()
        prove_at_start()
        for phone, name in PHONES.items():
            add_staff(app, name, name.rstrip("1"))
            with transaction() as session:
                keep_contact(session.scalar(select(Staff).where(Staff.username == name)), Contact(phone=phone))
        db.session.remove()
    for step in ("push", "status"):
        app.test_cli_runner().invoke(args=["wa", "templates", step])
    with app.app_context():
        db.engine.dispose()


def visit(house: House, stop: threading.Event, seen: Seen) -> None:
    while not stop.is_set():
        for page in PAGES:
            begun = time.monotonic()
            seen.answers[_status(house.server.url + page)] += 1
            seen.waits[page].append(time.monotonic() - begun)
        stop.wait(0.05)


def begin(house: House, stop: threading.Event, seen: Seen) -> None:
    """A write of a page: the first step of a registration."""
    while not stop.wait(0.2):
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        begun = time.monotonic()
        try:
            page = browser.open(f"{house.server.url}/daftar", timeout=60).read().decode()
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
            sent = urlencode({"csrf_token": token, "notice": "y"}).encode()
            status = browser.open(f"{house.server.url}/daftar", sent, timeout=60).status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        seen.begun[status] += 1
        seen.begins.append(time.monotonic() - begun)


def probe(house: House, stop: threading.Event, seen: Seen) -> None:
    while not stop.wait(0.5):
        begun = time.monotonic()
        seen.ready[_ready(house)] += 1
        seen.ready_wait = max(seen.ready_wait, time.monotonic() - begun)


def register(app, stop: threading.Event, accepted: list[str], refused: list[str]) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        try:
            accepted.append(an_application(
                app, nik=f"357401450590{number:04}", whatsapp_number=f"0812-0000-{2000 + number}",
                kk_number=f"357401010110{number:04}",
            ))
        except Exception as error:  # noqa: BLE001  a refusal is what a fault makes; it is counted, and nothing was promised
            refused.append(type(error).__name__)
            stop.wait(0.5)


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _ready(house: House) -> str:
    try:
        with urllib.request.urlopen(f"{house.server.url}/readyz", timeout=60) as answer:
            return "ok" if answer.status == 200 else str(answer.status)
    except urllib.error.HTTPError as error:
        parts = re.findall(r'"(\w+)":\s*false', error.read().decode())
        return "503 " + "+".join(parts)
    except OSError:
        return "no answer"


def run(name: str, house: House, fault: Callable[[House], object], seconds: float = FAULT_SECONDS) -> None:
    """Make the fault (`fault` is a context manager), end it, wait until well, count what was lost, print a line."""
    app = create_app(house.settings)
    seen, stop, accepted, refused = Seen(), threading.Event(), [], []
    asking = [threading.Thread(target=visit, args=(house, stop, seen)) for _ in range(VISITORS)]
    asking += [threading.Thread(target=begin, args=(house, stop, seen)) for _ in range(2)]
    asking += [threading.Thread(target=probe, args=(house, stop, seen)),
               threading.Thread(target=register, args=(app, stop, accepted, refused))]
    for thread in asking:
        thread.start()
    time.sleep(LEAD_SECONDS)
    began = clock.now()
    with fault(house):
        time.sleep(seconds)
    ended = time.monotonic()
    while time.monotonic() < ended + LONGEST_RECOVERY and not _well(house):
        time.sleep(0.2)
    recovered = time.monotonic() - ended
    stop.set()
    for thread in asking:
        thread.join()
    lost, findings = _lost(app, accepted)
    _show(name, house, seen, accepted, refused, lost, findings, recovered)
    _until(house.settings, _is_quiet)
    _show_alarms(app, house, began)


def _well(house: House) -> bool:
    return all(_status(house.server.url + page) == 200 for page in PAGES) and _ready(house) == "ok"


def _lost(app, accepted: list[str]) -> tuple[int, list[str]]:
    with app.app_context():
        there = set(db.session.scalars(select(Application.id).where(Application.number.is_not(None))))
        try:
            findings = [line for line in check() if "no photo or file names it" not in line]
        except StorageUnavailable:
            findings = ["the photo store does not open"]
        db.session.remove()
        db.engine.dispose()
    return len(set(accepted) - there), findings


def _show(name, house, seen, accepted, refused, lost, findings, recovered) -> None:
    longest = max((wait for page in PAGES for wait in seen.waits[page]), default=0)
    served, failed = seen.answers[200], {code: n for code, n in seen.answers.items() if code != 200}
    why = Counter(re.findall(r'"why": "(\w+)"', house.log()))
    told = house.log()
    why.update({event: 1 for event in ("disk_full", "photo_store_unavailable", "clock_doubted") if event in told})
    print(f"\n{name}")
    print(f"  pages: {served} served, others {failed or 'none'}; longest wait {longest:.1f} s, "
          f"{max(seen.begins, default=0):.1f} s to begin a registration "
          f"({len(seen.begins)}, answers {dict(seen.begun)})")
    print(f"  registrations: {len(accepted)} accepted, {len(refused)} refused {dict(Counter(refused))}; lost {lost}; "
          f"fsck {'consistent' if not findings else findings[:3]}")
    print(f"  well again after {recovered:.1f} s; /readyz said {dict(seen.ready)}, longest {seen.ready_wait:.1f} s; "
          f"log says {dict(why) or 'nothing'}", flush=True)


def _show_alarms(app, house: House, since: datetime) -> None:
    """Who was told what since the fault began: messages of the outbox, what became of them, and letters past it."""
    with app.app_context():
        rows = db.session.scalars(select(OutboxMessage).where(
            OutboxMessage.template.in_((alarms.BEGUN, alarms.OVER)), OutboxMessage.created_at >= since,
        ).order_by(OutboxMessage.created_at))
        told = Counter()
        for row in rows:
            payload = open_payload(row)
            begun = "" if row.template == alarms.BEGUN else "over: "
            told[f"{begun}{payload.variables['masalah']} -> {PHONES.get(payload.to, payload.to)} ({row.state})"] += 1
        became = Counter(db.session.scalars(select(OutboxMessage.state)))
        db.session.remove()
        db.engine.dispose()
    past = [line for line in house.letters if "database" in line]
    print(f"  alarms: {'; '.join([*told, *past]) or 'none'}\n  messages: {dict(became)}", flush=True)

"""A fault campaign: messages against a Twilio that misbehaves, while workers are killed with -9.

Used by the tests, which assert what must hold, and by `bench`, which prints what it costs.
"""

import contextlib
import heapq
import random
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from flask_migrate import upgrade

from app import create_app
from app.base import clock
from app.base.database import db, transaction
from app.correspondence.call_task import CallTask
from app.messages import outbox, states
from app.messages.addresses import by_whatsapp, contact_index
from app.messages.models import Contact, OutboxAttempt, OutboxMessage
from tests.builders import TEST_SETTINGS
from tests.fake_twilio import SETTINGS, FakeTwilio, Fault
from tests.live import LiveServer
from tests.page_watch import PageWatch
from tests.warm_python import Process, begin

# kind of trouble -> share of the sends
FAULTS = {
    "fine": 0.55, "500 not taken": 0.07, "500 taken": 0.06, "429": 0.1, "hang not taken": 0.03, "hang taken": 0.03,
    "reset not taken": 0.05, "reset taken": 0.06, "garbage taken": 0.05,
}
KINDS = {
    "fine": Fault(), "500 not taken": Fault("error", False, 500, 20500), "500 taken": Fault("error", True, 503, 20503),
    "429": Fault("error", False, 429, 20429), "hang not taken": Fault("hang", False, seconds=0.8),
    "hang taken": Fault("hang", True, seconds=0.8), "reset not taken": Fault("reset", False),
    "reset taken": Fault("reset", True), "garbage taken": Fault("garbage", True),
}
CALLBACKS = ("sent", "delivered", "read")
LATEST_CALLBACK = 4.0
WORKERS_ARE_UP = 15.0


@dataclass
class Result:
    """What came of one campaign. `killed_in_between` counts kills between acceptance and record;
    `quiet_ms` and `web_ms` are the answers of the pages before the messages and while they went out."""

    messages: int
    seconds: float
    kills: int
    states: Counter
    lost: list[str]
    doubles: int
    unmarked_doubles: list[str]
    killed_in_between: int
    faults: Counter
    callbacks: int
    quiet_ms: list[float]
    web_ms: list[float]


class Campaign:
    """`share_of_callbacks` arrive, late and shuffled, some twice; the others never come."""

    def __init__(self, folder: Path, faults: bool = True, workers: int = 3, seed: int = 1):
        self.random = random.Random(seed)
        self.faults, self.workers = faults, workers
        self._each_once = self.random.sample(list(FAULTS), len(FAULTS))  # before they come by their shares
        self.seen: Counter = Counter()
        self.kills = self.callbacks = 0
        self.stop = threading.Event()
        self.twilio = FakeTwilio()
        self.twilio.choose_fault = self._choose
        self.twilio.on_accept = self._plan_callbacks
        self._due: list[tuple[float, str, str]] = []  # a heap, the earliest first
        self._in_flight = 0
        self._lock = threading.Lock()
        self.settings = {
            **TEST_SETTINGS, **SETTINGS, "TWILIO_API_BASE": self.twilio.url,
            "WHATSAPP_PER_MINUTE": "100000", "WHATSAPP_DAILY_LIMIT": "0",  # faults are tried here, not the pace
        }
        self.server = LiveServer(folder, "serve", self.settings)
        self.settings["PUBLIC_BASE_URL"] = self.server.url
        self.app = create_app({**self.settings, "LOKET_INSTANCE": str(folder)})
        self.processes: list[Process] = []

    def run(self, messages: int, kills: int, seconds: float, quiet_seconds: float = 0) -> Result:
        """Send `messages`; `kills` times a worker dies, at random moments of the work. Waits at most
        `seconds` for the end. Before, the pages are watched for `quiet_seconds` with idle workers."""
        with self.app.app_context():
            upgrade()
        self.server.start()
        helpers = [threading.Thread(target=self._call_back, daemon=True) for _ in range(4)]
        quiet, busy = PageWatch(self.server.url), PageWatch(self.server.url)
        try:
            for helper in helpers:
                helper.start()
            self.processes = [self._start_worker() for _ in range(self.workers)]
            if quiet_seconds:
                time.sleep(WORKERS_ARE_UP)
                with quiet:
                    time.sleep(quiet_seconds)
            begun = time.monotonic()
            with self.app.app_context():
                self._enqueue(messages)
            with busy:
                self._until_settled(begun + seconds, sorted(self.random.sample(range(1, messages), kills)))
            took = time.monotonic() - begun
        finally:
            self.stop.set()
            for process in self.processes:
                process.kill()
            for helper in helpers:
                helper.join(10)
            self.server.stop()
            self.twilio.close()
        with self.app.app_context():
            return self._result(messages, took, quiet.ms, busy.ms)

    def _enqueue(self, messages: int) -> None:
        with transaction() as session:
            for number in range(messages):
                phone = f"+62812{number:08d}"
                outbox.enqueue("akun_aktif", to=by_whatsapp(phone), about=("application", f"{number:032x}"),
                               variables={"nama": f"WARGA CONTOH {number}", "tautan": f"{self.server.url}/masuk"})
                session.add(Contact(index=contact_index(phone), last_inbound_at=clock.now()))

    def _until_settled(self, deadline: float, kill_at: list[int]) -> None:
        """`kill_at` counts sends seen by the fake, so that a slow machine is not killed idle."""
        while time.monotonic() < deadline:
            if kill_at and self.seen.total() >= kill_at[0]:
                kill_at.pop(0)
                time.sleep(self.random.uniform(0, 0.1))
                self._kill_one()
            elif not kill_at and self._waiting() == 0 and self._calls_are_done():
                break
            # asking is work for the database, which the pages should not feel
            time.sleep(0.02 if kill_at else 0.5)
        time.sleep(3.0)  # the last reports are being applied

    def _waiting(self) -> int:
        with self.app.app_context():
            left = db.session.query(OutboxMessage).filter(OutboxMessage.state.in_(states.WAITING)).count()
            db.session.remove()
            return left

    def _start_worker(self) -> Process:
        with (self.server.instance / "workers.log").open("ab") as log:
            return begin([sys.executable, "-m", "tests.fault_worker"], env=self.server.environment, stdout=log,
                         stderr=log)

    def _kill_one(self) -> None:
        index = self.random.randrange(len(self.processes))
        self.processes[index].kill()
        self.processes[index].wait()
        self.processes[index] = self._start_worker()
        self.kills += 1

    def _choose(self, _form) -> Fault:
        kind = self._next_kind() if self.faults else "fine"
        self.seen[kind] += 1
        return KINDS[kind]

    def _next_kind(self) -> str:
        with self._lock:
            if self._each_once:
                return self._each_once.pop()
        return self.random.choices(list(FAULTS), list(FAULTS.values()))[0]

    def _plan_callbacks(self, sid: str) -> None:
        """Late, shuffled, some twice, one message in ten without any."""
        if self.random.random() < 0.1:
            return
        now = time.monotonic()
        with self._lock:
            for status in (*CALLBACKS, self.random.choice(CALLBACKS)):
                heapq.heappush(self._due, (now + self.random.uniform(0, LATEST_CALLBACK), sid, status))

    def _call_back(self) -> None:
        while not self.stop.is_set():
            call = self._next_call()
            if call is None:
                time.sleep(0.05)
                continue
            _, sid, status = call
            self._post(self.twilio.callbacks[sid], self.twilio.status_form(sid, status))
            with self._lock:
                self._in_flight -= 1

    def _next_call(self) -> tuple[float, str, str] | None:
        with self._lock:
            if not self._due or self._due[0][0] > time.monotonic():
                return None
            self._in_flight += 1
            return heapq.heappop(self._due)

    def _calls_are_done(self) -> bool:
        with self._lock:
            return not self._due and not self._in_flight

    def _post(self, url: str, form: dict[str, str]) -> None:
        request = urllib.request.Request(url, urlencode(form).encode(), self.twilio.signed(url, form))
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=10) as answer:
            self.callbacks += answer.status == 204

    def _result(self, messages: int, seconds: float, quiet_ms: list[float], web_ms: list[float]) -> Result:
        rows = list(db.session.query(OutboxMessage))
        arrived = Counter(url.partition("?o=")[2] for url in self.twilio.callbacks.values())
        tasks = {task.message_id for task in db.session.query(CallTask)}
        doubled = [row for row in rows if arrived[row.id] > 1]
        died = {attempt.message_id for attempt in db.session.query(OutboxAttempt).filter_by(outcome="")}
        return Result(
            messages=messages, seconds=seconds, kills=self.kills, states=Counter(row.state for row in rows),
            lost=[row.id for row in rows if not _safe(row, arrived, tasks)],
            doubles=sum(arrived[row.id] - 1 for row in doubled),
            unmarked_doubles=[row.id for row in doubled if not row.resends],
            killed_in_between=sum(1 for message_id in died if arrived[message_id]),
            faults=self.seen, callbacks=self.callbacks, quiet_ms=quiet_ms, web_ms=web_ms,
        )


def _safe(row: OutboxMessage, arrived: Counter, tasks: set[str]) -> bool:
    """At Twilio and known to be, or with a person."""
    if row.state in states.LEFT_US:
        return arrived[row.id] >= 1
    return row.state == states.FAILED and row.id in tasks

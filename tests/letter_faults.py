"""A fault campaign for letters: SMTP that puts off, refuses, hangs up or is away, while workers are killed with -9.

The same as faults.py for the channel whose server nobody can ask what became of a letter: so whatever is in doubt
must stay with a person, and nothing may ever be handed over twice.
"""

import contextlib
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.controller import Controller
from flask_migrate import upgrade

from app import create_app
from app.base.database import db, transaction
from app.messages import outbox, states
from app.messages.addresses import EMAIL, by_email
from app.messages.models import OutboxAttempt, OutboxMessage
from tests.builders import TEST_SETTINGS
from tests.live import LiveServer, free_port
from tests.warm_python import Process, begin

# what the server does with a letter -> share of the tries
FAULTS = {"fine": 0.6, "put off": 0.12, "away": 0.08, "cut after taking": 0.08, "cut before": 0.06, "refused": 0.06}


@dataclass
class Result:
    letters: int
    seconds: float
    kills: int
    states: Counter
    lost: list[str]
    doubles: int
    killed_in_between: int
    faults: Counter


class HostilePost:
    """A server for SMTP that chooses its answer anew for every try. `taken` counts letters by Message-ID."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)
        self.seen, self.taken = Counter(), Counter()

    async def handle_MAIL(self, _server, session, envelope, address, _options):
        session.fault = self._random.choices(list(FAULTS), list(FAULTS.values()))[0]
        self.seen[session.fault] += 1
        if session.fault == "away":
            return "421 not now"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _server, session, envelope, address, _options):
        if session.fault in ("put off", "refused"):
            return "450 later" if session.fault == "put off" else "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if session.fault != "cut before":
            self.taken[re.search(rb"^Message-ID:\s*(<[^>]+>)", envelope.content, re.MULTILINE)[1].decode()] += 1
        if session.fault.startswith("cut"):
            server.transport.close()
        return "250 OK"


class LetterCampaign:
    def __init__(self, folder: Path, workers: int = 2, seed: int = 1):
        self.random, self.post, self.kills = random.Random(seed), HostilePost(seed), 0
        self.smtp = Controller(self.post, hostname="127.0.0.1", port=free_port())
        settings = {
            **TEST_SETTINGS, "MAIL_SMTP_HOST": "127.0.0.1", "MAIL_SMTP_PORT": str(self.smtp.port),
            "MAIL_SMTP_TLS": "off", "MAIL_FROM": "kantor@contoh.id",
        }
        self.house = LiveServer(folder, "serve", settings)  # only its environment: no page is asked for
        self.app = create_app({**settings, "LOKET_INSTANCE": str(folder)})
        self.workers, self.processes = workers, []

    def run(self, letters: int, kills: int, seconds: float) -> Result:
        """Send `letters`; `kills` times a worker dies, at random moments of the work. Waits at most `seconds`."""
        with self.app.app_context():
            upgrade()
            with transaction():
                for number in range(letters):
                    outbox.enqueue(
                        "akun_aktif", to=by_email(f"warga{number}@contoh.id"), about=("application", f"{number:032x}"),
                        variables={"nama": f"WARGA CONTOH {number}", "tautan": "https://loket.example/masuk"},
                    )
            db.session.remove()
        self.smtp.start()
        begun = time.monotonic()
        try:
            self.processes = [self._start_worker() for _ in range(self.workers)]
            self._until_settled(begun + seconds, sorted(self.random.sample(range(1, letters), kills)))
        finally:
            for process in self.processes:
                process.kill()
                process.wait()
            self.smtp.stop()
        with self.app.app_context():
            return self._result(letters, time.monotonic() - begun)

    def _until_settled(self, deadline: float, kill_at: list[int]) -> None:
        while time.monotonic() < deadline:
            if kill_at and self.post.seen.total() >= kill_at[0]:
                kill_at.pop(0)
                time.sleep(self.random.uniform(0, 0.1))
                self._kill_one()
            elif not kill_at and not self._moving():
                return
            time.sleep(0.02 if kill_at else 0.5)

    def _moving(self) -> int:
        with self.app.app_context():
            query = db.session.query(OutboxMessage).filter(OutboxMessage.state.in_((states.PENDING, states.SENDING)))
            left = query.count()
            db.session.remove()
            return left

    def _start_worker(self) -> Process:
        with (self.house.instance / "workers.log").open("ab") as log:
            return begin([sys.executable, "-m", "tests.fault_worker"], env=self.house.environment, stdout=log,
                         stderr=log)

    def _kill_one(self) -> None:
        index = self.random.randrange(len(self.processes))
        with contextlib.suppress(ProcessLookupError):
            self.processes[index].kill()
        self.processes[index].wait()
        self.processes[index] = self._start_worker()
        self.kills += 1

    def _result(self, letters: int, seconds: float) -> Result:
        rows = list(db.session.query(OutboxMessage).filter_by(channel=EMAIL))
        taken = {row.id: self.post.taken[outbox.open_payload(row).message_id] for row in rows}
        died = {attempt.message_id for attempt in db.session.query(OutboxAttempt).filter_by(outcome="")}
        return Result(
            letters=letters, seconds=seconds, kills=self.kills, states=Counter(row.state for row in rows),
            lost=[row.id for row in rows if not _safe(row, taken[row.id])],
            doubles=sum(count - 1 for count in taken.values() if count > 1),
            killed_in_between=sum(1 for message_id in died if taken[message_id]), faults=self.post.seen,
        )


def _safe(row: OutboxMessage, taken: int) -> bool:
    """Taken and known to be; or shown to a person as failed or in doubt."""
    return taken == 1 if row.state == states.SENT else row.state in (states.FAILED, states.UNKNOWN)

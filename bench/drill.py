"""A machine is lost: 2,000 registrations, a backup while people register, an erasure and messages sent after it, then
the machine is killed and its folder removed, and everything comes back on another one. SQLite with a folder,
PostgreSQL with S3; what is lost, what came back that should not, RPO and RTO.

    python -m bench drill                                    # both, ten minutes
    DRILL_REGISTRATIONS=200 DRILL_CLERKS=1 python -m bench drill
    DRILL_ONLY=PostgreSQL python -m bench drill

Clerks are processes that register through the residents' own services; whatever those returned from was acknowledged.
"""

import contextlib
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import create_app
from app.base.database import db
from app.base.problems import DomainError
from app.keys.proof import prove_at_start
from app.messages import dispatcher, states
from app.messages.models import OutboxMessage
from app.registration.models import Application
from app.retention.records import erase_everything
from tests.builders import TEST_SETTINGS, an_application
from tests.live import ROOT, LiveServer
from tests.postgres import running_server
from tests.s3_server import running_s3_server

REGISTRATIONS = int(os.environ.get("DRILL_REGISTRATIONS", "2000"))
CLERKS = int(os.environ.get("DRILL_CLERKS", "3"))
HELD_BACK = 10  # of a clerk's registrations one in ten, the last ones, is made while the backup runs or after it
IDENTITY = pyrage.x25519.Identity.generate()


@dataclass
class Machine:
    """`settings` name a database and a photo store of its own; nothing of it is left after `lose`."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, str]:
        return {**TEST_SETTINGS, "LOKET_INSTANCE": str(self.folder), "BACKUP_RECIPIENT": str(IDENTITY.to_public()),
                "WHATSAPP_DAILY_LIMIT": "0", **self.settings}

    def run(self, *arguments: str) -> str:
        """A command of the product. Raises CalledProcessError."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments], cwd=ROOT, env={**kept, **self.given},
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout

    @contextlib.contextmanager
    def opened(self) -> Iterator:
        app = create_app(self.given)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def main() -> None:
    wanted = os.environ.get("DRILL_ONLY", "")
    if "SQLite".startswith(wanted):
        _on_sqlite()
    if "PostgreSQL".startswith(wanted):
        _on_postgres()


def _on_sqlite() -> None:
    with tempfile.TemporaryDirectory() as folder:
        above = Path(folder)
        machines = Machine(_made(above / "one")), Machine(_made(above / "two"))
        drill("SQLite and a folder", *machines, str(above / "backup"))


def _on_postgres() -> None:
    with tempfile.TemporaryDirectory() as folder, running_server(()) as server, running_s3_server() as store:
        above, machines = Path(folder), []
        for name in ("one", "two"):
            server.create(name)
            machines.append(Machine(_made(above / name), {
                **store.aws, "DATABASE_URL": server.url(name), "PHOTOS_URL": f"s3://{store.new_bucket()}/foto",
            }))
        drill("PostgreSQL and S3", *machines, f"s3://{store.new_bucket()}/loket")


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


def drill(title: str, first: Machine, second: Machine, target: str) -> None:
    with first.opened():
        upgrade()
        prove_at_start()
    web = LiveServer(first.folder, "serve", {k: v for k, v in first.given.items() if k != "LOKET_INSTANCE"}).start()
    before, while_it_ran, backup = _work_and_back_up(first, target)
    time.sleep(5)
    erased = sorted(before)[0]
    with first.opened():
        erase_everything(erased, "deletions")
        sent = dispatcher.deliver_due()  # a part of what waited goes out after the backup
        late = an_application(create_app(first.given), **_person(9, 1))
    web.kill()
    lost_at = time.monotonic()
    shutil.rmtree(first.folder)

    identity = second.folder.with_suffix(".key")
    identity.write_text(f"{IDENTITY}\n")
    said = second.run("restore", target, "--identity", str(identity))
    restored = time.monotonic() - lost_at
    fsck = second.run("fsck").strip().splitlines()[-1]
    print(f"\n{title}: {len(before)} registrations before the backup began, {len(while_it_ran)} while it ran, "
          f"1 after it\n  backup: {backup}")
    _show(second, before, while_it_ran, erased, late, sent)
    print(f"  fsck says: {fsck}; {re.search('RPO.*', said)[0]}; {restored:.0f} s from the loss to the last photo",
          flush=True)


def _work_and_back_up(machine: Machine, target: str) -> tuple[set[str], set[str], str]:
    """(ids acknowledged before the backup began, ids acknowledged while it ran, what it said)"""
    new = multiprocessing.get_context("spawn")  # the store of photos has threads, which a fork would cut off
    told = new.Queue()
    clerks = [new.Process(target=_clerk, args=(machine.given, number, told)) for number in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    last = REGISTRATIONS - REGISTRATIONS // HELD_BACK
    before = {told.get() for _ in range(last)}
    began = time.monotonic()
    said = machine.run("backup", target).strip().splitlines()[-1]
    took = time.monotonic() - began
    meanwhile = set()
    while not told.empty():
        meanwhile.add(told.get())
    for _ in range(last + len(meanwhile), CLERKS * (REGISTRATIONS // CLERKS)):
        told.get()  # of after the backup
    for clerk in clerks:
        clerk.join()
    return before, meanwhile, f"{took:.0f} s, {said}"


def _clerk(given: dict[str, str], number: int, told) -> None:
    app = create_app(given)
    for turn in range(REGISTRATIONS // CLERKS):
        acknowledged = None
        while acknowledged is None:
            # a page would say 503, and the resident would send it again
            with contextlib.suppress(OperationalError, DomainError):
                acknowledged = an_application(app, **_person(number, turn))
        told.put(acknowledged)


def _person(clerk: int, turn: int) -> dict[str, str]:
    born = f"{turn % 28 + 1:02d}{turn // 28 % 12 + 1:02d}{60 + clerk:02d}"
    return {"nik": f"357401{born}{turn + 1:04d}", "whatsapp_number": f"0812-{clerk}{turn:04d}-777",
            "kk_number": f"357401{clerk + 1:02d}1101{turn + 1:04d}"}


def _show(machine: Machine, before: set[str], while_it_ran: set[str], erased: str, late: str, sent: int) -> None:
    with machine.opened():
        rows = {row.id: row for row in db.session.scalars(select(Application))}
        waiting = list(db.session.scalars(select(OutboxMessage.state).where(
            OutboxMessage.state.in_((*states.WAITING, states.UNKNOWN)))))
        is_erased = rows[erased].erased_at is not None
        again = dispatcher.deliver_due()
    held = waiting.count(states.UNKNOWN)
    print(f"  acknowledged before it and not there: {len(before - rows.keys())}; of those while it ran, "
          f"{len(while_it_ran & rows.keys())} are in it; the one after it is {'there' if late in rows else 'gone'}")
    print(f"  who was erased after it is {'still erased' if is_erased else 'BACK'}; {sent} messages had gone since; "
          f"{held} of {len(waiting)} that wait are held, {again} went out by themselves")

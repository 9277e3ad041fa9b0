"""Two `flask serve` on one address that somebody else holds, as under systemd (deploy/systemd), and their clients."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.live import ROOT
from tests.visitor import Visitor

READY_SECONDS = 120
PRESSES = 5
INSTANCES = (0, 1)
# as systemd starts a service: the address is descriptor 3, and the process is named that shall have it
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


class SharedAddress:
    """`root` is the folder of the program: an upgrade changes it."""

    def __init__(self, instance: Path, settings: dict[str, str] | None = None, root: Path = ROOT):
        self.instance, self.root = instance, root
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self._socket.getsockname()[1]
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment = {
            **kept, "LOKET_ENV": "demo", "LOKET_INSTANCE": str(instance), "PORT": str(self.port), **(settings or {}),
        }
        self.processes: dict[int, subprocess.Popen] = {}

    def run(self, *arguments: str) -> str:
        """Raises CalledProcessError."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments], cwd=self.root, env=self.environment,
            check=True, capture_output=True, text=True,
        ).stdout

    def begin(self, number: int) -> None:
        """Returns when the process says that it answers. Raises TimeoutError."""
        told = self.instance / f"notify-{number}"
        told.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(told))
            manager.settimeout(READY_SECONDS)
            descriptor = self._socket.fileno()
            command = [sys.executable, "-c", HAND_OVER, str(descriptor), "-m", "flask", "--app", "wsgi", "serve"]
            with (self.instance / "server.log").open("ab") as log:
                self.processes[number] = subprocess.Popen(
                    command, cwd=self.root, env={**self.environment, "NOTIFY_SOCKET": str(told)},
                    pass_fds=(descriptor,), stdout=log, stderr=log,
                )
            while b"READY=1" not in manager.recv(4096):
                pass

    def restart(self, number: int) -> None:
        """As `systemctl restart` does: the old one ends, the new one says that it is there."""
        self.processes[number].terminate()
        self.processes[number].wait(60)
        self.begin(number)

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(60)
        self._socket.close()


class Timed(Visitor):
    """Notes how long each request took, in seconds, and presses a button again whose page says that it is busy."""

    def __init__(self, port: int, waits: list[float], answers: Counter):
        super().__init__(port)
        self._waits, self._answers = waits, answers

    def post(self, *asked, **headers):
        for _ in range(PRESSES):
            answer = super().post(*asked, **headers)
            if answer.status != 503:
                break
            self._answers["busy, pressed again"] += 1
            time.sleep(1)
        return answer

    def request(self, *asked, **headers):
        begun = time.monotonic()
        try:
            return super().request(*asked, **headers)
        except OSError as cut:
            raise ConnectionError(f"{asked[:2]} after {time.monotonic() - begun:.1f} s: {cut}") from cut
        finally:
            self._waits.append(time.monotonic() - begun)


@dataclass
class Load:
    """Clients that ask, rest for `pause` seconds, and ask again: most read, two register. What went wrong stands in
    `lost`, waits in seconds."""

    port: int
    clients: int = 8
    pause: float = 0
    answers: Counter = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(number,)) for number in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _go(self, number: int) -> None:
        while not self._stop.is_set():
            try:
                self._register() if number < 2 else self._read(("/", "/daftar", "/lacak", "/pengaduan")[number % 4])
            except (OSError, AssertionError, http.client.HTTPException) as error:
                self.lost.append(f"{type(error).__name__}: {error}")
            self._stop.wait(self.pause)

    def _read(self, path: str) -> None:
        answer = Timed(self.port, self.waits, self.answers).request("GET", path)
        self.answers[answer.status] += 1
        if answer.status >= 500:
            raise AssertionError(f"{path} {answer.status}")

    def _register(self) -> None:
        Timed(self.port, self.waits, self.answers).begins()
        self.answers["begun"] += 1


def newer_version(target: Path) -> Path:
    """A copy of the program with one migration more: a column of the largest table, an index, and a table."""
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".git", ".venv", "instance", "__pycache__"))
    models = target / "app/registration/models.py"
    text = models.read_text()
    column = "    erased_at: Mapped["
    assert column in text
    added = "    upgrade_note: Mapped[str | None] = mapped_column(String(40))\n"
    models.write_text(text.replace(column, added + column, 1))
    jobs = target / "app/base/jobs.py"
    jobs.write_text(jobs.read_text() + (
        '\n\nclass UpgradeProof(Base):\n    __tablename__ = "upgrade_proof"\n\n'
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    ))
    versions = target / "app/migrations/versions"
    head = max(path.stem for path in versions.glob("[0-9]*.py")).partition("_")[0]
    (versions / "9999_proof.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "9999"\ndown_revision = "{head}"\n\n\ndef upgrade():\n'
        '    op.create_table("upgrade_proof", sa.Column("id", sa.Integer(), primary_key=True))\n'
        '    op.add_column("application", sa.Column("upgrade_note", sa.String(40)))\n\n\ndef downgrade():\n    pass\n'
    )
    return target

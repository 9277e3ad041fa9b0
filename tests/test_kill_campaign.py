"""kill -9 of the web process at random moments while residents upload and send (docs/security.md).

Whatever was acknowledged is there after the restart, whatever is sent again is there once, and
`flask fsck` agrees every time. KILL_ROUNDS shortens the campaign, KILL_SEED repeats one.
"""

import os
import random
import re
import secrets
import threading
import time
from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import func, select

from app import create_app
from app.base.database import db
from app.messages.models import OutboxMessage
from app.registration.drafts import find_by_token
from app.registration.models import Application, Photo
from tests.builders import PHOTO_SLUGS, RESIDENT
from tests.live import LiveServer
from tests.picture_parts import card, encoded
from tests.visitor import Answer, Visitor

ROUNDS = int(os.environ.get("KILL_ROUNDS", "200"))
SEED = int(os.environ.get("KILL_SEED", secrets.randbelow(10**6)))
DEVICES = 4
# A life ends this many answers after the start, and a moment later: on a busy machine, too, most
# kills then meet a photo or a submission on its way.
ANSWERS_IN_A_LIFE, MOMENT_SECONDS, LONGEST_LIFE_SECONDS = (1, 16), 0.08, 30
PICTURE = encoded(card(640, 410))


class Over(Exception):
    """The campaign has ended."""


class Campaign:
    """What the devices share: whether the server is up, and everybody's ledger."""

    def __init__(self, port: int):
        self.port = port
        self.up, self.over = threading.Event(), threading.Event()
        self.residents: list[Registering] = []
        self.faults: list[str] = []
        self.cut = self.answered = 0
        self._lock = threading.Lock()

    def live(self, answers: int, moment: float) -> None:
        """Let everybody work until so many more requests were answered, and `moment` seconds on top."""
        enough, deadline = self.answered + answers, time.monotonic() + LONGEST_LIFE_SECONDS
        self.up.set()
        while self.answered < enough and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(moment)
        self.up.clear()

    def newcomer(self) -> "Registering":
        with self._lock:
            self.residents.append(Registering(self, len(self.residents) + 1))
            return self.residents[-1]

    def device(self) -> None:
        """One telephone after the other, until the end."""
        try:
            while True:
                self.newcomer().registers()
        except Over:
            return
        except Exception as error:  # noqa: BLE001  (a thread's own traceback would be lost)
            self.faults.append(repr(error))


class Registering:
    """A resident who sends everything again until it is acknowledged, and remembers what was."""

    def __init__(self, campaign: Campaign, serial: int):
        self.campaign, self.visitor = campaign, Visitor(campaign.port)
        self.person = {**RESIDENT, "nik": f"357401450590{serial:04d}"}
        self.photos: dict[str, str] = {}
        self.number = ""

    def registers(self) -> None:
        visitor = self.visitor
        self._insist(lambda: visitor.open("/daftar"))
        self._insist(lambda: visitor.post("/daftar", {"notice": "y"}), 303)
        self._insist(lambda: visitor.post("/daftar/data", self.person), 303)
        for slug, kind in PHOTO_SLUGS.items():
            upload_id = secrets.token_hex(16)
            self._insist(lambda s=slug, u=upload_id: visitor.upload(f"/daftar/{s}", PICTURE, u), 303)
            self.photos[kind] = upload_id
        self._insist(lambda: visitor.post("/daftar/periksa", {"confirm": "ya"}), 303)
        receipt = self._insist(lambda: visitor.open("/daftar/selesai"))
        self.number = re.search(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b", receipt.text).group()

    def _insist(self, send: Callable[[], Answer], expected: int = 200) -> Answer:
        while True:
            self.campaign.up.wait()
            if self.campaign.over.is_set():
                raise Over
            try:
                answer = send()
            except OSError:
                self.campaign.cut += 1
                time.sleep(0.01)
                continue
            if answer.status == 503:  # all places for photos are taken: the page asks to press again
                time.sleep(0.1)
                continue
            self.campaign.answered += 1
            assert answer.status == expected, f"{answer.status} instead of {expected}: {answer.text[:500]}"
            return answer


@pytest.fixture
def server(tmp_path):
    made = LiveServer(tmp_path, "serve")
    assert made.run("db", "upgrade").returncode == 0
    yield made
    made.stop()


@pytest.fixture
def looking(server):
    """The same data seen from here: an app on the server's folder."""
    app = create_app({"LOKET_ENV": "demo", "LOKET_INSTANCE": str(server.instance)})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def lost_or_doubled(resident: Registering) -> list[str]:
    """Compares the ledger of one resident with the database."""
    application = find_by_token(resident.visitor.cookies.get("loket_draf", ""))
    faults = []
    for kind, upload_id in resident.photos.items():
        rows = [photo for photo in application.photos if photo.kind == kind]
        if [photo.upload_id for photo in rows] != [upload_id]:
            faults.append(f"{resident.person['nik']}: {len(rows)} photos of {kind}, acknowledged one")
    if resident.number and (application.number, application.status) != (resident.number, "submitted"):
        faults.append(f"{resident.person['nik']}: acknowledged {resident.number}, is {application.status}")
    return faults


def sent_twice() -> list[str]:
    sent = select(Application.nik_index).where(Application.submitted_at.is_not(None))
    twice = db.session.scalars(sent.group_by(Application.nik_index).having(func.count() > 1)).all()
    told = select(OutboxMessage.about_id).where(OutboxMessage.template == "pendaftaran_diterima")
    doubly = db.session.scalars(told.group_by(OutboxMessage.about_id).having(func.count() > 1)).all()
    return [f"sent twice: {index}" for index in twice] + [f"told twice: {about}" for about in doubly]


def flask(app, *arguments: str) -> Result:
    """The command itself, without the seconds a new process takes to start."""
    with app.app_context():
        result = app.test_cli_runner().invoke(args=arguments)
        db.session.remove()
    return result


def check(app, residents: list[Registering]) -> list[str]:
    fsck = flask(app, "fsck")
    found = [] if fsck.exit_code == 0 else [f"fsck: {fsck.output}{fsck.exception!r}"]
    with app.app_context():
        found += [fault for resident in residents for fault in lost_or_doubled(resident)] + sent_twice()
        db.session.remove()
    return found


def sweep(app, instance) -> int:
    """All objects grow old; those without a row are found, then removed. Returns how many there were."""
    for path in (instance / "photos").rglob("*"):
        os.utime(path, (time.time() - 7200,) * 2)
    orphans = flask(app, "fsck").output.count("no photo names it")
    assert flask(app, "fsck", "--sweep").exit_code == 0
    with app.app_context():
        rows = db.session.scalar(select(func.count()).select_from(Photo))
        db.session.remove()
    files = [path for path in (instance / "photos").rglob("*") if path.is_file()]
    assert len(files) == 2 * rows, "the store holds exactly the photos and their small copies"
    return orphans


@pytest.mark.server
@pytest.mark.long
def test_nothing_acknowledged_is_lost_or_doubled_by_killing_the_server(server, looking):
    print(f"\nKILL_SEED={SEED} KILL_ROUNDS={ROUNDS}")
    moments, campaign = random.Random(SEED), Campaign(server.port)
    devices = [threading.Thread(target=campaign.device, daemon=True) for _ in range(DEVICES)]
    for device in devices:
        device.start()
    for _ in range(ROUNDS):
        server.start()
        campaign.live(moments.randint(*ANSWERS_IN_A_LIFE), moments.uniform(0, MOMENT_SECONDS))
        server.kill()
        faults = [*check(looking, campaign.residents[-2 * DEVICES:]), *campaign.faults]
        assert not faults, faults
    campaign.over.set()
    campaign.up.set()
    for device in devices:
        device.join(30)
    assert not check(looking, campaign.residents)
    report(campaign, sweep(looking, server.instance))


def report(campaign: Campaign, orphans: int) -> None:
    done = [resident for resident in campaign.residents if resident.number]
    photos = sum(len(resident.photos) for resident in campaign.residents)
    print(f"{ROUNDS} kills, {campaign.cut} requests cut, {photos} photos and {len(done)} registrations "
          f"acknowledged, none lost, none doubled; {orphans} orphaned objects swept")
    assert campaign.cut and photos and done, "the campaign hit nothing"

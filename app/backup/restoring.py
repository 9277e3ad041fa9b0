"""Bring a backup back onto an empty machine, without its two old wrongs: who was erased stays erased, and nothing is
sent twice.

What waits in the outbox of a backup may have gone since. It is in doubt now, like a message whose worker died: the
gateway's own list is asked for each, what it does not know goes out, and what nobody can tell becomes a line for staff.
"""

import json
import secrets
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, make_url, text, update

from app.accounts.models import SignIn
from app.backup import dump, erased
from app.backup.making import scratch, sha256_of
from app.backup.target import COPIES, DATABASE, MANIFEST, Target, TargetUnusable, photo_name
from app.base import clock, clock_guard, journal, kept_keys
from app.base.database import db, end_reading, transaction
from app.base.jobs import WorkerBeat, WorkerJob
from app.base.services import photo_store, settings
from app.keys import proof
from app.keys.places import objects_in_use
from app.messages import states
from app.messages.models import OutboxMessage
from app.settings.settings import for_programs

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 4


@dataclass(frozen=True)
class Restored:
    """`age` is how old the backup was: what was acknowledged in that time is lost (RPO). `seconds` is how long the
    restore took (RTO, without finding a machine)."""

    copy: str
    age: timedelta
    seconds: float
    photos: int
    missing: int
    erased: int
    held: int


def restore(source: Target, copy: str | None, say: Callable[[str], None]) -> Restored:
    """Raises TargetUnusable, dump.NotEmpty, dump.DumpFailed, proof.KeysRefused."""
    began = time.monotonic()
    copy = _chosen(source, copy)
    with scratch() as folder:
        manifest = json.loads(source.get_sealed(f"{COPIES}/{copy}/{MANIFEST}"))
        database = folder / DATABASE
        source.get_file(f"{COPIES}/{copy}/{DATABASE}", database)
        if sha256_of(database) != manifest["sha256"]:
            raise TargetUnusable(f"the database of copy {copy} is damaged")
        dump.load(database, manifest["engine"])
    kept_keys.forget_cache()
    say(f"database of {manifest['at']} is back")
    from flask_migrate import upgrade  # loads Alembic, a tenth of every start

    upgrade()
    proof.prove_at_start()
    photos, missing = _bring_photos(source)
    say(f"{photos} photos are back" + (f", {missing} are not in the backup" if missing else ""))
    at = datetime.fromisoformat(manifest["at"])
    held = _settle(copy, at)
    again = erased.apply({**source.erased(), **photo_store().notes()})
    return Restored(copy, clock.now() - at, time.monotonic() - began, photos, missing, again, held)


def check(source: Target, copy: str | None, identity: Path | None, say: Callable[[str], None]) -> bool:
    """Restore into a scratch place and run fsck there. Whether it is whole."""
    copy = _chosen(source, copy)
    with scratch() as folder, _scratch_database(folder) as database_url:
        arguments = ["restore", source.url, "--copy", copy, *(["--identity", str(identity)] if identity else [])]
        for command in (arguments, ["fsck"]):
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, capture_output=True, text=True,
                env=_scratch_environment(folder, database_url), check=False,
            )
            for line in done.stdout.splitlines():
                say(f"  {line}")
            if done.returncode:
                say(f"  {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
                return False
    return True


def _chosen(source: Target, copy: str | None) -> str:
    copies = source.copies()
    if not copies:
        raise TargetUnusable(f"there is no finished backup in {source.url}")
    if copy and copy not in copies:
        raise TargetUnusable(f"there is no finished copy {copy}; there are: {', '.join(copies)}")
    return copy or copies[0]


def _bring_photos(source: Target) -> tuple[int, int]:
    """Only what a row names. (how many, how many the backup does not have)"""
    store, app = photo_store(), current_app._get_current_object()
    wanted = sorted({key for _, key, _ in objects_in_use()})
    end_reading()

    def one(key: str) -> bool:
        with app.app_context():
            try:
                store.put_new(key, source.get_sealed(photo_name(key)))
            except FileNotFoundError:
                return store.exists(key)
            return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        came = sum(pool.map(one, wanted))
    return came, len(wanted) - came


def _settle(copy: str, at: datetime) -> int:
    """What was true when the backup was made and is not any more. Returns how many messages are held."""
    now = clock.now()
    clock_guard.confirm(journal.SYSTEM)  # a person is here, and the time since the backup is no jump
    with transaction() as session:
        held = session.execute(update(OutboxMessage).where(OutboxMessage.state.in_(states.WAITING)).values(
            state=states.UNKNOWN, state_at=now, next_try_at=now, lease_token=None, lease_until=None,
        )).rowcount
        session.execute(delete(WorkerBeat))
        session.execute(update(WorkerJob).values(next_run_at=now, lease_token=None, lease_until=None))
        # whoever was signed in then may have been shut out since
        session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now))
        journal.record("restored", actor=journal.SYSTEM, about=("installation", ""),
                       detail={"copy": copy, "at": at.isoformat(), "held": held})
    return held


@contextmanager
def _scratch_database(folder: Path):
    """The URL of a database for nothing else, gone afterwards."""
    if dump.engine_name() == dump.SQLITE:
        yield f"sqlite:///{folder / 'scratch.sqlite3'}"
        return
    url, name = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]), f"loket_check_{secrets.token_hex(6)}"
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def _scratch_environment(folder: Path, database_url: str) -> dict[str, str]:
    """The same keys, and nothing else of this installation: no gateway, no mailbox, no photo store."""
    keys = settings()
    return {
        **for_programs(), **keys.s3, "LOKET_ENV": "demo", "LOKET_INSTANCE": str(folder / "instance"),
        "DATABASE_URL": database_url,
        "PHOTOS_URL": str(folder / "photos"), "SECRET_KEY": keys.secret_key, "CITY_FILE": str(keys.city_file),
        "SEALING_KEYS": ",".join(f"{name}:{b64encode(key).decode()}" for name, key in keys.sealing_keys),
        "INDEX_KEY": ",".join(b64encode(key).decode() for key in keys.index_keys),
    }

"""Who looks for alarms: a thread of each web process, and a job of the worker. Each sees what the other cannot.

The web process sees a silent worker, and a database that is away: then no row can be read, so only the address of the
settings hears, straight from here. The worker sees the public address as a resident does: whether anybody answers
there, and how long its certificate lasts.
"""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.base import clock
from app.base.database import db
from app.base.ids import new_id
from app.base.services import city, settings
from app.messages.addresses import EMAIL
from app.messages.choose_gateway import gateway
from app.messages.email.smtp import new_message_id
from app.messages.gateway import Heading, Outgoing
from app.process import alarms
from app.process.alarms import OF_ALL, SILENT_AFTER, Trouble

LOOK_SECONDS = 60
AWAY_SECONDS = 120
ASK_SECONDS = 10
CERTIFICATE_ENDS = timedelta(days=14)

log = structlog.get_logger()


class Watchman:
    """Of one web process. `since` is when the database was last seen to fail, in seconds of a clock of its own."""

    def __init__(self, app: Flask):
        self._app, self._since, self._told = app, None, False

    def start(self) -> None:
        threading.Thread(target=self._walk, name="watchman", daemon=True).start()

    def _walk(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """`now` in seconds. Never raises: nobody is there to hear."""
        with self._app.app_context():
            try:
                db.session.connection()
                alarms.look({**OF_ALL, "worker-diam": alarms.worker_silent})
                self._since, self._told = None, False
            except (DBAPIError, PoolTimeout):
                self._since = self._since if self._since is not None else now
                if now - self._since >= AWAY_SECONDS and not self._told:
                    self._told = tell_without_database()
            except Exception as error:
                log.exception("watchman_stumbled", kind=type(error).__name__)
            finally:
                db.session.remove()


def tell_without_database() -> bool:
    """Whether anybody could be told."""
    way, to = gateway(EMAIL), settings().alarm_email
    log.error("alarm", alarm="database-diam")
    if way is None or not to:
        return False
    problem = "database tidak menjawab selama dua menit"
    text = (
        f"Loket {city().short_name}: {problem}. Halaman yang membutuhkannya menjawab 503; yang sudah tersimpan aman.\n"
        "Periksa server database dan ruang disk. Petunjuk: docs/running.md, database-diam.\n"
    )
    way.send(Outgoing(
        reference=new_id(), to=to, title=alarms.subject_of(alarms.BEGUN, problem), text=text, masked=text,
        heading=Heading(new_message_id(), (), True, clock.now()),
    ))
    return True


# The worker's half.

class Outside:
    """What is known of the public address; in the memory of one worker, as it is asked every minute."""

    failing_since: float | None = None
    certificate_ends: datetime | None = None


def watch_house() -> None:
    """A job of the worker. The demo has no public address and nobody to tell."""
    if settings().demo:
        return
    alarms.look({**OF_ALL, "web-diam": web_silent, "sertifikat-habis": certificate_ending})


def web_silent() -> Trouble | None:
    try:
        status, Outside.certificate_ends = ask(settings().public_base_url)
        answers = status < 500
    except (OSError, HTTPException):
        answers = False
    now = time.monotonic()
    if answers:
        Outside.failing_since = None
        return None
    Outside.failing_since = Outside.failing_since if Outside.failing_since is not None else now
    if now - Outside.failing_since < SILENT_AFTER.total_seconds():
        return None
    return Trouble(f"{settings().public_base_url} tidak menjawab selama lima menit",
                   "periksa proses web, proxy, dan nama domain")


def certificate_ending() -> Trouble | None:
    ends = Outside.certificate_ends
    if ends is None or ends - clock.now() > CERTIFICATE_ENDS:
        return None
    return Trouble(f"sertifikat alamat umum habis {ends:%d-%m-%Y}", "perbarui sertifikatnya")


def ask(base: str) -> tuple[int, datetime | None]:
    """Status of the public /healthz, and until when its certificate is good. Raises OSError, HTTPException."""
    parts = urlsplit(base)
    if parts.scheme == "https":
        connection: HTTPConnection = HTTPSConnection(
            parts.hostname, parts.port, timeout=ASK_SECONDS, context=ssl.create_default_context(),
        )
    else:
        connection = HTTPConnection(parts.hostname, parts.port, timeout=ASK_SECONDS)
    try:
        connection.connect()
        ends = _end_of_certificate(connection.sock)
        connection.request("GET", "/healthz")
        return connection.getresponse().status, ends
    finally:
        connection.close()


def _end_of_certificate(sock: socket.socket) -> datetime | None:
    shown = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC) if shown else None

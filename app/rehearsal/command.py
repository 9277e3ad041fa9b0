"""`flask --app wsgi rehearse` and `... twilio-stand-in`: for staging and the demo, never for residents."""

import json
import threading
import time
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import click
import structlog
from flask.cli import with_appcontext

from app.base.private_files import PRIVATE_FILE
from app.base.services import settings
from app.rehearsal.journey import STEPS, Rehearsal, Stumble, officers_go
from app.rehearsal.twilio import DELIVERED, SENT, Account, StandIn

STAND_IN_PORT = 8155
KEPT_IN = "twilio-stand-in.json"
REPORT_AFTER_SECONDS = 1
REPORT_SECONDS = 10

log = structlog.get_logger()


@click.command("rehearse")
@click.option("--base", default="", help="Another address of this installation than its public one.")
@with_appcontext
def rehearse_command(base: str) -> None:
    """Walk the whole journey against this installation and report each step. Exit code 1 when one fails."""
    if settings().env == "production":
        raise click.ClickException("rehearse runs in staging or in the demo: it makes invented people")
    going, begun = Rehearsal(base or settings().public_base_url), time.monotonic()
    well = True
    for title, step in STEPS:
        started = time.monotonic()
        well, told = _walked(step, going)
        click.echo(f"[{'BAIK' if well else 'GAGAL':^5}] {title}: {told} ({time.monotonic() - started:.1f} s)")
        if not well:
            break
    officers_go(going)
    click.echo(f"{'Gladi selesai' if well else 'Gladi terhenti'} setelah {time.monotonic() - begun:.0f} s.")
    raise SystemExit(0 if well else 1)


def _walked(step, going: Rehearsal) -> tuple[bool, str]:
    try:
        return True, step(going)
    except Stumble as stumble:
        return False, str(stumble)
    except Exception as error:  # noqa: BLE001  whatever it met is the report
        return False, f"{type(error).__name__}: {error}"[:200]


@click.command("twilio-stand-in")
@click.option("--port", default=STAND_IN_PORT, show_default=True)
@with_appcontext
def stand_in_command(port: int) -> None:
    """Take the messages of a staging installation as Twilio would, and report them as delivered."""
    ours = settings()
    if ours.env == "production" or ours.twilio is None:
        raise click.ClickException("needs staging or the demo, with WHATSAPP_GATEWAY=twilio")
    stand_in = Reporting(Account(
        ours.twilio.account_sid, ours.twilio.api_key, ours.twilio.api_secret, ours.twilio.auth_token,
        ours.twilio.sender,
    ), port)
    click.echo(f"Tiruan Twilio di {stand_in.url} (TWILIO_API_BASE)")
    threading.Event().wait()


class Reporting(StandIn):
    """Reports what it took, and remembers its messages and templates over a restart."""

    def __init__(self, account: Account, port: int):
        self._file = settings().instance / KEPT_IN
        super().__init__(account, port)
        if self._file.exists():
            kept = json.loads(self._file.read_text())
            self.messages, self.content.templates = kept["messages"], kept["templates"]
        self.content.on_change = self._keep

    def on_accept(self, sid: str) -> None:
        log.info("stand_in_took", sid=sid)
        self._keep()
        threading.Timer(REPORT_AFTER_SECONDS, self._report, (sid,)).start()

    def _keep(self) -> None:
        with self.lock:
            passing = self._file.with_suffix(".new")
            passing.touch(mode=PRIVATE_FILE)
            passing.write_text(json.dumps({"messages": self.messages, "templates": self.content.templates}))
            passing.replace(self._file)

    def _report(self, sid: str) -> None:
        address = self.callbacks.get(sid)
        for status in (SENT, DELIVERED) if address else ():
            form = self.status_form(sid, status)
            self.messages[sid]["status"] = status
            body = urlencode(form).encode()
            try:
                with urlopen(Request(address, body, self.signed(address, form)), timeout=REPORT_SECONDS):  # noqa: S310
                    pass
            except OSError as error:
                log.warning("stand_in_report_failed", sid=sid, kind=type(error).__name__)

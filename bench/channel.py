"""A day of 1,000 invented registrations an hour against the messages of real residents, on a simulated
clock, both engines. Printed are counts, never durations of the machine.

`CHANNEL_HOURS` shortens the flood (default 24; the real messages go on for the whole day).
"""

import os
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from flask_migrate import upgrade

from app import create_app
from app.base import clock
from app.base.database import db
from app.messages.quota import WITHHELD
from bench import _flood
from tests.builders import TEST_SETTINGS
from tests.messaging import FakeGateway, use_gateway
from tests.postgres import running_server

AN_HOUR = 1_000
KINDS = {"none": "no sign in common", "network": "one network", "pattern": "NIKs that differ in the serial only"}


class Noting(FakeGateway):
    """Keeps when each message went out, and to whom."""

    def __init__(self):
        super().__init__()
        self.when: list[tuple[datetime, str]] = []

    def send(self, outgoing):
        self.when.append((clock.now(), outgoing.to))
        return super().send(outgoing)


def main() -> None:
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            _measure("SQLite", kind, folder, {})
    with running_server() as server:
        for kind in KINDS:
            server.create(f"channel_{kind}")
            with tempfile.TemporaryDirectory() as folder:
                _measure("PostgreSQL", kind, folder, {"DATABASE_URL": server.url(f"channel_{kind}")})


def _measure(engine: str, kind: str, folder: str, more: dict[str, str]) -> None:
    moment = [datetime(2026, 11, 23, 3, 0, 10, tzinfo=UTC)]

    def move(by: timedelta) -> None:
        moment[0] += by

    def now(zone) -> datetime:
        return moment[0].astimezone(zone)

    app = create_app({**TEST_SETTINGS, "LOKET_INSTANCE": folder, **more})
    with app.app_context(), patch.object(clock, "datetime", SimpleNamespace(now=now)):
        upgrade()
        gateway, flood = use_gateway(app, Noting()), _flood.Flood(kind)
        hours = int(os.environ.get("CHANNEL_HOURS", "24"))
        day = _flood.live_through(hours * 60, move, AN_HOUR, flood)
        rest = _flood.live_through((24 - hours) * 60, move, 0, flood)
        _tell(f"{engine}, {KINDS[kind]}, {hours} h", day.plus(rest), gateway)
        db.session.remove()
        db.engine.dispose()


def _tell(heading: str, day: _flood.Day, gateway: Noting) -> None:
    waits = _flood.waits_of(day.real)
    print(f"{heading}: {len(day.invented)} invented registrations, {len(day.real)} results, answers and codes")
    print(f"  of the real ones not tried {waits.count(None)}, longest wait {max(filter(None.__ne__, waits))}")
    print(f"  most people written to in 24 hours {_flood.most_people_in_a_day(gateway.when)} of 250")
    for name, ids in (("invented", day.invented), ("real, not proven", day.unproven), ("real, proven", day.proven)):
        receipts = _flood.receipts_of(ids)
        on_page = sum(row.error_code in WITHHELD for row in receipts)
        counts = Counter(row.state for row in receipts)
        print(f"  receipts, {name}: {len(ids)} registrations, {counts['accepted']} sent, {on_page} left to the page, "
              f"{len(ids) - len(receipts)} wait to be looked at")

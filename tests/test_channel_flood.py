"""A thousand invented registrations an hour leave the day's messages of real residents untouched.

Seven minutes at that rate use up every place the channel lends to unproven numbers; two more come later,
and a day's real messages in three hours. `make bench` (bench/channel.py) lives through the whole day on both engines.
"""

from datetime import timedelta

import pytest

from app.base import clock
from app.messages import states
from app.messages.quota import WITHHELD
from bench import _flood
from tests.messaging import FakeGateway, use_gateway

AN_HOUR, CITY_LIMIT, DAY_MINUTES = 1_000, 250, 3 * 60
ONE_NETWORK = 400  # an hour; of so few most are held back already


class Noting(FakeGateway):
    def __init__(self):
        super().__init__()
        self.when = []

    def send(self, outgoing):
        self.when.append((clock.now(), outgoing.to))
        return super().send(outgoing)


def day_of(app, time, kind: str, an_hour: int) -> tuple[_flood.Day, Noting]:
    gateway, flood = use_gateway(app, Noting()), _flood.Flood(kind)

    def move(by: timedelta) -> None:
        time.moves(seconds=by.total_seconds())

    day = _flood.Day()
    for minutes, invented in ((7, an_hour), (80, 0), (2, an_hour), (91, 0)):
        day = day.plus(_flood.live_through(minutes, move, invented, flood, day_minutes=DAY_MINUTES))
    return day, gateway


def assert_untouched(day: _flood.Day, gateway: Noting) -> None:
    waits = _flood.waits_of(day.real)
    assert len(waits) > 100 and None not in waits
    assert max(waits) <= timedelta(minutes=1), "each result, answer and code goes at once"
    assert _flood.most_people_in_a_day(gateway.when) <= CITY_LIMIT


@pytest.fixture(params=["app", pytest.param("pg_app", marks=pytest.mark.long)])
def either_app(request):
    made = request.getfixturevalue(request.param)
    with made.app_context():
        yield made


def test_registrations_without_any_sign_in_common_take_only_what_is_lent_to_unproven_numbers(either_app, time):
    day, gateway = day_of(either_app, time, "none", AN_HOUR)
    assert_untouched(day, gateway)
    invented = _flood.receipts_of(day.invented)
    assert len(invented) == len(day.invented) == 149
    assert sum(row.state == states.ACCEPTED for row in invented) <= CITY_LIMIT * 0.4
    assert all(row.state == states.ACCEPTED or row.error_code in WITHHELD for row in invented)
    proven = _flood.receipts_of(day.proven)
    assert proven and {row.state for row in proven} == {states.ACCEPTED}


def test_registrations_from_one_network_wait_and_take_nothing_at_all(either_app, time):
    day, gateway = day_of(either_app, time, "network", ONE_NETWORK)
    assert_untouched(day, gateway)
    assert len(day.invented) == 59
    assert len(_flood.receipts_of(day.invented)) <= 30, "the first few of each hour, until the burst is seen"
    real = _flood.receipts_of([*day.proven, *day.unproven])
    assert len(real) == len(day.proven) + len(day.unproven) and {row.state for row in real} == {states.ACCEPTED}

"""New processes come before the old ones are gone: nobody who asks meanwhile gets no answer."""

import contextlib
import shutil
import signal
import socket
import time

import pytest

from tests.shared_address import INSTANCES, Load, SharedAddress, newer_version
from tests.test_serve import PATIENCE, is_closed, receive, running, until

pytestmark = pytest.mark.server

ADDRESS = b"GET /address HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
# gunicorn waits so long for a client to hang up, and for its first byte before it looks elsewhere (2 and 5 s)
FOR_EVER = "from gunicorn import util\nutil.close_graceful.__defaults__ = (3600.0, 65536)\n"
AT_ONCE = "from gunicorn.workers import gthread\ngthread.DEFAULT_WORKER_DATA_TIMEOUT = 0.05\n"


@pytest.fixture
def house(tmp_path, migrated_sqlite):
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    shutil.copy(migrated_sqlite, instance / "loket.sqlite3")
    house = SharedAddress(instance)
    for number in INSTANCES:
        house.begin(number)
    yield house
    house.stop()


def test_of_two_processes_on_one_address_one_is_restarted_under_load_and_nothing_is_lost(house):
    with Load(house.port, clients=4, pause=0.1) as load:  # dozens of requests a second, and a core to start on
        house.restart(INSTANCES[0])
    assert not load.lost, load.lost[:5]
    assert load.answers[200] and load.answers["begun"]


@pytest.mark.long
def test_ten_restarts_and_an_upgrade_with_a_migration_lose_nothing(house, tmp_path):
    with Load(house.port) as load:
        for turn in range(10):
            house.restart(turn % 2)
        house.root = newer_version(tmp_path / "newer")
        house.run("db", "upgrade")
        for number in INSTANCES:
            house.restart(number)
    assert not load.lost, load.lost[:5]


def test_who_does_not_hang_up_holds_up_nobody_else(tmp_path):
    with running(tmp_path, FOR_EVER) as (_, port), contextlib.ExitStack() as open_ones:
        for _ in range(3):
            stays = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            stays.sendall(ADDRESS)
            assert b"127.0.0.1 " in receive(stays), "each is answered beside those before"


def test_who_was_let_in_before_the_stop_and_has_not_spoken_yet_is_answered(tmp_path):
    with running(tmp_path, AT_ONCE) as (process, port), contextlib.ExitStack() as open_ones:
        late, gone = (open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
                      for _ in range(2))
        process.send_signal(signal.SIGTERM)
        until(lambda: is_closed(port))
        time.sleep(0.3)  # several times as long as the process waits for a first byte
        late.sendall(ADDRESS)
        assert b"127.0.0.1 " in receive(late)
        gone.close()
        assert process.wait(PATIENCE) == 0

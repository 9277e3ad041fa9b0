"""New processes come before the old ones are gone: nobody who asks meanwhile gets no answer."""

import pytest

from tests.shared_address import INSTANCES, Load, SharedAddress, newer_version

pytestmark = pytest.mark.server


@pytest.fixture
def house(tmp_path):
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    house = SharedAddress(instance)
    house.run("db", "upgrade")
    for number in INSTANCES:
        house.begin(number)
    yield house
    house.stop()


def test_two_processes_on_one_address_are_restarted_under_load_and_nothing_is_lost(house):
    with Load(house.port, clients=4) as load:
        for number in INSTANCES:
            house.restart(number)
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

"""How often the same registration may be sent in a day, and whom that must never stop."""

import pytest

from tests.accounts import time  # noqa: F401  (fixture)
from tests.browser import Resident
from tests.builders import an_application

DAY = 24 * 3600


@pytest.fixture
def five_sent(app, time):  # noqa: F811
    """Five registrations with the same NIK and phone number, an hour apart."""
    for _ in range(5):
        an_application(app)
        time.moves(hours=1)


def test_the_sixth_of_a_day_is_told_when_to_come_back_and_keeps_its_draft(client, five_sent, time):  # noqa: F811
    resident = Resident(client)
    refused = resident.registers()
    wait = int(refused.response.headers["Retry-After"])
    assert refused.status == 429 and wait == DAY - 5 * 3600
    assert "Coba lagi mulai Selasa, 24 November 2026 pukul" in refused.text
    time.moves(seconds=wait)
    assert resident.confirms().heading == "Registrasi selesai"


def test_nobody_shuts_the_owner_of_a_nik_out_by_sending_it_again_and_again(client, five_sent):
    assert Resident(client).registers(whatsapp_number="0813-0000-2002").heading == "Registrasi selesai"

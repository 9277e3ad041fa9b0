"""The day's recipients shared by class, the pace of sending, and what the supervisor sees of both."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from app.base import clock
from app.base.database import transaction
from app.messages import channel, contacts, dispatcher, quota, states
from app.messages.addresses import contact_index
from app.messages.catalogue import MESSAGES, SHARES
from app.messages.gateway import Refused
from app.messages.quota import DAY_FULL
from tests.desk import officer
from tests.messaging import FakeGateway, a_message, message, use_gateway

SAMPLES = {key: known.variables for key, known in MESSAGES.items()}
RECEIPT, RESULT, CODE = "pendaftaran_diterima", "akun_aktif", "kode_reset_sandi"
LIMIT = 10


@pytest.fixture
def extra_settings():
    return {"WHATSAPP_DAILY_LIMIT": str(LIMIT)}


@pytest.fixture
def fake(app_context):
    return use_gateway(app_context, FakeGateway())


def phone(number: int) -> str:
    return f"+62812000{number:05d}"


def some(template: str, many: int, start: int = 0) -> list[str]:
    """Messages to `many` different people."""
    return [a_message(template, phone(start + number), SAMPLES[template]) for number in range(many)]


def states_of(ids: list[str]) -> Counter:
    return Counter(message(one).state for one in ids)


def test_receipts_of_unproven_numbers_stop_at_their_share_and_the_rest_stays_for_results(fake, time):
    receipts = some(RECEIPT, 9)
    assert [message(one).error_code for one in receipts[4:]] == [DAY_FULL] * 5, "most of the day is not for them"
    dispatcher.deliver_due()
    results = some(RESULT, 6, start=100)
    dispatcher.deliver_due()
    assert states_of(results) == {states.ACCEPTED: 6}


@pytest.mark.parametrize("template", {MESSAGES[key].share: key for key in sorted(SAMPLES) if key != RECEIPT}.values())
def test_no_class_but_results_and_answers_may_use_up_the_day(fake, time, template):
    """One message of each class. Numbers are on record or proven, so that only the share decides."""
    for number in range(LIMIT):
        with transaction():
            contacts.heard_from(contact_index(phone(number)), None, clock.now() - timedelta(days=2))
    some(template, LIMIT)
    dispatcher.deliver_due()
    share = SHARES[MESSAGES[template].share]
    assert len(fake.sent) == int(LIMIT * min(share.fills, share.own))


def test_a_busy_day_of_results_leaves_receipts_their_part_until_seven_tenths_are_used(fake, time):
    some(RESULT, 5)
    dispatcher.deliver_due()
    receipts = some(RECEIPT, 4, start=50)
    assert [message(one).error_code for one in receipts] == [None, None, DAY_FULL, DAY_FULL]


def test_codes_that_strangers_ask_for_leave_the_day_to_the_results(fake, time):
    for number in range(LIMIT):
        a_message(CODE, phone(number), SAMPLES[CODE])
    results = some(RESULT, 7, start=50)
    dispatcher.deliver_due()
    assert len(fake.sent) == LIMIT and states_of(results) == {states.ACCEPTED: 7}


def test_what_has_no_room_today_waits_and_goes_when_there_is_room_again(fake, time):
    first = some(RESULT, LIMIT)
    dispatcher.deliver_due()
    late = some(RESULT, 1, start=50)
    dispatcher.deliver_due()
    assert states_of(first) == {states.ACCEPTED: LIMIT}
    assert (message(late[0]).state, message(late[0]).error_code) == (states.PENDING, "waits_for_room")
    time.moves(hours=24, minutes=1)
    dispatcher.deliver_due()
    assert states_of(late) == {states.ACCEPTED: 1}


def test_somebody_written_to_today_costs_no_second_place(fake, time):
    some(RESULT, LIMIT)
    dispatcher.deliver_due()
    again = some(RESULT, LIMIT)
    dispatcher.deliver_due()
    assert states_of(again) == {states.ACCEPTED: LIMIT}


def test_answers_inside_the_window_of_who_wrote_to_us_cost_nothing(app_context, time):
    use_gateway(app_context, FakeGateway(window=timedelta(hours=24)))
    some(RESULT, LIMIT)
    dispatcher.deliver_due()
    with transaction():
        contacts.heard_from(contact_index(phone(77)), None, clock.now())
    answered = some("jawaban_pengaduan", 1, start=77)
    dispatcher.deliver_due()
    assert states_of(answered) == {states.ACCEPTED: 1} and quota.used() == LIMIT


def test_numbers_that_whatsapp_refuses_at_once_use_up_nothing(fake, time):
    fake.outcomes = [Refused("63003")] * 8
    some(RESULT, 8)
    dispatcher.deliver_due()
    assert quota.used() == 0


def test_a_code_without_room_ends_with_its_time_and_never_comes_late(fake, time):
    some(RESULT, LIMIT)
    dispatcher.deliver_due()
    [code] = some(CODE, 1, start=50)
    dispatcher.deliver_due()
    time.moves(minutes=15)
    dispatcher.deliver_due()
    assert (message(code).state, message(code).error_code) == (states.CANCELLED, "too_late")


def test_receipts_are_dropped_when_the_forecast_says_that_they_would_not_fit(fake, time):
    """Eight results a day in the week before: of ten places only two are left for receipts."""
    for _ in range(7):
        some(RESULT, 8)
        dispatcher.deliver_due()
        time.moves(hours=23, minutes=50)
    time.moves(minutes=15)
    receipts = some(RECEIPT, 4, start=50)
    assert (quota.forecast().used, quota.forecast().expected) == (0, 8)
    assert [message(one).error_code for one in receipts] == [None, None, DAY_FULL, DAY_FULL]


def test_a_receipt_that_waited_until_the_share_was_gone_is_left_to_the_page(fake, time):
    receipts = some(RECEIPT, 4)
    with transaction():
        channel.slow_down()
    some(RESULT, 8, start=50)
    time.moves(minutes=2)
    dispatcher.deliver_due()
    assert states_of(receipts) == {states.CANCELLED: 4}
    assert {message(one).error_code for one in receipts} == {DAY_FULL}


def test_results_leave_before_receipts_that_waited_longer(fake, time):
    some(RECEIPT, 2)
    time.moves(seconds=5)
    some(RESULT, 1, start=50)
    some(CODE, 1, start=60)
    dispatcher.deliver_due()
    assert [sent.title for sent in fake.sent][:2] == [MESSAGES[CODE].title, MESSAGES[RESULT].title]


class TestPace:
    @pytest.fixture
    def extra_settings(self):
        return {"WHATSAPP_PER_MINUTE": "5"}

    def test_no_more_than_the_pace_goes_in_a_minute(self, fake, time):
        some(RESULT, 12)
        sent = []
        for _ in range(3):
            dispatcher.deliver_due()
            sent.append(len(fake.sent))
            time.moves(seconds=61)
        assert sent == [5, 10, 12]


def test_workers_of_any_number_share_pace_and_quota_on_postgresql(pg_app):
    gateway = use_gateway(pg_app, FakeGateway())
    with pg_app.app_context():
        some(RESULT, 80)

    def works():
        with pg_app.app_context():
            dispatcher.deliver_due(limit=100)

    threads = [threading.Thread(target=works) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gateway.sent) == 60, "the pace of one minute, whoever sends"


def test_the_supervisor_sees_quota_and_forecast_and_hears_on_the_first_page_when_it_is_near(app, time):
    boss, petugas = officer(app, "dewi", "supervisor"), officer(app, "rina", "petugas")
    with app.app_context():
        use_gateway(app, FakeGateway())
        some(RESULT, 6)
        dispatcher.deliver_due()
        assert "hampir habis" not in boss.open("/petugas/").text
        some(RESULT, 3, start=50)
    assert "Jatah penerima WhatsApp hampir habis: 6 dari 10 orang dalam 24 jam terakhir, perkiraan 9." in (
        boss.open("/petugas/").text)
    assert "hampir habis" not in petugas.open("/petugas/").text
    page = boss.open("/petugas/pesan").text
    assert "6 dari batas 10 orang" in page and "9 orang: 6 sudah, 3 menunggu" in page
    assert "Bukti terima, nomor belum terbukti 0 penerima, 0 menunggu, boleh sampai 4" in page


def test_nobody_claims_without_room_even_when_asked_directly(fake, time):
    some(RESULT, LIMIT + 3)
    claimed = [claim for claim in (dispatcher.claim_next() for _ in range(LIMIT + 3)) if claim]
    assert len(claimed) == LIMIT, "what is under way counts before anybody knows how it ended"

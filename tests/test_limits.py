"""Rate limits: exact over any number of processes, fair to neighbours, silent about who (docs/limits.md)."""

import hashlib
from types import SimpleNamespace

import pytest
from limits import parse
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.base import clock, limits
from app.base.database import Base, db, look_at, transaction
from app.base.limits import LIMITS, RateLimitCounter, TooManyTries
from tests.accounts import time  # noqa: F401  (fixture)
from tests.builders import TEST_SETTINGS
from tests.warm_python import PROCESSES

ADDRESS = "203.0.113.77"
A_LIMIT, ANOTHER = "check-message", "guess-strangers"


def is_let_through(name: str, key: str) -> bool:
    try:
        limits.hit(name, key)
    except TooManyTries:
        return False
    return True


def use_up(name: str, key: str) -> None:
    for _ in range(parse(LIMITS[name]).amount):
        limits.hit(name, key)


def hit_from_a_process(config: dict, name: str, tries: int) -> int:
    app = create_app(config)
    with app.app_context():
        return sum(is_let_through(name, ADDRESS) for _ in range(tries))


@pytest.mark.server
@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_of_a_hundred_tries_from_two_processes_at_once_exactly_the_limit_is_let_through(request, tmp_path, which):
    database_url = request.getfixturevalue(which).extensions["loket"].database_url
    config = {**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "DATABASE_URL": database_url}
    with PROCESSES.Pool(2) as pool:
        let_through = pool.starmap(hit_from_a_process, [(config, A_LIMIT, 50)] * 2)
    assert sum(let_through) == parse(LIMITS[A_LIMIT]).amount


def test_each_limit_lets_its_number_through_and_refuses_the_next(app_context, time):  # noqa: F811
    for name in LIMITS:
        limits.count(name, ADDRESS, parse(LIMITS[name]).amount - 1)
        assert not limits.is_blocked(name, ADDRESS), name
        assert is_let_through(name, ADDRESS), name
        assert limits.is_blocked(name, ADDRESS), name
        with pytest.raises(TooManyTries) as caught:
            limits.hit(name, ADDRESS)
        assert caught.value.status == 429
        assert 1 <= caught.value.retry_after <= parse(LIMITS[name]).get_expiry(), name


def test_every_statement_of_a_limit_says_the_same_on_postgresql(pg_app, time, monkeypatch):  # noqa: F811
    monkeypatch.setattr(limits, "FORGET_AT_ONCE", 1)
    with pg_app.app_context():
        use_up(ANOTHER, "akun 1")
        assert limits.seconds_to_wait(ANOTHER, "akun 1") == 3600 and not limits.is_blocked(ANOTHER, "akun 2")
        with pytest.raises(TooManyTries):
            look_at(limits.room(ANOTHER, "akun 1"))
        assert not limits.take(("guess-known", "akun 1"), (ANOTHER, "akun 1"))
        assert limits.count("guess-known", "akun 1") == 1, "taken together, counted on none"
        limits.give_back((ANOTHER, "akun 1"), ("guess-known", "akun 1"), ("guess-known", "akun 1"))
        assert [is_let_through(ANOTHER, "akun 1") for _ in range(2)] == [True, False]
        use_up("guess-known", "akun 1")
        assert not is_let_through("guess-known", "akun 1")
        limits.clear(ANOTHER, "akun 1")
        assert is_let_through(ANOTHER, "akun 1")
        time.moves(seconds=3600)
        assert is_let_through("guess-known", "akun 1"), "a new window begins"
        limits.hit(ANOTHER, "akun 2")
        assert [limits.forget_expired() for _ in range(2)] == [1, 0]


def test_who_waits_as_long_as_told_is_let_through_and_not_a_second_earlier(app_context, time):  # noqa: F811
    limits.hit(A_LIMIT, ADDRESS)
    time.moves(seconds=100.4)
    with pytest.raises(TooManyTries) as caught:
        use_up(A_LIMIT, ADDRESS)
    time.moves(seconds=caught.value.retry_after - 1)
    assert not is_let_through(A_LIMIT, ADDRESS)
    time.moves(seconds=1)
    assert limits.seconds_to_wait(A_LIMIT, ADDRESS) == 0
    use_up(A_LIMIT, ADDRESS)
    assert not is_let_through(A_LIMIT, ADDRESS)


def test_tries_while_blocked_do_not_lengthen_the_wait(app_context, time):  # noqa: F811
    use_up(A_LIMIT, ADDRESS)
    for _ in range(11):
        time.moves(seconds=54)
        assert not is_let_through(A_LIMIT, ADDRESS)
    time.moves(seconds=6)
    assert is_let_through(A_LIMIT, ADDRESS)


def test_one_account_or_limit_does_not_use_up_another(app_context):
    use_up("guess-known", "akun 1")
    assert limits.is_blocked("guess-known", "akun 1")
    assert not limits.is_blocked("guess-known", "akun 2")
    assert not limits.is_blocked(ANOTHER, "akun 1")
    assert is_let_through("guess-known", "akun 2")


def test_what_is_taken_together_is_counted_on_all_or_on_none(app_context):
    use_up(ANOTHER, "akun 1")
    assert not limits.take(("guess-known", "akun 1"), (ANOTHER, "akun 1"))
    assert limits.count("guess-known", "akun 1") == 1


def test_what_is_given_back_may_be_taken_again_and_never_more(app_context):
    use_up(ANOTHER, "akun 1")
    limits.give_back((ANOTHER, "akun 1"), ("guess-known", "akun 1"))
    assert [is_let_through(ANOTHER, "akun 1") for _ in range(2)] == [True, False]
    use_up("guess-known", "akun 1")
    assert not is_let_through("guess-known", "akun 1")


def test_counting_refuses_nobody_and_tells_how_many(app_context):
    assert [limits.count("told-after", "akun 1") for _ in range(7)] == [1, 2, 3, 4, 5, 6, 7]


def test_a_cleared_account_has_its_whole_limit_again(app_context):
    use_up(A_LIMIT, "akun")
    assert not is_let_through(A_LIMIT, "akun")
    limits.clear(A_LIMIT, "akun")
    use_up(A_LIMIT, "akun")


def test_asking_whether_somebody_is_blocked_counts_nothing(app_context):
    for _ in range(50):
        assert not limits.is_blocked(A_LIMIT, ADDRESS)
    assert db.session.scalar(select(func.count()).select_from(RateLimitCounter)) == 0


def test_the_try_of_a_request_that_is_rolled_back_still_counts(app_context):
    for _ in range(parse(LIMITS[A_LIMIT]).amount):
        limits.hit(A_LIMIT, ADDRESS)
        with pytest.raises(RuntimeError), transaction():
            raise RuntimeError("the use case failed")
        db.session.rollback()
    assert limits.is_blocked(A_LIMIT, ADDRESS)


def test_a_request_that_has_read_something_can_still_be_counted(app_context):
    db.session.scalar(select(func.count()).select_from(RateLimitCounter))
    assert is_let_through(A_LIMIT, ADDRESS)


def test_the_counters_and_the_log_do_not_tell_whose_they_are(app_context, capfd):
    use_up(A_LIMIT, ADDRESS)
    assert not is_let_through(A_LIMIT, ADDRESS)
    rows = [row.key for row in db.session.scalars(select(RateLimitCounter))]
    output = "".join(capfd.readouterr())
    assert len(rows) == 1 and "limit_reached" in output
    assert ADDRESS not in rows[0] + output
    guess = f"LIMITER/{A_LIMIT}/{ADDRESS}/30/10/minute"  # without the key nobody can try addresses
    assert rows[0] not in {hashlib.sha256(text.encode()).hexdigest() for text in (ADDRESS, guess)}


HOUSEHOLDS = (
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
    ("2001:db8:1:2::1", "2001:db8:1:3::1", True),
    ("2001:db8:1:2::1", "2001:db8:1:82::1", True),
    ("2001:db8:1:2::1", "2001:db8:1:102::1", False),
    ("::ffff:203.0.113.5", "203.0.113.5", True),
    ("203.0.113.5", "203.0.113.6", False),
    ("fe80::1%eth0", "fe80::2", True),
    ("", "unknown", False),
)


def test_a_whole_network_of_one_household_counts_as_one_address(app_context):
    for one, other, same in HOUSEHOLDS:
        use_up(A_LIMIT, one)
        assert limits.is_blocked(A_LIMIT, other) is same, (one, other)
        limits.clear(A_LIMIT, one)


def test_what_is_counted_by_address_is_counted_by_household(app_context):
    for name in ("check-message", "complaint-address", "drafts-address", "letter-code-address", "request-address",
                 "reset-address", "survey-address", "typed-complaint", "webhook-refused"):
        limits.count(name, "2001:db8:1:2::1")
        assert limits.count(name, "2001:db8:1:3::9") == 2, name


def test_an_account_that_looks_like_an_address_is_not_merged_with_others(app_context):
    use_up("guess-known", "2001:db8::1")
    assert not limits.is_blocked("guess-known", "2001:db8::2")


def hits_inside(name: str, key: str) -> None:
    with transaction():
        limits.hit_here(name, key)


def looks_for_room(name: str, key: str) -> None:
    look_at(limits.room(name, key))


REFUSING = pytest.mark.parametrize("refusing", [limits.hit, hits_inside, looks_for_room])


@REFUSING
def test_the_moment_at_which_a_window_ends_is_the_next_one_already(app_context, time, capfd, refusing):  # noqa: F811
    use_up(A_LIMIT, ADDRESS)
    time.moves(seconds=599)
    with pytest.raises(TooManyTries) as caught:
        refusing(A_LIMIT, ADDRESS)
    assert caught.value.retry_after == limits.seconds_to_wait(A_LIMIT, ADDRESS) == 1
    assert limits.is_blocked(A_LIMIT, ADDRESS)
    assert "".join(capfd.readouterr()).count("limit_reached") == 1, "who runs the server is told, too"
    time.moves(seconds=1)
    assert limits.seconds_to_wait(A_LIMIT, ADDRESS) == 0 and not limits.is_blocked(A_LIMIT, ADDRESS)
    refusing(A_LIMIT, ADDRESS)
    time.moves(seconds=600)
    assert limits.forget_expired() == 1


@REFUSING
def test_a_window_that_ends_while_it_is_asked_about_still_says_how_long(app_context, time, monkeypatch, refusing):  # noqa: F811
    """Zero seconds would be a refusal that says: at once."""
    use_up(A_LIMIT, ADDRESS)
    time.moves(seconds=599.5)

    def now(zone):
        time.moves(seconds=0.3)
        return time.in_zone(zone)

    monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=now))
    with pytest.raises(TooManyTries) as caught:
        refusing(A_LIMIT, ADDRESS)
    assert caught.value.retry_after == 1


def test_somebody_who_is_asked_about_twice_in_that_moment_waits_a_second(app_context, time, monkeypatch):  # noqa: F811
    use_up(A_LIMIT, ADDRESS)
    moments = iter([599.5, 0.6])

    def now(zone):
        time.moves(seconds=next(moments))
        return time.in_zone(zone)

    monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=now))
    assert limits.seconds_to_wait(A_LIMIT, ADDRESS) == 1


def test_looking_for_room_counts_nothing_and_refuses_only_who_has_none(app_context):
    most = parse(LIMITS[A_LIMIT]).amount
    for tried in range(most):
        looks_for_room(A_LIMIT, ADDRESS)
        assert limits.count(A_LIMIT, ADDRESS) == tried + 1
    with pytest.raises(TooManyTries):
        looks_for_room(A_LIMIT, ADDRESS)
    looks_for_room(A_LIMIT, "203.0.113.78")

def test_one_try_given_back_twice_is_given_back_once(app_context):
    limits.hit(ANOTHER, "akun 1")
    for _ in range(2):
        limits.give_back((ANOTHER, "akun 1"))
    assert limits.count(ANOTHER, "akun 1") == 1
    limits.hit(ANOTHER, "akun 2")
    limits.give_back((ANOTHER, "akun 2"))
    assert limits.count(ANOTHER, "akun 2") == 1


def test_only_counters_whose_window_is_over_are_forgotten(app_context, time, monkeypatch):  # noqa: F811
    monkeypatch.setattr(limits, "FORGET_AT_ONCE", 2)
    for account in ("1", "2", "3"):
        limits.hit("webhook-refused", account)
    time.moves(seconds=30)
    limits.hit("webhook-refused", "4")
    time.moves(seconds=31)
    assert [limits.forget_expired() for _ in range(3)] == [2, 1, 0]
    assert db.session.scalar(select(func.count()).select_from(RateLimitCounter)) == 1


def test_a_limit_that_is_not_in_the_table_is_a_mistake_and_not_a_free_pass(app_context):
    with pytest.raises(KeyError):
        limits.hit("no-such-limit", ADDRESS)


def test_when_nothing_can_be_counted_nothing_is_let_through(app_context):
    Base.metadata.tables["rate_limit_counter"].drop(db.engine)
    with pytest.raises(DBAPIError):
        limits.hit(A_LIMIT, ADDRESS)
    with pytest.raises(DBAPIError):
        limits.is_blocked(A_LIMIT, ADDRESS)

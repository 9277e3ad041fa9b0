"""On PostgreSQL the journal has lanes: writers do not wait for each other, and nothing can be taken out of any."""

import threading
from collections import deque
from contextlib import ExitStack, suppress

import pytest
from sqlalchemy import select, text

from app.base import journal, journal_proof
from app.base.database import db, transaction
from app.base.journal_line import FIRST_LANE, JournalLine
from app.journal import anchors


def write(word: str) -> None:
    journal.record(word, actor=journal.SYSTEM, about=("test", "1"))


@pytest.fixture
def two_lanes(pg_app):
    """A journal written by two transactions at once, three lines each."""
    first_holds, second_wrote = threading.Event(), threading.Event()

    def writer() -> None:
        with pg_app.app_context():
            assert first_holds.wait(20)
            with transaction():
                for word in ("d", "e", "f"):
                    write(word)
            second_wrote.set()

    other = threading.Thread(target=writer)
    other.start()
    with pg_app.app_context(), transaction():
        write("a")
        first_holds.set()
        assert second_wrote.wait(20), "the second writer waited for the first"
        write("b")
        write("c")
    other.join()
    return pg_app


def run_sql(*statements: str) -> None:
    """What a database administrator can do who holds no key."""
    with transaction() as session:
        for statement in ("ALTER TABLE journal_line DISABLE TRIGGER ALL", *statements):
            session.execute(text(statement))


def last_of(lane: int) -> JournalLine:
    return db.session.scalar(
        select(JournalLine).where(JournalLine.lane == lane).order_by(JournalLine.place.desc()).limit(1)
    )


def test_two_writers_at_once_do_not_wait_and_both_lanes_hold(two_lanes):
    with two_lanes.app_context():
        lanes = {line.action: line.lane for line in db.session.scalars(select(JournalLine))}
        assert lanes["a"] == lanes["b"] == lanes["c"] != lanes["d"] == lanes["e"] == lanes["f"]
        assert journal_proof.first_broken_line() is None and journal_proof.count_lines() == len(lanes)


@pytest.mark.parametrize("word", ["a", "e"])
def test_a_line_altered_in_any_lane_is_found_by_its_number(two_lanes, word):
    with two_lanes.app_context():
        number = db.session.scalar(select(JournalLine.seq).where(JournalLine.action == word))
        run_sql(f"UPDATE journal_line SET about_id = '2' WHERE seq = {number}")
        assert journal_proof.first_broken_line() == number


def test_a_line_moved_to_another_lane_is_found(two_lanes):
    with two_lanes.app_context():
        line = db.session.scalar(select(JournalLine).where(JournalLine.action == "f"))
        number = line.seq
        run_sql(f"UPDATE journal_line SET lane = {line.lane + 5}, place = 1 WHERE seq = {number}")
        assert journal_proof.first_broken_line() is not None


def test_a_tail_cut_off_another_lane_with_its_head_set_back_is_found_by_the_seal(two_lanes, capfd):
    with two_lanes.app_context():
        anchors.send_out()
        lane = db.session.scalar(select(JournalLine.lane).where(JournalLine.action == "f"))
        lane = lane if lane != FIRST_LANE else db.session.scalar(
            select(JournalLine.lane).where(JournalLine.action == "a")
        )
        last = last_of(lane)
        number, place, previous = last.seq, last.place, last.previous_hash
        run_sql(
            f"DELETE FROM journal_line WHERE seq = {number}",
            f"UPDATE journal_head SET seq = {place - 1}, hash = '{previous}' WHERE id = {lane}",
        )
        assert journal_proof.first_broken_line() is not None


def test_the_seal_is_written_once_as_long_as_no_other_lane_moves(two_lanes):
    with two_lanes.app_context():
        for _ in range(3):
            with transaction():
                journal_proof.seal_lanes()
        seals = list(db.session.scalars(select(JournalLine).where(JournalLine.action == journal_proof.SEALED)))
        assert len(seals) == 1 and seals[0].lane == FIRST_LANE
        assert journal_proof.first_broken_line() is None


def test_more_writers_than_lanes_wait_and_lose_nothing(pg_app, monkeypatch):
    monkeypatch.setattr(journal, "LANES", 2)
    with pg_app.app_context(), transaction() as session:
        session.execute(text("DELETE FROM journal_head WHERE id > 2"))
    writers = 8  # a process has ten connections
    together = threading.Barrier(writers)

    def writer() -> None:
        with pg_app.app_context():
            together.wait(20)
            for _ in range(5):
                with transaction():
                    write("x")
                    write("y")

    threads = [threading.Thread(target=writer) for _ in range(writers)]
    with ExitStack() as stack:
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
    with pg_app.app_context():
        assert journal_proof.count_lines() == 10 * writers and journal_proof.first_broken_line() is None


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_processes_that_remember_where_they_ended_write_one_chain(request, which, monkeypatch):
    monkeypatch.setattr(journal.secrets, "randbelow", lambda _: 0)  # all want the first lane
    app = request.getfixturevalue(which)
    memories = [deque(), deque()]

    def writes(process: int, *words: str, gives_up: bool = False, takes_back: str = "") -> None:
        app.extensions["journal_ends"] = memories[process]
        with app.app_context(), suppress(ZeroDivisionError), transaction() as session:
            for word in words:
                write(word)
            if takes_back:
                with session.begin_nested() as savepoint:
                    write(takes_back)
                    savepoint.rollback()
                write("after")
            if gives_up:
                raise ZeroDivisionError

    writes(0, "a", "b")
    writes(0, "c")
    writes(1, "d")  # knows nothing yet
    writes(0, "e")  # on PostgreSQL the other may have taken its lane
    writes(1, "lost", "lost too", gives_up=True)
    writes(1, "f", takes_back="taken back")  # remembers an end that never came to be
    writes(1, "g")
    writes(0, "h")
    with app.app_context():
        assert journal_proof.first_broken_line() is None
        words = [line.action for line in db.session.scalars(select(JournalLine).order_by(JournalLine.seq))]
        assert words == ["a", "b", "c", "d", "e", "f", "after", "g", "h"]
        assert journal_proof.count_lines() == len(words)


def test_who_has_to_ask_again_goes_on_in_its_own_lane(pg_app, monkeypatch):
    """Sixteen on two cores often wait longer than a number may; whoever took another's lane would make that one ask."""
    monkeypatch.setattr(journal, "KNOWN_SECONDS", 0)
    memories = [deque(), deque(), deque()]
    for turn in range(12):
        pg_app.extensions["journal_ends"] = memories[turn % 3]
        with pg_app.app_context(), transaction():
            if turn < 3:
                journal.keep_to(1 + 5 * turn)
            write(str(turn % 3))
    with pg_app.app_context():
        lanes = {(line.action, line.lane) for line in db.session.scalars(select(JournalLine))}
        assert lanes == {("0", 1), ("1", 6), ("2", 11)} and journal_proof.first_broken_line() is None

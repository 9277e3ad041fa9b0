"""The journal's head goes out of the house, and a cut tail is found by it."""

import random

import pytest
from sqlalchemy import select

from app import create_app
from app.base import journal
from app.base.database import db
from app.base.journal_line import JournalLine
from app.base.logs import redact
from app.journal import anchors
from app.journal.anchors import Anchor
from app.process import worker
from app.settings.reading import BadSetting
from app.settings.settings import read_settings
from tests.builders import TEST_SETTINGS, an_application
from tests.test_traces import run_sql, signs_in, verify


@pytest.fixture
def anchored(tmp_path_factory):
    """(make, file): make() builds an app of this database with its anchors in `file`, elsewhere."""
    return tmp_path_factory.mktemp("elsewhere") / "anchors.txt"


def with_anchors(app, file, **more):
    """A second app on the same database, as after a change of settings."""
    return create_app({
        **TEST_SETTINGS, "LOKET_INSTANCE": str(app.extensions["loket"].instance),
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "JOURNAL_ANCHORS": str(file), **more,
    })


def cut_tail(app, lines: int) -> None:
    """What a database administrator can do who holds no key: guards down, newest lines away, head back."""
    with app.app_context():
        last = db.session.scalar(select(JournalLine.seq).order_by(JournalLine.seq.desc()).limit(1)) - lines
        kept = db.session.scalar(select(JournalLine.hash).where(JournalLine.seq == last))
        db.session.remove()
        postgres = db.engine.dialect.name == "postgresql"
    guards = (["ALTER TABLE journal_line DISABLE TRIGGER ALL"] if postgres else
              [f"DROP TRIGGER journal_line_no_{act}" for act in ("update", "delete", "replace")])
    run_sql(app, *guards, f"DELETE FROM journal_line WHERE seq > {last}",
            f"DELETE FROM journal_address WHERE seq > {last}",
            f"UPDATE journal_head SET seq = (SELECT place FROM journal_line WHERE seq = {last}), hash = '{kept}' "
            "WHERE id = 1")


def test_a_cut_tail_looks_whole_and_is_found_by_the_anchors(app, anchored):
    app = with_anchors(app, anchored)
    signs_in(app)
    for _ in range(3):
        an_application(app, send=False)
    worker.run_once(app)
    assert verify(app, "--anchors", str(anchored)).exit_code == 0
    cut_tail(app, 2)
    assert verify(app).exit_code == 0 and "unbroken" in verify(app).output
    found = verify(app, "--anchors", str(anchored))
    assert found.exit_code == 1 and "was the last at" in found.output
    for _ in range(3):
        an_application(app, send=False)  # the numbers are taken again, the hashes are not the same
    assert verify(app).exit_code == 0 and verify(app, "--anchors", str(anchored)).exit_code == 1
    dispose(app)


def test_the_head_goes_out_once_a_day_and_a_place_that_was_away_gets_it_next(app, anchored, time, capfd):
    app = with_anchors(app, anchored)
    signs_in(app)
    anchored.mkdir()  # no file can be written there
    worker.run_once(app)
    anchored.rmdir()
    assert anchored_in(app) is None
    for hours in (1, 1, 1):
        time.moves(hours=hours)
        worker.run_once(app)
    assert len(anchored.read_text().splitlines()) == 1 and anchored.stat().st_mode & 0o077 == 0
    time.moves(hours=24)
    worker.run_once(app)
    assert len(anchored.read_text().splitlines()) == 2
    logged = [line for line in capfd.readouterr().err.splitlines() if '"journal_anchor"' in line]
    assert len(logged) == 2
    log = anchored.with_name("log")
    log.write_text("\n".join(logged))
    assert "2 anchors agree" in verify(app, "--anchors", str(log)).output
    with app.app_context():
        assert anchors.latest_anchor().at == list(anchors.read(anchored.read_text().splitlines()))[-1].at.replace(
            microsecond=anchors.latest_anchor().at.microsecond)
    dispose(app)


def test_a_file_without_an_anchor_proves_nothing(app, tmp_path):
    (tmp_path / "empty").write_text("bukan jangkar\n")
    signs_in(app)
    assert verify(app, "--anchors", str(tmp_path / "empty")).exit_code == 1


def test_an_anchor_survives_the_redaction_of_logs():
    numbers = random.Random(7)
    for _ in range(2000):
        hash_ = "".join(numbers.choices("0123456789" * 3 + "ab", k=64))
        line = str(Anchor(journal.clock.now(), numbers.randrange(10**9), hash_))
        assert redact(line) == line and [anchor.hash for anchor in anchors.read([line])] == [hash_]


@pytest.mark.parametrize(("name", "value"), [
    ("JOURNAL_ANCHORS", "anchors.txt"), ("JOURNAL_ANCHORS", "{instance}/anchors.txt"),
    ("JOURNAL_ANCHORS_MAIL", "arsip"),
])
def test_a_place_that_is_none_is_refused_at_the_start(tmp_path, name, value):
    with pytest.raises(BadSetting, match=name):
        read_settings({"LOKET_INSTANCE": str(tmp_path), name: value.format(instance=tmp_path)})


def anchored_in(app) -> Anchor | None:
    with app.app_context():
        return anchors.latest_anchor(anchors.FILE)


def dispose(app) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()

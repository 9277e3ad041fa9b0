"""The journal is one chain: genuine lines of another past, put in the place of others, are found too."""

import pytest
from sqlalchemy import text

from app.base.database import transaction
from tests.desk import a_case, officer
from tests.test_fsck import KEEPERS, fsck

LAST = "SELECT seq, hash FROM journal_head WHERE id = 1"


@pytest.fixture
def chain(app):
    """The journal of a case that somebody works on, open to whoever has the whole database in his hands."""
    case = a_case(app)
    rina = officer(app, "rina")
    with app.app_context(), transaction() as session:
        for keeper in KEEPERS:
            session.execute(text(f"DROP TRIGGER {keeper}"))
    return lambda: rina.opens_case(case)


def lines_from(app, seq: int, table: str = "journal_line") -> list[dict]:
    with app.app_context(), transaction() as session:
        found = session.execute(text(f"SELECT * FROM {table} WHERE seq >= :seq ORDER BY seq"), {"seq": seq})
        return [dict(line) for line in found.mappings()]


def head(app) -> tuple[int, str]:
    with app.app_context(), transaction() as session:
        return tuple(session.execute(text(LAST)).one())


def back_to(app, seq: int, hash: str) -> None:
    """As a restored backup would be: the lines after `seq` never were."""
    with app.app_context(), transaction() as session:
        for table in ("journal_address", "journal_line"):
            session.execute(text(f"DELETE FROM {table} WHERE seq > :seq"), {"seq": seq})
        kept = {"seq": seq, "hash": hash}
        session.execute(text("UPDATE journal_head SET seq = :seq, hash = :hash WHERE id = 1"), kept)


def put_in_place(app, line: dict, table: str = "journal_line") -> None:
    columns = ", ".join(f'"{name}"' for name in line)
    values = ", ".join(f":{name}" for name in line)
    with app.app_context(), transaction() as session:
        session.execute(text(f"DELETE FROM {table} WHERE seq = :seq"), {"seq": line["seq"]})
        session.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), line)


@pytest.mark.usefixtures("on_sqlite")
def test_a_genuine_line_of_another_past_is_found_by_the_line_after_it(app, chain):
    seq, hash = head(app)
    chain()
    chain()
    other_past, addresses = lines_from(app, seq + 1), lines_from(app, seq + 1, "journal_address")
    back_to(app, seq, hash)
    chain()
    chain()
    assert fsck(app).exit_code == 0, "each past is whole in itself"
    assert head(app)[0] > seq + 1 and other_past[0]["hash"] != lines_from(app, seq + 1)[0]["hash"]
    put_in_place(app, other_past[0])
    put_in_place(app, addresses[0], "journal_address")
    result = fsck(app)
    assert result.exit_code == 1
    assert f"journal: line {seq + 2} is missing or altered" in result.output


@pytest.mark.usefixtures("on_sqlite")
def test_a_journal_cut_off_at_its_end_is_found_by_its_head(app, chain):
    seq, _ = head(app)
    chain()
    cut = head(app)
    with app.app_context(), transaction() as session:
        session.execute(text("DELETE FROM journal_line WHERE seq > :seq"), {"seq": seq})
    assert f"journal: line {seq + 1} is missing or altered" in fsck(app).output
    assert cut[0] > seq


@pytest.mark.usefixtures("on_sqlite")
def test_a_head_that_was_set_back_with_its_lines_but_to_another_hash_is_found(app, chain):
    seq, _ = head(app)
    chain()
    back_to(app, seq, "f" * 64)
    assert f"journal: line {seq + 1} is missing or altered" in fsck(app).output
